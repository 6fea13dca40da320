"""Messages to bytes and back, in the batched framing: frames with a length, their payload in the format of `marshal`."""

from __future__ import annotations

import json
import marshal
import os
import struct
import threading
from time import monotonic
from typing import Any, Dict, List, Optional, Sequence, Tuple as TupleOf

from .errors import EmitError, ProtocolError, StormWentAway
from .framing import BUFFER_BYTES, BUFFER_SECONDS, INTEGER_MAX, INTEGER_MIN, MESSAGE_BYTES_MAX

NAME = "batch-1"
CHUNK_BYTES = 1 << 18
FORMAT = 4             # of marshal: the one that all versions of Python write alike since 3.4
RECORDS_MAX = 1024     # a frame is written when it has so many records
PLAIN_CHARACTERS = 1000  # a longer text counts by its size
DEPTH_MAX = 120

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
    """The same calls as JsonFraming. Tuples come as `(id, source, task, values)`, where `sources[source]` is component and
    stream; commands of a spout as one list of `(number, argument)` in a tuple, answered by one `sync`."""

    def __init__(self, read_fd: int, write_fd: int, unread: bytes = b"") -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._input = bytearray(unread)
        self._records: List[Any] = []
        self._size = 0
        self._due = 0.0
        self._waiting = False
        self._current: Any = False
        self._lock = threading.Lock()
        self.sources: Dict[int, TupleOf[str, str]] = {}

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
        self._due = monotonic() + BUFFER_SECONDS
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
                messages.extend(payload)
            else:
                self._take(kind, payload, messages)
        if at:
            del self._input[:at]

    def _take(self, kind: int, payload: Any, messages: List[Any]) -> None:
        if kind == _SOURCE:
            number, component, stream = payload
            self.sources[number] = (component, stream)
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

    def anchor_to(self, ids: Sequence[Any]) -> None:
        """The tuple under way: what `emit` anchors to from now on."""
        self._current = current = ids[0] if ids else False
        self._records.append(current)

    def emit(self, values: Sequence[Any]) -> None:
        """An emit of a bolt as most are: on the default stream, anchored as `anchor_to` said, without task ids."""
        if len(values) == 1:
            first = values[0]
            if first.__class__ is str and first.isascii() and len(first) < PLAIN_CHARACTERS:
                self._records.append([first])
            else:
                self._records.append(self._plain_values(values))
        else:
            self._records.append(self._plain_values(values))
        if len(self._records) > RECORDS_MAX or self._waiting:
            self.flush()

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
        self._put(None if id is self._current or id == self._current is not False else (_ACK, _number(id)))

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
        if self._records and monotonic() > self._due:
            self.flush()

    def flush(self) -> None:
        """Writes what is buffered. Waits while the parent does not read."""
        with self._lock:
            records = self._records
            count = len(records)
            if count:
                # The list stays the same object: what another thread appends meanwhile is found next time.
                taken = records[:count]
                del records[:count]
                self._size = 0
                payload = _dumps(taken, FORMAT)
                data = memoryview(_HEADER.pack(len(payload), _VERSION, _RECORDS, 0) + payload)
                try:
                    while data:
                        data = data[os.write(self._write_fd, data) :]
                except (BrokenPipeError, ConnectionResetError):
                    raise StormWentAway() from None
            self._due = monotonic() + BUFFER_SECONDS

    def _put(self, record: Any) -> None:
        self._records.append(record)
        if len(self._records) > RECORDS_MAX or self._waiting:
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
        """A copy of the values: what happens to them after the emit changes nothing."""
        plain = []
        simple = True
        for value in values:
            kind = value.__class__
            if kind is str:
                simple = simple and value.isascii() and len(value) < PLAIN_CHARACTERS
            elif kind is int:
                simple = simple and INTEGER_MIN <= value <= INTEGER_MAX
            elif kind is not float and kind is not bool and value is not None:
                simple = False
            plain.append(value)
        if simple and len(plain) < 16:
            return plain
        for position, value in enumerate(plain):
            try:
                plain[position] = _plain(value, 1)
            except UnicodeEncodeError:
                raise EmitError(
                    "text with half a surrogate pair is no UTF-8 and cannot be carried: %.200r" % (values,)
                ) from None
            except OverflowError:
                raise EmitError("value %d does not fit into 64 bits: %.200r" % (position, value)) from None
            except TypeError as error:
                raise EmitError("value %d cannot be carried (%s): %.200r" % (position, error, value)) from None
        self._count(len(_dumps(plain, FORMAT)))
        return plain


def _plain(value: Any, depth: int) -> Any:
    """The value in types that the framing has, copied where it could change."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        text = str(value) if value.__class__ is str else str.__str__(value)
        text.encode()
        return text
    if isinstance(value, int):
        number = int(value)
        if not INTEGER_MIN <= number <= INTEGER_MAX:
            raise OverflowError()
        return number
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if depth > DEPTH_MAX:
        raise TypeError("it is nested more than %d levels deep" % DEPTH_MAX)
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    raise TypeError("a value of type %s has no form in the protocol" % type(value).__name__)


def _key(key: Any) -> str:
    if key.__class__ is not str:
        if not isinstance(key, (str, int, float)) and key is not None:
            raise TypeError("keys of a map are text, not %s" % type(key).__name__)
        key = str.__str__(key) if isinstance(key, str) else json.dumps(key)
    key.encode()
    return str(key)


def _number(id: Any) -> int:
    if id.__class__ is not int:
        raise EmitError("ack and fail take a tuple, or the id of one, not %.200r" % (id,))
    return int(id)


def _well_formed(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
