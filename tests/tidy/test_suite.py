"""The test runner counts what it must not overlook: tests that were skipped, programs that died, parts that could not run."""

import sys
import threading

import tree

sys.path.insert(0, str(tree.ROOT / "tests/support/suite"))
import parts  # noqa: E402
import schedule  # noqa: E402
import steps  # noqa: E402


def xml(path, text):
    path.write_text(text)
    return path


def test_pytest_skips_count_as_failures(tmp_path):
    report = xml(
        tmp_path / "r.xml", '<testsuites><testsuite tests="5" failures="1" errors="0" skipped="1"/></testsuites>'
    )
    assert (steps.count_pytest(1, report, "x").passed, steps.count_pytest(1, report, "x").failed) == (3, 2)


def test_a_folder_without_tests_has_failed(tmp_path):
    report = xml(
        tmp_path / "r.xml", '<testsuites><testsuite tests="0" failures="0" errors="0" skipped="0"/></testsuites>'
    )
    assert steps.count_pytest(5, report, "x").failed == 1
    assert steps.count_pytest(4, tmp_path / "none.xml", "x").failed == 1


def test_gtest_cases_are_summed_and_dead_programs_count(tmp_path):
    reports = tmp_path / "gtest"
    reports.mkdir()
    case = '<testcase result="completed"/>'
    xml(reports / "a.xml", f'<testsuites tests="4" failures="1" disabled="1" errors="0">{case}</testsuites>')
    summary = xml(
        tmp_path / "ctest.xml",
        '<testsuite><testcase name="a" status="fail"/><testcase name="b" status="fail"/>'
        '<testcase name="c" status="run"/></testsuite>',
    )
    count = steps.count_ctest(8, reports, summary)
    assert (count.passed, count.failed) == (2, 3)
    assert count.why == "failed: a, b"


def test_ctest_without_tests_has_failed(tmp_path):
    assert steps.count_ctest(0, tmp_path, xml(tmp_path / "ctest.xml", "<testsuite/>")).failed == 1


def test_a_part_that_needs_a_failed_one_has_failed(tmp_path, capsys):
    ran = []
    suite = [
        parts.Part("one", "", lambda log: steps.Count(failed=1)),
        parts.Part("two", "", lambda log: ran.append("two"), needs=("one",)),
        parts.Part("three", "", lambda log: steps.Count(passed=3)),
    ]
    assert schedule.run(suite, tmp_path / "out") == (3, 2)
    assert not ran and "not run: one failed" in capsys.readouterr().out


def test_programs_end_at_the_time_limit(tmp_path):
    log = steps.Log(tmp_path / "log", 0.1, threading.Event())
    assert log.run(["sleep", "60"], tmp_path) == 124


def test_selected_parts_bring_what_they_need():
    suite = parts.suite(tree.ROOT, every=False)
    assert [part.name for part in schedule.select(suite, ["e2e"])] == ["venv", "build", "e2e"]
    assert "there is no part nonsense" in schedule.select(suite, ["nonsense"])
