"""The cases with a Kafka broker. `bench/run kafka` runs them: a run of all other cases needs no broker, and takes long enough."""

import kafka_measures as measures
import kafka_topologies as topologies
from case import Case, Metric
from settings import KAFKA, KAFKA_PYTHON, storm

KAFKA_CASE = {"service": "kafka", "acked": True, "counts": "acks"}


def messages(*goals):
    return (Metric("throughput", "messages/s", goals),)


def lines(*goals):
    return (Metric("throughput", "lines/s", goals),)


def reading(name, title, kind):
    how = {"measure": measures.reading, "spouts": ("source",), "backlog": kind, **KAFKA_CASE}
    peer = storm("kafka-in", 1, *KAFKA, backlog=kind)
    goals = messages("ratio >= 3", "limit_share >= 0.7")
    return Case(name, title, topologies.into_nothing, goals, limit="a bare consumer", storm=peer, **how)


COUNTING = {
    "measure": measures.counting,
    "limit": "a bare producer of as many records",
    "spouts": ("lines",),
    "sinks": ("count",),
    "backlog": "lines",
    **KAFKA_CASE,
}

ALL = (
    reading("kafka-in-100b", "a topic of 100-byte messages to a bolt that does nothing", "bytes-100"),
    reading("kafka-in-1kb", "the same of 1,000 bytes", "bytes-1000"),
    Case(
        "kafka-wordcount",
        "topic, split, count, topic",
        topologies.wordcount,
        lines("ratio >= 5"),
        storm=storm("kafka-wordcount", 1, *KAFKA, backlog="lines"),
        **COUNTING,
    ),
    Case(
        "kafka-python-wordcount",
        "the same, its splitter on our SDK; the peer's on Storm's own storm.py",
        topologies.python_wordcount,
        lines("ratio >= 50"),
        storm=storm("kafka-python-wordcount", 1, *KAFKA_PYTHON, backlog="lines"),
        **COUNTING,
    ),
    Case(
        "kafka-sink",
        "100-byte records into a topic, acknowledged by all replicas",
        topologies.out_of_nothing,
        messages("limit_share >= 0.7"),
        measures.writing,
        sinks=("sink",),
        limit="a bare producer",
        **KAFKA_CASE,
    ),
    Case(
        "kafka-latency",
        "1,000 messages a second: produce, spout, bolt, sink, consume; by a clock outside",
        topologies.through,
        (Metric("p50", "ms", ("value <= 5",)), Metric("p99", "ms", ("value <= 15",))),
        measures.latency,
        spouts=("source",),
        sinks=("sink",),
        rate=1000,
        **KAFKA_CASE,
    ),
    Case(
        "kafka-idle",
        "a source that gets nothing, a bolt and a sink",
        topologies.through,
        (Metric("memory", "MB", ("value < 60",)), Metric("cores", "cores")),
        measures.idle,
        spouts=("source",),
        sinks=("sink",),
        runs_at_most=3,
        **KAFKA_CASE,
    ),
    Case(
        "kafka-backlog",
        "1 GB in the topic, and a bolt that waits 1 ms a message",
        topologies.slow,
        (Metric("memory", "MB", ("value < 150",)),),
        measures.behind,
        spouts=("source",),
        backlog="bytes-1000",
        runs_at_most=2,
        **KAFKA_CASE,
    ),
)
