"""From runs to figures: medians, ranges, ratios of pairs."""

import statistics


class Wrong(Exception):
    """A run that cannot count: it failed, or its counts do not agree."""


def rounded(value):
    return round(value, 3) if value < 100 else round(value)


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


def figure(case, ours, theirs, title):
    """`ours`, `theirs`: runs in the order of the pairs, each with `value` and `cores`."""
    line = spread(case.name, case.metric, case.unit, [run["value"] for run in ours])
    line["cores"] = round(statistics.median(run["cores"] for run in ours), 2)
    if theirs:
        values = [run["value"] for run in theirs]
        line |= {
            "peer": title,
            "peer_value": rounded(statistics.median(values)),
            "peer_min": rounded(min(values)),
            "peer_max": rounded(max(values)),
            "peer_cores": round(statistics.median(run["cores"] for run in theirs), 2),
            "ratio": round(statistics.median(mine["value"] / other["value"] for mine, other in zip(ours, theirs)), 2),
        }
    return line


def glance(case, mine, other):
    text = f"{mine['value']:,.0f} {case.unit} on {mine['cores']:.2f} cores"
    if other:
        text += f"; peer {other['value']:,.0f} on {other['cores']:.2f}: {mine['value'] / other['value']:.1f}x"
    return text
