"""Counts that have to agree before there is a figure: the components' own, the summary's, and the text's."""

import functools
import itertools

import places
from figures import Wrong


@functools.cache
def words_before():
    """words_before()[i]: the words in the first i lines that are not blank."""
    with open(places.TEXT, encoding="utf-8") as text:
        return list(itertools.accumulate((len(line.split()) for line in text if line.strip()), initial=0))


def words_in(lines):
    per_round = words_before()
    rounds, rest = divmod(lines, len(per_round) - 1)
    return rounds * per_round[-1] + per_round[rest]


def total(reports, components, name):
    return sum(entry.get(name, 0) for entry in reports if entry["component"] in components)


def summed(summary, components, name):
    return sum(entry[name] for entry in summary["components"] if entry["component"] in components)


def agree(what, one, other):
    if one != other:
        raise Wrong(f"{what}: {one:,} and {other:,} do not agree")


def every_hop_crosses(summary):
    """`crossed` holds the record that ends a channel, too."""
    for component in summary["components"]:
        sent, crossed = component["transferred"], component["crossed"]
        if crossed < sent:
            raise Wrong(
                f"{component['component']} sent {sent:,} tuples, of which {crossed:,} only went to another loop"
            )
    if not sum(component["crossed"] for component in summary["components"]):
        raise Wrong("no tuple went to another loop")


def check(case, summary, reports):
    """What is to be divided by the time: tuples at the sinks or acks, if all counts agree."""
    sent = total(reports, case.spouts, "sent")
    sunk = total(reports, case.sinks, "executed")
    lines = [entry["sent"] for entry in reports if entry["component"] in case.spouts and "sent" in entry]
    agree("tuples sent by the spout and counted by the engine", sent, summed(summary, case.spouts, "emitted"))
    agree("tuples at the sink and executed in the summary", sunk, summed(summary, case.sinks, "executed"))
    agree("tuples at the sink and sent", sunk, sum(map(words_in, lines)) if case.words else sent)
    acked = total(reports, case.spouts, "acked")
    for bad in ("failed", "wrong", "open"):
        agree(f"messages that are {bad} at the spout", total(reports, case.spouts, bad), 0)
    if case.acked:
        agree("messages sent and acked", sent, acked)
        agree("messages acked at the spout and in the summary", acked, summed(summary, case.spouts, "acked"))
    if case.crosses:
        every_hop_crosses(summary)
    return acked if case.counts == "acks" else sunk
