"""Finds the class that `module.Class` names, and says plainly why it cannot."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import traceback
from typing import Any, List

from .foreign import kinds

FOLDERS = ("", "src", "resources")


class LoadError(Exception):
    """Why a component cannot be loaded, for people."""


def add_folders(folder: str) -> List[str]:
    """Puts the places where components live in front of the import path: the folder, its `src` and its `resources`."""
    places = [os.path.join(folder, name) if name else folder for name in FOLDERS]
    places = [place for place in places if os.path.isdir(place)]
    sys.path[:] = places + [place for place in sys.path if place and place not in places]
    return places


def load_class(name: str, places: List[str]) -> Any:
    """The class. Exceptions of the user's module are shown with their traceback, without the frames that led there."""
    module_name, _, class_name = name.rpartition(".")
    if not module_name or not class_name:
        raise LoadError("%r does not name a component: write module.Class" % name)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise LoadError("there is no module %r in %s, nor installed" % (error.name, ", ".join(places))) from None
        raise LoadError(_import_failed(module_name, error)) from None
    except Exception as error:
        raise LoadError(_import_failed(module_name, error)) from None
    except SystemExit as error:
        advice = 'call run() only under `if __name__ == "__main__":`'
        raise LoadError("importing module %r ended the process (exit code %s); %s" % (module_name, error.code, advice)) from None
    target = getattr(module, class_name, None)
    if target is None:
        classes = sorted(key for key, value in vars(module).items() if isinstance(value, type) and kinds(value))
        near = difflib.get_close_matches(class_name, classes, 1)
        hint = "; did you mean %s?" % near[0] if near else "; it has %s" % ", ".join(classes) if classes else ""
        raise LoadError("module %r (%s) has no class %r%s" % (module_name, module.__file__, class_name, hint))
    if not isinstance(target, type) or not kinds(target):
        raise LoadError(
            "%s is no component: it must be a class with run() and either process (a bolt) or next_tuple (a spout); "
            "derive it from sparse_stream.Bolt or sparse_stream.Spout" % name
        )
    return target


def _import_failed(module_name: str, error: Exception) -> str:
    frames = error.__traceback__
    while frames is not None and _is_ours(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames)).rstrip()
    return "importing module %r failed:\n%s" % (module_name, text)


def _is_ours(path: str) -> bool:
    return path.startswith("<frozen ") or path == __file__ or path == importlib.__file__
