"""Spout: where tuples come from."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from .component import DEFAULT_STREAM, Component
from .errors import StormWentAway


class Spout(Component):
    """Override `next_tuple`, and `ack` and `fail` if what is emitted is tracked. Calls never overlap.

    An exception in a call is reported with its traceback, and the spout goes on. `exit_on_exception = True` ends the process
    instead, and the runtime starts a new one.
    """

    #: Set it when there is nothing new to emit, ever. The runtime still asks for what `fail` made the spout emit again, and
    #: a run ends when all spouts are exhausted and all that they emitted is done.
    exhausted: bool = False

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
        stream = None if stream == DEFAULT_STREAM else stream
        self._framing.emit_with(values, stream, direct_task, need_task_ids and direct_task is None, tup_id=tup_id)
        if not need_task_ids:
            return None
        return self._read_task_ids() if direct_task is None else [direct_task]

    def _handle(self, message: Dict[str, Any]) -> None:
        command = message.get("command")
        try:
            if command == "next":
                self.next_tuple()
            elif command == "ack":
                self.ack(message.get("id"))
            elif command == "fail":
                self.fail(message.get("id"))
            elif command == "activate":
                self.activate()
            elif command == "deactivate":
                self.deactivate()
            else:
                self.log("unknown command: %.200r" % (message,), "warn")
        except StormWentAway:
            raise
        except Exception as error:
            self._report("%s raised" % command, error)
            if self.exit_on_exception:
                raise SystemExit(1) from None
        self._framing.send({"command": "sync", "exhausted": True} if self.exhausted else {"command": "sync"})
