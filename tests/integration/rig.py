"""Topologies on a topic: runs that go on while a test looks, and what stands in topics."""

import json
import pathlib
import signal
import threading
import time

from command import Done

PATIENCE = 60  # seconds


def wait_until(condition, why, seconds=PATIENCE):
    """The first true value of the condition."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, why() if callable(why) else why
        time.sleep(0.02)
    return found


class Run:
    """A `sparse run` that goes on. Its output is read as it comes."""

    def __init__(self, process):
        self.process, self.lines = process, {"out": [], "err": []}
        pipes = {"out": process.stdout, "err": process.stderr}
        self.readers = [threading.Thread(target=self.follow, args=(name, pipes[name])) for name in pipes]
        for reader in self.readers:
            reader.start()

    def follow(self, name, pipe):
        with pipe:
            for line in pipe:
                self.lines[name].append(line)

    @property
    def err(self):
        return "".join(self.lines["err"])

    def values(self):
        """What the print bolt has written, tuple by tuple. A run that is killed leaves half a line at times."""
        rows = [json.loads(line) for line in list(self.lines["out"]) if line.endswith("\n")]
        return [row["values"] for row in rows if "values" in row]

    def wait_for(self, text, seconds=PATIENCE):
        wait_until(lambda: text in self.err, lambda: f"no {text!r} in:\n{self.err}", seconds)

    def wait_for_values(self, count, seconds=PATIENCE):
        why = lambda: f"{len(self.values())} of {count} values; the log:\n{self.err}"
        wait_until(lambda: len(self.values()) >= count, why, seconds)

    def memory(self, what="VmHWM"):
        """In MB: the most that it ever had, or VmRSS."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(what + ":")[1].split()[0]) / 1024

    def kill(self):
        self.process.kill()
        return self.wait()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def drain(self, seconds=PATIENCE):
        """Ctrl-C, and all that was under way."""
        self.interrupt()
        return self.wait(seconds)

    def wait(self, seconds=PATIENCE):
        self.process.wait(timeout=seconds)
        for reader in self.readers:
            reader.join()
        return Done(self.process.returncode, "".join(self.lines["out"]), self.err)


class Rig:
    """A topic, a group of the same name, and topologies in which `${brokers}` and `${topic}` stand for them."""

    def __init__(self, run_sparse, address, topic):
        self.sparse, self.address, self.topic, self.runs = run_sparse, address, topic, []

    def variables(self):
        return ["--var", f"brokers={self.address}", "--var", f"topic={self.topic}"]

    def start(self, text, *words, name="x.yaml", **environment):
        self.sparse.write(name, text)
        self.sparse.environment.update(environment)
        run = Run(self.sparse.start("run", name, "--json", *self.variables(), *words))
        self.runs.append(run)
        return run

    def run(self, text, *words):
        """Until it ends by itself."""
        return self.start(text, *words).wait()

    def write(self, values, *words, topic=None):
        """Spread over the partitions, each message by itself."""
        words = ("-X", "sticky.partitioning.linger.ms=0", *words)
        lines = "".join(f"{value}\n" for value in values)
        done = self.sparse("kafka", "produce", "-b", self.address, "-t", topic or self.topic, *words, stdin=lines)
        assert done.code == 0, done.err

    def write_bytes(self, data, *words):
        child = self.sparse.start("kafka", "produce", "-b", self.address, "-t", self.topic, *words, stdin=-1, text=False)
        _, err = child.communicate(data, timeout=PATIENCE)
        assert child.returncode == 0, err

    def read(self, *words, topic=None):
        """What stands in a topic, as `consume --json` tells it."""
        done = self.sparse("kafka", "consume", "-b", self.address, "-t", topic or self.topic, "-e", "--json", *words)
        assert done.code == 0, done.err
        return [json.loads(line) for line in done.out.splitlines()]

    def offsets(self, *words):
        """What `sparse kafka offsets x.yaml` says of each partition, by number."""
        done = self.sparse("kafka", "offsets", "x.yaml", "--json", *self.variables(), *words)
        assert done.code == 0, done.err
        return {row["partition"]: row for row in json.loads(done.out)["groups"][0]["partitions"]}

    def end(self):
        """Whatever a failed test has left."""
        for run in self.runs:
            if run.process.poll() is None:
                run.kill()


def figures(done, component):
    """What the tasks of a component told at the end."""
    return done.component(component)["figures"]
