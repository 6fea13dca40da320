"""Components that are children of the run."""

import collections
import os
import pathlib
import random
import shutil
import signal
import time

import pytest
from command import Done

STUCK = """
name: stuck
config: {topology.message.timeout.secs: 600}
spouts:
  - {id: numbers, generate: {value: 1, count: 1}}
bolts:
  - {id: never, command: [sleep, "1000"], inputs: {numbers: shuffle}}
"""


def test_a_second_signal_stops_at_once(run_sparse):
    run_sparse.write("x.yaml", STUCK)
    child = run_sparse.started()
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    before = time.monotonic()
    out, err = child.communicate(timeout=60)
    assert time.monotonic() - before < 20
    assert child.returncode == 1, err
    assert '"reason":"stopped"' in out


def splitters(run):
    """The process ids of the run's Python splitters, without the process that only says what the class is."""
    children = pathlib.Path(f"/proc/{run.pid}/task").glob("*/children")
    found = set()
    for pid in " ".join(path.read_text() for path in children).split():
        try:
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"words.Split" in line and b"--describe" not in line:
                found.add(int(pid))
        except FileNotFoundError:
            pass
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("batches", [True, False], ids=["batches", "json"])
def test_no_word_is_lost_when_splitters_are_killed(run_sparse, root, batches):
    """Twenty times, at random: the run completes by itself, and each death is one line."""
    folder = run_sparse.folder / "wc"
    shutil.copytree(root / "topologies/wordcount", folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "wordcount.yaml").read_text()
    repeat = 300 if batches else 40  # so that the run takes longer than twenty kills
    text = text.replace("path: shakespeare.txt", f"path: shakespeare.txt, repeat: {repeat}").replace("top: 20", "top: 1000000")
    if not batches:
        assert "config:" not in text
        text += "\nconfig: {sparse.multilang.batches: false}\n"
    (folder / "wordcount.yaml").write_text(text.replace("plugin: ", f"plugin: {run_sparse.binary.parent}/topologies/wordcount/"))
    chance = random.Random(20)
    with open(folder / "out", "w") as out, open(folder / "err", "w") as err:
        run = run_sparse.start("run", "--json", folder / "wordcount.yaml", stdout=out, stderr=err)
        killed, seen = 0, {}
        deadline = time.monotonic() + 300
        while killed < 20 and time.monotonic() < deadline:
            time.sleep(chance.uniform(0.05, 0.4))
            assert run.poll() is None, (killed, (folder / "err").read_text())
            now = time.monotonic()
            seen = {pid: seen.get(pid, now) for pid in splitters(run)}
            # Some while they start, most at work: a component gives up whose child dies ten times before it has done anything.
            victims = [pid for pid, since in seen.items() if now - since >= chance.uniform(0, 0.8)]
            if victims:
                os.kill(chance.choice(victims), signal.SIGKILL)
                killed += 1
        assert run.wait(timeout=300) == 0, (folder / "err").read_text()
    done = Done(run.returncode, (folder / "out").read_text(), (folder / "err").read_text())
    counted = dict(row["values"] for row in done.rows())
    for word, count in collections.Counter((folder / "shakespeare.txt").read_text().split()).items():
        assert counted[word] >= repeat * count, word
    assert done.component("lines")["acked"] == repeat * 40000
    deaths = [line for line in done.err.splitlines() if "SIGKILL" in line or "signal 9" in line]
    assert len(deaths) == killed == 20, done.err
