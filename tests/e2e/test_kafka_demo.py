"""The word count on Kafka, with the embedded broker: what deploy/demo shows, and that it would show mistakes."""

import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kafka_demo  # noqa: E402


@pytest.fixture
def folder(root, tmp_path):
    """A copy of the topology's folder, to be changed."""
    made = tmp_path / "wordcount"
    return shutil.copytree(root / "topologies/wordcount", made, ignore=shutil.ignore_patterns("__pycache__"))


def test_the_counts_in_the_topic_are_those_of_the_text(root, sparse, tmp_path):
    done = kafka_demo.run(root, sparse, tmp_path)
    kafka_demo.check(root, done)
    assert "the broker is at 127.0.0.1:" in done.stderr


def test_counts_that_are_wrong_are_said(root, sparse, tmp_path, folder):
    words = (folder / "words.py").read_text()
    assert "self.emit([word])" in words
    (folder / "words.py").write_text(words.replace("self.emit([word])", "self.emit([word.replace('Rome', 'Room')])"))
    done = kafka_demo.run(root, sparse, tmp_path, folder=folder)
    assert done.returncode == 1
    assert "the counts are WRONG" in done.stderr and "Rome: 0 in the topic, " in done.stderr
    assert "right:" not in done.stdout


def test_a_run_that_ends_early_is_said(root, sparse, tmp_path, folder):
    (folder / "kafka.yaml").write_text("name: x\n")
    done = kafka_demo.run(root, sparse, tmp_path, folder=folder)
    assert done.returncode == 1 and "sparse run ended with 1" in done.stderr and "run.log" in done.stderr
