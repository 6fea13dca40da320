"""The cases: what sparse runs, what the peer runs beside it, and what is to be reached. A new case is one entry here."""

import kafka_cases
import measures
import topologies
from case import Case, Metric
from settings import CONST, CONST_ACKED, PYTHON, WORDS, WORDS_ACKED, latency, storm


def tuples(*goals):
    return (Metric("throughput", "tuples/s", goals),)


def trees(*goals):
    return (Metric("throughput", "trees/s", goals),)


def words(*goals):
    return (Metric("throughput", "words/s", goals),)


def sentences(*goals):
    return (Metric("throughput", "sentences/s", goals),)


ACKS = {"acked": True, "counts": "acks"}
LINES = {"spouts": ("lines",), "sinks": ("count",), "words": True}
BARE_COUNT = "count: boost flat_map<string_view>, xxh3"
WORD_COUNT = {"topology": topologies.wordcount, "limit": BARE_COUNT, "storm": storm("wordcount", 0, *WORDS), **LINES}
WORD_COUNT_ACKED = {**WORD_COUNT, "acked": True, "storm": storm("wordcount", 1, *WORDS_ACKED)}
CONST_NULL = {"topology": topologies.const_null, "storm": storm("const-null", 0, *CONST)}
CONST_NULL_ACKED = {"topology": topologies.const_null, "storm": storm("const-null", 1, *CONST_ACKED), **ACKS}
CROSSES_NULL = {"apart": ("null",), "crosses": True}
CROSSES_SPLIT = {"apart": ("split",), "crosses": True}
SPLITTER = {"storm": storm("python-storm", 1, *PYTHON), **ACKS, **LINES}


def paced(rate, title):
    metrics = (
        Metric("p50", "us", ("value <= 60",)),
        Metric("p99", "us", ("ratio <= 0.25",)),
        Metric("p99.9", "us"),
        Metric("cores", "cores", ("ratio <= 1",)),
    )
    how = {"measure": measures.latency, "acked": True, "rate": rate, "storm": latency(rate), **LINES}
    return Case(f"latency-{rate // 1000}k", title, topologies.paced(rate), metrics, **how)


# Cases that have the same settings of Storm stand together: each round of them runs Storm once.
ALL = (
    Case("const-null", "spout to bolt, untracked", metrics=tuples("ratio >= 6"), **CONST_NULL),
    Case("const-null-unfused", "every hop crosses loops", metrics=tuples("ratio >= 3"), **CONST_NULL, **CROSSES_NULL),
    Case("const-null-acked", "one tree and one ack a tuple", metrics=trees("ratio >= 25"), **CONST_NULL_ACKED),
    Case(
        "const-null-acked-unfused",
        "every hop crosses loops",
        metrics=trees("ratio >= 10"),
        **CONST_NULL_ACKED,
        **CROSSES_NULL,
    ),
    Case(
        "const-id-null",
        "spout to identity to bolt, untracked",
        topologies.const_id_null,
        tuples("ratio >= 6"),
        storm=storm("const-id-null", 0, *CONST),
    ),
    Case(
        "const-id-null-acked",
        "one tree and one ack a tuple",
        topologies.const_id_null,
        trees("ratio >= 25"),
        storm=storm("const-id-null", 1, *CONST_ACKED),
        **ACKS,
    ),
    Case("wordcount", "lines, split, count; untracked", metrics=words("ratio >= 12", "value >= 35e6"), **WORD_COUNT),
    Case("wordcount-2", "two tasks of each", metrics=words("ratio >= 8"), tasks=2, **WORD_COUNT),
    Case("wordcount-unfused", "every hop crosses loops", metrics=words("ratio >= 5"), **WORD_COUNT, **CROSSES_SPLIT),
    Case("wordcount-acked", "each line a tree", metrics=words("ratio >= 20", "value >= 28e6"), **WORD_COUNT_ACKED),
    Case("wordcount-acked-2", "two tasks of each", metrics=words("ratio >= 12"), tasks=2, **WORD_COUNT_ACKED),
    Case(
        "wordcount-acked-unfused",
        "every hop crosses loops",
        metrics=words("ratio >= 8"),
        **WORD_COUNT_ACKED,
        **CROSSES_SPLIT,
    ),
    Case(
        "wordcount-file",
        "the built-in file spout, each line a tree; wall clock",
        metrics=words(),
        measure=measures.rounds,
        **{**WORD_COUNT_ACKED, "topology": topologies.wordcount_file},
    ),
    Case(
        "python",
        "a splitter on our SDK, one child, tracked",
        topologies.python,
        sentences("ratio >= 100", "value >= 400e3"),
        **SPLITTER,
    ),
    Case(
        "python-storm",
        "a splitter on Storm's own storm.py, tracked",
        topologies.python_storm,
        sentences("ratio >= 4 or limit_share >= 0.8"),
        limit="storm.py, task ids answered ahead by a bare driver",
        **SPLITTER,
    ),
    paced(1_000, "1,000 lines a second, acked word count: time from when a line is due to its ack"),
    paced(20_000, "20,000 lines a second"),
    paced(80_000, "80,000 lines a second"),
    Case(
        "skewed",
        "one bolt costs 2 us a tuple, the rest nothing; from second 5 on, beside the best placement by hand",
        topologies.skewed,
        (*tuples("ratio >= 0.9"), Metric("moves", "moves", ("value <= 6",))),  # each of its tasks once, at most
        measures.settled_rate,
        spouts=("const", "other"),
        sinks=("null", "other-null"),
        settle=5,
        hand=("work",),
    ),
    Case(
        "slow-bolt",
        "one bolt waits 1 ms a tuple; 60 s",
        topologies.slow_bolt,
        (
            Metric(
                "growth", "times", ("value <= 1.05",)
            ),  # most resident memory after a sixth of the time, by that then
            Metric("failed", "trees", ("value <= 0",)),
        ),
        measures.under_pressure,
        stretch=10,
        runs_at_most=1,
        storm=storm("slow-bolt", 1, (1, 32768, 1000, 0), tasks=(1,)),
        **ACKS,
    ),
    Case(
        "idle",
        "100 spouts and 100 bolts that have nothing to do",
        topologies.idle,
        (Metric("cores", "cores", ("value < 0.01",)), Metric("memory", "MB", ("value < 40",))),
        measures.at_rest,
        spouts=("quiet",),
        runs_at_most=3,
        storm=storm("idle", 0, (1, 32768, 0, 0), tasks=(1,)),
    ),
)
CASES = {case.name: case for case in (*ALL, *kafka_cases.ALL)}
UNASKED = tuple(case for case in CASES.values() if not case.service)  # those that a run of no names holds


def chosen(names):
    """The cases of these names: `kafka-in` means all that begin with `kafka-in-`, `all` all. Or a name of nothing."""
    found = {}
    for name in names:
        some = [name] if name in CASES else [case for case in CASES if name == "all" or case.startswith(f"{name}-")]
        if not some:
            return name
        found |= {case: CASES[case] for case in some}
    return list(found.values()) if names else list(UNASKED)
