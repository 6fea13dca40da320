"""Messages that nothing can be done with, on a real broker: dead letters, their way back, and the brake when there are many."""

import time

import admin
from rig import Rig, figures, wait_until

REFUSE = """
from sparse_stream import Bolt


class Refuse(Bolt):
    outputs = ["value"]

    def process(self, tup):
        value = str(tup.values[0])
        if value.startswith("bad") and not self.options.get("mended"):
            raise ValueError("I do not take " + value)
        self.emit([value])
"""
READ = """
name: ${topic}
spouts:
  - id: read
    kafka: {brokers: "${brokers}", topics: "${topic}", null-values: fail, commit-interval: 100ms}
    retry: {limit: 2, delay: 10ms}
    dead-letter: "${topic}-dead"
bolts:
  - {id: refuse, python: refuse.Refuse, with: {}, inputs: {read: shuffle}}
  - {id: out, print: {}, inputs: {refuse: shuffle}}
"""


def headers(row):
    return {each["name"]: each["value"] for each in row["headers"]}


def test_each_kind_of_poison_is_dead_lettered_and_can_be_replayed(rig):
    rig.sparse.write("refuse.py", REFUSE)
    rig.write(["good-1", "bad-1"], "-p", "1", "-H", "trace=7")
    rig.write_bytes(b"\xff\xfe broken\n", "-p", "1")
    rig.write(["k:"], "-K", ":", "--null", "-p", "1")
    rig.write(["good-2"], "-p", "1")
    run = rig.start(READ)
    run.wait_for_values(2)
    wait_until(lambda: run.err.count("failed for good") == 3, lambda: run.err)
    done = run.drain()
    assert done.code == 0, done.err
    assert run.values() == [["good-1"], ["good-2"]]
    (task,) = figures(done, "read")
    assert (task["dead_letters"], task["undecodable"]) == (3, 6), done.err
    assert rig.offsets()[1]["committed"] == 5
    dead = sorted(rig.read(topic=rig.topic + "-dead"), key=lambda row: int(headers(row)["sparse-offset"]))
    bad, broken, null = dead
    assert bad["value"] == "bad-1" and headers(bad)["trace"] == "7"
    assert "I do not take bad-1" in headers(bad)["sparse-reason"]
    assert broken["value"] == {"base64": "//4gYnJva2Vu"} and "not UTF-8" in headers(broken)["sparse-reason"]
    assert (null["key"], null["value"]) == ("k", None) and "null" in headers(null)["sparse-reason"]
    for row in dead:
        assert (headers(row)["sparse-topic"], headers(row)["sparse-partition"]) == (rig.topic, "1")
        assert (headers(row)["sparse-topology"], headers(row)["sparse-component"]) == (rig.topic, "read")
    assert "read: lag 0, 3 dead letters" in done.err

    back = rig.sparse("kafka", "replay", rig.topic + "-dead", "-b", rig.address)
    assert back.code == 0 and f"3 of 3 dead letters sent back: 3 to {rig.topic}" in back.err, back.err
    mended = READ.replace("null-values: fail", "format: bytes, null-values: skip").replace("with: {}", "with: {mended: true}")
    run = rig.start(mended)
    run.wait_for_values(2)
    assert run.drain().code == 0
    assert sorted(value for (value,) in run.values()) == ["b'\\xff\\xfe broken'", "b'bad-1'"]
    again = [row for row in rig.read("-p", "1") if row["offset"] >= 5]
    assert {str(row["value"]): headers(row) for row in again}["bad-1"] == {"trace": "7"}


def test_broken_json_is_dead_lettered_with_what_is_wrong(rig):
    rig.write(['{"a": 1}', '{"a": ', "[" * 500, "7"], "-p", "0")
    text = READ.replace("null-values: fail", "format: json, fields: [a]").replace("refuse: shuffle", "read: shuffle")
    run = rig.start(text.replace("  - {id: refuse, python: refuse.Refuse, with: {}, inputs: {read: shuffle}}\n", ""))
    wait_until(lambda: run.err.count("failed for good") == 3, lambda: run.err)
    assert run.drain().code == 0
    assert run.values() == [[1]]
    reasons = sorted(headers(row)["sparse-reason"] for row in rig.read(topic=rig.topic + "-dead"))
    assert any("no JSON" in each for each in reasons) and any("levels" in each for each in reasons)
    assert any("no object" in each for each in reasons)


def test_a_record_that_the_next_topic_does_not_take_is_a_dead_letter_too(rig, broker_admin):
    broker_admin.create(rig.topic + "-out", 1, max_message_bytes=2000)
    rig.write(["small", "x" * 5000, "small"], "-p", "0")
    run = rig.start(
        """
name: ${topic}
spouts:
  - id: read
    kafka: {brokers: "${brokers}", topics: "${topic}"}
    retry: {limit: 2, delay: 10ms}
    dead-letter: "${topic}-dead"
bolts:
  - {id: write, kafka: {brokers: "${brokers}", topic: "${topic}-out"}, inputs: {read: shuffle}}
"""
    )
    run.wait_for("failed for good")
    assert run.drain().code == 0
    (dead,) = rig.read(topic=rig.topic + "-dead")
    assert "MSG_SIZE_TOO_LARGE" in headers(dead)["sparse-reason"] and dead["value"] == "x" * 5000
    assert [row["value"] for row in rig.read(topic=rig.topic + "-out")] == ["small", "small"]
    assert rig.offsets()[0]["committed"] == 3


def test_a_dead_letter_whose_topic_is_missing_is_in_the_state_and_written_when_the_topic_is_there(
    run_sparse, strict_kafka, topic
):
    rig = Rig(run_sparse, strict_kafka.address, topic)
    rig.sparse.write("refuse.py", REFUSE)
    with admin.Admin(strict_kafka.address) as client:
        client.create(topic, 1)
        rig.write(["bad", "good"])
        text = READ.replace('"${topic}-dead"', '"${topic}-dead"\n    parallelism: 2')
        run = rig.start(text)
        try:
            run.wait_for("failed for good")
            run.wait_for(f"DEGRADED: 1 dead letter cannot be written to topic {topic}-dead", 40)
            done = run.drain()
            states = [task["state"] for task in figures(done, "read")]
            (state,) = [each for each in states if each != "well"]
            assert f"that of topic {topic}, partition 0, offset 0" in state and "UNKNOWN_TOPIC" in state, state
            assert "create it, or correct its name" in state and f"read: lag 2; {state}" in done.err, done.err
            assert rig.offsets()[0]["committed"] == 0
            run = rig.start(text)
            run.wait_for("UNKNOWN_TOPIC", 40)
            client.create(topic + "-dead", 1)
            run.wait_for(f"dead letters are written to topic {topic}-dead again", 40)
            done = run.drain()
        finally:
            rig.end()
    assert {task["state"] for task in figures(done, "read")} == {"well"}
    assert rig.offsets()[0]["committed"] == 2
    assert [row["value"] for row in rig.read(topic=topic + "-dead")] == ["bad"]


def test_a_dead_letter_that_the_broker_refuses_is_in_the_state_with_its_reason(rig, broker_admin):
    rig.sparse.write("refuse.py", REFUSE)
    broker_admin.create(rig.topic + "-dead", 1, max_message_bytes=2000)
    rig.write(["bad" + "x" * 3000, "bad", "good"], "-p", "0")
    run = rig.start(READ)
    run.wait_for("1 dead letter cannot be written")
    wait_until(lambda: rig.read(topic=rig.topic + "-dead"), lambda: run.err)
    done = run.drain()
    (task,) = figures(done, "read")
    assert "offset 0" in task["state"] and "MSG_SIZE_TOO_LARGE" in task["state"], task
    assert "max.message.bytes" in task["state"] and task["dead_letters"] == 1, task
    assert rig.offsets()[0]["committed"] == 0


def test_too_much_poison_pauses_the_spout(rig):
    rig.sparse.write("refuse.py", REFUSE)
    rig.write([f"bad-{number}" for number in range(20)] + ["good"] * 20, "-p", "0")
    run = rig.start(READ.replace("limit: 2", "limit: 0"), "-o", "topology.max.spout.pending=10")
    run.wait_for("DEGRADED")
    rig.write(["good"] * 1000, "-p", "0")
    time.sleep(1.5)
    done = run.drain()
    assert done.code == 0, done.err
    assert "DEGRADED: over 5 %" in done.err and "pausing" in done.err
    (task,) = figures(done, "read")
    assert task["state"].startswith("DEGRADED") and 10 <= task["dead_letters"] <= 20
    assert rig.offsets()[0]["committed"] == task["dead_letters"] + len(run.values()) < 100
