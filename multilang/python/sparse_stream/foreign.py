"""Runs components of other libraries (pystorm, streamparse, Storm's storm.py) unchanged, over moved descriptors."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any, List, TextIO


class ProtocolStreams:
    """The protocol as text streams, for libraries that take it for stdin and stdout."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.stdin: TextIO = open(read_fd, "r", encoding="utf-8", newline="\n", closefd=False)
        self.stdout: TextIO = open(write_fd, "w", encoding="utf-8", newline="\n", closefd=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def bind_libraries(streams: ProtocolStreams) -> None:
    """Imports the libraries that are there, and gives them the protocol; the rest of the process keeps its own stdout.

    pystorm takes hold of stdin and stdout when it is imported. storm.py looks them up for each message, and prints.
    """
    if _exists("pystorm"):
        usual = sys.stdin, sys.stdout
        sys.stdin, sys.stdout = streams.stdin, streams.stdout
        try:
            importlib.import_module("pystorm.component")
        except ImportError:
            pass  # The component's own import says what is missing, if it needs it.
        finally:
            sys.stdin, sys.stdout = usual
    if _exists("storm"):
        try:
            module = importlib.import_module("storm")
        except ImportError:
            return
        if is_storm_py(module):
            module.sys = streams  # type: ignore[attr-defined]
            module.print = functools.partial(print, file=streams.stdout)  # type: ignore[attr-defined]


def has_run_already() -> bool:
    """Whether importing the component ran it: Storm's examples end with a call of `run()`."""
    module = sys.modules.get("storm")
    return module is not None and is_storm_py(module) and getattr(module, "MODE", None) is not None


def is_storm_py(module: ModuleType) -> bool:
    return hasattr(module, "sendMsgToParent") and hasattr(module, "readMsg")


def kinds(target: Any) -> List[str]:
    """What a class can be by its methods: bolt, spout, both or neither."""
    found = []
    if any(callable(getattr(target, name, None)) for name in ("process", "process_batch")):
        found.append("bolt")
    if any(callable(getattr(target, name, None)) for name in ("next_tuple", "nextTuple")):
        found.append("spout")
    return found if callable(getattr(target, "run", None)) else []


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
