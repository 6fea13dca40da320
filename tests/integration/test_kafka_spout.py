"""The Kafka spout in `sparse run`, on a real broker: every message once, where reading begins, what is committed, memory."""

import time

import pytest
from rig import figures

PRINT = """
name: ${topic}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", fields: [partition, offset, value]}, parallelism: 2}
bolts:
  - {id: out, print: {}, inputs: {read: shuffle}}
"""
UNTIL_END = """
name: ${topic}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", start: "START", until: end}}
bolts:
  - {id: out, print: {}, inputs: {read: shuffle}}
"""
SLOW = """
import time
from sparse_stream import Bolt


class Slow(Bolt):
    outputs = ["value"]

    def process(self, tup):
        time.sleep(self.options["seconds"])
        self.emit([tup.values[0]])
"""
KEEP_ONE = """
from sparse_stream import Bolt


class Keep(Bolt):
    outputs = ["offset"]
    auto_ack = False

    def process(self, tup):
        self.emit([tup.values.offset], anchors=[])
        if tup.values.offset != 7:
            self.ack(tup)
"""


def slowly(text, seconds):
    """The values alone, through a bolt that takes its time over each."""
    text = text.replace("[partition, offset, value]", "[value]").replace("read: shuffle", "slow: shuffle")
    slow = f"  - {{id: slow, python: parts.Slow, with: {{seconds: {seconds}}}, inputs: {{read: shuffle}}}}"
    return text.replace("bolts:", "bolts:\n" + slow)


def numbers(first, end):
    return [f"{number:08d}" for number in range(first, end)]


def test_every_message_once_and_a_restart_begins_exactly_after(rig):
    rig.write(numbers(0, 20_000))
    run = rig.start(PRINT)
    run.wait_for_values(20_000)
    rig.write(numbers(20_000, 30_000))
    run.wait_for_values(30_000)
    done = run.drain()
    assert done.code == 0, done.err
    assert sorted(value for _, _, value in run.values()) == numbers(0, 30_000)
    for partition in range(4):
        offsets = [offset for of, offset, _ in run.values() if of == partition]
        assert offsets == list(range(len(offsets)))
    ends = {row["partition"]: row["high"] for row in rig.offsets().values()}
    assert {number: row["committed"] for number, row in rig.offsets().items()} == ends and sum(ends.values()) == 30_000
    rig.write(numbers(30_000, 31_000))
    again = rig.start(PRINT)
    again.wait_for_values(1000)
    done = again.drain()
    assert sorted(value for _, _, value in again.values()) == numbers(30_000, 31_000), done.err
    rows = [each for task in figures(done, "read") for each in task["partitions"]]
    assert sorted(each["partition"] for each in rows) == [0, 1, 2, 3]
    assert all(each["lag"] == 0 and each["uncommitted"] == 0 for each in rows)


def test_ctrl_c_in_the_middle_of_a_backlog_splits_it_exactly(rig):
    rig.write(numbers(0, 5000))
    seen = []
    for count in (500, 500):
        run = rig.start(slowly(PRINT, 0.0005), "-o", "topology.max.spout.pending=200")
        run.wait_for_values(count)
        done = run.drain()
        assert done.code == 0, done.err
        seen += [value for (value,) in run.values()]
        assert len(seen) == sum(row["committed"] or 0 for row in rig.offsets().values()), done.err
    assert len(seen) < 5000
    run = rig.start(slowly(PRINT, 0))
    run.wait_for_values(5000 - len(seen))
    run.drain()
    assert sorted(seen + [value for (value,) in run.values()]) == numbers(0, 5000)


@pytest.fixture(autouse=True)
def parts(run_sparse):
    """The Python bolts above."""
    run_sparse.write("parts.py", SLOW + KEEP_ONE)


@pytest.mark.parametrize(
    "start, fresh, resumed",
    [
        ("uncommitted-earliest", "abcd", "cd"),
        ("uncommitted-latest", "", "cd"),
        ("earliest", "abcd", "abcd"),
        ("latest", "", ""),
        ("@TIME", "d", "d"),
    ],
)
def test_where_reading_begins(rig, broker_admin, start, fresh, resumed):
    rig.write("abc", "-p", "1")
    if "TIME" in start:
        time.sleep(0.01)
        start = start.replace("TIME", str(int(time.time() * 1000)))
        time.sleep(0.01)
    rig.write("d", "-p", "1")
    text = UNTIL_END.replace("START", start)
    done = rig.run(text.replace("name: ${topic}", "name: ${topic}-2"))
    assert (done.code, "".join(row["values"][0] for row in done.rows())) == (0, fresh), done.err
    broker_admin.commit(rig.topic, rig.topic, 1, 2)
    done = rig.run(text)
    assert (done.code, "".join(row["values"][0] for row in done.rows())) == (0, resumed), done.err


def test_a_run_that_read_nothing_has_a_place_all_the_same(rig):
    text = UNTIL_END.replace("START", "uncommitted-latest")
    rig.write(numbers(0, 100))
    assert rig.run(text).rows() == []
    rig.write(numbers(100, 110))
    done = rig.run(text)
    assert sorted(row["values"][0] for row in done.rows()) == numbers(100, 110), done.err


def test_offsets_by_the_topology_file(rig):
    rig.write(numbers(0, 100), "-p", "0")
    assert rig.run(UNTIL_END.replace("START", "earliest")).code == 0
    row = rig.offsets()[0]
    assert (row["committed"], row["low"], row["high"], row["lag"]) == (100, 0, 100, 0)
    assert row["topology"].startswith(rig.topic + "-")
    by_name = UNTIL_END.replace("name: ${topic}", f"name: {rig.topic}").replace("START", "earliest")
    rig.sparse.write("topologies/other.yaml", by_name)
    for name in ["x", "x.yaml", rig.topic]:
        by_name = rig.sparse("kafka", "offsets", "-n", name, *rig.variables())
        assert by_name.code == 0 and rig.topic in by_name.out, by_name.err
    moved = rig.sparse("kafka", "offsets", "x.yaml", "--set", "-5", *rig.variables())
    assert moved.code == 0 and "its next run begins there" in moved.err
    done = rig.run(UNTIL_END.replace("START", "uncommitted-latest"))
    assert [row["values"][0] for row in done.rows()] == numbers(95, 100)


def test_offsets_are_not_set_under_a_spout_that_moves(rig):
    rig.write(numbers(0, 10))
    run = rig.start(PRINT)
    run.wait_for_values(10)
    stop = time.monotonic() + 3
    asking = rig.sparse.start("kafka", "offsets", "x.yaml", "--set", "earliest", *rig.variables())
    while time.monotonic() < stop:
        rig.write(["more"])
    out, err = asking.communicate(timeout=60)
    assert asking.returncode == 1 and "nothing was set" in err and "End it first" in err, out + err
    run.drain()


def test_topics_and_partitions_that_come_later_are_read_from_their_beginning(rig, broker_admin):
    """Even if reading begins at the latest: what is written before sparse has seen them came while it ran."""
    one, two = rig.topic + "-one", rig.topic + "-two"
    broker_admin.create(one, 1)
    rig.write(["old"], topic=one)
    text = PRINT.replace('topics: "${topic}"', 'pattern: "${topic}-[a-z]+", start: latest, refresh-interval: 1s')
    run = rig.start(text)
    run.wait_for(f"reading topic {one}, partition 0 from offset 1")
    broker_admin.add_partitions(one, 3)
    broker_admin.create(two, 2)
    rig.write(["new-1"], "-p", "1", topic=one)
    rig.write(["new-2"], "-p", "2", topic=one)
    rig.write(["new-3"], "-p", "1", topic=two)
    run.wait_for_values(3)
    assert run.drain().code == 0
    assert sorted(value for _, _, value in run.values()) == ["new-1", "new-2", "new-3"]


def test_at_most_once_repeats_nothing_after_a_kill_and_loses_nothing_by_ctrl_c(rig):
    # More than two lives can have under way, and so have committed, at a millisecond a message.
    rig.write(numbers(0, 30_000), "-p", "0")
    text = slowly(PRINT.replace("fields:", "guarantee: at-most-once, fields:"), 0.001)
    run = rig.start(text, "-o", "topology.max.spout.pending=100")
    run.wait_for_values(100)
    run.kill()
    killed = [value for (value,) in run.values()]
    run = rig.start(text, "-o", "topology.max.spout.pending=100")
    run.wait_for_values(100)
    assert run.drain().code == 0
    rest = [value for (value,) in run.values()]
    run = rig.start(text.replace("0.001", "0"))
    run.wait_for_values(30_000 - int(rest[-1]) - 1)
    run.drain()
    rest += [value for (value,) in run.values()]
    assert rest == numbers(int(rest[0]), 30_000)
    assert killed == numbers(0, len(killed)) and killed[-1] < rest[0]


def test_a_partition_waits_when_too_much_is_uncommitted(rig):
    rig.write(numbers(0, 1000), "-p", "0")
    text = PRINT.replace("fields:", "max-uncommitted: 50, commit-interval: 100ms, fields:")
    text = text.replace("read: shuffle", "keep: shuffle")
    text = text.replace("bolts:", "bolts:\n  - {id: keep, python: parts.Keep, inputs: {read: shuffle}}")
    run = rig.start(text)
    run.wait_for_values(57)
    time.sleep(0.5)
    assert sorted(number for (number,) in run.values()) == list(range(57))
    assert rig.offsets("-p", "0")[0]["committed"] == 7, run.err
    # The table says so: how far, and what holds it.
    run.wait_for("partition 0 is stuck at offset 7: its tree does not complete for", 20)
    run.wait_for("nothing later is emitted, since `max-uncommitted` (50) holds the partition")
    run.kill()


def test_a_json_value_gives_fields_and_headers_are_a_map(rig):
    rig.write(['k:{"user": "ann", "n": 1.5, "tags": ["x"]}', "l:"], "-K", ":", "--null", "-H", "trace=7", "-p", "3")
    text = UNTIL_END.replace("START", "earliest").replace(
        "until: end", "until: end, format: json, fields: [key, user, n, tags, missing, headers, partition, offset]"
    )
    done = rig.run(text)
    assert [row["values"] for row in done.rows()] == [
        ["k", "ann", 1.5, ["x"], None, {"trace": "7"}, 3, 0],
        ["l", None, None, None, None, {"trace": "7"}, 3, 1],
    ], done.err


def test_memory_is_small_when_idle_and_flat_with_a_backlog(rig):
    rig.write(["x"])
    run = rig.start(PRINT)
    run.wait_for_values(1)
    time.sleep(0.5)
    assert run.memory() < 60
    run.drain()
    rig.write(["x" * 1000] * 120_000)
    run = rig.start(slowly(PRINT, 0.0001))
    run.wait_for_values(5000)
    early = run.memory("VmRSS")
    run.wait_for_values(65_000)  # 60 MB have gone through, and allocators keep up to 8 MB of what they are given back
    assert run.memory() < 150 and run.memory("VmRSS") < early + 15, f"{early:.0f} MB, then {run.memory('VmRSS'):.0f} MB"
    run.kill()
