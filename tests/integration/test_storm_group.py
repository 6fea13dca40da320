"""A group that Storm's KafkaSpout and sparse take from each other: each goes on exactly where the other stopped."""

import contextlib
import json
import os
import pathlib
import select
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench/driver"))

import places  # noqa: E402
import storm  # noqa: E402

PARTITIONS = range(4)
PATIENCE = 90  # seconds: a LocalCluster on a busy machine
READ = """
name: reader
spouts:
  - {{id: in, kafka: {{brokers: "{brokers}", topics: {topic}, group: {group}, until: end, fields: [partition, offset]}}}}
bolts:
  - {{id: out, print: {{}}, inputs: {{in: shuffle}}}}
"""


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """StormGroup, compiled with the jars that the bench fetches, too."""
    storm.prepare(lambda text: None)
    folder = tmp_path_factory.mktemp("classes")
    source = pathlib.Path(__file__).parent / "storm_group/StormGroup.java"
    subprocess.run(["javac", "-nowarn", "-Xlint:none", "-cp", f"{places.STORM}/lib/*", "-d", folder, source], check=True)
    return folder


class Storm:
    """A LocalCluster that reads the group, and what it read."""

    def __init__(self, child):
        self.child, self.rest, self.offsets = child, b"", {partition: [] for partition in PARTITIONS}

    def read(self, count):
        end = time.monotonic() + PATIENCE
        while sum(map(len, self.offsets.values())) < count and time.monotonic() < end:
            if not select.select([self.child.stdout], [], [], 0.5)[0]:
                assert self.child.poll() is None
                continue
            *lines, self.rest = (self.rest + os.read(self.child.stdout.fileno(), 65536)).split(b"\n")
            for line in lines:
                partition, offset = map(int, line.split())
                self.offsets[partition].append(offset)
        return {partition: sorted(offsets) for partition, offsets in self.offsets.items()}


class Group:
    """One topic, one group, and who reads them."""

    def __init__(self, run_sparse, address, topic, classes, folder):
        self.run_sparse, self.address, self.topic, self.group = run_sparse, address, topic, f"group-{topic}"
        self.classes, self.folder, self.log = classes, folder, folder / "storm.log"

    def produce(self, count):
        for partition in PARTITIONS:
            text = "".join(f"{number}\n" for number in range(count))
            done = self.run_sparse("kafka", "produce", "-b", self.address, "-t", self.topic, "-p", partition, stdin=text)
            assert done.code == 0, done.err

    @contextlib.contextmanager
    def storm(self, stop):
        argv = ["java", "-Xmx512m", "-XX:+UseSerialGC", f"-Djava.io.tmpdir={self.folder}"]
        argv += [f"-Dlog4j2.configurationFile={places.STORM}/log4j2.xml", "-cp", f"{self.classes}:{places.STORM}/lib/*"]
        argv += ["sparse.integration.StormGroup", self.address, self.topic, self.group, str(stop)]
        with open(self.log, "ab") as log:
            child = subprocess.Popen(
                argv, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0
            )
        try:
            yield Storm(child)
        finally:
            child.stdin.close()
            child.wait(timeout=PATIENCE)
            child.stdout.close()

    def sparse(self):
        """What a run reads that ends when it is at the end."""
        self.run_sparse.write("reader.yaml", READ.format(brokers=self.address, topic=self.topic, group=self.group))
        done = self.run_sparse("run", "reader.yaml")
        assert done.code == 0, done.err
        rows = [row["values"] for row in done.rows()]
        return {each: sorted(offset for partition, offset in rows if partition == each) for each in PARTITIONS}

    def committed(self):
        done = self.run_sparse("kafka", "offsets", "-b", self.address, "-g", self.group, "-t", self.topic, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)["groups"][0]["partitions"]

    def wait_for_commit(self, offset):
        end = time.monotonic() + PATIENCE
        while {row["committed"] for row in self.committed()} != {offset}:
            assert time.monotonic() < end, self.committed()
            time.sleep(0.2)


def everywhere(*offsets):
    return {partition: list(range(*offsets)) for partition in PARTITIONS}


def test_each_goes_on_where_the_other_stopped(run_sparse, kafka, topic, classes, tmp_path):
    group = Group(run_sparse, kafka.address, topic, classes, tmp_path)
    group.produce(100)
    with group.storm(stop=60) as storm_side:
        assert storm_side.read(400) == everywhere(100)
        group.wait_for_commit(60)
    assert all(row["topology"].startswith("storm-group") for row in group.committed())
    assert group.sparse() == everywhere(60, 100)
    assert all(row["committed"] == 100 and row["topology"].startswith("reader") for row in group.committed())
    group.produce(25)
    with group.storm(stop=1000) as storm_side:
        assert storm_side.read(100) == everywhere(100, 125)
        group.wait_for_commit(125)
    assert group.sparse() == everywhere(0)
    # Storm complains of commit metadata that it cannot read.
    assert "Failed to deserialize" not in group.log.read_text()
