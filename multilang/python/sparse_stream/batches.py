"""Messages to bytes and back, in the batched framing: frames with a length, their payload in the format of `marshal`."""

from __future__ import annotations

import json
import marshal
import os
import struct
import threading
from time import monotonic
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple as TupleOf

from .columns import VALUES_MAX, Columns
from .errors import EmitError, ProtocolError, StormWentAway
from .framing import BUFFER_BYTES, BUFFER_SECONDS, INTEGER_MAX, INTEGER_MIN, MESSAGE_BYTES_MAX
from .plain import PLAIN_BYTES, are_simple, is_short, plain_values

NAME = "batch-1"
CHUNK_BYTES = 1 << 18
FORMAT = 4           # of marshal: the one that all versions of Python write alike since 3.4
RECORDS_MAX = 1024   # a frame is written when it has so many records

_HEADER = struct.Struct("<IBBH")
_VERSION = 1
_SOURCE, _TUPLES, _HEARTBEAT, _TICK, _FINISH, _TASK_IDS, _COMMANDS = range(1, 8)
_RECORDS = 16
_EMIT, _ACK, _FAIL, _LOG, _ERROR, _METRICS, _SYNC = range(7)
_HEARTBEAT_MESSAGE = {"id": -1, "comp": None, "stream": "__heartbeat", "task": -1, "tuple": []}

_dumps = marshal.dumps
_loads = marshal.loads
_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class BatchFraming:
    """The same calls as JsonFraming. Tuples come as `(first, runs, values)`: the ids are first, first + 1, ...; `runs` is a list
    of source, number of tuples, source, ...; `sources` has component, stream, task and number of fields of each. Commands of a
    spout come as one list of `(number, argument)` in a tuple, answered by one `sync`."""

    def __init__(self, read_fd: int, write_fd: int, unread: bytes = b"") -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._input = bytearray(unread)
        self._thread = threading.get_ident()
        self._records: List[Any] = []
        self._others: List[Any] = []  # records of other threads, which leave alone what is in columns
        self._size = 0
        self._waiting = False
        self._lock = threading.Lock()
        self.due = 0.0
        self._otherwise: Callable[[Sequence[Any]], Any] = _refuse
        self.columns = Columns(self._records, 1)
        self.sources: Dict[int, TupleOf[str, str, int, int]] = {}

    def receive(self) -> List[Any]:
        """Writes what is buffered, waits for input, and returns all complete messages that have come: at least one."""
        self._waiting = True
        self.flush()
        messages: List[Any] = []
        while True:
            self._take_frames(messages)
            if messages:
                break
            try:
                chunk = os.read(self._read_fd, CHUNK_BYTES)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise StormWentAway()
            self._input += chunk
        self._waiting = False
        self.due = monotonic() + BUFFER_SECONDS
        return messages

    def _take_frames(self, messages: List[Any]) -> None:
        data = bytes(self._input)
        at, end = 0, len(data)
        while end - at >= 8:
            length, version, kind, _ = _HEADER.unpack_from(data, at)
            if version != _VERSION or length > MESSAGE_BYTES_MAX:
                raise ProtocolError("the parent sent what is no batch: %.200r" % data[at : at + 200])
            if end - at - 8 < length:
                break
            try:
                payload = _loads(data[at + 8 : at + 8 + length])
            except (ValueError, EOFError, TypeError) as error:
                raise ProtocolError("the parent sent a batch that cannot be read: %s" % error) from None
            at += 8 + length
            if kind == _TUPLES:
                messages.append(payload)
            else:
                self._take(kind, payload, messages)
        if at:
            del self._input[:at]

    def _take(self, kind: int, payload: Any, messages: List[Any]) -> None:
        if kind == _SOURCE:
            self.sources[payload[0]] = payload[1:]
        elif kind == _HEARTBEAT:
            messages.append(_HEARTBEAT_MESSAGE)
        elif kind == _TICK:
            messages.append({"id": payload[0], "comp": "__system", "stream": "__tick", "task": -1, "tuple": [payload[1]]})
        elif kind == _FINISH:
            messages.append({"id": payload, "comp": "__system", "stream": "__finish", "task": -1, "tuple": []})
        elif kind == _TASK_IDS:
            messages.append(payload)
        elif kind == _COMMANDS:
            messages.append((payload,))

    def use_columns(self, width: int, otherwise: Callable[[Sequence[Any]], Any]) -> None:
        """For a bolt whose default stream has `width` fields; `otherwise` makes the emits that are no emits as most are."""
        self.columns = Columns(self._records, max(1, width))
        self._otherwise = otherwise

    def emit(self, values: Sequence[Any]) -> None:
        """An emit of a bolt as most are: a list or tuple for the default stream, anchored to the tuple under way, without task
        ids. `Bolt.emit` has its own lines for the most frequent kind."""
        # The lines of are_simple: to call it takes 50 ns more, of some 320 for two values. Whoever changes one changes both.
        for value in values:
            kind = type(value)
            if kind is str:
                if len(value) >= PLAIN_BYTES or not (value.isascii() or is_short(value)):
                    break
            elif kind is int:
                if not INTEGER_MIN <= value <= INTEGER_MAX:
                    break
            elif kind is not float and kind is not bool and value is not None:
                break
        else:
            if values:
                column = self.columns.values
                column.extend(values)
                if len(column) > VALUES_MAX:
                    self.make_room()
                return
        self._otherwise(values)

    def make_room(self) -> None:
        if threading.get_ident() != self._thread:
            raise EmitError("another thread must say what it anchors to: emit(..., anchors=[...])")
        self.flush()

    def between(self) -> None:
        """Writes what has waited long enough, between two tuples of a batch."""
        self.columns.rest()
        self.flush()

    def anchor_to(self, ids: Sequence[Any]) -> None:
        """The tuple under way, where none of a batch is: what `emit` anchors to from now on."""
        self.columns.settle()
        self._records.append(ids[0] if ids else False)

    def emit_with(
        self,
        values: Sequence[Any],
        stream: Optional[str],
        task: Optional[int],
        need_task_ids: bool,
        anchors: Optional[Sequence[Any]] = None,
        tup_id: Any = None,
    ) -> None:
        """Any other emit. `anchors` is None for spouts, a list of ids for bolts."""
        plain = self._plain_values(values)
        ids = list(anchors or ())
        if any(id.__class__ is not int for id in ids):
            raise EmitError("anchors are tuples, or ids of tuples: %.200r" % (anchors,))
        id_text = None if tup_id is None else _well_formed(_json(tup_id))
        if stream is None and task is None and not need_task_ids and id_text is None and not ids and anchors is None:
            # Of a spout, untracked. A spout has no tuple under way.
            self._put(plain)
        else:
            self._put((_EMIT, plain, stream, task or 0, need_task_ids, ids, id_text))

    def ack(self, id: Any) -> None:
        self._put((_ACK, _number(id)))

    def fail(self, id: Any, reason: str) -> None:
        self._put((_FAIL, _number(id), _well_formed(reason or "")))

    def send(self, message: Dict[str, Any]) -> None:
        """Any other message."""
        command = message["command"]
        if command == "sync":
            self._put((_SYNC, message.get("exhausted", False)))
        elif command == "log":
            self._put_text((_LOG, _well_formed(message["msg"]), message.get("level", 2)))
        elif command == "error":
            self._put_text((_ERROR, _well_formed(message["msg"])))
        elif command == "metrics":
            params = _well_formed(_json(message.get("params")))
            self._put_text((_METRICS, _well_formed(str(message["name"])), params))
        else:
            raise ValueError("the batched framing has no command %r" % (command,))

    def pace(self) -> None:
        """Writes what has waited long enough. Called between two messages."""
        if monotonic() > self.due:
            self.flush()

    def flush(self) -> None:
        """Writes what is buffered. Waits while the parent does not read."""
        with self._lock:
            if threading.get_ident() == self._thread:
                self.columns.settle()
            # The lists stay the same objects: what another thread appends meanwhile is found next time.
            taken = _taken(self._records) + _taken(self._others)
            if taken:
                self._size = self.columns.settled = 0
                payload = _dumps(taken, FORMAT)
                data = memoryview(_HEADER.pack(len(payload), _VERSION, _RECORDS, 0) + payload)
                try:
                    while data:
                        data = data[os.write(self._write_fd, data) :]
                except (BrokenPipeError, ConnectionResetError):
                    raise StormWentAway() from None
            self.due = monotonic() + BUFFER_SECONDS

    def _put(self, record: Any) -> None:
        if threading.get_ident() == self._thread:
            self.columns.settle()
            self.columns.part()
            self._records.append(record)
        else:
            self._others.append(record)
        if len(self._records) + len(self._others) > RECORDS_MAX or self.columns.settled > VALUES_MAX or self._waiting:
            self.flush()

    def _put_text(self, record: Any) -> None:
        self._count(len(_dumps(record, FORMAT)))
        self._put(record)

    def _count(self, size: int) -> None:
        """A frame must stay below its limit: large records are written early."""
        if size > MESSAGE_BYTES_MAX - (1 << 12):
            raise EmitError("the message has %d bytes; the limit is %d" % (size, MESSAGE_BYTES_MAX))
        if self._size + size > BUFFER_BYTES:
            self.flush()
        self._size += size

    def _plain_values(self, values: Sequence[Any]) -> List[Any]:
        if len(values) < 8 and are_simple(values):
            return list(values)
        plain = plain_values(values)
        self._count(len(_dumps(plain, FORMAT)))
        return plain


def _taken(records: List[Any]) -> List[Any]:
    """Empties a list to which another thread may append meanwhile."""
    count = len(records)
    taken = records[:count]
    del records[:count]
    return taken


def _refuse(values: Sequence[Any]) -> None:
    raise EmitError("only a bolt emits in this way: %.200r" % (values,))


def _number(id: Any) -> int:
    if id.__class__ is not int:
        raise EmitError("ack and fail take a tuple, or the id of one, not %.200r" % (id,))
    return int(id)


def _well_formed(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
