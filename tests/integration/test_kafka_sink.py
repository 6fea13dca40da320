"""The Kafka sink in `sparse run`, on a real broker: what a record is made of, when a tuple is acked, what fails, pressure."""

import time

from rig import figures

GENERATE = """
name: ${topic}-run
config: {topology.message.timeout.secs: 30}
spouts:
  - {id: make, generate: {values: VALUES, fields: FIELDS, count: COUNT}, retry: {limit: 0}}
bolts:
  - {id: write, kafka: {brokers: "${brokers}", OPTIONS}, inputs: {make: shuffle}}
"""


def generate(values, fields, count, options):
    text = GENERATE.replace("VALUES", values).replace("FIELDS", fields).replace("COUNT", str(count))
    return text.replace("OPTIONS", options)


def test_all_parts_of_a_record_come_from_fields(rig):
    rig.write(["x"], "-p", "0", topic=rig.topic + "-a")
    rig.write(["x"], "-p", "0", topic=rig.topic + "-b")
    values = """[["${topic}-a", k, 2, {trace: "7", none: null, n: 5}, text],
                 ["${topic}-b", null, 3, {}, {n: 1, list: [a, 2.5, true]}],
                 ["${topic}-b", 17, 3, {}, null]]"""
    options = "topic-field: to, key: key, partition: part, headers: heads, value: what"
    done = rig.run(generate(values, "[to, key, part, heads, what]", 3, options))
    assert done.code == 0, done.err
    (row,) = rig.read("-p", "2", topic=rig.topic + "-a")
    heads = {each["name"]: each["value"] for each in row["headers"]}
    assert (row["key"], row["value"], heads) == ("k", "text", {"trace": "7", "none": None, "n": "5"})
    rows = rig.read("-p", "3", topic=rig.topic + "-b")
    assert [(row["key"], row["value"]) for row in rows] == [(None, '{"n":1,"list":["a",2.5,true]}'), ("17", None)]


def test_several_fields_without_value_are_a_list_and_the_same_key_goes_to_one_partition(rig):
    rig.write(["x"])
    done = rig.run(generate("[[a, 1], [b, 2]]", "[word, n]", 1000, 'topic: "${topic}", key: word'))
    assert done.code == 0, done.err
    rows = [row for row in rig.read() if row["key"]]
    assert sorted(row["value"] for row in rows) == ['["a",1]'] * 500 + ['["b",2]'] * 500
    for key in "ab":
        assert len({row["partition"] for row in rows if row["key"] == key}) == 1


def test_tuples_are_acked_when_the_broker_has_them_and_pressure_reaches_the_spout(rig, kafka):
    """A broker that stands still: nothing is acked, no more is made than fits, and then all arrives once."""
    rig.write(["x"])
    options = 'topic: "${topic}", properties: {queue.buffering.max.messages: 500}'
    text = generate("[hello]", "[word]", 20_000, options).replace("limit: 0", "limit: 3")
    with kafka.standing_still():
        run = rig.start(text, "-o", "topology.max.spout.pending=5000")
        time.sleep(3)
        assert run.process.poll() is None, run.err
    done = run.wait()
    assert done.code == 0, done.err
    assert [row["value"] for row in rig.read()].count("hello") == 20_000
    (task,) = figures(done, "write")
    assert (task["delivered"], task["failed"], task["under_way"]) == (20_000, 0, 0)
    assert done.component("make")["complete_ms"]["max"] > 1000


def test_what_the_broker_refuses_fails_with_its_reason(rig, broker_admin):
    broker_admin.create(rig.topic, 2, max_message_bytes=1000)
    big = "x" * 5000
    # Each in a partition of its own, and so in a batch of its own: batches are refused as a whole.
    options = 'topic: "${topic}", value: word, partition: part'
    done = rig.run(generate(f"[[small, 0], [{big}, 1]]", "[word, part]", 2, options))
    assert done.code == 1
    assert done.component("make")["failed_for_good"] == 1
    assert f"not delivered to topic {rig.topic}" in done.err and "MSG_SIZE_TOO_LARGE" in done.err
    assert [row["value"] for row in rig.read()] == ["small"]


def test_a_partition_that_is_not_there_is_named(rig):
    rig.write(["x"])
    done = rig.run(generate("[[a, 99]]", "[word, part]", 1, 'topic: "${topic}", value: word, partition: part'))
    assert done.code == 1
    assert f"topic {rig.topic}, partition 99" in done.err and "UNKNOWN_PARTITION" in done.err


def test_ctrl_c_waits_for_what_is_under_way(rig):
    rig.write(["x"])
    options = 'topic: "${topic}", properties: {linger.ms: 1500}'
    run = rig.start(generate("[hello]", "[word]", 100_000_000, options).replace("count:", "rate: 2000, count:"))
    time.sleep(1.2)
    done = run.drain()
    assert done.code == 0, done.err
    made = done.component("make")
    assert made["acked"] == made["emitted"] > 500
    assert [row["value"] for row in rig.read()].count("hello") == made["emitted"]


def test_without_guarantee_tuples_are_acked_at_once_and_flushed_at_the_end(rig):
    rig.write(["x"])
    options = 'topic: "${topic}", guarantee: none, properties: {linger.ms: 500}'
    done = rig.run(generate("[hello]", "[word]", 5000, options))
    assert done.code == 0, done.err
    assert done.component("make")["complete_ms"]["p50"] < 400
    assert [row["value"] for row in rig.read()].count("hello") == 5000


def test_a_sink_that_reaches_no_broker_says_so_and_its_trees_fail_with_the_reason(rig):
    text = generate("[hello]", "[word]", 1, 'topic: "${topic}", properties: {message.timeout.ms: 1500}')
    done = rig.run(text.replace("${brokers}", "127.0.0.1:1"))
    assert done.code == 1
    assert "127.0.0.1:1" in done.err and "keeps trying" in done.err
    assert "not delivered to topic " + rig.topic in done.err and "_MSG_TIMED_OUT" in done.err


def test_from_topic_to_topic_all_arrives_once(rig):
    rig.write([f"{number:06d}" for number in range(50_000)])
    rig.write(["x"], topic=rig.topic + "-out")
    text = """
name: ${topic}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", until: end}, parallelism: 2}
bolts:
  - {id: write, kafka: {brokers: "${brokers}", topic: "${topic}-out"}, inputs: {read: shuffle}, parallelism: 2}
"""
    done = rig.run(text)
    assert done.code == 0, done.err
    values = sorted(row["value"] for row in rig.read(topic=rig.topic + "-out"))
    assert values == [f"{number:06d}" for number in range(50_000)] + ["x"]
    assert sum(row["committed"] for row in rig.offsets().values()) == 50_000
