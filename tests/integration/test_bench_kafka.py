"""The Kafka cases of the bench, as far as they are quick: with a broker that comes and goes with them."""

import json
import subprocess


def test_cases_with_a_broker_of_their_own_have_figures(root):
    words = ["kafka-latency", "kafka-idle", "kafka-sink", "--seconds", "1", "--pairs", "1", "--json-only"]
    done = subprocess.run([root / "bench/run", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = {(line["case"], line["metric"]): line for line in lines if line["case"].startswith("kafka-")}
    assert list(found) == [
        ("kafka-latency", "p50"),
        ("kafka-latency", "p99"),
        ("kafka-idle", "memory"),
        ("kafka-idle", "cores"),
        ("kafka-sink", "throughput"),
    ]
    assert 0 < found["kafka-latency", "p50"]["value"] <= found["kafka-latency", "p99"]["value"]
    assert found["kafka-sink", "throughput"]["limit"] > 0 and found["kafka-sink", "throughput"]["limit_share"] > 0
    assert not (root / "build/bench/kafka").exists(), "the broker's data are still there"
