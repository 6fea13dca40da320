"""Stacks from what profilers print."""

import xml.etree.ElementTree as xml

import flame
import pytest
import stacks

PERF = """sparse 41\x20
\t    55d0 bench::CountBolt::execute (/b/bench_components.so)
\t    55d1 sparse::worker::(anonymous namespace)::emit (/b/sparse)
\t    55d2 sparse::worker::Loop::round (/b/sparse)

sparse 41\x20
\t    55d1 sparse::worker::(anonymous namespace)::emit (/b/sparse)
\t    55d2 sparse::worker::Loop::round (/b/sparse)

python3 42\x20
\t    ffff copy_to_user ([kernel.kallsyms])
\t    55d2 _PyEval_EvalFrameDefault (/usr/bin/python3.11)

"""


def test_stacks_of_perf_begin_with_the_outermost_call():
    found = stacks.from_perf(PERF)
    assert found[(("engine", "Loop::round"), ("engine", "emit"), ("component", "bench::CountBolt::execute"))] == 1
    assert stacks.folded(found).splitlines() == [
        "_PyEval_EvalFrameDefault;copy_to_user 1",
        "Loop::round;emit 1",
        "Loop::round;emit;bench::CountBolt::execute 1",
    ]


def test_own_time_and_time_with_calls():
    kinds, rows = stacks.shares(stacks.from_perf(PERF))
    assert kinds == {"engine": pytest.approx(1 / 3), "component": pytest.approx(1 / 3), "kernel": pytest.approx(1 / 3)}
    assert ("emit", "engine", pytest.approx(1 / 3), pytest.approx(2 / 3)) in rows


def test_functions_that_call_themselves_count_once():
    _, rows = stacks.shares({(("engine", "f"), ("engine", "f")): 4})
    assert rows == [("f", "engine", 1.0, 1.0)]


def test_functions_of_callgrind():
    text = (
        "1,200 (100.0%)  PROGRAM TOTALS\n"
        "Ir\n"
        "900 (75.00%)  ???:bench::CountBolt::execute(sparse::Tuple const&) [/b/bench_components.so]\n"
        "300 (25.00%)  emit.cc:sparse::worker::emit [/b/sparse]\n"
    )
    kinds, _ = stacks.shares(stacks.from_callgrind(text))
    assert kinds == {"engine": 0.25, "component": 0.75}


@pytest.mark.parametrize(
    "path, is_child, kind",
    [
        ("/b/release/sparse", False, "engine"),
        ("/b/bench_components.so", False, "component"),
        ("/lib/x86_64-linux-gnu/libc.so.6", False, "library"),
        ("[vdso]", False, "library"),
        ("[kernel.kallsyms]", False, "kernel"),
        ("/usr/bin/python3.11", True, "child"),
        ("/lib/x86_64-linux-gnu/libc.so.6", True, "child"),
        ("[kernel.kallsyms]", True, "kernel"),
    ],
)
def test_whose_code_it_is(path, is_child, kind):
    assert stacks.kind(path, is_child) == kind


def test_the_table_names_shares():
    text = stacks.table(stacks.from_perf(PERF), 2)
    assert text.splitlines()[0] == "engine 33.3%  component 33.3%  kernel 33.3%"
    assert len(text.splitlines()) == 5


def test_a_flame_graph_is_as_wide_as_its_shares():
    drawing = xml.fromstring(flame.svg(stacks.from_perf(PERF), "a <case>"))
    name = "{http://www.w3.org/2000/svg}"
    found = {
        group.find(name + "title").text: float(group.find(name + "rect").get("width"))
        for group in drawing.iter(name + "g")
    }
    assert found["Loop::round (engine) 66.7%"] == pytest.approx(flame.WIDTH * 2 / 3, abs=0.1)
    assert found["bench::CountBolt::execute (component) 33.3%"] == pytest.approx(flame.WIDTH / 3, abs=0.1)


def test_a_flame_graph_of_nothing_is_empty():
    assert "<rect" not in flame.svg({}, "nothing")
