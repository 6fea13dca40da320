"""Topology files that are wrong in every kind of way: a readable error, quickly, never a crash."""

import resource

import pytest

GOOD = "name: x\nspouts:\n  - {id: lines, stdin: {}}\nbolts:\n  - {id: out, print: {}, inputs: {lines: shuffle}}\n"

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)

BROKEN = {
    "empty": "",
    "null bytes": "name: x\0\n",
    "not utf-8": "name: \udcff\n",
    "a list": "- a\n- b\n",
    "a scalar": "hello\n",
    "not yaml": "name: [unclosed\n",
    "tabs": "name: x\n\tspouts: []\n",
    "only a name": "name: x\n",
    "no spouts": "name: x\nspouts: []\nbolts: []\n",
    "spouts is a number": "name: x\nspouts: 5\n",
    "unknown key": GOOD + "spuots: []\n",
    "duplicate key": GOOD + "name: y\n",
    "duplicate id": GOOD.replace("id: out", "id: lines"),
    "unknown component": GOOD.replace("{lines: shuffle}", "{liens: shuffle}"),
    "unknown grouping": GOOD.replace("shuffle", "shufle"),
    "unknown field": GOOD.replace("lines: shuffle", "lines: {fields: [lien]}"),
    "unknown stream": GOOD.replace("lines: shuffle", "lines/errors: shuffle"),
    "unconnected bolt": GOOD.replace(", inputs: {lines: shuffle}", ""),
    "two ways to run": GOOD.replace("print: {}", "print: {}, python: a.B"),
    "no way to run": GOOD.replace("print: {}, ", ""),
    "zero tasks": GOOD.replace("print: {}", "print: {}, parallelism: 0"),
    "too many tasks": GOOD.replace("print: {}", "print: {}, parallelism: 1000000"),
    "octal tasks": GOOD.replace("print: {}", "print: {}, parallelism: 017"),
    "bad name": GOOD.replace("name: x", "name: a/b"),
    "reserved name": GOOD.replace("id: out", "id: __out"),
    "undefined variable": GOOD.replace("name: x", "name: ${nobody}"),
    "missing plugin": GOOD.replace("print: {}", "plugin: missing.so/Count"),
    "missing python": GOOD.replace("print: {}", "python: missing.Count"),
    "java": GOOD.replace("id: out, print: {}, inputs: {lines: shuffle}", "id: out, className: org.example.CountBolt"),
    "alias bomb": BOMB + GOOD,
    "too deep": "name: " + "[" * 5000 + "]" * 5000 + "\n",
    "too long": "# " + "x" * (2 << 20) + "\n" + GOOD,
    "a line of unknown variables": 'name: "' + "${a}" * 260_000 + '"\n',
    "a line of dollars": 'name: "' + "${" * 520_000 + '"\n',
    "a line of passwords": "spouts: [{id: s, kafka: {properties: {" + "sasl.password: x, " * 20_000 + "}}}]\n",
    "includes itself": GOOD + "includes: [{resource: false, file: x.yaml, override: false}]\n",
}


def seconds_of_children():
    """Of the processor: the clock on the wall also shows what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_one_readable_error(run_sparse, sanitized, kind):
    path = run_sparse.folder / "x.yaml"
    path.write_bytes(BROKEN[kind].encode("utf-8", "surrogateescape"))
    before = seconds_of_children()
    done = run_sparse("run", "x.yaml")
    assert seconds_of_children() - before < (10 if sanitized else 1)
    assert done.code == 1, done.err
    assert done.out == ""
    assert "error" in done.err and "x.yaml" in done.err
    assert "unexpected" not in done.err and "defect" not in done.err


def test_a_file_that_is_too_large_is_told_its_size_and_the_limit(run_sparse):
    run_sparse.write("x.yaml", BROKEN["too long"])
    done = run_sparse("validate", "x.yaml")
    assert "the file has 2097" in done.err and "may have 1048576" in done.err
    assert "includes" in done.err  # what to do


def test_no_message_is_obeyed_by_the_terminal(run_sparse):
    run_sparse.write("x.yaml", GOOD.replace("name: x", 'name: "x\\e[31m"').replace("id: out", 'id: out, "\\e]0;hi\\a": 1'))
    run_sparse.write("y.yaml", GOOD.replace("print: {}", 'file: {path: "/nowhere/\\e[31m"}'))
    for file in ["x.yaml", "y.yaml", "\x1b[31m.yaml"]:
        done = run_sparse("run", file)
        assert done.code == 1
        assert "\\x1b[31m" in done.err and "\x1b" not in done.err and "\x07" not in done.err


def test_all_errors_come_at_once(run_sparse):
    run_sparse.write("x.yaml", GOOD.replace("shuffle", "shufle").replace("stdin", "sdtin") + "confg: {}\n")
    done = run_sparse("run", "x.yaml")
    assert done.code == 1
    assert done.err.count("error") >= 3
    assert "shuffle" in done.err and "stdin" in done.err and "config" in done.err


@pytest.mark.parametrize("path", [".", "/dev/null", "missing.yaml"])
def test_what_is_no_file_is_refused(run_sparse, path):
    done = run_sparse("run", path)
    assert done.code == 1
    assert "error" in done.err
