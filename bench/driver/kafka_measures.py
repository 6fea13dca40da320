"""How a Kafka case is measured, as in measures.py; `bare`: what a loop on librdkafka alone reached beside it."""

import functools

import checks
import kafka
import sparse

SOURCES = ("source", "lines")
LATENCY_WARM = 2  # seconds
WARM = 3  # seconds
WARM_AT_FIRST = 15  # if runs are long enough for figures that count
COUNTS = (4, 25_000)  # bytes of a count, and different words, or so
# What the sink asks for, too: acknowledgement by all replicas, and no message twice.
BARE_PRODUCER = ("acks=all", "enable.idempotence=true")


def process(case, extra=(), more=None, **topics):
    return sparse.process(case.name, functools.partial(case.topology, case, **topics), list(extra), **(more or {}))


def warm_up(case, **topics):
    """A run that does not count: the broker's compiler fits itself to whoever came last, and Storm's runs have 10 s for that.
    Before the first one of a case it has not seen such requests, and gets faster for a quarter of a minute."""
    seconds = min(WARM_AT_FIRST, 5 * kafka.seconds()) if kafka.is_first_of(case.name) else WARM
    with kafka.topic("warm") as out:
        process(case, ["-t", str(seconds)], **{name: topic or out for name, topic in topics.items()})


def check_source(run, count):
    """Every message was emitted once, its tree completed, and its offset committed."""
    for name in ("emitted", "acked"):
        checks.agree(f"messages in the topic and {name}", count, checks.summed(run.summary, SOURCES, name))
    checks.agree("trees that failed", checks.summed(run.summary, SOURCES, "failed"), 0)
    figures = next(each["figures"] for each in run.summary["components"] if each["component"] in SOURCES)
    committed = sum(part["committed"] for task in figures for part in task["partitions"])
    checks.agree("messages in the topic and committed", count, committed)


def reading(case, seconds):
    """All of the topic, by the wall clock of the whole process; then the same by the bare loop."""
    topic, count = kafka.backlog(case.backlog)
    warm_up(case, topic=topic)
    run = process(case, topic=topic)
    check_source(run, count)
    checks.agree("messages at the sink", count, checks.total(run.reports, case.sinks, "executed"))
    bare = kafka.bare("consume", topic)
    checks.agree("messages that the bare loop read", count, bare["messages"])
    return {
        "metrics": {"throughput": count / run.wall},
        "cores": run.cores,
        "bare": {"throughput": count / bare["wall"]},
    }


def counting(case, seconds):
    """All lines of the topic; each word has to be counted once, and each count to be in the topic that is written. Bare: as many
    lines as a producer alone could write the counts of, were they there already."""
    topic, count = kafka.backlog(case.backlog)
    warm_up(case, topic=topic, out=None)
    with kafka.topic(case.name) as out:
        run = process(case, topic=topic, out=out)
        written = kafka.messages(out)
    check_source(run, count)
    words = checks.words_in(count)
    checks.agree("words in the topic and counted", words, checks.total(run.reports, case.sinks, "executed"))
    checks.agree("words in the topic and counts written", words, written)
    with kafka.topic("bare") as topic:
        bare = kafka.bare("produce", topic, seconds, *COUNTS, *BARE_PRODUCER)
    return {
        "metrics": {"throughput": count / run.wall},
        "cores": run.cores,
        "bare": {"throughput": bare["messages"] / bare["wall"] * count / words},
    }


def writing(case, seconds):
    """Trees of one record, counted by their acks; then as many as the bare loop writes in that time."""
    warm_up(case, topic=None)
    with kafka.topic(case.name) as topic:
        run = process(case, ["-t", str(seconds)], topic=topic)
        written = kafka.messages(topic)
    acked = checks.total(run.reports, case.spouts, "acked")
    checks.agree("records sent and acked", checks.total(run.reports, case.spouts, "sent"), acked)
    checks.agree("records acked and in the topic", acked, written)
    with kafka.topic("bare") as topic:
        bare = kafka.bare("produce", topic, seconds, 100, 0, *BARE_PRODUCER)
        checks.agree("records of the bare loop", bare["messages"], kafka.messages(topic))
    return {
        "metrics": {"throughput": acked / run.wall},
        "cores": run.cores,
        "bare": {"throughput": bare["messages"] / bare["wall"]},
    }


def latency(case, seconds):
    """Open loop: from when a message is due to when another program reads what came of it."""
    with kafka.topic("in") as topic, kafka.topic("out") as out:
        probe = functools.partial(kafka.bare, "latency", topic, out, case.rate, seconds, LATENCY_WARM)
        run = process(case, more={"meanwhile": probe}, topic=topic, out=out)
        sent = kafka.messages(topic)
        checks.agree("messages that went in and came out", sent, kafka.messages(out))
    check_source(run, sent)
    times = run.found
    return {"metrics": {name: times[f"{name}_ms"] for name in ("p50", "p99")}, "cores": run.cores}


def idle(case, seconds):
    """A source that gets nothing, from second 1 on."""
    with kafka.topic("in") as topic, kafka.topic("out") as out:
        run = process(case, ["-t", str(seconds + 1)], {"watch_it": True}, topic=topic, out=out)
    checks.agree("messages emitted", 0, checks.summed(run.summary, SOURCES, "emitted"))
    rest = [sample for sample in run.samples if 1 <= sample.at <= seconds + 1]
    first, last = rest[0], rest[-1]
    cores = (last.processor - first.processor) / (last.at - first.at)
    return {"metrics": {"memory": max(sample.resident for sample in rest), "cores": cores}, "cores": cores}


def behind(case, seconds):
    """A bolt that waits for each message, and a topic of a gigabyte: the most resident memory of the whole run."""
    topic, _ = kafka.backlog(case.backlog)
    run = process(case, ["-t", str(seconds)], {"watch_it": True}, topic=topic)
    emitted = checks.summed(run.summary, SOURCES, "emitted")
    checks.agree("messages emitted and acked", emitted, checks.summed(run.summary, SOURCES, "acked"))
    checks.agree("trees that failed", checks.summed(run.summary, SOURCES, "failed"), 0)
    return {"metrics": {"memory": max(sample.resident for sample in run.samples)}, "cores": run.cores}
