"""bench/results.md from the lines of a run."""

import pytest
import results_page

MACHINE = {
    "case": "machine",
    "metric": "description",
    "processor": "P",
    "cores": 2,
    "kernel": "6.1",
    "load": 0.1,
    "revision": "abc",
    "date": "2026-01-02",
    "versions": {"storm": "2.8.3"},
}
FIGURE = {
    "case": "wordcount",
    "metric": "throughput",
    "unit": "words/s",
    "value": 38_000_000,
    "min": 36_000_000,
    "max": 39_000_000,
    "runs": 5,
    "cores": 1.0,
    "peer": "Storm (tasks=1)",
    "peer_value": 2_900_000,
    "peer_min": 2_800_000,
    "peer_max": 3_000_000,
    "peer_cores": 1.9,
    "ratio": 13.1,
    "goals": ["ratio >= 12", "value >= 35e6"],
    "met": True,
    "round_trips": [80, 85],
}
TRIP = {"case": "machine", "metric": "ping_pong", "unit": "ns", "value": 82, "min": 80, "max": 85, "runs": 2}
LIMIT = {"case": "limits", "metric": "split only", "unit": "words/s", "value": 88e6, "cores": 1.0, "peer": "bare loop"}


def rows(*lines):
    return [row for row in results_page.page([MACHINE, *lines]).splitlines() if row.startswith("| wordcount")]


def test_a_case_that_reached_its_goals():
    assert rows(FIGURE) == [
        "| wordcount | throughput | words/s | 38 M (36 M–39 M) | 1.00 | 2.9 M (2.8 M–3 M) [1] | 1.90 | 13.1 "
        "|  | ratio >= 12; value >= 35e6 | met |"
    ]


def test_the_share_of_a_bare_loop():
    assert "| 13.1 | 0.72 | ratio" in rows({**FIGURE, "limit_share": 0.7194})[0]


def test_cases_with_a_broker_have_a_page_of_their_own():
    kafka = {**FIGURE, "case": "kafka-sink"}
    assert results_page.suites([MACHINE, LIMIT, FIGURE, TRIP], {"kafka-sink"}) == {"": [MACHINE, LIMIT, FIGURE, TRIP]}
    assert results_page.suites([MACHINE, kafka, TRIP], {"kafka-sink"}) == {"kafka": [MACHINE, kafka, TRIP]}
    both = results_page.suites([MACHINE, FIGURE, kafka], {"kafka-sink"})
    assert both == {"": [MACHINE, FIGURE], "kafka": [MACHINE, kafka]}
    page = results_page.page(both["kafka"], suite="kafka")
    assert page.startswith("# Results with Kafka") and "`bench/run kafka --vs storm --write-results`" in page


@pytest.mark.parametrize("change, verdict", [({"met": False}, "**red**"), ({"met": None}, "no peer")])
def test_verdicts(change, verdict):
    assert rows({**FIGURE, **change})[0].endswith(f"| {verdict} |")


def test_a_case_without_a_figure_is_red():
    (row,) = rows({"case": "wordcount", "error": "counts | do not agree"})
    assert "counts / do not agree" in row and row.endswith("| **red** |") and row.count("|") == 12


def test_a_case_without_peer_and_goal():
    alone = {key: FIGURE[key] for key in ("case", "metric", "unit", "value", "min", "max", "runs", "cores")}
    assert rows(alone) == ["| wordcount | throughput | words/s | 38 M (36 M–39 M) | 1.00 | - |  |  |  |  |  |"]


def test_peers_machine_limits_and_round_trips_stand_on_the_page():
    page = results_page.page([MACHINE, LIMIT, FIGURE, {**FIGURE, "case": "wordcount-2"}, TRIP])
    assert "1. Storm (tasks=1)" in page and "2. Storm" not in page
    assert "| sparse | abc |" in page and "| storm | 2.8.3 |" in page and "| 82 (80–85) |" in page
    assert "| split only | 88 M | words/s | 1.00 |" in page
    assert "wordcount 80/85, wordcount-2 80/85" in page


def test_what_a_person_wrote_stays():
    first = results_page.page([MACHINE, FIGURE])
    assert results_page.notes("no notes yet") == results_page.NO_NOTES and first.endswith(results_page.NO_NOTES)
    written = first.replace("Nothing has been written about this run yet.", "It is slow since it waits.")
    assert results_page.page([MACHINE], results_page.notes(written)).endswith("It is slow since it waits.\n")


@pytest.mark.parametrize(
    "value, text",
    [
        (0.0042, "0.0042"),
        (5.25, "5.25"),
        (99.96, "100"),
        (150.4, "150"),
        (1_000, "1 k"),
        (999_600, "1 M"),
        (38.44e6, "38.4 M"),
    ],
)
def test_numbers(value, text):
    assert results_page.number(value) == text
