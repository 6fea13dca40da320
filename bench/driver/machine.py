"""What the figures were measured on."""

import datetime
import os
import platform
import subprocess

import places


def processor():
    with open("/proc/cpuinfo") as lines:
        return next(
            (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine()
        )


def description():
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=places.ROOT, capture_output=True, text=True
    )
    return {
        "case": "machine",
        "metric": "description",
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load": round(os.getloadavg()[0], 2),
        "revision": revision.stdout.strip(),
        "date": datetime.date.today().isoformat(),
    }


def ping_pong():
    """Nanoseconds for a round trip between two spinning threads."""
    return float(subprocess.run([places.PROJECT / "pingpong"], check=True, capture_output=True, text=True).stdout)


def first_line(*words):
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError:
        return "none"
    return next(iter(done.stdout.splitlines()), "none")


def versions(storm):
    """`storm`: the peer's, if it takes part."""
    found = {"compiler": first_line("c++", "--version"), "python": first_line("python3", "--version")}
    return found | ({"storm": storm, "java": first_line("java", "-version")} if storm else {})
