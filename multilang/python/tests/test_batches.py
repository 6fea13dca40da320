"""The batched framing over real pipes: what is written, and what is refused."""

import marshal
import math
import os
import struct

import pytest
from sparse_stream.batches import BatchFraming
from sparse_stream.errors import EmitError, ProtocolError, StormWentAway


@pytest.fixture
def pipes():
    ends = os.pipe() + os.pipe()
    yield BatchFraming(ends[0], ends[3]), ends[1], ends[2]
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            pass


def written(fd):
    data = os.read(fd, 1 << 20)
    length, version, kind, zero = struct.unpack_from("<IBBH", data)
    assert (length, version, kind, zero) == (len(data) - 8, 1, 16, 0)
    return marshal.loads(data[8:])


def test_records_are_written_as_one_frame(pipes):
    framing, _, out = pipes
    framing.anchor_to((7,))
    row = ["a"]
    framing.emit(row)
    row[0] = "changed later"
    framing.emit_with([1, [b"\xff", {"k": (None, 2.5)}]], "odd", None, True, anchors=[7])
    framing.ack(7)
    framing.ack(8)
    framing.fail(9, "why")
    framing.flush()
    assert written(out) == [
        7,
        ["a"],
        (0, [1, [b"\xff", {"k": [None, 2.5]}]], "odd", 0, True, [7], None),
        None,
        (1, 8),
        (2, 9, "why"),
    ]


def test_nan_is_carried(pipes):
    framing, _, out = pipes
    framing.emit([math.nan])
    framing.flush()
    assert math.isnan(written(out)[0][0])


@pytest.mark.parametrize("value", [1 << 63, "\ud800", object(), {1j: 1}, [[set()]]])
def test_what_cannot_be_carried_is_refused_at_the_emit(pipes, value):
    framing, _, _ = pipes
    with pytest.raises(EmitError):
        framing.emit([value])


def test_frames_are_read_in_pieces_and_unknown_kinds_left_out(pipes):
    framing, parent, _ = pipes
    payload = marshal.dumps([(1, 0, 3, ["x"])], 4)
    data = struct.pack("<IBBH", 1, 1, 99, 0) + b"N" + struct.pack("<IBBH", len(payload), 1, 2, 0) + payload
    os.write(parent, data[:20])
    os.write(parent, data[20:])
    assert framing.receive() == [(1, 0, 3, ["x"])]
    os.write(parent, b"Traceback")
    with pytest.raises(ProtocolError):
        framing.receive()


def test_the_end_of_the_input_is_the_end(pipes):
    framing, parent, _ = pipes
    os.close(parent)
    with pytest.raises(StormWentAway):
        framing.receive()
