"""bench/run and bench/profile as a user meets them, as far as nothing has to be built."""

import json
import pathlib
import subprocess

import cases
import pytest

BENCH = pathlib.Path(__file__).parents[2] / "bench"


def run(program, *arguments):
    return subprocess.run([BENCH / program, *arguments], capture_output=True, text=True, timeout=60)


def test_the_list_names_all_cases():
    done = run("run", "--list")
    assert done.returncode == 0 and [line.split()[0] for line in done.stdout.splitlines()] == list(cases.CASES)


@pytest.mark.parametrize("program", ["run", "profile"])
def test_an_unknown_case_is_answered_by_those_that_are(program):
    done = run(program, "const-nul")
    assert done.returncode == 1 and done.stdout == ""
    assert f"bench/{program}: there is no case const-nul; there are: const-null, " in done.stderr
    assert "Traceback" not in done.stderr


def test_lines_of_a_former_run_that_cannot_be_read_are_an_error(tmp_path):
    lines = tmp_path / "lines"
    lines.write_text(json.dumps({"case": "idle", "error": "none"}) + "\n")
    for file, text in ((tmp_path / "none", "cannot read"), (lines, "describes the machine")):
        done = run("run", "--write-results", "--from", str(file))
        assert done.returncode == 1 and text in done.stderr and "Traceback" not in done.stderr


def test_lines_without_a_page_to_write_are_an_error(tmp_path):
    done = run("run", "--from", str(tmp_path / "none"))
    assert done.returncode == 1 and "--write-results" in done.stderr
