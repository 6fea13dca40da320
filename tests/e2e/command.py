"""Runs the real binary, as a user does."""

import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import time

PATIENCE = 120  # seconds; for sanitizer builds on a busy machine


@dataclasses.dataclass
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def rows(self):
        """What the print bolt wrote, without a summary of --json."""
        return [row for row in map(json.loads, self.out.splitlines()) if "values" in row]

    def summary(self):
        """The last line of --json."""
        return json.loads(self.out.splitlines()[-1])

    def component(self, name):
        return next(item for item in self.summary()["components"] if item["component"] == name)


def catches(status, number):
    """Whether a process has a handler for a signal, by its /proc/PID/status."""
    caught = re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)
    return bool(caught) and int(caught[1], 16) >> (number - 1) & 1 == 1


class Command:
    """`sparse`, in a folder of its own."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.environment = {key: value for key, value in os.environ.items() if key not in ("SPARSE_PLUGIN_PATH", "NO_COLOR")}

    def __call__(self, *words, cwd=None, stdin="", timeout=PATIENCE, **environment):
        done = subprocess.run(
            [self.binary, *map(str, words)],
            cwd=cwd or self.folder,
            input=stdin,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *words, cwd=None, **more):
        """A command that goes on; the caller ends it."""
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
        return subprocess.Popen([self.binary, *map(str, words)], cwd=cwd or self.folder, env=self.environment, **more)

    def started(self, *words):
        """A run that is on its way."""
        child = self.start("run", "--json", *words)
        status = pathlib.Path(f"/proc/{child.pid}/status")
        deadline = time.monotonic() + PATIENCE
        while not catches(status.read_text(), signal.SIGINT):
            assert child.poll() is None and time.monotonic() < deadline, child.stderr.read()
            time.sleep(0.05)
        time.sleep(0.5)
        return child

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path
