"""Spout: where tuples come from."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Sequence

from .component import DEFAULT_STREAM, Component
from .errors import StormWentAway

_COMMANDS = ("activate", "deactivate", "next", "ack", "fail")


class Spout(Component):
    """Override `next_tuple`, and `ack` and `fail` if what is emitted is tracked. Calls never overlap.

    An exception in a call is reported with its traceback, and the spout goes on. `exit_on_exception = True` ends the process
    instead, and the runtime starts a new one.
    """

    #: Set it when there is nothing new to emit, ever. The runtime still asks for what `fail` made the spout emit again, and
    #: a run ends when all spouts are exhausted and all that they emitted is done.
    exhausted: bool = False
    _emits = 0

    def next_tuple(self) -> None:
        """Emits what there is: nothing, one tuple, or a few. Must not wait."""
        raise NotImplementedError("%s has no next_tuple(self)" % type(self).__name__)

    def ack(self, tup_id: Any) -> None:
        """The tuple and all that came of it was processed."""

    def fail(self, tup_id: Any) -> None:
        """The tuple, or what came of it, failed or timed out."""

    def activate(self) -> None:
        """The topology starts, or goes on."""

    def deactivate(self) -> None:
        """The topology pauses: no `next_tuple` until `activate`."""

    def emit(
        self,
        values: Sequence[Any],
        tup_id: Any = None,
        stream: Optional[str] = None,
        direct_task: Optional[int] = None,
        need_task_ids: bool = False,
    ) -> Optional[List[int]]:
        """Emits; tracked if `tup_id` is given (text, a number, or any JSON value), which comes back in `ack` or `fail`.

        Returns the ids of the tasks it went to if `need_task_ids`, which takes a round trip to the runtime.
        """
        self._check(values, stream)
        self._emits += 1
        stream = None if stream == DEFAULT_STREAM else stream
        self._framing.emit_with(values, stream, direct_task, need_task_ids and direct_task is None, tup_id=tup_id)
        if not need_task_ids:
            return None
        return self._read_task_ids() if direct_task is None else [direct_task]

    def _handle(self, message: Any) -> None:
        if message.__class__ is tuple:  # of the batched framing
            for number, argument in message[0]:
                command = _COMMANDS[number] if 0 <= number < len(_COMMANDS) else str(number)
                if command == "next":
                    self._next(argument)
                else:
                    self._obey(command, None if argument is None else json.loads(argument))
        else:
            self._obey(message.get("command"), message.get("id"))
        self._framing.send({"command": "sync", "exhausted": True} if self.exhausted else {"command": "sync"})

    def _next(self, most: int) -> None:
        """Asks for so many emits, as long as there are any."""
        until = self._emits + most
        while True:
            before = self._emits
            self._obey("next", None)
            self._framing.pace()
            if self.exhausted or self._emits == before or self._emits >= until:
                break

    def _obey(self, command: Any, id: Any) -> None:
        try:
            if command == "next":
                self.next_tuple()
            elif command == "ack":
                self.ack(id)
            elif command == "fail":
                self.fail(id)
            elif command == "activate":
                self.activate()
            elif command == "deactivate":
                self.deactivate()
            else:
                self.log("unknown command: %.200r" % (command,), "warn")
        except StormWentAway:
            raise
        except Exception as error:
            self._report("%s raised" % command, error)
            if self.exit_on_exception:
                raise SystemExit(1) from None
