"""The bare loops of bench/peers/limits: what the machine does without any engine, measured in the same run as the cases."""

import re
import subprocess
import sys

import places
from figures import rounded

SECONDS_A_LOOP = 0.7
SECONDS_OF_CHILD = 3
LINE = re.compile(r"(?P<name>.*?)\s{2,}(?P<value>[\d.]+) (?P<unit>.*?)(?:\s+cores (?P<cores>[\d.]+))?")
SCALES = {"M ": 1e6}  # the program prints millions


def parsed(text):
    """(name, value, unit, cores or None) of each line that holds a figure. Pure."""
    found = []
    for match in filter(None, map(LINE.fullmatch, text.splitlines())):
        scale, unit = next(
            ((by, match["unit"][len(m) :]) for m, by in SCALES.items() if match["unit"].startswith(m)),
            (1, match["unit"]),
        )
        found.append((match["name"], float(match["value"]) * scale, unit, match["cores"] and float(match["cores"])))
    return found


def line(name, value, unit, cores):
    made = {"case": "limits", "metric": name, "unit": unit, "value": rounded(value), "runs": 1, "peer": "bare loop"}
    return made if cores is None else {**made, "cores": cores}


def measure(with_child):
    """All of them as lines; the child is a Python program, and needs Storm's library."""
    programs = [[places.PROJECT / "limits", places.TEXT, SECONDS_A_LOOP]]
    if with_child:
        programs.append(
            [sys.executable, places.BARE_CHILD, places.TEXT, places.SPLIT_PY, places.STORM_PY, SECONDS_OF_CHILD]
        )
    lines = []
    for words in programs:
        done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, check=True)
        lines += [line(*figure) for figure in parsed(done.stdout)]
    return lines
