"""The table of cases: whole, and topologies that are what the cases say."""

import cases
import checks
import figures
import limits
import pytest

EVERY = pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.name)


def components(case):
    more = {"repeat": 1} if case.name == "wordcount-file" else {}
    file = case.topology(case, "report", **more)
    return file, {component["id"]: component for component in file["spouts"] + file["bolts"]}


@EVERY
def test_goals_can_be_read(case):
    for metric in case.metrics:
        for goal in metric.goals:
            assert figures.meets(goal, {"value": 1.0, "ratio": 1.0, "limit_share": 1.0}) in (True, False)


@EVERY
def test_components_that_a_case_names_are_there(case):
    _, found = components(case)
    assert {*case.spouts, *case.sinks, *case.apart, *case.hand} <= set(found)


@EVERY
def test_tracking_and_tasks_are_as_the_case_says(case):
    file, found = components(case)
    assert file["config"] == ({} if case.acked else {"topology.acker.executors": 0})
    if case.name != "idle":
        assert {component["parallelism"] for component in found.values()} == {case.tasks}
    assert {name for name, component in found.items() if component.get("blocking")} == set(case.apart)


@EVERY
def test_storm_does_the_same_work(case):
    for settings in case.storm:
        assert (settings["ackers"] > 0) is case.acked


def test_names_are_unique():
    assert len(cases.CASES) == len(cases.ALL)


def test_hops_that_stay_on_their_loop_are_found():
    crossing = {"component": "const", "transferred": 10, "crossed": 11}
    checks.every_hop_crosses({"components": [crossing, {"component": "null", "transferred": 0, "crossed": 0}]})
    for wrong in ({"transferred": 10, "crossed": 9}, {"transferred": 0, "crossed": 0}):
        with pytest.raises(figures.Wrong):
            checks.every_hop_crosses({"components": [{"component": "const", **wrong}]})


def test_bare_loops_are_read():
    text = (
        "# 4 lines, 5 words\n"
        "split only, byte loop                          88.59 M words/s  cores 1.00\n"
        "ping-pong, spinning                             0.094 us round trip\n"
        "memory read, 2 threads (512 MiB buffers)     31415.00 M MB/s  cores 1.99\n"
    )
    names = ("split only, byte loop", "ping-pong, spinning", "memory read, 2 threads (512 MiB buffers)")
    assert [found[0] for found in limits.parsed(text)] == list(names)
    assert limits.parsed(text)[:2] == [
        ("split only, byte loop", pytest.approx(88.59e6), "words/s", 1.0),
        ("ping-pong, spinning", 0.094, "us round trip", None),
    ]
