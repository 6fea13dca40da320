"""The pages bench/results*.md from the lines of a run. Pure; what stands behind the heading of the notes is kept."""

NOTES = "## What stays red, and why"
NO_NOTES = f"{NOTES}\n\nNothing has been written about this run yet.\n"
HEAD = """# {title}

The last full run of `bench/run{suite} --vs storm --write-results` ([README.md](README.md) says how it measures), which writes all
that stands above the notes. A *ratio* is sparse by peer, the median of the pairs; *of bare* is sparse by the bare loop of the
same run; of latencies, growth, cores and memory less is better.
"""
TITLES = {"": "Results", "kafka": "Results with Kafka"}
MACHINE = (
    ("processor", "processor"),
    ("cores", "cores"),
    ("kernel", "kernel"),
    ("sparse", "revision"),
    ("date", "date"),
    ("load before", "load"),
)


def notes(page):
    """What a person wrote."""
    at = page.find(NOTES)
    return page[at:] if at >= 0 else NO_NOTES


def number(value):
    """Three digits or a little more, in the unit's thousands."""
    for scale, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= scale * 0.9995:
            return f"{value / scale:.3g}{letter}" if value < scale * 999.5 else f"{value / scale:.0f}{letter}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def table(titles, rows):
    return [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles), *(f"| {' | '.join(row)} |" for row in rows), ""]


def verdict(line):
    if "error" in line:
        return "**red**"
    if "goals" not in line:
        return ""
    return {True: "met", False: "**red**", None: "no peer"}[line["met"]]


def ranged(line, prefix=""):
    value, least, most = (line.get(prefix + name) for name in ("value", "min", "max"))
    if value is None:
        return "-"
    return number(value) if least == most else f"{number(value)} ({number(least)}–{number(most)})"


def row(line, settings):
    """`settings`: the peers that occur so far; their numbers stand in the table."""
    if "error" in line:
        return [line["case"], "", "", line["error"].replace("|", "/"), "", "", "", "", "", "", verdict(line)]
    peer = ""
    if "peer" in line:
        if line["peer"] not in settings:
            settings.append(line["peer"])
        peer = f" [{settings.index(line['peer']) + 1}]"
    default = f"; default {number(line['peer_default'])}" if "peer_default" in line else ""
    return [
        line["case"],
        line["metric"],
        line["unit"],
        ranged(line),
        f"{line['cores']:.2f}",
        ranged(line, "peer_") + peer + default,
        f"{line['peer_cores']:.2f}" if "peer_cores" in line else "",
        f"{line['ratio']:.3g}" if "ratio" in line else "",
        f"{line['limit_share']:.2f}" if "limit_share" in line else "",
        "; ".join(line.get("goals", [])),
        verdict(line),
    ]


def machine_part(lines):
    described = next(line for line in lines if line["case"] == "machine" and line["metric"] == "description")
    rows = [[title, str(described[key])] for title, key in MACHINE]
    rows += [[name, version] for name, version in described.get("versions", {}).items()]
    trip = next((line for line in lines if line["case"] == "machine" and line["metric"] == "ping_pong"), None)
    if trip:
        rows.append(["round trip between two threads, ns", ranged(trip)])
    return table(["machine", ""], rows)


def page(lines, hand_written=NO_NOTES, suite=""):
    """Markdown."""
    figures = [line for line in lines if line["case"] not in ("machine", "limits")]
    settings = []
    titles = ["case", "metric", "unit", "sparse (min–max)", "cores", "peer (min–max)", "cores", "ratio", "of bare", "goal", ""]
    rows = [row(line, settings) for line in figures]
    head = HEAD.format(title=TITLES[suite], suite=f" {suite}" if suite else "")
    parts = [head, *machine_part(lines), "## Cases", "", *table(titles, rows)]
    parts += ["Peers, with the settings that suited them best:", ""] if settings else []
    parts += [f"{number + 1}. {peer}" for number, peer in enumerate(settings)] + ([""] if settings else [])
    states = [
        f"{line['case']} {'/'.join(f'{trip:.0f}' for trip in line['round_trips'])}"
        for line in figures
        if "round_trips" in line
    ]
    if states:
        parts += ["Round trips before and after each case, ns: " + ", ".join(dict.fromkeys(states)) + ".", ""]
    limits = [line for line in lines if line["case"] == "limits"]
    if limits:
        bare = [
            [line["metric"], number(line["value"]), line["unit"], f"{line['cores']:.2f}" if "cores" in line else ""]
            for line in limits
        ]
        parts += [
            "## Bare loops on this machine, in the same run",
            "",
            *table(["loop", "figure", "unit", "cores"], bare),
        ]
    return "\n".join(parts) + "\n" + hand_written


def suites(lines, of_kafka):
    """The lines of each page, by the suite that it is of; only for suites that have figures. `of_kafka`: names of cases."""
    parts = {"": [], "kafka": []}
    for line in lines:
        if line["case"] == "machine":
            for part in parts.values():
                part.append(line)
        else:
            parts["kafka" if line["case"] in of_kafka else ""].append(line)
    return {suite: part for suite, part in parts.items() if any(line["case"] not in ("machine", "limits") for line in part)}
