"""Python's logging as log messages of the protocol."""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict, Union

TRACE = 5
_NUMBERS = {"trace": 0, "debug": 1, "info": 2, "warn": 3, "warning": 3, "error": 4, "critical": 4, "fatal": 4}
_PYTHON = {"trace": TRACE, "debug": 10, "info": 20, "warn": 30, "warning": 30, "error": 40, "critical": 50, "fatal": 50}

TEXT_MAX = 100000


def clip(text: str, limit: int = TEXT_MAX) -> str:
    """A text that fits into a log: long ones lose their middle, since both ends of a traceback matter."""
    if len(text) <= limit:
        return text
    return "%s\n… %d characters left out …\n%s" % (text[: limit // 2], len(text) - limit, text[-limit // 2 :])


def level_number(level: Union[str, int, None]) -> int:
    """The protocol's number of a level: 0 trace, 1 debug, 2 info, 3 warn, 4 error. Info, if it is neither name nor number."""
    if isinstance(level, int):
        return min(max(level, 0), 4)
    return _NUMBERS.get(str(level).lower(), 2)


class ProtocolHandler(logging.Handler):
    """Hands each record to `send(text, level)`; those of libraries with the name of their logger in front."""

    def __init__(self, component: str, send: Callable[[str, int], None]) -> None:
        super().__init__()
        self._component = component
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        level = 0 if record.levelno < 10 else min(record.levelno // 10, 4)
        text = self.format(record)
        self._send(text if record.name == self._component else "%s: %s" % (record.name, text), level)


def route_logging(name: str, conf: Dict[str, Any], send: Callable[[str, int], None]) -> logging.Logger:
    """Sends everything that is logged in this process, by libraries too, as log messages; returns the component's logger.

    The level is `sparse.log.level` or pystorm's key for it, debug if the topology debugs, else info.
    """
    logging.addLevelName(TRACE, "TRACE")
    asked = conf.get("sparse.log.level") or conf.get("pystorm.log.level") or ("debug" if conf.get("topology.debug") else "info")
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, ProtocolHandler)]
    root.addHandler(ProtocolHandler(name, send))
    root.setLevel(_PYTHON.get(str(asked).lower(), logging.INFO))
    return logging.getLogger(name)
