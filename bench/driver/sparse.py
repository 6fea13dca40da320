"""Our side: builds sparse, installs the SDK, builds the bench plugin against it, runs `sparse run` as a user would."""

import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import places
from figures import Wrong

LOOK_EVERY = 0.1  # seconds, at a process that is watched
RUNS_AT_MOST = 300  # seconds: what still runs then hangs


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


@dataclasses.dataclass(frozen=True)
class Sample:
    at: float  # seconds since the start
    resident: float  # MB
    processor: float  # seconds


@dataclasses.dataclass(frozen=True)
class Run:
    summary: dict
    reports: list  # what the components counted themselves
    wall: float
    cores: float
    samples: list
    found: object = None  # what `meanwhile` answered


def sample(pid, start):
    proc = pathlib.Path("/proc", str(pid))
    resident = int(re.search(r"^VmRSS:\s+(\d+)", (proc / "status").read_text(), re.MULTILINE)[1]) / 1024
    spent = sum(int((thread / "schedstat").read_text().split()[0]) for thread in (proc / "task").iterdir())
    return Sample(time.monotonic() - start, resident, spent / 1e9)


def watch(pid, start, samples, ended):
    while not ended.wait(LOOK_EVERY):
        try:
            samples.append(sample(pid, start))
        except (OSError, TypeError):  # it has just ended
            return


def start(file, log, out, extra):
    folder = file.parent
    words = [str(places.SPARSE), "run", str(file), "--json", *extra]
    return subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=log)


def topology_file(name, topology):
    """Writes it; the file, and where the components report."""
    folder = places.OUT / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / f"{name}.report"
    report.unlink(missing_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(topology(str(report)), indent=1))
    return file, report


class Beside:
    """Does something while a process runs, and interrupts it then. What goes wrong is told when the process has ended."""

    def __init__(self, what, child):
        self.found, self.wrong = None, None
        if not what:
            return
        try:
            self.found = what()
        except Wrong as wrong:
            self.wrong = wrong
        child.send_signal(signal.SIGINT)

    def answer(self):
        if self.wrong:
            raise self.wrong
        return self.found


def process(name, topology, extra, watch_it=False, meanwhile=None):
    """One run; `topology(report)` is the topology file as a value. With `meanwhile` it ends when that has returned."""
    file, report = topology_file(name, topology)
    samples, ended = [], threading.Event()
    with open(file.with_suffix(".log"), "wb") as log, open(file.with_suffix(".out"), "w+b") as out:
        began = time.monotonic()
        child = start(file, log, out, extra)
        watcher = threading.Thread(target=watch, args=(child.pid, began, samples, ended))
        if watch_it:
            watcher.start()
        hangs = threading.Timer(RUNS_AT_MOST, child.kill)
        hangs.start()
        beside = Beside(meanwhile, child)
        _, status, usage = os.wait4(child.pid, 0)
        hangs.cancel()
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        ended.set()
        out.seek(0)
        lines = out.read().decode(errors="replace").splitlines()
    if child.returncode != 0 or not lines:
        raise Wrong(f"sparse run {file} ended with {child.returncode}; see {log.name}")
    reports = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    cores = (usage.ru_utime + usage.ru_stime) / wall
    return Run(json.loads(lines[-1]), reports, wall, cores, samples, beside.answer())
