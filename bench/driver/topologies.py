"""What sparse runs in the cases: topology files as values. A case says which components it has more of, or apart."""

import places

LOCAL = "local-or-shuffle"


def plugin(component, name, **options):
    """`report` is filled in by `topology`."""
    return {"id": component, "plugin": f"{places.PLUGIN}/{name}", "with": options}


def after(source, component, grouping=LOCAL):
    return {**component, "inputs": {source: grouping}}


def topology(case, report, spouts, bolts):
    """The case's own: tracking, tasks of each component, and those that have loops of their own."""
    for component in spouts + bolts:
        if "plugin" in component:
            component["with"]["report"] = report
        if component["id"] in case.apart:
            component["blocking"] = True
        component.setdefault("parallelism", case.tasks)
    for spout in spouts:
        if "plugin" in spout:
            spout["with"]["acked"] = case.acked
    config = {} if case.acked else {"topology.acker.executors": 0}
    return {"name": case.name, "config": config, "spouts": spouts, "bolts": bolts}


def const_null(case, report):
    return topology(case, report, [plugin("const", "Const")], [after("const", plugin("null", "Null"))])


def const_id_null(case, report):
    bolts = [after("const", plugin("id", "Id")), after("id", plugin("null", "Null"))]
    return topology(case, report, [plugin("const", "Const")], bolts)


def counted(case, report, spout, split):
    count = after("split", plugin("count", "Count"), {"fields": ["word"]})
    return topology(case, report, [spout], [after("lines", split), count])


def lines():
    return plugin("lines", "Lines", text=str(places.TEXT))


def wordcount(case, report):
    return counted(case, report, lines(), plugin("split", "Split"))


def wordcount_file(case, report, repeat):
    spout = {"id": "lines", "file": {"path": str(places.TEXT), "repeat": repeat}}
    return counted(case, report, spout, plugin("split", "Split"))


def paced(rate):
    def build(case, report):
        spout = plugin("lines", "Paced", text=str(places.TEXT), rate=rate, warm=1)
        return counted(case, report, spout, plugin("split", "Split"))

    return build


def python_storm(case, report):
    program = {"command": ["python3", str(places.SPLIT_PY)], "env": {"PYTHONPATH": str(places.STORM_PY)}}
    return counted(case, report, lines(), {"id": "split", "outputs": ["word"], **program})


def python_split(name="Split"):
    program = {"python": f"split_words.{name}", "env": {"PYTHONPATH": str(places.COMPONENTS)}}
    return {"id": "split", "outputs": ["word"], **program}


def python(case, report):
    return counted(case, report, lines(), python_split())


def skewed(case, report):
    """A chain with a bolt that costs 2 µs, and one that costs nothing: a loop that has both starves the second."""
    spouts = [plugin("const", "Const"), plugin("other", "Const")]
    bolts = [
        after("const", plugin("work", "Work", ns=2000)),
        after("work", plugin("null", "Null", after=case.settle)),
        after("other", plugin("id", "Id")),
        after("id", plugin("other-null", "Null", after=case.settle)),
    ]
    return topology(case, report, spouts, bolts)


def slow_bolt(case, report):
    bolts = [after("const", plugin("work", "Work", ns=1_000_000, sleep=True)), after("work", plugin("null", "Null"))]
    return topology(case, report, [plugin("const", "Const")], bolts)


def idle(case, report):
    spout = {**plugin("quiet", "Quiet"), "parallelism": 100}
    bolt = {**after("quiet", plugin("null", "Null")), "parallelism": 100}
    return topology(case, report, [spout], [bolt])
