"""C++ components that die: the report names them, the exit status is the signal's."""

import re
import signal
import time

import pytest

TOPOLOGY = """
name: crash
spouts:
  - {{id: numbers, plugin: {plugin}/Numbers, with: {{last: 20}}}}
bolts:
  - {{id: pass, plugin: {plugin}/Pass, inputs: {{numbers: shuffle}}}}
  - {{id: boom, plugin: {plugin}/Crash, with: {{how: {how}, at: 7, when: {when}}}, inputs: {{pass: shuffle}}}}
"""


def write(run_sparse, build, how, when="execute"):
    plugin = build / "tests/e2e/crashing_plugin.so"
    assert plugin.exists(), f"{plugin} is missing: it is built with the tests"
    run_sparse.write("x.yaml", TOPOLOGY.format(plugin=plugin, how=how, when=when))


DEATHS = [
    ("segv", signal.SIGSEGV, "crashed by SIGSEGV", "write_to_nowhere"),
    ("bus", signal.SIGBUS, "crashed by SIGBUS", "Crash::die"),
    ("fpe", signal.SIGFPE, "crashed by SIGFPE", "Crash::die"),
    ("ill", signal.SIGILL, "crashed by SIGILL", "Crash::die"),
    ("abort", signal.SIGABRT, "crashed by SIGABRT", "Crash::die"),
    ("overflow", signal.SIGSEGV, "crashed by SIGSEGV", "recurse"),
]


@pytest.mark.parametrize("how, number, says, where", DEATHS, ids=[death[0] for death in DEATHS])
def test_a_report_names_the_component_the_message_and_the_place(run_sparse, build, how, number, says, where):
    write(run_sparse, build, how)
    done = run_sparse("run", "--loops", "1", "x.yaml")
    assert done.code == -number, done.err
    report = next(line for line in done.err.splitlines() if says in line)
    assert 'in component "boom", task 3, in execute' in report
    assert 'message id 7 of component "numbers", task 1' in report
    assert "calls that led there: numbers#1 next -> pass#2 execute -> boom#3 execute" in done.err
    assert re.search(r"#\d+ \S*/crashing_plugin\.so\+0x[0-9a-f]+", done.err), done.err
    assert re.search(rf"{where}.* at .*crashing_plugin\.cc:\d+", done.err), done.err


def test_a_crash_between_loops_names_the_tree(run_sparse, build):
    write(run_sparse, build, "segv")
    text = (run_sparse.folder / "x.yaml").read_text()
    run_sparse.write("x.yaml", text + "config: {topology.fusion: false}\n")
    done = run_sparse("run", "--loops", "1", "x.yaml")
    assert done.code == -signal.SIGSEGV
    report = next(line for line in done.err.splitlines() if "crashed by SIGSEGV" in line)
    assert re.search(r'in component "boom", task 3, in execute; tree 0x[0-9a-f]+ of spout task 1', report), report
    assert "calls that led there" not in done.err


def test_a_crash_in_open_says_so(run_sparse, build):
    write(run_sparse, build, "segv", when="open")
    done = run_sparse("run", "x.yaml")
    assert done.code == -signal.SIGSEGV
    assert 'in component "boom", task 3, in open' in done.err


def test_an_exception_that_leaves_a_thread_is_quoted(run_sparse, build):
    write(run_sparse, build, "terminate")
    done = run_sparse("run", "x.yaml")
    assert done.code == -signal.SIGABRT
    assert "crashed by SIGABRT (abort), on a thread that runs no loop" in done.err
    assert "nobody caught an exception of type std::runtime_error: nobody catches this" in done.err
    assert re.search(r"throw_on_a_thread.* at .*crashing_plugin\.cc:\d+", done.err), done.err


def test_an_endless_loop_is_reported_once_and_a_second_signal_ends_it(run_sparse, build):
    write(run_sparse, build, "loop")
    err = run_sparse.folder / "err"
    with open(err, "w") as file:
        child = run_sparse.start("run", "--loops", "1", "x.yaml", stderr=file)
        deadline = time.monotonic() + 60
        while "go_round" not in err.read_text():
            assert child.poll() is None and time.monotonic() < deadline, err.read_text()
            time.sleep(0.1)
        time.sleep(6)  # no second report
        for _ in range(2):
            assert child.poll() is None
            child.send_signal(signal.SIGINT)
            time.sleep(0.5)
        assert child.wait(timeout=60) == 1
    text = err.read_text()
    stuck = [line for line in text.splitlines() if "has been in" in line]
    assert len(stuck) == 1, text
    assert 'component "boom" has been in execute for 5 s' in stuck[0]
    assert "message id 7" in stuck[0]
    assert re.search(r"boom#3 ERROR .*go_round.* at .*crashing_plugin\.cc:\d+", text), text
