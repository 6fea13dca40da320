"""`sparse run`: its options, how it ends, and what it says."""

import signal
import subprocess
import time

import pytest

STDIN = """
name: from-stdin
spouts:
  - {id: lines, stdin: {}}
bolts:
  - {id: out, print: {}, inputs: {lines: shuffle}}
"""

ENDLESS = """
name: endless
spouts:
  - {id: numbers, generate: {value: 1, rate: 1000}}
bolts:
  - {id: sink, discard: {}, inputs: {numbers: shuffle}}
"""

def test_a_pipeline_through_standard_input_and_output(run_sparse):
    run_sparse.write("x.yaml", STDIN)
    done = run_sparse("run", "x.yaml", stdin="a b\na\n")
    assert done.code == 0, done.err
    assert [row["values"] for row in done.rows()] == [["a b"], ["a"]]


def test_time_ends_the_run_and_drains(run_sparse):
    run_sparse.write("x.yaml", ENDLESS)
    before = time.monotonic()
    done = run_sparse("run", "-t", "1", "--json")
    assert 1 <= time.monotonic() - before < 30
    assert done.code == 0, done.err
    summary = done.summary()
    assert summary["reason"] == "time" and summary["seconds"] >= 1
    numbers, sink = done.component("numbers"), done.component("sink")
    assert numbers["emitted"] == sink["executed"] > 0
    assert numbers["pending"] == sink["queued"] == 0


def test_json_is_the_last_line_of_stdout_and_the_table_is_on_stderr(run_sparse):
    run_sparse.write("x.yaml", STDIN)
    done = run_sparse("run", "--json", stdin="a\n")
    lines = done.out.splitlines()
    assert len(lines) == 2
    assert done.summary()["reason"] == "finished" and done.summary()["exit_code"] == 0
    assert "from-stdin finished" in done.err and "component" in done.err


def test_options_of_the_command_line_reach_the_topology(run_sparse):
    run_sparse.write("x.yaml", STDIN.replace("name: from-stdin", "name: ${who}-${ENV-PLACE}"))
    words = ["run", "--var", "who=me", "--env-filter", "--json"]
    done = run_sparse(*words, "-o", "topology.acker.executors=0", stdin="a\n", PLACE="here")
    assert done.code == 0, done.err
    assert done.summary()["topology"] == "me-here"
    assert done.component("lines")["complete_ms"]["count"] == 0  # nothing is tracked
    done = run_sparse(*words, "--name", "other", stdin="a\n", PLACE="here")
    assert done.summary()["topology"] == "other"


def test_picks_a_topology_by_name(run_sparse):
    run_sparse.write("topologies/x.yaml", STDIN)
    run_sparse.write("topologies/y.yaml", STDIN)
    done = run_sparse("run", "-n", "y", stdin="a\n")
    assert done.code == 0, done.err
    assert len(done.rows()) == 1
    done = run_sparse("run", "-n", "z", stdin="a\n")
    assert (done.code, done.out) == (2, "") and "-n z: neither here nor in topologies/" in done.err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_drains(run_sparse, how):
    run_sparse.write("x.yaml", ENDLESS)
    child = run_sparse.started()
    child.send_signal(how)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert '"reason":"interrupted"' in out
    assert "draining" in err and "interrupted and drained" in err


def test_a_closed_standard_output_ends_the_run_with_a_reason(run_sparse):
    run_sparse.write("x.yaml", ENDLESS.replace("discard: {}", "print: {}"))
    child = run_sparse.start("run")
    child.stdout.close()
    assert child.wait(timeout=60) == 1
    assert "standard output" in child.stderr.read()
    child.stderr.close()


@pytest.mark.parametrize("words", ["run", "validate", "validate --json", "schema", "visualize", "--help", "sdk"])
@pytest.mark.parametrize("stdout", ["full", "closed"])
def test_results_that_cannot_be_written_are_an_error(run_sparse, sparse, words, stdout):
    run_sparse.write("x.yaml", STDIN)
    how = "> /dev/full" if stdout == "full" else ">&-"
    command = f"echo a | {sparse} {words} {how}"
    done = subprocess.run(["sh", "-c", command], cwd=run_sparse.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "cannot write to the standard output" in done.stderr


def test_a_summary_that_cannot_be_written_is_an_error(run_sparse, sparse):
    run_sparse.write("x.yaml", STDIN.replace("print", "discard"))
    command = f"{sparse} run --json < /dev/null > /dev/full"
    done = subprocess.run(["sh", "-c", command], cwd=run_sparse.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cannot write the summary to the standard output: No space left" in done.stderr


def test_a_closed_standard_input_is_an_error_of_who_reads_it(run_sparse, sparse):
    run_sparse.write("x.yaml", STDIN)
    done = subprocess.run(["sh", "-c", f"{sparse} run <&-"], cwd=run_sparse.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "the standard input is closed, and the stdin spout reads it" in done.stderr


def test_a_standard_input_that_cannot_be_read_is_an_error(run_sparse, sparse):
    run_sparse.write("x.yaml", STDIN)
    done = subprocess.run(["sh", "-c", f"{sparse} run < ."], cwd=run_sparse.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cannot read the standard input: Is a directory" in done.stderr


@pytest.mark.slow  # not with sanitizers: they need descriptors themselves, to look at an exception
def test_too_few_file_descriptors_are_no_defect_of_sparse(run_sparse, sparse):
    run_sparse.write("x.yaml", ENDLESS)
    command = f"ulimit -n 100; {sparse} run --loops 200"
    done = subprocess.run(["bash", "-c", command], cwd=run_sparse.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "a loop needs two file descriptors: Too many open files" in done.stderr and "ulimit" in done.stderr
    assert "defect" not in done.stderr


def test_two_thousand_tasks_on_both_sides_of_a_stream_end_in_time(run_sparse):
    text = ENDLESS.replace("rate: 1000}}", "count: 2000}, parallelism: 2000}")
    run_sparse.write("x.yaml", text.replace("discard: {}", "discard: {}, parallelism: 2000"))
    done = run_sparse("run", "--json")
    assert done.code == 0, done.err
    assert done.component("sink")["executed"] == 2000
    assert done.summary()["seconds"] < 30  # for sanitizer builds; it was the cube of the number of tasks


def test_a_plain_line_every_five_seconds(run_sparse):
    run_sparse.write("x.yaml", ENDLESS)
    done = run_sparse("run", "-t", "6")
    assert "endless running: numbers" in done.err
    assert "\x1b" not in done.err


def wait_for(read, wanted, seconds=60):
    deadline = time.monotonic() + seconds
    while wanted not in read():
        assert time.monotonic() < deadline, read()
        time.sleep(0.05)


def test_watch_starts_again_when_a_file_changes(run_sparse):
    path = run_sparse.write("x.yaml", ENDLESS)
    log = run_sparse.folder / "stderr.log"
    with open(log, "wb") as err:
        child = run_sparse.start("run", "--watch", "x.yaml", stdout=subprocess.DEVNULL, stderr=err)
    try:
        time.sleep(1.5)
        path.write_text("name: broken\nspouts: 5\n")
        wait_for(log.read_text, "its files changed")
        wait_for(log.read_text, "waiting for a change")
        path.write_text(ENDLESS.replace("endless", "mended"))
        wait_for(log.read_text, "mended running")
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=60) == 0
        assert "mended interrupted" in log.read_text()
    finally:
        child.kill()
        child.wait()


def test_standard_output_stays_clean(run_sparse):
    """Only results: with stderr gone, all lines are JSON of the print bolt."""
    run_sparse.write("x.yaml", STDIN)
    words = [run_sparse.binary, "run", run_sparse.folder / "x.yaml"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    out = subprocess.run(words, input="a\nb\n", text=True, timeout=60, **pipes).stdout
    assert [line[0] for line in out.splitlines()] == ["{", "{"]
