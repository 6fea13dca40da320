"""What keeps a Kafka sink from writing, on a real broker: its state names broker, topic, reason and remedy, and it recovers."""

import time

import pytest
from rig import figures, wait_until

# Topics do not come into being by being written to.
THERE = "allow.auto.create.topics: false, topic.metadata.propagation.max.ms: PROPAGATION"
TEXT = """
name: ${topic}-run
config: {topology.message.timeout.secs: 10}
spouts:
  - {id: make, generate: {values: [hello], fields: [word], count: COUNT, rate: 20}, retry: {limit: forever}}
bolts:
  - {id: write, kafka: {brokers: "${brokers}", TO, properties: {PROPERTIES}}, inputs: {make: shuffle}}
"""


def text_of(to, properties="", count=1_000_000):
    return TEXT.replace("COUNT", str(count)).replace("TO", to).replace("PROPERTIES", properties)


# A client gives a topic up for good when it was missing for so long: 50 ms or 60 s.
@pytest.mark.parametrize("propagation", [50, 60_000])
def test_a_topic_that_is_missing_is_named_and_written_to_when_it_comes(rig, broker_admin, propagation):
    run = rig.start(text_of('topic: "${topic}"', THERE.replace("PROPAGATION", str(propagation))))
    run.wait_for(f"topic {rig.topic} cannot be written at {rig.address}: ")
    assert "UNKNOWN_TOPIC_OR_PART" in run.err and "create it, or correct its name; sparse keeps trying" in run.err
    time.sleep(1 if propagation == 50 else 12)
    if propagation == 60_000:
        run.wait_for(f"not delivered to topic {rig.topic} at {rig.address}: Local: Message timed out (_MSG_TIMED_OUT): topic")
    broker_admin.create(rig.topic, 2)
    run.wait_for("Kafka: all is well again")
    done = run.drain()
    assert done.code == 0, done.err
    assert len(rig.read()) >= done.component("make")["acked"] > 0
    (task,) = figures(done, "write")
    assert task["state"] == "well" and task["under_way"] == 0


def test_a_topic_of_a_field_that_is_missing_is_in_the_state_at_the_end(rig):
    run = rig.start(text_of("topic-field: word", THERE.replace("PROPAGATION", "50") + ", message.timeout.ms: 4000"))
    run.wait_for(f"topic hello cannot be written at {rig.address}: ")
    time.sleep(1)
    done = run.drain()
    (task,) = figures(done, "write")
    assert "topic hello" in task["state"] and rig.address in task["state"] and "create it" in task["state"], task


def test_brokers_that_are_not_there_are_named_and_written_to_when_they_come(rig, kafka):
    rig.write(["x"])
    run = rig.start(text_of('topic: "${topic}"'))
    wait_until(lambda: rig.read()[1:], "nothing is written")
    kafka.kill()
    run.wait_for(f"no broker of {rig.address} answers")
    assert "refused" in run.err and "check that `brokers` is right and that the broker runs; sparse keeps trying" in run.err
    run.wait_for(", partition ")
    kafka.start()
    run.wait_for("Kafka: all is well again")
    done = run.drain()
    assert done.code == 0, done.err
    assert len(rig.read()) > done.component("make")["acked"] > 0
    (task,) = figures(done, "write")
    assert task["state"] == "well"


def test_a_broker_that_was_never_there_is_in_the_state_and_in_the_reasons(rig):
    run = rig.start(text_of("topic: t", "message.timeout.ms: 5000").replace("${brokers}", "127.0.0.1:1"))
    run.wait_for("no broker of 127.0.0.1:1 answers")
    run.wait_for("not delivered to topic t at 127.0.0.1:1: Local: Message timed out (_MSG_TIMED_OUT): no broker of 127.0.0.1:1")
    done = run.drain()
    (task,) = figures(done, "write")
    assert "no broker of 127.0.0.1:1 answers" in task["state"] and "check that `brokers` is right" in task["state"], task
    assert "refused" in task["last_failure"]


def test_what_is_too_large_says_where_and_what_to_do(rig, broker_admin):
    broker_admin.create(rig.topic, 1, max_message_bytes=1000)
    done = rig.run(
        text_of('topic: "${topic}"', count=1).replace("[hello]", f"[{'x' * 5000}]").replace("limit: forever", "limit: 0")
    )
    assert done.code == 1
    where = f"not delivered to topic {rig.topic}, partition 0 at {rig.address}: Broker: Message size too large"
    assert f"{where} (MSG_SIZE_TOO_LARGE); make max.message.bytes of the topic larger" in done.err
