"""Our side: builds sparse, installs the SDK, builds the bench plugin against it, runs `sparse run`, checks every count.

The rate is the count divided by the wall clock of the whole process: start, planning and draining included.
"""

import functools
import itertools
import json
import os
import subprocess
import time

import places
from figures import Wrong

CALIBRATION_ROUNDS = 20


def command(*words, **more):
    done = subprocess.run(
        [str(word) for word in words], cwd=places.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more
    )
    if done.returncode:
        raise SystemExit(
            done.stdout.decode(errors="replace") + f"bench/run: {words[0]} failed (exit {done.returncode})"
        )


def prepare(talk):
    talk("building sparse, installing its SDK, building the bench plugin with it")
    command("cmake", "--preset", "release")
    command("cmake", "--build", "--preset", "release", "--target", "sparse", "sparse_test_kit", "topologies/all")
    command("cmake", "--install", "build/release", "--prefix", places.SDK)
    command(
        "cmake",
        "-S",
        "bench",
        "-B",
        places.PROJECT,
        f"-DCMAKE_PREFIX_PATH={places.SDK}",
        "-DCMAKE_BUILD_TYPE=Release",
    )
    command("cmake", "--build", places.PROJECT)


@functools.cache
def words_before():
    """words_before()[i]: the words in the first i lines that are not blank."""
    with open(places.TEXT, encoding="utf-8") as text:
        return list(itertools.accumulate((len(line.split()) for line in text if line.strip()), initial=0))


def words_in(lines):
    per_round = words_before()
    rounds, rest = divmod(lines, len(per_round) - 1)
    return rounds * per_round[-1] + per_round[rest]


def process(case, topology, extra):
    """Runs it; the summary, what the components reported, wall seconds and the cores that were used."""
    folder = places.OUT / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / f"{case.name}.report"
    report.unlink(missing_ok=True)
    file = folder / f"{case.name}.yaml"
    file.write_text(json.dumps(topology(str(report)), indent=1))
    with open(folder / f"{case.name}.log", "wb") as log, open(folder / f"{case.name}.out", "w+b") as out:
        start = time.monotonic()
        child = subprocess.Popen(
            [places.SPARSE, "run", file, "--json", *extra],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        lines = out.read().decode(errors="replace").splitlines()
    if child.returncode != 0 or not lines:
        raise Wrong(f"sparse run {file} ended with {child.returncode}; see {log.name}")
    reports = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    return json.loads(lines[-1]), reports, wall, (usage.ru_utime + usage.ru_stime) / wall


def total(reports, component, name):
    return sum(entry.get(name, 0) for entry in reports if entry["component"] == component)


def agree(what, one, other):
    if one != other:
        raise Wrong(f"{what}: {one:,} and {other:,} do not agree")


def check(case, summary, reports):
    """The sink's own count, the summary's, and what the spout sent and heard must agree."""
    components = {component["component"]: component for component in summary["components"]}
    sent = sum(entry["sent"] for entry in reports if entry["component"] == case.spout)
    sunk = total(reports, case.sink, "executed")
    expected = (
        sum(words_in(entry["sent"]) for entry in reports if entry["component"] == case.spout) if case.words else sent
    )
    agree("tuples sent by the spout and counted by the engine", sent, components[case.spout]["emitted"])
    agree("tuples at the sink and executed in the summary", sunk, components[case.sink]["executed"])
    agree("tuples at the sink and sent", sunk, expected)
    acked = total(reports, case.spout, "acked")
    for bad in ("failed", "wrong", "open"):
        agree(f"messages that are {bad} at the spout", total(reports, case.spout, bad), 0)
    if case.acked:
        agree("messages sent and acked", sent, acked)
        agree("messages acked at the spout and in the summary", acked, components[case.spout]["acked"])
    return acked if case.counts == "acks" else sunk


def run(case, seconds):
    if case.repeats:
        return run_rounds(case, seconds)
    topology = functools.partial(case.topology, case)
    summary, reports, wall, cores = process(case, topology, ["-t", str(seconds)])
    return {"value": check(case, summary, reports) / wall, "cores": cores}


def run_rounds(case, seconds):
    """So many rounds of the text as take about this long; the file spout is part of what is measured."""
    *_, wall, _ = process(case, functools.partial(case.topology, case, repeat=CALIBRATION_ROUNDS), [])
    rounds = max(CALIBRATION_ROUNDS, round(CALIBRATION_ROUNDS * seconds / wall))
    summary, reports, wall, cores = process(case, functools.partial(case.topology, case, repeat=rounds), [])
    sunk = total(reports, case.sink, "executed")
    agree("words counted and words in the rounds of the text", sunk, rounds * words_before()[-1])
    failed = next(component["failed"] for component in summary["components"] if component["component"] == case.spout)
    agree("lines that failed", failed, 0)
    return {"value": sunk / wall, "cores": cores}
