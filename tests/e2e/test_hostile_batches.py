"""Children that accept the batched framing and break it: the worker lives, memory is bounded, and the message says why."""

import re

import pytest
from hostile_runs import BOLT, INPUTS, completes, hostile  # noqa: F401

BATCHES = """
import marshal, struct

def shake():
    conf = read()
    assert conf["sparse"]["framings"] == ["batch-1"]
    send({"pid": os.getpid(), "sparse": {"framing": "batch-1"}})

def exactly(size):
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data

def header(length, version=1, kind=16):
    return struct.pack("<IBBH", length, version, kind, 0)

def payload(data):
    raw(header(len(data)) + data)

def write(*records):
    payload(marshal.dumps(list(records), 4))

def tuples():
    while True:
        length, _, kind, _ = struct.unpack("<IBBH", exactly(8))
        value = marshal.loads(exactly(length))
        if kind == 3:
            write((6, False))
        elif kind == 2:
            return value

def settle(first, runs, values):
    write((7, first, 1, b"\\1\\0" * len(values), values))

def serve():
    while True:
        settle(*tuples())
"""


@pytest.fixture
def hostile_batches(hostile):  # noqa: F811
    return lambda script, **more: hostile(BATCHES + script, **more)


TOLERATED = {
    "batches of an unknown kind": ("raw(header(3, kind=77) + b'abc')", r"a batch of the unknown kind 77"),
    "records of unknown kinds": (
        "write((99,), 'text', 2.5, {}, (), (True, 1))",
        r"a record with the unknown code 99",
    ),
    "records without what they must have": ("write((0,), (1,), (2, 'x'), (5,), None)", r"an emit without a list of values"),
    "unknown ids": (
        "write((1, 987654), 555, None, (2, -7, 'no'), (0, [5], None, 0, False, [444]))",
        r"gave a verdict \(ack\) on the id 987654.*\n(.*\n)*.*anchored an emit to the id 444",
    ),
    "columns of tuples that were never sent": (
        "write((7, 2**62, 1, b'\\1\\0' * 30000, [0] * 30000))",
        r"gave a verdict \(ack\) on the id 4611686018427387904",
    ),
    "a second verdict": ("got = tuples()\nsettle(*got)\nsettle(*got)", r"which it does not hold, or not any more"),
    "an undeclared stream": (
        "got = tuples()\nwrite((0, [1], 'none', 0, False, [got[0]]), (1, got[0]))\n"
        "write(*[(1, got[0] + more) for more in range(len(got[2]))])",
        r"ERROR .*stream \"none\"",
    ),
    "values that cannot be carried": (
        "got = tuples()\nwrite((7, got[0], 1, b'\\1\\0' * len(got[2]), ['\\ud800'] * len(got[2])))",
        r"a value that cannot be carried: text that is not UTF-8",
    ),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_a_child_with_batches_lives_on_with(hostile_batches, name):
    script, says = TOLERATED[name]
    run = hostile_batches(f"shake()\n{script}\nserve()\n")
    assert run.code == 0, run.err
    assert len(run.pids()) == 1, run.err
    assert re.search(says, run.err), run.err


LOST = {
    "text": (
        "raw('Traceback (most recent call last)')",
        r"does not begin with a header of version 1; it begins with \"Traceback",
    ),
    "another version": ("raw(header(1, version=9) + b'N')", r"does not begin with a header of version 1"),
    "an over-long length": (
        "raw(header(2**32 - 1) + b'[')",
        r"a batch is larger than 16777216 bytes; it begins with \"\\xff\\xff",
    ),
    "a batch of 64 MB": ("raw(header(64 << 20) + b'x' * (64 << 20))", r"a batch is larger than 16777216 bytes"),
    "no list": ("payload(b'N')", r"a batch is not a list of records"),
    "an empty batch": ("payload(b'')", r"a batch is not a list of records"),
    "a list longer than its batch": ("payload(b'[' + b'\\xff' * 4)", r"a batch is not a list of records"),
    "garbage": ("payload(b'[\\1\\0\\0\\0' + bytes(range(60, 200)))", r"a value (has the unknown type|is longer than its batch)"),
    "code": ("write(compile('1', '', 'eval'))", r"a value has the unknown type 0x63"),
    "a set": ("write({1, 2})", r"a value has the unknown type 0x3c"),
    "deep nesting": ("payload(b'[\\1\\0\\0\\0' * 10000 + b'N')", r"a value is nested more than 128 levels deep"),
    "a reference to nothing": ("payload(b'[\\1\\0\\0\\0r\\xff\\0\\0\\0')", r"a reference names a value that has not come"),
    "a reference to a list": ("payload(b'\\xdb\\1\\0\\0\\0r\\0\\0\\0\\0')", r"a reference names a list, a tuple or a map"),
    "columns that do not agree": ("write((7, 1, 1, b'\\5\\0', [1]))", r"the numbers of a record of columns do not agree"),
    "columns without values": ("write((7, 1, 1, b'', None))", r"a record of columns is not"),
    "a batch that its end cuts off": ("raw(header(1000) + b'[')\n    os._exit(3)", r"died: exit code 3"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_child_with_batches_is_started_again_after(hostile_batches, name):
    what, says = LOST[name]
    run = hostile_batches(f"shake()\nif lives == 1:\n    tuples()\n    {what}\n    time.sleep(1000)\nserve()\n")
    completes(run, lives=2)
    assert re.search(says, run.err), run.err
    deaths = [line for line in run.err.splitlines() if " died: " in line]
    assert len(deaths) == 1 and len(deaths[0]) < 2500, run.err


@pytest.mark.slow
def test_a_child_is_started_again_after_thirty_seconds_of_half_a_batch(hostile_batches):
    slow = (BOLT % INPUTS).replace("topology.subprocess.timeout.secs: 2", "topology.subprocess.timeout.secs: 600")
    script = "shake()\nif lives == 1:\n    tuples()\n    raw(header(1000) + b'[')\n    time.sleep(1000)\nserve()\n"
    run = hostile_batches(script, topology=slow, seconds=120)
    completes(run, lives=2)
    assert re.search(r"a batch was not complete within 30\.0 s of its start", run.err), run.err


def test_a_child_with_batches_that_never_reads_is_started_again(hostile_batches):
    run = hostile_batches("shake()\nif lives == 1:\n    time.sleep(1000)\nserve()\n")
    completes(run, lives=2)
    assert "said nothing for 2.0 s" in run.err


ENDLESS = (BOLT % 10_000_000).replace("message.timeout.secs: 20", "message.timeout.secs: 2")


@pytest.mark.parametrize(
    "script",
    ["while True:\n    tuples()", "while True:\n    write((6, False))\n    time.sleep(0.1)"],
    ids=["never answers", "never reads, and says that it lives"],
)
def test_a_child_with_batches_fails_by_timeout_and_does_not_grow_if_it(hostile_batches, script):
    run = hostile_batches(f"shake()\n{script}\n", topology=ENDLESS, words=("--json", "-t", "6"))
    assert run.rows == 1  # the summary alone
    assert '"acked":0' in (run.folder / "out").read_text()
    assert re.search(r'"timed_out":[1-9]', (run.folder / "out").read_text())
    assert len(run.pids()) == 1
