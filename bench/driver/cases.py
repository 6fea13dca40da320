"""The cases: what sparse runs, and what Storm runs beside it. A new case is one entry here."""

import dataclasses

import places


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    unit: str
    topology: object  # callable(case, seconds, report) -> the topology file as a value
    acked: bool = False
    counts: str = "sink"  # what is divided by the time: tuples at the `sink`, or `acks` at the spout
    metric: str = "throughput"
    sink: str = "null"
    spout: str = "const"
    words: bool = False  # the sink gets words of the text: expect exactly those of the lines that were sent
    repeats: bool = False  # ends by itself after so many rounds of the text, instead of after some seconds
    storm: tuple = ()  # candidate settings of the peer; the best one is used


def plugin(name):
    return f"{places.PLUGIN}/{name}"


def topology(case, spouts, bolts):
    config = {} if case.acked else {"topology.acker.executors": 0}
    return {"name": case.name, "config": config, "spouts": spouts, "bolts": bolts}


def const_null(case, report):
    options = {"acked": case.acked, "report": report}
    return topology(
        case,
        [{"id": "const", "plugin": plugin("Const"), "with": options}],
        [
            {
                "id": "null",
                "plugin": plugin("Null"),
                "inputs": {"const": "local-or-shuffle"},
                "with": {"report": report},
            }
        ],
    )


def const_id_null(case, report):
    options = {"acked": case.acked, "report": report}
    return topology(
        case,
        [{"id": "const", "plugin": plugin("Const"), "with": options}],
        [
            {"id": "id", "plugin": plugin("Id"), "inputs": {"const": "local-or-shuffle"}},
            {
                "id": "null",
                "plugin": plugin("Null"),
                "inputs": {"id": "local-or-shuffle"},
                "with": {"report": report},
            },
        ],
    )


def count(report):
    return {
        "id": "count",
        "plugin": plugin("Count"),
        "inputs": {"split": {"fields": ["word"]}},
        "with": {"report": report},
    }


def lines(case, report):
    return {
        "id": "lines",
        "plugin": plugin("Lines"),
        "with": {"text": str(places.TEXT), "acked": case.acked, "report": report},
    }


def wordcount(case, report):
    split = {"id": "split", "plugin": plugin("Split"), "inputs": {"lines": "local-or-shuffle"}}
    return topology(case, [lines(case, report)], [split, count(report)])


def wordcount_file(case, report, repeat):
    spout = {"id": "lines", "file": {"path": str(places.TEXT), "repeat": repeat}}
    split = {"id": "split", "plugin": plugin("Split"), "inputs": {"lines": "local-or-shuffle"}}
    return topology(case, [spout], [split, count(report)])


def python_storm(case, report):
    split = {
        "id": "split",
        "command": ["python3", str(places.SPLIT_PY)],
        "env": {"PYTHONPATH": str(places.STORM_PY)},
        "outputs": ["word"],
        "inputs": {"lines": "local-or-shuffle"},
    }
    return topology(case, [lines(case, report)], [split, count(report)])


def python(case, report):
    split = {
        "id": "split",
        "python": "split_words.Split",
        "env": {"PYTHONPATH": str(places.COMPONENTS)},
        "outputs": ["word"],
        "inputs": {"lines": "local-or-shuffle"},
    }
    return topology(case, [lines(case, report)], [split, count(report)])


def settings(topology, ackers, *choices):
    """Storm's candidates: 1/1/1 and 2/2/2 tasks for each choice of (batch, queue, pending, spin)."""
    return tuple(
        {
            "topology": topology,
            "ackers": ackers * tasks,
            "tasks": tasks,
            "batch": batch,
            "queue": queue,
            "pending": pending,
            "spin": spin,
        }
        for batch, queue, pending, spin in choices
        for tasks in (1, 2)
    )


# Those that come out best in a full matrix of settings on two cores; the best of them is measured anew on each machine.
CONST = ((1, 32768, 0, 0), (500, 50000, 0, 0))
CONST_ACKED = ((1, 32768, 0, 0), (500, 50000, 5000, 0))
WORDS = ((1000, 32768, 0, 0), (1000, 32768, 0, 1), (1, 32768, 0, 0))
WORDS_ACKED = ((1, 32768, 2000, 0), (1000, 32768, 5000, 0))
PYTHON = ((1, 32768, 1000, 0),)

WORDS_OF = {"spout": "lines", "sink": "count", "words": True}
ALL = (
    Case("const-null", "spout to bolt, untracked", "tuples/s", const_null, storm=settings("const-null", 0, *CONST)),
    Case(
        "const-null-acked",
        "one tree and one ack a tuple",
        "trees/s",
        const_null,
        acked=True,
        counts="acks",
        storm=settings("const-null", 1, *CONST_ACKED),
    ),
    Case(
        "const-id-null",
        "spout to identity to bolt, untracked",
        "tuples/s",
        const_id_null,
        storm=settings("const-id-null", 0, *CONST),
    ),
    Case(
        "const-id-null-acked",
        "the same, one tree and one ack a tuple",
        "trees/s",
        const_id_null,
        acked=True,
        counts="acks",
        storm=settings("const-id-null", 1, *CONST_ACKED),
    ),
    Case(
        "wordcount",
        "lines, split, count; untracked",
        "words/s",
        wordcount,
        storm=settings("wordcount", 0, *WORDS),
        **WORDS_OF,
    ),
    Case(
        "wordcount-acked",
        "the same, each line a tree",
        "words/s",
        wordcount,
        acked=True,
        storm=settings("wordcount", 1, *WORDS_ACKED),
        **WORDS_OF,
    ),
    Case(
        "wordcount-file",
        "the built-in file spout, each line a tree; wall clock",
        "words/s",
        wordcount_file,
        acked=True,
        repeats=True,
        storm=settings("wordcount", 1, *WORDS_ACKED),
        **WORDS_OF,
    ),
    Case(
        "python",
        "a splitter on our SDK, one child, tracked",
        "words/s",
        python,
        acked=True,
        storm=settings("python-storm", 1, *PYTHON),
        **WORDS_OF,
    ),
    Case(
        "python-storm",
        "a splitter on Storm's own storm.py, tracked",
        "words/s",
        python_storm,
        acked=True,
        storm=settings("python-storm", 1, *PYTHON),
        **WORDS_OF,
    ),
)
CASES = {case.name: case for case in ALL}
