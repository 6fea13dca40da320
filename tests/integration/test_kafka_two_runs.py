"""Two who commit in one group, on a real broker: the older run stops aloud, nothing is lost; `offsets --set` beside a run."""

import signal
import time

from rig import figures, wait_until

PRINT = """
name: ${topic}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", commit-interval: 200ms}, parallelism: 2}
bolts:
  - {id: slow, python: parts.Slow, inputs: {read: shuffle}}
  - {id: out, print: {}, inputs: {slow: shuffle}}
"""
SLOW = """
import time
from sparse_stream import Bolt


class Slow(Bolt):
    outputs = ["value"]
    auto_ack = False

    def process(self, tup):
        time.sleep(0.0005)
        self.emit([tup.values[0]])
        if tup.values[0] != "stuck":
            self.ack(tup)
"""
TOO = "and began later (attempt {})"
WHAT_TO_DO = "give one of them a `group` of its own"


def numbers(first, end):
    return [f"{number:08d}" for number in range(first, end)]


def values(*runs):
    return {value for run in runs for (value,) in run.values()}


def set_offsets(rig, *words):
    return rig.sparse("kafka", "offsets", "x.yaml", "--set", *words, *rig.variables())


def started(rig, name="x.yaml"):
    """A run that has committed where it begins."""
    rig.sparse.write("parts.py", SLOW)
    run = rig.start(PRINT, name=name)
    run.wait_for("reading topic")
    wait_until(lambda: all(row["committed"] is not None for row in rig.offsets().values()), lambda: run.err)
    return run


def test_the_older_of_two_runs_stops_aloud_and_nothing_is_lost(rig):
    rig.write(numbers(0, 10_000))
    older = started(rig)
    older.wait_for_values(500)
    younger = rig.start(PRINT)
    done = older.wait()
    assert done.code == 1, done.err
    assert TOO.format(2) in done.err and WHAT_TO_DO in done.err, done.err
    assert f"the topology {rig.topic}-" in done.err and f"in the group {rig.topic}" in done.err
    rig.write(numbers(10_000, 10_100))
    everything = set(numbers(0, 10_100))
    wait_until(lambda: values(older, younger) >= everything, lambda: younger.err)
    done = younger.drain()
    assert done.code == 0, done.err
    assert len(older.values()) < 10_000 and values(older, younger) == everything
    assert all(row["lag"] == 0 for row in rig.offsets().values()), done.err
    third = rig.start(PRINT)
    rig.write(["last"])
    third.wait_for_values(1)
    assert third.drain().code == 0 and third.values() == [["last"]]


def test_an_idle_run_stops_when_another_begins(rig):
    rig.write(numbers(0, 10))
    older = started(rig)
    older.wait_for_values(10)
    time.sleep(1)
    younger = rig.start(PRINT)
    done = older.wait(20)
    assert done.code == 1 and TOO.format(2) in done.err, done.err
    rig.write(["more"])
    younger.wait_for_values(1)
    assert younger.drain().code == 0 and younger.values() == [["more"]]


def test_of_runs_that_begin_together_one_goes_on(rig):
    rig.write(numbers(0, 2000))
    rig.sparse.write("parts.py", SLOW)
    runs = [rig.start(PRINT, name=name) for name in ("x.yaml", "y.yaml", "z.yaml")]
    alive = lambda: [run for run in runs if run.process.poll() is None]
    wait_until(lambda: len(alive()) <= 1, "several go on")
    (survivor,) = alive()
    wait_until(lambda: values(*runs) >= set(numbers(0, 2000)), lambda: survivor.err)
    rig.write(["last"])
    wait_until(lambda: ["last"] in survivor.values(), lambda: survivor.err)
    assert survivor.drain().code == 0
    for run in runs:
        done = run.wait()
        assert run is survivor or (done.code == 1 and WHAT_TO_DO in done.err), done.err
    assert all(row["lag"] == 0 for row in rig.offsets().values())


def test_offsets_are_not_set_beside_an_idle_or_a_stuck_run(rig):
    rig.write(numbers(0, 10), "-p", "0")
    run = started(rig)
    run.wait_for_values(10)
    wait_until(lambda: rig.offsets()[0]["committed"] == 10, lambda: run.err)
    rig.write(["stuck"], "-p", "1")
    run.wait_for_values(11)
    time.sleep(1)
    before = rig.offsets()
    for words in (["start"], ["start", "-p", "0"], ["start", "-p", "1"]):
        done = set_offsets(rig, *words)
        assert done.code == 1 and "nothing was set" in done.err and "End it first" in done.err, done.err
        assert f"the topology {rig.topic}-" in done.err
    wait_until(lambda: rig.offsets() == before, lambda: f"{before}\n{rig.offsets()}\n{run.err}")
    rig.write(["more"], "-p", "0")
    run.wait_for_values(12)
    assert "has committed the offset" not in run.err, "a question is no trouble"
    run.kill()
    done = set_offsets(rig, "start")
    assert done.code == 0 and "no run has answered for 5 s" in done.err, done.err


def test_a_run_that_could_not_answer_finds_what_was_set_and_stops(rig):
    rig.write(numbers(0, 100), "-p", "0")
    run = started(rig)
    run.wait_for_values(100)
    wait_until(lambda: rig.offsets()[0]["committed"] == 100, lambda: run.err)
    run.process.send_signal(signal.SIGSTOP)
    done = set_offsets(rig, "40")
    assert done.code == 0, done.err
    run.process.send_signal(signal.SIGCONT)
    done = run.wait(20)
    assert done.code == 1 and '"sparse kafka offsets --set" has set the offset' in done.err, done.err
    assert rig.offsets()[0]["committed"] == 40
    again = rig.start(PRINT)
    again.wait_for_values(60)
    done = again.drain()
    assert done.code == 0 and values(again) == set(numbers(40, 100)), done.err
    assert {task["state"] for task in figures(done, "read")} == {"well"}
