"""How a case is measured: each function runs it once, checks its counts and returns {"metrics": {name: value}, "cores": …}."""

import functools

import checks
import sparse
from figures import Wrong

CALIBRATION_ROUNDS = 20
LATENCY_WARM = 1  # seconds; see topologies.paced


def one_run(case, seconds, **more):
    topology = functools.partial(case.topology, case)
    return sparse.process(case.name, topology, ["-t", str(seconds)], **more)


def rate(case, seconds):
    """By the wall clock of the whole process: start, planning and draining included."""
    run = one_run(case, seconds)
    return {"metrics": {"throughput": checks.check(case, run.summary, run.reports) / run.wall}, "cores": run.cores}


def rounds(case, seconds):
    """So many rounds of the text as take about this long; the file spout is part of what is measured."""
    build = functools.partial(case.topology, case)
    wall = sparse.process(case.name, functools.partial(build, repeat=CALIBRATION_ROUNDS), []).wall
    count = max(CALIBRATION_ROUNDS, round(CALIBRATION_ROUNDS * seconds / wall))
    run = sparse.process(case.name, functools.partial(build, repeat=count), [])
    sunk = checks.total(run.reports, case.sinks, "executed")
    checks.agree("words counted and words in the rounds of the text", sunk, count * checks.words_before()[-1])
    checks.agree("lines that failed", checks.summed(run.summary, case.spouts, "failed"), 0)
    return {"metrics": {"throughput": sunk / run.wall}, "cores": run.cores}


def settled_rate(case, seconds):
    """What reaches the sinks from `settle` on: by then tasks have to be where they belong, and to stay there."""
    run = one_run(case, case.settle + seconds)
    checks.check(case, run.summary, run.reports)
    late = [entry for entry in run.reports if entry["component"] in case.sinks]
    if not all(entry["late_ns"] for entry in late):
        raise Wrong(f"nothing reached a sink after {case.settle} s")
    throughput = sum(entry["late"] / (entry["late_ns"] / 1e9) for entry in late)
    return {"metrics": {"throughput": throughput, "moves": run.summary.get("moves", 0)}, "cores": run.cores}


def latency(case, seconds):
    """Open loop: the spout measures from the time at which a line was due."""
    run = one_run(case, seconds + LATENCY_WARM)
    sent = checks.check(case, run.summary, run.reports) and checks.total(run.reports, case.spouts, "sent")
    wanted = case.rate * (seconds + LATENCY_WARM - 0.5)
    if sent < wanted:
        raise Wrong(f"{sent:,} lines were sent, {wanted:,.0f} at least were due: it does not keep up with the rate")
    times = next(entry for entry in run.reports if "samples" in entry)
    metrics = {name: times[field] / 1e3 for name, field in (("p50", "p50_ns"), ("p99", "p99_ns"), ("p99.9", "p999_ns"))}
    return {"metrics": {**metrics, "cores": run.cores}, "cores": run.cores}


def under_pressure(case, seconds):
    """Resident memory: the most of it from a sixth of the time on, by that after a sixth. Nothing may fail or be lost."""
    run = one_run(case, seconds, watch_it=True)
    checks.check(case, run.summary, run.reports)
    early = [sample.resident for sample in run.samples if sample.at <= seconds / 6]
    late = [sample.resident for sample in run.samples if sample.at > seconds / 6]
    metrics = {"growth": max(late) / early[-1], "failed": checks.summed(run.summary, case.spouts, "failed")}
    return {"metrics": metrics, "cores": run.cores}


def at_rest(case, seconds):
    """Processor time and resident memory from second 1 on: the start is left out, as it is for the peer."""
    run = one_run(case, seconds + 1, watch_it=True)
    checks.check(case, run.summary, run.reports)
    rest = [sample for sample in run.samples if 1 <= sample.at <= seconds + 1]
    first, last = rest[0], rest[-1]
    cores = (last.processor - first.processor) / (last.at - first.at)
    return {"metrics": {"cores": cores, "memory": last.resident}, "cores": cores}
