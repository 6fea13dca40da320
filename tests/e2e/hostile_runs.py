"""Children that do everything wrong: their scripts, and runs with them that are watched."""

import pathlib
import re
import time

import pytest

INPUTS = 20
MEMORY_MAX = 256 * 1024  # KiB; a message may have 64 MiB, and its buffer doubles
QUARANTINE = 256 * 1024  # KiB; what AddressSanitizer keeps of what was freed

# Every script says which processes it is; `start` is the part that behaves.
COMMON = """
import json, os, sys, time
with open("pids", "a") as pids:
    pids.write("%d\\n" % os.getpid())
lives = len(open("pids").read().split())

def read():
    lines = []
    while True:
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        if line == "end\\n":
            return json.loads("".join(lines))
        lines.append(line)

def raw(text):
    data = text if isinstance(text, bytes) else text.encode()
    while data:
        data = data[os.write(1, data):]

def send(message):
    raw(json.dumps(message) + "\\nend\\n")

def shake():
    conf = read()
    open(os.path.join(conf["pidDir"], str(os.getpid())), "w").close()
    send({"pid": os.getpid()})

def serve():
    while True:
        tup = read()
        if tup["stream"] == "__heartbeat":
            send({"command": "sync"})
        else:
            send({"command": "emit", "anchors": [tup["id"]], "tuple": tup["tuple"], "need_task_ids": False})
            send({"command": "ack", "id": tup["id"]})

def behave():
    shake()
    serve()
"""

BOLT = """
name: hostile
config: {topology.message.timeout.secs: 20, topology.subprocess.timeout.secs: 2}
spouts:
  - {id: numbers, generate: {value: 1, count: %d}, retry: {limit: 100, delay: 100ms..200ms}}
bolts:
  - {id: child, command: [python3, child.py], outputs: [number], inputs: {numbers: shuffle}}
  - {id: out, print: {}, inputs: {child: shuffle}}
"""

SPOUT = """
name: hostile
config: {topology.subprocess.timeout.secs: 2}
spouts:
  - {id: child, command: [python3, child.py], outputs: [number]}
bolts:
  - {id: out, print: {}, inputs: {child: shuffle}}
"""


class Run:
    """A run that has ended."""

    def __init__(self, run_sparse, script, topology, words, seconds):
        self.folder = run_sparse.folder
        run_sparse.write("child.py", COMMON + script)
        run_sparse.write("x.yaml", topology)
        self.peak, self.stopped = 0, False
        before = time.monotonic()
        with open(self.folder / "out", "w") as out, open(self.folder / "err", "w") as err:
            process = run_sparse.start("run", *words, "x.yaml", stdout=out, stderr=err)
            try:
                self.watch(process, before + seconds)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        self.code, self.took = process.returncode, time.monotonic() - before
        self.err = (self.folder / "err").read_text(errors="replace")
        self.rows = len((self.folder / "out").read_text().splitlines())

    def watch(self, process, deadline):
        status = pathlib.Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            said = (self.folder / "err").read_text(errors="replace")[-4000:]
            assert time.monotonic() < deadline, "the run does not end: " + said
            if found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text()):
                self.peak = int(found[1])
            time.sleep(0.02)

    def pids(self):
        return [int(pid) for pid in (self.folder / "pids").read_text().split()]


def left_of(groups, patience=5):
    """The processes of these groups that run still. One that was killed may take a moment to go."""
    deadline = time.monotonic() + patience
    while True:
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(group) in groups and state not in "ZX":
                found.append(stat.parent.name)
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


@pytest.fixture
def hostile(run_sparse, sanitized):
    def run(script, topology=BOLT % INPUTS, words=(), seconds=60):
        ended = Run(run_sparse, script, topology, words, seconds)
        assert ended.code in (0, 1), (ended.code, ended.err)  # never by a signal
        assert "this is a defect of sparse" not in ended.err
        assert ended.peak < MEMORY_MAX + (QUARANTINE if sanitized else 0), f"{ended.peak} KiB"
        assert left_of(ended.pids()) == []
        return ended

    return run


def completes(run, lives):
    """All inputs got through; the child was started this often."""
    assert run.code == 0, run.err
    assert run.rows >= INPUTS, run.err
    assert len(run.pids()) == lives, run.err
