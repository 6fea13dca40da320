"""`isolate: process`: a bolt of a plugin in a process of its own dies alone, and nothing is lost."""

import json
import re

import pytest

TOPOLOGY = """
name: isolated
spouts:
  - {{id: numbers, plugin: {plugin}/Numbers, with: {{last: 30}}}}
bolts:
  - {{id: {id}, plugin: {plugin}/{name}, isolate: process, inputs: {{numbers: shuffle}}}}
  - {{id: out, print: {{}}, inputs: {{{id}: shuffle}}}}
"""


@pytest.fixture
def isolated(run_sparse, build):
    plugin = build / "tests/e2e/crashing_plugin.so"
    assert plugin.exists(), f"{plugin} is missing: it is built with the tests"

    def run(id, name, *words):
        run_sparse.write("x.yaml", TOPOLOGY.format(plugin=plugin, id=id, name=name))
        return run_sparse("run", *words, "x.yaml")

    return run


def printed(done):
    return [json.loads(line)["values"][0] for line in done.out.splitlines()]


def test_each_death_is_one_clear_line_and_no_tuple_is_lost(isolated):
    done = isolated("boom", "CrashOnce")
    assert done.code == 0, done.err
    numbers = printed(done)
    assert set(range(1, 31)) <= set(numbers), done.out
    deaths = [line for line in done.err.splitlines() if " died: " in line]
    assert 1 <= len(deaths) <= 4, done.err
    for death in deaths:
        assert re.search(r"died: .*SIGSEGV", death), death
        assert re.search(r'crashed by SIGSEGV, in component "boom", task 2, in execute; message id \d+', death), death
    assert re.search(r"crashing_plugin\.so\+0x[0-9a-f]+", done.err), done.err
    assert re.search(r"write_to_nowhere.* at .*crashing_plugin\.cc:\d+", done.err), done.err
    assert len([number for number in numbers if number < 0]) == 1  # the life that saw the end


def test_kept_tuples_timers_and_field_names_work_in_a_process_of_its_own(isolated):
    done = isolated("keep", "KeepOne")
    assert done.code == 0, done.err
    assert sorted(printed(done)) == list(range(1, 31)), done.err


def test_a_class_that_is_not_there_is_named(isolated):
    done = isolated("x", "Absent")
    assert done.code != 0 and "Absent" in done.err


SPOUT = "spouts: [{id: s, generate: {value: 1}}]\n"
WRONG = [
    ("spouts: [{id: s, plugin: p.so/Numbers, isolate: process}]", "is for bolts"),
    (SPOUT + "bolts: [{id: b, print: {}, isolate: process, inputs: {s: shuffle}}]", "is for plugins"),
    (SPOUT + "bolts: [{id: b, plugin: p.so/B, isolate: thread, inputs: {s: shuffle}}]", "is `process` or `none`"),
]


@pytest.mark.parametrize("text, says", WRONG, ids=["spout", "built-in", "value"])
def test_validate_refuses_it_where_it_has_no_meaning(run_sparse, text, says):
    run_sparse.write("x.yaml", "name: wrong\n" + text + "\n")
    done = run_sparse("validate", "x.yaml")
    assert done.code != 0 and says in done.err + done.out, done.err + done.out
