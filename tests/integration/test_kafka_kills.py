"""`kill -9` of a run that counts, twenty times at random: nothing is lost, and what is committed was processed."""

import os
import random
import threading
import time

import admin
from rig import wait_until

MESSAGES, KILLS, UNCOMMITTED, PARTITIONS = 200_000, 20, 300, 4

COUNT = """
name: ${topic}
config: {topology.max.spout.pending: 400}
spouts:
  - id: read
    kafka: {brokers: "${brokers}", topics: "${topic}", fields: [partition, offset], commit-interval: 100ms, max-uncommitted: %d}
    parallelism: 2
bolts:
  - {id: count, python: count.Count, inputs: {read: shuffle}, parallelism: 2}
""" % UNCOMMITTED
BOLT = """
import os, random, time
from sparse_stream import Bolt


class Count(Bolt):
    def initialize(self, conf, context):
        self.file = os.open("processed", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def process(self, tup):
        if random.random() < 0.001:
            raise ValueError("now and then")
        time.sleep(0.00005)
        os.write(self.file, b"%d %d\\n" % tuple(tup.values))
"""


class Processed:
    """What the bolts have written, and for each partition the lowest offset that they have not."""

    def __init__(self, path):
        self.file = open(path, "a+", encoding="ascii")
        self.file.seek(0)
        self.rest, self.count = "", 0
        self.seen = [set() for _ in range(PARTITIONS)]
        self.lowest, self.lock = [0] * PARTITIONS, threading.Lock()

    def look(self):
        with self.lock:
            self.read()

    def ends(self):
        """Behind the highest offset of each partition, once the bolts that a kill has orphaned have come to their end."""
        before = -1
        while self.count != before:
            before = self.count
            time.sleep(0.1)
        with self.lock:
            return [max(seen, default=-1) + 1 for seen in self.seen]

    def read(self):
        *lines, self.rest = (self.rest + self.file.read()).split("\n")
        for line in lines:
            partition, offset = map(int, line.split())
            self.seen[partition].add(offset)
            self.count += 1
        for partition, seen in enumerate(self.seen):
            while self.lowest[partition] in seen:
                self.lowest[partition] += 1


class Watch(threading.Thread):
    """Holds each commit that it sees against what was processed before."""

    def __init__(self, address, topic, processed):
        super().__init__()
        self.admin, self.topic, self.processed = admin.Admin(address), topic, processed
        self.commits, self.wrong, self.over = {}, [], threading.Event()

    def run(self):
        with self.admin:
            while not self.over.is_set():
                committed = self.admin.committed(self.topic, self.topic, PARTITIONS) or {}
                self.processed.look()
                for partition, (offset, _) in committed.items():
                    self.commits.setdefault(partition, set()).add(offset)
                    if offset > self.processed.lowest[partition]:
                        self.wrong.append((partition, offset, self.processed.lowest[partition]))
                time.sleep(0.01)

    def end(self):
        self.over.set()
        self.join()


def test_twenty_kills_lose_nothing_and_no_commit_is_ahead_of_the_work(rig):
    seed = int(os.environ.get("SPARSE_SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed} (SPARSE_SEED={seed} repeats its kills)")
    chance = random.Random(seed)
    rig.write(range(MESSAGES))
    ends = {row["partition"]: row["offset"] + 1 for row in rig.read()}
    rig.sparse.write("count.py", BOLT)
    processed = Processed(rig.sparse.folder / "processed")
    watch = Watch(rig.address, rig.topic, processed)
    watch.start()
    uncommitted = 0
    try:
        for _ in range(KILLS):
            run = rig.start(COUNT)
            run.wait_for("reading topic")
            time.sleep(chance.uniform(0.05, 0.6))
            run.kill()
            reached = processed.ends()
            with admin.Admin(rig.address) as client:
                committed = client.committed(rig.topic, rig.topic, PARTITIONS) or {}
            uncommitted += sum(end - committed.get(partition, (0, ""))[0] for partition, end in enumerate(reached))
        counted = sum(map(len, processed.seen))
        run = rig.start(COUNT)
        run.wait_for("reading topic")
        why = lambda: f"{processed.lowest} of {ends}\n{run.err}"
        wait_until(lambda: all(processed.lowest[each] == end for each, end in ends.items()), why, 180)
        done = run.drain()
        wait_until(lambda: all(end in watch.commits[each] for each, end in ends.items()), "the last commit is not seen", 10)
    finally:
        watch.end()
    commits = sum(map(len, watch.commits.values()))
    duplicates = processed.count - MESSAGES
    print(f"{duplicates} duplicates, {uncommitted} uncommitted at the kills, {commits} commits; {counted} before the last start")
    assert done.code == 0, done.err
    assert watch.wrong == []
    assert counted < MESSAGES, "all was done before the last kill: the kills prove little"
    assert sum(map(len, processed.seen)) == MESSAGES
    assert 0 < duplicates <= uncommitted
    assert commits > KILLS
