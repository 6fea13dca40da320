"""Messages to bytes and back, in the JSON framing: the one place that knows what the protocol looks like on the wire.

A framing has `receive`, `emit`, `emit_with`, `anchor_to`, `ack`, `fail`, `send`, `pace` and `flush`; components use nothing
else, so that another framing can take this one's place after the handshake.
"""

from __future__ import annotations

import json
import os
import threading
from json.encoder import encode_basestring as quote
from time import monotonic
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from .errors import EmitError, ProtocolError, StormWentAway

if TYPE_CHECKING:
    from .batches import BatchFraming

CHUNK_BYTES = 65536          # what one read asks for: the default capacity of a pipe
BUFFER_BYTES = 65536         # output is written when there is this much, ...
BUFFER_SECONDS = 0.002       # ... when it has waited this long, and before every read that may block
MESSAGE_BYTES_MAX = 16 << 20
INTEGER_MIN, INTEGER_MAX = -(1 << 63), (1 << 63) - 1

_END = b"\nend\n"
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class JsonFraming:
    """JSON texts, each followed by a line `end`. Any thread may send; one thread receives."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._input = bytearray()
        self._output: List[bytes] = []
        self._size = 0
        self._due = 0.0
        self._waiting = False
        self._lock = threading.Lock()
        self._tail = ""
        self.anchor_to([])

    def batched(self) -> "BatchFraming":
        """What takes this one's place, after its last message was written."""
        from .batches import BatchFraming

        return BatchFraming(self._read_fd, self._write_fd, bytes(self._input))

    def receive(self) -> List[Any]:
        """Writes what is buffered, waits for input, and returns all complete messages that have come: at least one."""
        buffer = self._input
        # From here on another thread that sends writes at once, since this one may wait for long.
        self._waiting = True
        self.flush()
        while True:
            try:
                chunk = os.read(self._read_fd, CHUNK_BYTES)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise StormWentAway()
            buffer += chunk
            end = buffer.rfind(_END, max(0, len(buffer) - len(chunk) - len(_END) + 1))
            if end >= 0:
                break
        self._waiting = False
        self._due = monotonic() + BUFFER_SECONDS
        whole = bytes(buffer[:end])
        del buffer[: end + len(_END)]
        return _parse(whole)

    def anchor_to(self, ids: Sequence[Any]) -> None:
        """The anchors of each `emit` from now on."""
        texts = [_id_text(id) for id in ids]
        self._tail = ',"anchors":[%s],"need_task_ids":false}\nend\n' % (texts[0] if len(texts) == 1 else ",".join(texts))

    def emit(self, values: Sequence[Any]) -> None:
        """An emit of a bolt as most are: on the default stream, anchored as `anchor_to` said, without task ids."""
        first = values[0] if len(values) == 1 else None
        try:
            if first.__class__ is str:
                data = f'{{"command":"emit","tuple":[{quote(first)}]{self._tail}'.encode()
            else:
                data = f'{{"command":"emit","tuple":{_values_text(values)}{self._tail}'.encode()
        except UnicodeEncodeError:
            raise _surrogate(values) from None
        size = len(data)
        if size > MESSAGE_BYTES_MAX:
            raise _too_long(size)
        self._output.append(data)
        self._size += size
        if self._size > BUFFER_BYTES or self._waiting:
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
        parts = ['{"command":"emit","tuple":', _values_text(values)]
        if anchors is not None:
            parts.append(',"anchors":[%s]' % ",".join([_id_text(id) for id in anchors]))
        if tup_id is not None:
            parts.append(',"id":' + _id_text(tup_id))
        if stream is not None:
            parts.append(',"stream":' + quote(stream))
        if task is not None:
            parts.append(',"task":%d' % task)
        parts.append(',"need_task_ids":true}\nend\n' if need_task_ids else ',"need_task_ids":false}\nend\n')
        try:
            data = "".join(parts).encode()
        except UnicodeEncodeError:
            raise _surrogate(values) from None
        self._put(data)

    def ack(self, id: Any) -> None:
        self._put(f'{{"command":"ack","id":{_id_text(id)}}}\nend\n'.encode())

    def fail(self, id: Any, reason: str) -> None:
        message = {"command": "fail", "id": id}
        if reason:
            message["reason"] = reason
        self.send(message)

    def send(self, message: Dict[str, Any]) -> None:
        """Any other message."""
        self._put(_encode(message).encode("utf-8", "replace") + _END)

    def pace(self) -> None:
        """Writes what has waited long enough. Called between two messages."""
        if self._size and monotonic() > self._due:
            self.flush()

    def flush(self) -> None:
        """Writes what is buffered. Waits while the parent does not read."""
        with self._lock:
            count = len(self._output)
            if count:
                # The list stays the same object: what another thread appends meanwhile is found next time.
                data = memoryview(b"".join(self._output[:count]))
                del self._output[:count]
                self._size = 0
                try:
                    while data:
                        data = data[os.write(self._write_fd, data) :]
                except (BrokenPipeError, ConnectionResetError):
                    raise StormWentAway() from None
            self._due = monotonic() + BUFFER_SECONDS

    def _put(self, data: bytes) -> None:
        size = len(data)
        if size > MESSAGE_BYTES_MAX:
            raise _too_long(size)
        self._output.append(data)
        self._size += size
        if self._size > BUFFER_BYTES or self._waiting:
            self.flush()


def _parse(data: bytes) -> List[Any]:
    """The messages of a text that is several of them with the separator between."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError("the parent sent bytes that are no UTF-8: %s" % error) from None
    try:
        # One call for all. The separator cannot occur inside a message: JSON has no line breaks inside strings.
        messages: List[Any] = json.loads("[" + text.replace("\nend\n", ",") + "]")
        if all([message.__class__ in (dict, list) for message in messages]):
            return messages
    except (ValueError, RecursionError):
        pass
    return [_parse_one(part) for part in text.split("\nend\n")]


def _parse_one(text: str) -> Any:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("the parent sent what is no JSON (%s): %.200r" % (error, text)) from None
    if message.__class__ not in (dict, list):
        raise ProtocolError("the parent sent neither an object nor a list: %.200r" % (text,))
    return message


def _id_text(id: Any) -> str:
    return quote(id) if id.__class__ is str else _encode(id)


def _values_text(values: Sequence[Any]) -> str:
    parts = []
    for position, value in enumerate(values):
        kind = value.__class__
        if kind is str:
            parts.append(quote(value))
        elif kind is int:
            if not INTEGER_MIN <= value <= INTEGER_MAX:
                raise EmitError("value %d does not fit into 64 bits: %d" % (position, value))
            parts.append(str(value))
        elif kind is float and value - value == 0.0:  # neither nan nor infinite
            parts.append(repr(value))
        else:
            try:
                parts.append(_encode(value))
            except (TypeError, ValueError, RecursionError) as error:
                hint = "; decode bytes to text before they are emitted" if isinstance(value, (bytes, bytearray)) else ""
                raise EmitError("value %d cannot be carried (%s)%s: %.200r" % (position, error, hint, value)) from None
    return "[" + ",".join(parts) + "]"


def _surrogate(values: Sequence[Any]) -> EmitError:
    return EmitError("text with half a surrogate pair is no UTF-8 and cannot be carried: %.200r" % (values,))


def _too_long(size: int) -> EmitError:
    return EmitError("the message has %d bytes; the limit is %d" % (size, MESSAGE_BYTES_MAX))
