"""What sparse runs in the Kafka cases: topology files as values."""

import kafka
from topologies import after, counted, plugin, python_split, topology


def source(topic, **more):
    return {"id": "source", "kafka": {"brokers": kafka.address(), "topics": topic, "group": kafka.fresh("group"), **more}}


def sink(topic, **more):
    return {"id": "sink", "kafka": {"brokers": kafka.address(), "topic": topic, **more}}


def into_nothing(case, report, topic="in"):
    return topology(case, report, [source(topic, until="end")], [after("source", plugin("null", "Null"))])


def wordcount(case, report, topic="in", out="out", split=None):
    """From lines in a topic to counts in another."""
    spout = {**source(topic, until="end"), "id": "lines"}
    value = counted(case, report, spout, split or plugin("split", "Split"))
    value["bolts"].append({**after("count", sink(out, key="word", value="count")), "parallelism": case.tasks})
    return value


def python_wordcount(case, report, topic="in", out="out"):
    return wordcount(case, report, topic, out, python_split("SplitValue"))


def out_of_nothing(case, report, topic="out"):
    return topology(case, report, [plugin("const", "Const", size=100)], [after("const", sink(topic))])


def through(case, report, topic="in", out="out"):
    bolts = [after("source", plugin("id", "Id")), after("id", sink(out))]
    return topology(case, report, [source(topic)], bolts)


def slow(case, report, topic="in"):
    work = plugin("work", "Work", ns=1_000_000, sleep=True)
    return topology(case, report, [source(topic)], [after("source", work), after("work", plugin("null", "Null"))])
