"""Tasks move to a loop that has idle time; what does not gain by it stays."""

import os

SKEWED = """
name: skewed
spouts:
  - {{id: numbers, generate: {{value: 1}}}}
bolts:
  - {{id: first, plugin: {plugin}/Heavy, inputs: {{numbers: shuffle}}}}
  - {{id: second, plugin: {plugin}/Heavy, inputs: {{first: shuffle}}, pinned: {pinned}}}
  - {{id: sink, discard: {{}}, inputs: {{second: shuffle}}}}
"""


def run(run_sparse, build, *options, pinned="false"):
    plugin = build / "tests/e2e/heavy_plugin.so"
    assert plugin.exists(), f"{plugin} is missing: it is built with the tests"
    run_sparse.write("x.yaml", SKEWED.format(plugin=plugin, pinned=pinned))
    done = run_sparse("run", "x.yaml", "-t", "5", "--json", *options)
    assert done.code == 0, done.err
    counts = {done.component(id)["executed"] for id in ("first", "second", "sink")}
    numbers = done.component("numbers")
    assert counts == {numbers["emitted"]} == {numbers["acked"]}, done.out
    assert numbers["failed"] == 0
    return done


def test_a_bolt_that_costs_two_microseconds_moves_away_from_another(run_sparse, build):
    done = run(run_sparse, build, "--loops", "2")
    moves = done.summary()["moves"]
    if len(os.sched_getaffinity(0)) < 2:
        assert moves == 0, done.err
        return
    lines = [line for line in done.err.splitlines() if "moved task" in line]
    assert 1 <= moves and len(lines) <= 3, done.err
    assert "from loop 0 to loop 1" in lines[0] and "ns for each of" in lines[0], done.err
    # What crossed has waited on its way and, in front of what moved, in an inbox.
    waits = [edge for id in ("first", "second", "sink") for edge in done.component(id)["waits"]]
    assert any(edge["transfer_ms"]["count"] > 0 for edge in waits), done.out
    # Which of the chain moves is the plan's matter: in a build with sanitizers the spout may cost more than a bolt.
    assert sum(done.component(id)["crossed"] for id in ("numbers", "first", "second")) > 0, done.out


def test_nothing_moves_with_one_loop(run_sparse, build):
    done = run(run_sparse, build, "--loops", "1")
    assert done.summary()["moves"] == 0
    assert done.component("first")["on_loops"] == [0]


BLOCKING = """
name: blocking
spouts:
  - {{id: slow-numbers, generate: {{value: 1}}}}
  - {{id: numbers, generate: {{value: 1}}}}
bolts:
  - {{id: sleepy, plugin: {plugin}/Sleepy, inputs: {{slow-numbers: shuffle}}}}
  - {{id: sink, discard: {{}}, inputs: {{numbers: shuffle}}}}
"""


def test_a_bolt_that_turns_out_to_block_is_given_a_loop_and_holds_up_nobody(run_sparse, build):
    run_sparse.write("x.yaml", BLOCKING.format(plugin=build / "tests/e2e/heavy_plugin.so"))
    done = run_sparse("run", "x.yaml", "-t", "6", "--json", "--loops", "1")
    assert done.code == 0, done.err
    sleepy, sink = done.component("sleepy"), done.component("sink")
    (line,) = [line for line in done.err.splitlines() if "ms a call: moved from loop 0" in line]
    assert "sleepy" in line and "blocking: true" in line
    assert sleepy["moves"] == 1 and sleepy["on_loops"] != [0] and sink["on_loops"] == [0]
    assert done.component("slow-numbers")["acked"] == sleepy["executed"] > 0
    assert done.component("numbers")["acked"] == sink["executed"]
    # With a loop that stands for 3 ms after each step of at most 64 numbers this would be 100,000 in the whole run.
    assert sink["executed"] > 500_000, done.out


def test_a_pinned_task_stays(run_sparse, build):
    done = run(run_sparse, build, "--loops", "2", pinned="true")
    assert done.component("second")["moves"] == 0 and done.component("second")["on_loops"] == [0]
