"""From runs to lines of figures: medians, ranges, ratios of pairs, goals met or not. Pure."""

import operator
import re
import statistics

OPERATORS = {">=": operator.ge, "<=": operator.le, "<": operator.lt}
GOAL = re.compile(r"(\w+) (>=|<=|<) ([\d.e+-]+)")


class Wrong(Exception):
    """A run that cannot count: it failed, or its counts do not agree."""


def rounded(value):
    return round(value, 4) if value < 100 else round(value)


def spread(case, metric, unit, values):
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "value": rounded(statistics.median(values)),
        "min": rounded(min(values)),
        "max": rounded(max(values)),
        "runs": len(values),
    }


def beside(line, metric, ours, theirs, title):
    """The peer's part of a line. The ratio is ours by theirs, in each pair."""
    values = [run["metrics"][metric] for run in theirs]
    line |= {
        "peer": title,
        "peer_value": rounded(statistics.median(values)),
        "peer_min": rounded(min(values)),
        "peer_max": rounded(max(values)),
        "peer_cores": round(statistics.median(run["cores"] for run in theirs), 3),
    }
    if all(values):
        line["ratio"] = round(statistics.median(a["metrics"][metric] / b for a, b in zip(ours, values)), 4)


def meets(goal, line):
    """A goal is one condition, or several with ` or ` between them. None if the line lacks what it asks for."""
    verdicts = []
    for condition in goal.split(" or "):
        what, how, bound = GOAL.fullmatch(condition).groups()
        verdicts.append(OPERATORS[how](line[what], float(bound)) if what in line else None)
    return True if True in verdicts else None if None in verdicts else False


def met(goals, line):
    verdicts = [meets(goal, line) for goal in goals]
    return False if False in verdicts else None if None in verdicts else True


def lines(case, ours, theirs, title, limits, round_trips, default=None):
    """One line a metric. `ours`, `theirs`: runs in the order of the pairs; `default`: a run of the peer as it comes."""
    made = []
    for metric in case.metrics:
        line = spread(case.name, metric.name, metric.unit, [run["metrics"][metric.name] for run in ours])
        line["cores"] = round(statistics.median(run["cores"] for run in ours), 3)
        if theirs and metric.name in theirs[0]["metrics"]:
            beside(line, metric.name, ours, theirs, title)
        if default:
            line["peer_default"] = rounded(default["metrics"][metric.name])
        if bare := [run["bare"][metric.name] for run in ours if metric.name in run.get("bare", {})]:
            shares = [run["metrics"][metric.name] / run["bare"][metric.name] for run in ours]
            line |= {"limit": rounded(statistics.median(bare)), "limit_share": round(statistics.median(shares), 4)}
        elif case.limit in limits:
            line |= {"limit": limits[case.limit], "limit_share": round(line["value"] / limits[case.limit], 4)}
        if metric.goals:
            line |= {"goals": list(metric.goals), "met": met(metric.goals, line)}
        made.append(line | {"round_trips": round_trips})
    return made


def glance(case, mine, other):
    """A few words on a pair, for the person who waits."""
    texts = []
    for metric in case.metrics:
        text = f"{metric.name} {mine['metrics'][metric.name]:,.4g} {metric.unit}"
        theirs = other and other["metrics"].get(metric.name)
        texts.append(text + (f" (peer {theirs:,.4g}: {mine['metrics'][metric.name] / theirs:.3g}x)" if theirs else ""))
    cores = f"{mine['cores']:.2f} cores" + (f" (peer {other['cores']:.2f})" if other else "")
    return ", ".join(texts) + f"; {cores}"
