"""What brokers and topics do to a run, on a real broker: it says what is wrong and what to do, goes on, and loses nothing."""

import signal
import subprocess
import threading
import time

import pytest
from rig import figures, wait_until

THROUGH = """
name: ${topic}
config: {topology.message.timeout.secs: 20}
spouts:
  - {id: read, kafka: {brokers: "${brokers}", topics: "${topic}", commit-interval: 200ms}, parallelism: 2}
bolts:
  - {id: write, kafka: {brokers: "${brokers}", topic: "${topic}-out"}, inputs: {read: shuffle}}
  - {id: out, print: {}, inputs: {read: shuffle}}
"""
PRINT = """
name: ${topic}
spouts:
  - id: read
    kafka: {brokers: "${brokers}", topics: "${topic}", fields: [offset, value], commit-interval: 100ms, refresh-interval: 500ms}
bolts:
  - {id: out, print: {}, inputs: {read: shuffle}}
"""
SLOW = """
import time
from sparse_stream import Bolt


class Slow(Bolt):
    outputs = ["offset", "value"]

    def process(self, tup):
        time.sleep(0.01)
        self.emit([tup.values.offset, len(tup.values.value)])
"""


def produce_steadily(rig, count, rate):
    """A thread that writes numbers, so many a second, whatever the broker does."""
    child = rig.sparse.start("kafka", "produce", "-b", rig.address, "-t", rig.topic, stdin=-1)

    def write():
        for number in range(count):
            child.stdin.write(f"{number:06d}\n")
            if number % 100 == 0:
                child.stdin.flush()
                time.sleep(100 / rate)
        out, err = child.communicate(timeout=120)
        assert child.returncode == 0, out + err

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.parametrize("fault", ["killed", "standing still"])
def test_a_broker_that_goes_away_is_named_and_waited_for(rig, kafka, fault):
    rig.write(["x"])
    rig.write(["x"], topic=rig.topic + "-out")
    run = rig.start(THROUGH)
    run.wait_for_values(1)
    writer = produce_steadily(rig, 20_000, 4000)
    run.wait_for_values(3000)
    if fault == "killed":
        kafka.kill()
        time.sleep(3)
        kafka.start()
    else:
        with kafka.standing_still():
            time.sleep(10)
    writer.join()
    run.wait_for_values(20_001)
    run.wait_for("Kafka: all is well again")
    wait_until(lambda: all(row["lag"] == 0 for row in rig.offsets().values()), lambda: run.err)
    done = run.drain()
    assert done.code == 0, done.err
    assert f"no broker of {rig.address} answers" in done.err and "sparse keeps trying" in done.err
    assert "check that" in done.err
    out = {row["value"] for row in rig.read(topic=rig.topic + "-out")}
    assert out == {f"{number:06d}" for number in range(20_000)} | {"x"}
    offsets = rig.offsets()
    assert all(row["lag"] == 0 for row in offsets.values()), (offsets, done.err)
    assert all(task["state"] == "well" for task in figures(done, "read"))


def test_a_run_that_starts_before_its_broker(rig, kafka):
    rig.write(["early"], "-p", "0")
    kafka.kill()
    run = rig.start(PRINT)
    run.wait_for(f"no broker of {rig.address} answers")
    assert "refused" in run.err
    kafka.start()
    run.wait_for_values(1)
    assert run.drain().code == 0


def test_a_topic_that_comes_later(rig, broker_admin):
    run = rig.start(PRINT)
    run.wait_for(f"topic {rig.topic} cannot be read")
    assert f"at {rig.address}" in run.err and "waiting for it" in run.err and "create it" in run.err
    time.sleep(1)
    broker_admin.create(rig.topic, 2)
    rig.write(["one"], "-p", "0")
    rig.write(["two"], "-p", "1")
    run.wait_for_values(2)
    run.wait_for("Kafka: all is well again")
    assert run.drain().code == 0


def test_a_topic_that_is_deleted_and_made_again(rig, broker_admin):
    """The new topic is shorter than the old one, then longer: all of it is read."""
    broker_admin.create(rig.topic, 1)
    rig.write([f"old-{number}" for number in range(10)])
    run = rig.start(PRINT)
    run.wait_for_values(10)
    wait_until(lambda: rig.offsets()[0]["committed"] == 10, "nothing is committed")
    broker_admin.delete(rig.topic)
    run.wait_for(f"topic {rig.topic} cannot be read")
    broker_admin.create(rig.topic, 1)
    rig.write([f"new-{number}" for number in range(5)])
    run.wait_for_values(15)
    rig.write([f"new-{number}" for number in range(5, 20)])
    run.wait_for_values(30)
    done = run.drain()
    assert done.code == 0, done.err
    assert run.values()[10:] == [[number, f"new-{number}"] for number in range(20)]
    assert rig.offsets()[0]["committed"] == 20


def test_a_topic_that_is_made_again_between_two_looks(rig, broker_admin):
    """The new topic is longer than what was read of the old one, before anybody looks: all of it is read."""
    broker_admin.create(rig.topic, 1)
    rig.write([f"old-{number}" for number in range(10)])
    time.sleep(0.01)
    rig.write([f"old-{number}" for number in range(10, 20)])
    run = rig.start(PRINT)
    run.wait_for_values(20)
    wait_until(lambda: rig.offsets()[0]["committed"] == 20, "nothing is committed")
    time.sleep(2)  # it has looked at what it reads
    run.process.send_signal(signal.SIGSTOP)
    broker_admin.delete(rig.topic)
    broker_admin.create(rig.topic, 1)
    rig.write([f"new-{number}" for number in range(100)])
    run.process.send_signal(signal.SIGCONT)
    run.wait_for(f"topic {rig.topic} was deleted and made again")
    wait_until(lambda: [99, "new-99"] in run.values() and [0, "new-0"] in run.values(), lambda: run.err)
    wait_until(lambda: rig.offsets()[0]["committed"] == 100, lambda: run.err)
    done = run.drain()
    assert done.code == 0, done.err
    assert run.values()[-100:] == [[number, f"new-{number}"] for number in range(100)]
    assert "cannot be read" not in done.err, "it was made again before anybody looked: " + done.err


def test_messages_that_became_too_old_before_the_start_are_counted(rig, broker_admin):
    rig.write([f"{number}" for number in range(10)], "-p", "0")
    run = rig.start(PRINT)
    run.wait_for_values(10)
    assert run.drain().code == 0
    rig.write([f"{number}" for number in range(10, 60)], "-p", "0")
    broker_admin.delete_before(rig.topic, 0, 50)
    run = rig.start(PRINT)
    run.wait_for_values(10)
    done = run.drain()
    assert [offset for offset, _ in run.values()] == list(range(50, 60))
    assert f"topic {rig.topic}, partition 0" in done.err and "40 messages were never read" in done.err
    assert "retention.ms" in done.err


def test_messages_that_become_too_old_while_a_bolt_is_slow_are_counted(rig, broker_admin):
    rig.sparse.write("slow.py", SLOW)
    rig.write(["x" * 10_000] * 2000, "-p", "0")
    text = PRINT.replace("fields:", "prefetch: 64, fields:").replace("read: shuffle", "slow: shuffle")
    text = text.replace("bolts:", "bolts:\n  - {id: slow, python: slow.Slow, inputs: {read: shuffle}}")
    run = rig.start(text, "-o", "topology.max.spout.pending=20")
    run.wait_for_values(100)
    broker_admin.delete_before(rig.topic, 0, 1950)
    run.wait_for("never read")
    wait_until(lambda: run.values()[-1][0] == 1999, lambda: run.err)
    done = run.drain()
    assert done.code == 0, done.err
    seen = [offset for offset, _ in run.values()]
    assert set(range(1950, 2000)) <= set(seen) and len(seen) == len(set(seen))
    assert rig.offsets()[0]["committed"] == 2000


def test_a_wrong_address_is_named_with_what_to_do(rig):
    run = rig.start(PRINT.replace("${brokers}", "127.0.0.1:1"))
    run.wait_for("no broker of 127.0.0.1:1 answers")
    run.wait_for("check that")
    done = run.drain()
    assert done.code == 0
    (task,) = figures(done, "read")
    assert "127.0.0.1:1" in task["state"] and task["lag"] is None and "lag" not in run.err, run.err


SASL = "properties: {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: ann, sasl.password: PASS}, "


def test_a_broker_that_wants_another_protocol_is_told_from_one_that_is_not_there(rig):
    run = rig.start(PRINT.replace("fields:", SASL.replace("PASS", "hush") + "fields:"))
    run.wait_for("answers (sasl_plaintext://" + rig.address)
    done = run.drain()
    (task,) = figures(done, "read")
    assert "not valid in current SASL state" in task["state"] and "check sasl.mechanism" in task["state"]
    assert "hush" not in done.err + done.out


def test_a_password_that_is_refused_is_named_but_not_shown(rig, kafka):
    rig.write(["x"])
    text = PRINT.replace("${brokers}", kafka.guarded)
    run = rig.start(text.replace("fields:", SASL.replace("PASS", "wrong-one") + "fields:"))
    run.wait_for("sasl.username and sasl.password")
    done = run.drain()
    assert "_AUTHENTICATION" in done.err and kafka.guarded in done.err and "sparse keeps trying" in done.err
    assert "wrong-one" not in done.err + done.out
    run = rig.start(text.replace("fields:", SASL.replace("PASS", "{env: HUSH}") + "fields:"), HUSH="right")
    run.wait_for_values(1)
    done = run.drain()
    assert done.code == 0 and "right" not in done.err + done.out


def test_the_end_of_a_topic_may_be_what_a_transaction_has_left(rig, root):
    """Its last offsets are marks that no consumer ever sees."""
    words = "--num-records 100 --record-size 10 --throughput 1000 --transactional-id x --transaction-duration-ms 20"
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-cp", f"{root}/build/kafka/jars/*"]
    producer = "org.apache.kafka.tools.ProducerPerformance"
    words = [*words.split(), "--topic", rig.topic, "--command-property", f"bootstrap.servers={rig.address}"]
    done = subprocess.run([*java, producer, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    done = rig.run(PRINT.replace("fields:", "until: end, fields:"))
    assert done.code == 0 and len(done.rows()) == 100, done.err
    rows = rig.offsets().values()
    assert all(row["lag"] == 0 for row in rows) and sum(row["high"] for row in rows) > 100
