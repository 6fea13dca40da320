"""The broker of the Kafka cases: a real one of deploy/kafka, for the time of a run, and the topics that cases read and write."""

import contextlib
import itertools
import json
import shutil
import subprocess
import time

import places
from figures import Wrong

COMMAND = places.ROOT / "deploy/kafka"
FOLDER = places.OUT / "kafka"
PARTITIONS = 4
SETTINGS = ("log.segment.delete.delay.ms=100",)  # the runs of a case write gigabytes
ADDRESS_OF_NOBODY = "127.0.0.1:9"  # while none runs: topologies are values, and can be looked at
# More than Storm reads, warming up included; whoever is faster reads it all.
STORM_SECONDS = 12  # beside those that are measured
KINDS = {
    "bytes-100": lambda seconds: ("fill", 500_000 * seconds, 100),
    "bytes-1000": lambda seconds: ("fill", 250_000 * seconds, 1000),  # over 1 GB
    "lines": lambda seconds: ("fill-lines", places.TEXT, 1 + 90_000 * seconds // 32_777),  # of that many lines a round
}


class Broker:
    """Where it is, how long runs are, and the topics that are filled: by kind, (topic, messages)."""

    def __init__(self, address, seconds):
        self.address, self.seconds, self.filled = address, seconds, {}
        self.served = set()  # names of cases


WARM_SECONDS = 10  # of each kind of record

_running = None
_numbers = itertools.count(1)


def deploy(*words):
    done = subprocess.run([COMMAND, *words, "--dir", FOLDER], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"bench/run: deploy/kafka {words[0]} failed (exit {done.returncode})")
    return done.stdout.decode().strip()


def stop():
    if (FOLDER / "broker.json").exists():
        deploy("stop")
    shutil.rmtree(FOLDER, ignore_errors=True)


def warm_up():
    """Until its JVM has compiled what the cases need: whoever runs first would pay for that."""
    with topic("warm") as name:
        for record in ((100, 0), (4, 25_000)):
            bare("produce", name, WARM_SECONDS, *record, "acks=all", "enable.idempotence=true")
        bare("consume", name)


@contextlib.contextmanager
def broker(wanted, seconds, talk):
    """One for all cases of a run, with nothing in it at the start and nothing left at the end."""
    global _running
    if not any(case.service == "kafka" for case in wanted):
        yield
        return
    talk("starting a Kafka broker")
    stop()
    try:
        _running = Broker(deploy("start", "--server", *(word for each in SETTINGS for word in ("--set", each))), seconds)
        talk("warming it up")
        warm_up()
        yield
    finally:
        _running = None
        stop()


def address():
    return _running.address if _running else ADDRESS_OF_NOBODY


def seconds():
    """How long a run measures."""
    return _running.seconds


def is_first_of(case):
    """Whether the broker has served no run of this case yet; from now on it has."""
    first = case not in _running.served
    _running.served.add(case)
    return first


def fresh(what):
    """A name that no topic and no group has had."""
    return f"{what}-{next(_numbers)}-{time.time_ns() // 1_000_000}"


def bare(command, topic, *words):
    """What a command of kafka_bench (bench/peers/kafka) says, and the wall clock of its process."""
    argv = [places.PROJECT / "kafka_bench", command, address(), topic, *words]
    began = time.monotonic()
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    wall = time.monotonic() - began
    if done.returncode:
        raise Wrong(f"kafka_bench {command} {topic}: {done.stderr.strip()}")
    return json.loads(done.stdout) | {"wall": wall}


@contextlib.contextmanager
def topic(what):
    """A new one, and gone afterwards."""
    name = fresh(what)
    bare("create", name, PARTITIONS)
    try:
        yield name
    finally:
        bare("delete", name)


def messages(topic):
    return bare("count", topic)["messages"]


def backlog(kind):
    """The topic of a kind and how many messages are in it; filled when it is asked for first. Both sides read the same one."""
    if kind not in _running.filled:
        name = fresh(kind)
        bare("create", name, PARTITIONS)
        command, *words = KINDS[kind](_running.seconds + STORM_SECONDS)
        bare(command, name, *words, "linger.ms=20", "acks=1")
        _running.filled[kind] = (name, messages(name))
    return _running.filled[kind]


@contextlib.contextmanager
def for_peer(case):
    """What Storm has to know of the broker, where it takes part: its arguments, and a check of what it did."""
    if not case.backlog:
        yield {}, lambda result: None
        return
    name, count = backlog(case.backlog)

    def check(result):
        if result["acked"] >= count:
            raise Wrong(f"Storm came to the end of its topic ({count:,} messages): it needs a longer one")

    with topic("storm") as out:
        yield {"brokers": address(), "from": name, "group": fresh("storm"), "to": out}, check
