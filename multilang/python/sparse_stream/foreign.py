"""Runs components of other libraries (pystorm, streamparse, Storm's storm.py) unchanged, over moved descriptors."""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType
from typing import Any, List, Optional, TextIO


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
    usual = sys.stdin, sys.stdout
    sys.stdin, sys.stdout = streams.stdin, streams.stdout
    try:
        _import("pystorm.component")
    finally:
        sys.stdin, sys.stdout = usual
    bolts = _import("pystorm.bolt")
    if bolts is not None and hasattr(bolts, "namedtuple"):
        # Else a field that Python cannot spell ends the process; renamed, it is still reached by its index.
        setattr(bolts, "namedtuple", functools.partial(bolts.namedtuple, rename=True))
    storm = _import("storm")
    if storm is not None and is_storm_py(storm):
        setattr(storm, "sys", streams)
        setattr(storm, "print", functools.partial(print, file=streams.stdout))


def disarm_libraries() -> None:
    """Lets components that run themselves when they are imported, as Storm's examples do, be imported and looked at."""
    storm = _import("storm")
    if storm is not None and is_storm_py(storm):
        for name in ("Bolt", "BasicBolt", "Spout"):
            if hasattr(storm, name):
                setattr(getattr(storm, name), "run", lambda self: None)


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


def _import(name: str) -> Optional[ModuleType]:
    """A module, or None: then the component's own import says what is missing, if it needs it."""
    try:
        return importlib.import_module(name)
    except Exception:
        return None
