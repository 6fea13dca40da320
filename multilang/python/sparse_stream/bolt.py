"""Bolt: consumes tuples, and emits others."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from time import monotonic
from typing import Any, ClassVar, Dict, Iterable, List, Optional, Sequence, Tuple as TupleOf, Type, Union, cast

from .batches import BatchFraming
from .columns import VALUES_MAX
from .component import DEFAULT_STREAM, SYSTEM_COMPONENT, Component
from .errors import StormWentAway
from .logs import clip
from .plain import PLAIN_BYTES
from .tuples import Tuple, Values

Anchor = Union[Tuple, Any]  # a tuple, or its id
REASON_MAX = 2000
_new = tuple.__new__


class Bolt(Component):
    """Override `process`. Calls never overlap.

    An exception in `process` is reported with its traceback and fails the tuple with its text; the bolt goes on with the next
    tuple. `exit_on_exception = True` ends the process instead, and the runtime starts a new one.
    """

    #: What is emitted in `process` is anchored to its tuple.
    auto_anchor: ClassVar[bool] = True
    #: Returning from `process` acks the tuple, unless the bolt has acked or failed it itself.
    auto_ack: ClassVar[bool] = True
    #: An exception in `process` fails the tuple. If not, it stays open until it times out.
    auto_fail: ClassVar[bool] = True

    _current: Optional[Tuple] = None
    _settled = False  # the current tuple was acked or failed

    _column: Optional[List[Any]] = None  # batched framing, one field: where the values of emits wait

    def process(self, tup: Tuple) -> None:
        """One tuple of a stream that the bolt subscribes to."""
        raise NotImplementedError("%s has no process(self, tup)" % type(self).__name__)

    def process_tick(self, tup: Tuple) -> None:
        """Every `topology.tick.tuple.freq.secs`."""

    def finish(self) -> None:
        """Once, after the last tuple, when all inputs have ended; what it emits is delivered."""

    def emit(
        self,
        values: Sequence[Any],
        stream: Optional[str] = None,
        anchors: Optional[Sequence[Anchor]] = None,
        direct_task: Optional[int] = None,
        need_task_ids: bool = False,
    ) -> Optional[List[int]]:
        """Emits, anchored to the current tuple unless `anchors` (tuples or ids) says otherwise.

        Returns the ids of the tasks it went to if `need_task_ids`, which takes a round trip to the runtime. From another
        thread: give `anchors`, and ask for no task ids.
        """
        if stream is None and anchors is None and direct_task is None and not need_task_ids:
            column = self._column
            if column is not None and type(values) is list:
                try:
                    (value,) = values
                except ValueError:
                    pass
                else:
                    if type(value) is str and len(value) < PLAIN_BYTES and value.isascii():
                        column.append(value)
                        if len(column) > VALUES_MAX:
                            cast(BatchFraming, self._framing).make_room()
                        return None
            if (values.__class__ is list or values.__class__ is tuple) and len(values) == self._width:
                self._framing.emit(values)
                return None
        return self._emit_otherwise(values, stream, anchors, direct_task, need_task_ids)

    def _emit_otherwise(
        self,
        values: Sequence[Any],
        stream: Optional[str] = None,
        anchors: Optional[Sequence[Anchor]] = None,
        direct_task: Optional[int] = None,
        need_task_ids: bool = False,
    ) -> Optional[List[int]]:
        self._check(values, stream)
        if anchors is None:
            current = self._current
            ids = [current.id] if self.auto_anchor and current is not None else []
        else:
            ids = [anchor.id if isinstance(anchor, Tuple) else anchor for anchor in anchors]
        stream = None if stream == DEFAULT_STREAM else stream
        self._framing.emit_with(values, stream, direct_task, need_task_ids and direct_task is None, anchors=ids)
        if not need_task_ids:
            return None
        return self._read_task_ids() if direct_task is None else [direct_task]

    def ack(self, tup: Anchor) -> None:
        id = tup.id if isinstance(tup, Tuple) else tup
        self._settle(id)
        self._framing.ack(id)

    def fail(self, tup: Anchor, reason: str = "") -> None:
        """Fails a tuple; the reason reaches the spout."""
        id = tup.id if isinstance(tup, Tuple) else tup
        self._settle(id)
        self._framing.fail(id, reason)

    @staticmethod
    def is_tick(tup: Tuple) -> bool:
        return tup.component == SYSTEM_COMPONENT and tup.stream == "__tick"

    def _settle(self, id: Any) -> None:
        if self._current is not None and self._current.id == id:
            self._settled = True

    def _announce(self) -> Dict[str, Any]:
        return {"sparse": {"finish": True}}

    def _use_batches(self, framing: BatchFraming) -> None:
        framing.use_columns(self._width, self._emit_otherwise)
        if self._width == 1:
            self._column = framing.columns.values

    def _handle(self, message: Any) -> None:
        if message.__class__ is tuple:  # of the batched framing
            self._handle_batch(*message)
            return
        try:
            id, component, stream, task = message["id"], message["comp"], message["stream"], message["task"]
            values = message["tuple"]
        except KeyError as key:
            self.log("ignored a message without %s: %.200r" % (key, message), "warn")
            return
        if stream == "__heartbeat" and task == -1:
            self._framing.send({"command": "sync"})
            return
        made = self._sources.get((component, stream)) or self._learn(component, stream)
        # What Tuple(...) does, without the call that takes longer than all the rest.
        self._handle_tuple(_new(Tuple, (id, component, stream, task, _new(made, values))))

    def _handle_batch(self, first: int, runs: List[int], values: List[Any]) -> None:
        framing = cast(BatchFraming, self._framing)
        at = 0
        for source, count in zip(runs[::2], runs[1::2]):
            made, component, stream, task, width = self._numbered.get(source) or self._number(source)
            end = at + count * width
            fields = iter(values if len(runs) == 2 else values[at:end])
            at = end
            rows = zip(*[fields] * width) if width else repeat((), count)
            # All that is known of the tuples is put together without a line of Python for each.
            made_values = map(made, rows)
            ids = range(first, first + count)
            tuples = map(partial(_new, Tuple), zip(ids, repeat(component), repeat(stream), repeat(task), made_values))
            if self.auto_anchor:
                self._process_all(first, tuples, framing)
            else:
                for tup in tuples:
                    self._handle_tuple(tup)
                    framing.pace()
            first += count

    def _process_all(self, first: int, tuples: Iterable[Tuple], framing: BatchFraming) -> None:
        """What `_handle_tuple` does for each of them, for as little as possible."""
        columns = framing.columns
        values, emitted = columns.values, columns.emits.append
        process = self.process
        before = columns.begin(first)
        for tup in tuples:
            self._current = tup
            try:
                process(tup)
            except StormWentAway:
                raise
            except Exception as error:
                self._failed(tup, error)
                columns.end(False)
                self._settled = False
                before = 0
            else:
                if columns.plain and self.auto_ack:
                    after = len(values)
                    emitted(after - before)
                    before = after
                else:
                    columns.end(self.auto_ack and not self._settled)
                    self._settled = False
                    before = 0
            if monotonic() > framing.due:
                framing.between()
                before = columns.begin(tup.id + 1)
        columns.rest()
        self._current = None

    def _handle_tuple(self, tup: Tuple) -> None:
        """Calls what the tuple is for, and settles it."""
        component, stream = tup.component, tup.stream
        self._current = tup
        self._settled = False
        self._framing.anchor_to((tup.id,) if self.auto_anchor else ())
        try:
            if component != SYSTEM_COMPONENT:
                self.process(tup)
            elif stream == "__tick":
                self.process_tick(tup)
            elif stream == "__finish":
                self.finish()
            else:
                self.process(tup)
        except StormWentAway:
            raise
        except Exception as error:
            self._failed(tup, error)
        else:
            if not self._settled and (self.auto_ack or component == SYSTEM_COMPONENT):
                self._framing.ack(tup.id)
        self._current = None

    def _number(self, source: int) -> TupleOf[Type[Values], str, str, int, int]:
        component, stream, task, width = cast(BatchFraming, self._framing).sources[source]
        made = self._numbered[source] = (self._learn(component, stream), component, stream, task, width)
        return made

    def _failed(self, tup: Tuple, error: Exception) -> None:
        source = "%s/%s" % (tup.component, tup.stream)
        self._report("failed a tuple of %s with values %.500r" % (source, tuple(tup.values)), error)
        if not self._settled and (self.auto_fail or tup.component == SYSTEM_COMPONENT):
            self._framing.fail(tup.id, _reason(error))
        if self.exit_on_exception:
            raise SystemExit(1)


def _reason(error: Exception) -> str:
    """The text of an exception; only its type, if its own text cannot be had."""
    try:
        return clip("%s: %s" % (type(error).__name__, error), REASON_MAX)
    except Exception:
        return type(error).__name__
