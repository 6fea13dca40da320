"""Storm's libraries for Python, Ruby and JavaScript, and pystorm, as published, run as bolts and spouts; and their deaths."""

import collections
import json
import os
import random
import re
import signal
import subprocess
import time

import published
import pytest

PATIENCE = 240  # seconds; for sanitizer builds on a busy machine
LINES = ["the cow jumped over the moon", 'an "apple" a day \\ keeps', "Zoë trägt 🐄 and € signs", "four score and seven years ago"]

PYTHON_BOLT = """
import storm

class Split(storm.BasicBolt):
    def process(self, tup):
        for word in tup.values[0].split():
            storm.emit([word])

Split().run()
"""

PYSTORM_BOLT = """
from pystorm import Bolt

class Split(Bolt):
    def process(self, tup):
        for word in tup.values.line.split():
            self.emit([word], need_task_ids=len(word) > 3)

Split().run()
"""

RUBY_BOLT = """
require 'storm'

class Split < Storm::Bolt
  def process(tup)
    tup.values[0].split.each { |word| emit([word], anchor: tup) }
    ack(tup)
  end
end

Split.new.run
"""

JAVASCRIPT_BOLT = """
const storm = require('storm');

class Split extends storm.BasicBolt {
  process(tup, done) {
    for (const word of tup.values[0].split(/ +/)) this.emit({tuple: [word], anchorTupleId: tup.id}, () => {});
    done();
  }
}
new Split().run();
"""

# The other way to use the library: the input is done when the task ids have come.
WAITING_JAVASCRIPT_BOLT = """
const storm = require('storm');

class Split extends storm.BasicBolt {
  process(tup, done) {
    const words = tup.values[0].split(/ +/);
    const next = () => words.length === 0 ? done() : this.emit({tuple: [words.shift()], anchorTupleId: tup.id}, next);
    next();
  }
}
new Split().run();
"""

PYTHON_SPOUT = """
import storm

class Lines(storm.Spout):
    number = 0
    def nextTuple(self):
        if self.number < 20:
            self.number += 1
            storm.emit(["line %d" % self.number], id={"n": self.number})
    def ack(self, id):
        storm.logInfo("acked %d" % id["n"])

Lines().run()
"""

RUBY_SPOUT = """
require 'storm'

class Lines < Storm::Spout
  def open(conf, context)
    @number = 0
  end

  def nextTuple
    return if @number == 20
    @number += 1
    emit(["line #{@number}"], id: @number)
  end

  def ack(id)
    logInfo("acked #{id}")
  end
end

Lines.new.run
"""

JAVASCRIPT_SPOUT = """
const storm = require('storm');

class Lines extends storm.Spout {
  constructor() { super(); this.number = 0; }
  activate(done) { done(); }
  deactivate(done) { done(); }
  nextTuple(done) {
    if (this.number < 20) {
      this.number += 1;
      this.emit({tuple: ['line ' + this.number], id: String(this.number)}, () => {});
    }
    done();
  }
  ack(id, done) { this.logInfo('acked ' + id); done(); }
  fail(id, done) { done(); }
}
new Lines().run();
"""

BOLTS = """
name: words
spouts:
  - {id: lines, file: {path: lines.txt, repeat: %(repeat)d}, retry: {limit: 1000}}
bolts:
  - {id: split, command: %(command)s, env: %(env)s, outputs: [word], inputs: {lines: shuffle}, parallelism: %(tasks)d}
  - {id: out, print: {}, inputs: {split: shuffle}, parallelism: %(targets)d}
"""

SPOUTS = """
name: lines
spouts:
  - {id: lines, command: %(command)s, env: %(env)s, outputs: [line]}
bolts:
  - {id: out, print: {}, inputs: {lines: shuffle}}
"""


def python_with(*folders):
    return {"PYTHONPATH": os.pathsep.join(map(str, folders))}


def stock(language):
    """The environment in which a child of this language finds Storm's library."""
    folder = published.storm_library(language)
    return {"python": python_with(folder), "ruby": {"RUBYLIB": str(folder)}, "javascript": {"NODE_PATH": str(folder)}}[language]


def pystorm():
    return python_with(published.python_packages("pystorm==3.1.4"))


def start(sparse, folder, topology, script, command, env, *words, **more):
    (folder / "child").write_text(script)
    (folder / "lines.txt").write_text("".join(line + "\n" for line in LINES))
    values = {"command": json.dumps(command + ["child"]), "env": json.dumps(env), "repeat": 50, "tasks": 1, "targets": 1, **more}
    (folder / "topology.yaml").write_text(topology % values)
    return subprocess.Popen(
        [sparse, "run", "topology.yaml", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=open(folder / "out", "w"),
        stderr=open(folder / "err", "w"),
    )


def finish(process, folder):
    code = process.wait(timeout=PATIENCE)
    return code, (folder / "out").read_text(), (folder / "err").read_text()


def counted(out):
    return collections.Counter(json.loads(line)["values"][0] for line in out.splitlines())


def truth(repeat):
    return collections.Counter(word for line in LINES for word in line.split() for _ in range(repeat))


@pytest.mark.parametrize("targets", [1, 3], ids=["one target", "three targets"])
@pytest.mark.parametrize(
    "script, command, env",
    [
        (PYTHON_BOLT, ["python3"], lambda: stock("python")),
        (RUBY_BOLT, ["ruby"], lambda: stock("ruby")),
        (JAVASCRIPT_BOLT, ["node"], lambda: stock("javascript")),
        (WAITING_JAVASCRIPT_BOLT, ["node"], lambda: stock("javascript")),
        (PYSTORM_BOLT, ["python3"], pystorm),
    ],
    ids=["storm.py", "storm.rb", "storm.js", "storm.js that waits", "pystorm"],
)
def test_a_published_library_counts_every_word_once(sparse, tmp_path, script, command, env, targets):
    process = start(sparse, tmp_path, BOLTS, script, command, env(), repeat=200, targets=targets)
    code, out, err = finish(process, tmp_path)
    assert code == 0, err
    assert counted(out) == truth(200)
    assert " died" not in err


@pytest.mark.parametrize(
    "script, command, language",
    [(PYTHON_SPOUT, ["python3"], "python"), (RUBY_SPOUT, ["ruby"], "ruby"), (JAVASCRIPT_SPOUT, ["node"], "javascript")],
    ids=["storm.py", "storm.rb", "storm.js"],
)
def test_a_published_spout_hears_of_every_tuple(sparse, tmp_path, script, command, language):
    process = start(sparse, tmp_path, SPOUTS, script, command, stock(language), "-t", "8")
    _, out, err = finish(process, tmp_path)
    assert counted(out) == {f"line {number}": 1 for number in range(1, 21)}, err
    assert sorted(map(int, re.findall(r"INFO +acked (\d+)", err))) == list(range(1, 21))


MORTAL_BOLT = """
import os, sys, time
import storm

with open("pids", "a") as pids:
    pids.write("%d\\n" % os.getpid())
sys.stderr.write("splitter %d is here\\n" % os.getpid())
sys.stderr.flush()

class Split(storm.BasicBolt):
    def process(self, tup):
        time.sleep(0.002)
        for word in tup.values[0].split():
            storm.emit([word])

Split().run()
"""


def living(folder):
    """The splitters that run now, by the pids that they wrote when they started."""
    found = []
    for line in (folder / "pids").read_text().splitlines():
        try:
            os.kill(int(line), 0)
            found.append(int(line))
        except ProcessLookupError:
            pass
    return found


@pytest.mark.slow
def test_no_word_is_lost_when_splitters_are_killed_twenty_times(sparse, tmp_path):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    repeat = 5000
    process = start(sparse, tmp_path, BOLTS, MORTAL_BOLT, ["python3"], stock("python"), repeat=repeat, tasks=2)
    killed = []
    until = time.monotonic() + PATIENCE
    while len(killed) < 20 and process.poll() is None and time.monotonic() < until:
        time.sleep(chance.uniform(0.2, 0.8))
        candidates = living(tmp_path) if (tmp_path / "pids").exists() else []
        if candidates and process.poll() is None:
            killed.append(chance.choice(candidates))
            os.kill(killed[-1], signal.SIGKILL)
    code, out, err = finish(process, tmp_path)
    assert code == 0, err
    assert len(killed) == 20, f"seed {seed}: the run was over too early"
    counts, wanted = counted(out), truth(repeat)
    assert {word: counts[word] for word in wanted if counts[word] < wanted[word]} == {}, f"seed {seed}"
    assert set(counts) == set(wanted)
    deaths = [line for line in err.splitlines() if " died: " in line]
    assert len(deaths) == 20, err
    for line in deaths:
        assert "killed by signal 9 (SIGKILL)" in line
        assert re.search(r"last lines on stderr: splitter \d+ is here", line), line
    assert sorted(int(re.search(r"child (\d+)", line)[1]) for line in deaths) == sorted(killed)
    assert living(tmp_path) == []
