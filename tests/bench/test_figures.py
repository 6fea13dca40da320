"""Lines of figures from runs: medians, ratios of pairs, goals."""

import types

import cases
import figures
import pytest


def runs(*values, cores=1.0, metric="throughput"):
    return [{"metrics": {metric: value}, "cores": cores} for value in values]


def case(*goals, metric="throughput", limit=""):
    return types.SimpleNamespace(name="c", metrics=(cases.Metric(metric, "tuples/s", goals),), limit=limit)


def only_line(*arguments, **more):
    (line,) = figures.lines(*arguments, limits=more.pop("limits", {}), round_trips=[80, 90], **more)
    return line


def test_a_line_has_median_and_range():
    line = only_line(case(), runs(300, 100, 200, cores=1.5), [], None)
    assert line == {
        "case": "c",
        "metric": "throughput",
        "unit": "tuples/s",
        "value": 200,
        "min": 100,
        "max": 300,
        "runs": 3,
        "cores": 1.5,
        "round_trips": [80, 90],
    }


def test_the_ratio_is_the_median_of_the_pairs_not_of_the_medians():
    line = only_line(case("ratio >= 6"), runs(100, 200, 300), runs(100, 10, 100), "Storm")
    assert (line["peer"], line["peer_value"], line["ratio"], line["met"]) == ("Storm", 100, 3, False)


def test_a_peer_that_has_nothing_makes_no_ratio():
    line = only_line(case("ratio >= 6"), runs(1), runs(0), "Storm")
    assert "ratio" not in line and line["met"] is None


def test_the_share_of_a_bare_loop():
    line = only_line(case(limit="loop"), runs(50), [], None, limits={"loop": 200})
    assert (line["limit"], line["limit_share"]) == (200, 0.25)


def test_the_share_of_a_bare_loop_that_was_measured_beside_each_run():
    measured = [{**run, "bare": {"throughput": bare}} for run, bare in zip(runs(50, 60, 90), (100, 100, 100))]
    line = only_line(case("limit_share >= 0.7", limit="loop"), measured, [], None, limits={"loop": 1})
    assert (line["limit"], line["limit_share"], line["met"]) == (100, 0.6, False)


def test_the_peer_as_it_comes_stands_beside_its_best():
    line = only_line(case(), runs(1), runs(2), "Storm", default=runs(7)[0])
    assert line["peer_default"] == 7


@pytest.mark.parametrize(
    "goal, line, met",
    [
        ("ratio >= 6", {"ratio": 6}, True),
        ("ratio >= 6", {"ratio": 5.99}, False),
        ("ratio >= 6", {}, None),
        ("value >= 35e6", {"value": 35_000_000}, True),
        ("value < 0.01", {"value": 0.01}, False),
        ("ratio >= 4 or limit_share >= 0.8", {"ratio": 2, "limit_share": 0.8}, True),
        ("ratio >= 4 or limit_share >= 0.8", {"ratio": 4}, True),
        ("ratio >= 4 or limit_share >= 0.8", {"ratio": 2}, None),
        ("ratio >= 4 or limit_share >= 0.8", {"ratio": 2, "limit_share": 0.5}, False),
    ],
)
def test_goals(goal, line, met):
    assert figures.meets(goal, line) is met


def test_one_goal_that_is_missed_decides():
    assert figures.met(("ratio >= 6", "value >= 9"), {"value": 1}) is False
    assert figures.met(("ratio >= 6", "value >= 9"), {"value": 10}) is None
    assert figures.met(("ratio >= 6", "value >= 9"), {"value": 10, "ratio": 6}) is True
