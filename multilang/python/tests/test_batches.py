"""The batched framing over real pipes: what is written, and what is refused."""

import marshal
import math
import os
import struct
import threading

import pytest
from sparse_stream.batches import BatchFraming
from sparse_stream.columns import VALUES_MAX
from sparse_stream.errors import EmitError, ProtocolError, StormWentAway
from sparse_stream.plain import are_simple


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


def refuse(*arguments):
    raise AssertionError("not an emit as most are: %r" % (arguments,))


def in_columns(framing, width):
    framing.use_columns(width, refuse)
    return framing.emit, framing.columns


def test_what_most_tuples_lead_to_is_written_in_columns(pipes):
    framing, _, out = pipes
    emit, columns = in_columns(framing, 1)
    assert columns.begin(7) == 0
    row = ["a"]
    emit(row)
    row[0] = "changed later"
    emit(("Zoë",))
    columns.emits.append(2)
    columns.emits.append(0)
    columns.rest()
    framing.flush()
    assert written(out) == [(7, 7, 1, b"\2\0\0\0", ["a", "Zoë"])]


def test_a_tuple_with_anything_else_is_written_in_records_from_there_on(pipes):
    framing, _, out = pipes
    emit, columns = in_columns(framing, 2)
    columns.begin(7)
    emit([1, 2])
    columns.emits.append(2)
    emit([3, None])
    framing.send({"command": "log", "msg": "hello"})
    assert not columns.plain
    emit([5, 6.5])
    columns.end(True)
    assert columns.plain
    emit([True, b"x".decode()])
    columns.emits.append(2)
    columns.rest()
    framing.flush()
    assert written(out) == [
        (7, 7, 2, b"\2\0", [1, 2]),
        8,
        [3, None],
        (3, "hello", 2),
        [5, 6.5],
        None,
        (7, 9, 2, b"\2\0", [True, "x"]),
    ]


def test_other_threads_leave_the_columns_alone(pipes):
    framing, _, out = pipes
    emit, columns = in_columns(framing, 1)
    columns.begin(7)
    emit(["a"])
    other = threading.Thread(target=lambda: framing.ack(3))
    other.start()
    other.join()
    assert columns.plain
    columns.emits.append(1)
    columns.rest()
    framing.flush()
    assert written(out) == [(7, 7, 1, b"\1\0", ["a"]), (1, 3)]


def test_a_tuple_that_emits_a_lot_is_written_in_pieces(pipes):
    framing, _, out = pipes
    emit, columns = in_columns(framing, 1)
    columns.begin(7)
    for number in range(VALUES_MAX + 2):
        emit(["x"])
    assert len(columns.values) == 1 and not columns.plain
    assert written(out) == [7] + [["x"]] * (VALUES_MAX + 1)
    columns.end(True)
    framing.flush()
    assert written(out) == [["x"], None]


def test_records_are_written_as_one_frame(pipes):
    framing, _, out = pipes
    framing.anchor_to((7,))
    framing.emit_with([1, [b"\xff", {"k": (None, 2.5)}]], "odd", None, True, anchors=[7])
    framing.ack(8)
    framing.fail(9, "why")
    framing.flush()
    assert written(out) == [
        7,
        (0, [1, [b"\xff", {"k": [None, 2.5]}]], "odd", 0, True, [7], None),
        (1, 8),
        (2, 9, "why"),
    ]


def test_nan_is_carried(pipes):
    framing, _, out = pipes
    framing.emit_with([math.nan], None, None, False)
    framing.flush()
    assert math.isnan(written(out)[0][0])


@pytest.mark.parametrize("value", [1 << 63, "\ud800", object(), {1j: 1}, [[set()]]])
def test_what_cannot_be_carried_is_refused_at_the_emit(pipes, value):
    framing, _, _ = pipes
    with pytest.raises(EmitError):
        framing.use_columns(1, lambda values: framing.emit_with(values, None, None, False, anchors=[]))
        framing.emit([value])


def test_frames_are_read_in_pieces_and_unknown_kinds_left_out(pipes):
    framing, parent, _ = pipes
    payload = marshal.dumps((1, [0, 1], ["x"]), 4)
    data = struct.pack("<IBBH", 1, 1, 99, 0) + b"N" + struct.pack("<IBBH", len(payload), 1, 2, 0) + payload
    os.write(parent, data[:20])
    os.write(parent, data[20:])
    assert framing.receive() == [(1, [0, 1], ["x"])]
    os.write(parent, b"Traceback")
    with pytest.raises(ProtocolError):
        framing.receive()


def test_the_end_of_the_input_is_the_end(pipes):
    framing, parent, _ = pipes
    os.close(parent)
    with pytest.raises(StormWentAway):
        framing.receive()


@pytest.mark.parametrize(
    "value",
    ["", "word", "x" * 999, "x" * 1000, "ü" * 499, "ü" * 500, "\udc80", 0, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1]
    + [1.5, True, None, b"x", [], {}, object()],
    ids=lambda value: repr(value)[:20],
)
def test_the_fast_way_of_emit_takes_what_is_simple_and_nothing_else(value):
    framing, rest = BatchFraming(0, 1), []
    framing.use_columns(2, rest.append)
    framing.emit([1, value])
    assert rest == ([] if are_simple([1, value]) else [[1, value]])
