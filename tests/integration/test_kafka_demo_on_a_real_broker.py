"""deploy/demo --real-kafka: the same topology file, with one line changed, against a broker that it starts and stops."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kafka_demo  # noqa: E402


def test_the_same_file_counts_on_a_real_kafka(root, sparse, tmp_path):
    done = kafka_demo.run(root, sparse, tmp_path, "--real-kafka")
    kafka_demo.check(root, done)
    before = (root / "topologies/wordcount/kafka.yaml").read_text().splitlines()
    after = (tmp_path / "changed/wordcount/kafka.yaml").read_text().splitlines()
    assert len(before) == len(after) and sum(a != b for a, b in zip(before, after)) == 1
    status = subprocess.run([root / "deploy/kafka", "status", "--dir", tmp_path / "kafka"], capture_output=True, text=True)
    assert status.returncode == 1 and "no broker runs there" in status.stderr
