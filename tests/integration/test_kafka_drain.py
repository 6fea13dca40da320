"""Ctrl-C beside a broker that hangs: what it waits for is said, it ends soon, and the exit code tells that not all is done."""

import time

import pytest
from rig import wait_until

SINK = """
name: ${topic}
spouts:
  - {id: make, generate: {value: x, rate: 200}}
bolts:
  - {id: write, kafka: {brokers: "${brokers}", topic: "${topic}"}, inputs: {make: shuffle}}
"""
SLOW = """
import time
from sparse_stream import Bolt


class Slow(Bolt):
    def process(self, tup):
        time.sleep(32)
"""
HELD = """
name: ${topic}
config: {topology.message.timeout.secs: 90, topology.subprocess.timeout.secs: 90}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", max-uncommitted: 1}}
bolts:
  - {id: slow, python: parts.Slow, inputs: {read: shuffle}}
"""
SPOUT = """
name: ${topic}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", commit-interval: 60s}}
bolts:
  - {id: out, print: {}, inputs: {read: shuffle}}
"""


def started_sink(rig):
    run = rig.start(SINK)
    rig.write(["first"])
    wait_until(lambda: len(rig.read()) > 20, lambda: run.err)
    return run


def test_a_drain_that_does_not_come_on_says_why_and_stops(rig, kafka):
    run = started_sink(rig)
    with kafka.standing_still():
        time.sleep(2)
        asked = time.monotonic()
        done = run.drain()
        took = time.monotonic() - asked
    assert done.code == 1 and 14 < took < 22, (took, done.err)
    assert "sparse: draining waits; write: " in done.err and "Ctrl-C again stops at once" in done.err, done.err
    assert "sparse: nothing moves any more; write: " in done.err, done.err
    assert "what was under way has no verdict" in done.err


@pytest.mark.parametrize("times, seconds", [(2, 4.5), (3, 1.5)])
def test_more_of_ctrl_c_ends_it_at_once(rig, kafka, times, seconds):
    run = started_sink(rig)
    with kafka.standing_still():
        time.sleep(1)
        asked = time.monotonic()
        for _ in range(times - 1):
            run.interrupt()
            time.sleep(0.3)
        done = run.drain()
        took = time.monotonic() - asked
    assert done.code == 1 and took < seconds, (took, done.err)


def test_a_drain_waits_for_a_slow_bolt_that_holds_a_partition(rig, run_sparse):
    run_sparse.write("parts.py", SLOW)
    rig.write([f"{number}" for number in range(10)], "-p", "0")
    run = rig.start(HELD)
    run.wait_for("nothing later is emitted, since `max-uncommitted` (1) holds the partition")
    done = run.drain()
    assert done.code == 0 and done.summary()["left_undone"] == 0, done.err
    assert "nothing moves any more" not in done.err, done.err


def test_offsets_that_cannot_be_committed_are_told_by_the_exit_code(rig, kafka):
    rig.write([f"{number}" for number in range(10)])
    run = rig.start(SPOUT)
    run.wait_for_values(10)
    with kafka.standing_still():
        asked = time.monotonic()
        done = run.drain()
        took = time.monotonic() - asked
    assert done.code == 1 and took < 13, (took, done.err)
    assert "could not be committed within 5 s" in done.err
    assert "read: 10 messages not done, or not known to be noted as done" in done.err, done.err
    assert done.summary()["left_undone"] == 10
    # A broker that goes on takes what was sent to it meanwhile: the ten may be committed by now.
    again = rig.start(SPOUT)
    again.wait_for("reading topic")
    rig.write(["last"])
    wait_until(lambda: ["last"] in again.values(), lambda: again.err)
    done = again.drain()
    assert done.code == 0 and done.summary()["left_undone"] == 0, done.err
