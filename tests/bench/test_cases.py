"""The table of cases: whole, and topologies that are what the cases say."""

import cases
import checks
import figures
import kafka
import kafka_cases
import limits
import pytest

EVERY = pytest.mark.parametrize("case", cases.CASES.values(), ids=lambda case: case.name)


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
    assert len(cases.CASES) == len(cases.ALL) + len(kafka_cases.ALL)


def names(*wanted):
    chosen = cases.chosen(wanted)
    return chosen if isinstance(chosen, str) else [case.name for case in chosen]


def test_a_run_of_no_names_needs_no_broker():
    assert names() == [case.name for case in cases.ALL] and names("all") == list(cases.CASES)
    assert names("kafka") == [case.name for case in kafka_cases.ALL]


def test_the_beginning_of_a_name_means_all_that_begin_so():
    assert names("kafka-in") == ["kafka-in-100b", "kafka-in-1kb"]
    assert names("kafka-in", "idle", "kafka-in-1kb") == ["kafka-in-100b", "kafka-in-1kb", "idle"]
    assert names("wordcount") == ["wordcount"], "a case of its own"
    assert names("idle", "const-nul") == "const-nul" and names("kafka-i") == "kafka-i"


@pytest.mark.parametrize("case", kafka_cases.ALL, ids=lambda case: case.name)
def test_both_sides_of_a_kafka_case_read_the_same_topic(case):
    assert case.service == "kafka" and case.acked
    assert case.backlog in ("", *kafka.KINDS)
    for settings in case.storm:
        assert settings["backlog"] == case.backlog
    _, found = components(case)
    options = [component["kafka"] for component in found.values() if "kafka" in component]
    assert options and {each["brokers"] for each in options} == {kafka.address()}
    groups = [each["group"] for each in options if "group" in each]
    assert len(set(groups)) == len(groups) == len([name for name in found if name in case.spouts and name != "const"])


def test_each_run_has_a_group_of_its_own():
    case = cases.CASES["kafka-in-1kb"]
    first, second = (components(case)[1]["source"]["kafka"]["group"] for _ in range(2))
    assert first != second


def test_a_broker_is_started_for_cases_that_need_it_alone():
    def refuse(text):
        raise AssertionError(text)

    with kafka.broker(cases.UNASKED, 1, refuse):
        assert kafka.address() == kafka.ADDRESS_OF_NOBODY


def test_a_peer_that_runs_out_of_messages_is_wrong(monkeypatch):
    case = cases.CASES["kafka-in-1kb"]
    monkeypatch.setattr(kafka, "backlog", lambda kind: ("topic", 1000))
    monkeypatch.setattr(kafka, "bare", lambda *words: {})
    with kafka.for_peer(case) as (arguments, check):
        assert arguments["from"] == "topic" and arguments["to"] != "topic"
    check({"acked": 999})
    with pytest.raises(figures.Wrong):
        check({"acked": 1000})


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
