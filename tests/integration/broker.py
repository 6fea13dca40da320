"""A real Kafka broker in a folder of its own, by deploy/kafka."""

import contextlib
import json
import os
import signal
import subprocess
import sys


class Broker:
    def __init__(self, root, folder):
        self.program, self.folder = root / "deploy/kafka", folder
        self.address = None

    def call(self, verb):
        done = subprocess.run(
            [sys.executable, self.program, verb, "--dir", self.folder],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self):
        self.address = self.call("start")

    def pid(self):
        return json.loads((self.folder / "broker.json").read_text())["pid"]

    def kill(self):
        """As a machine that fails; its data stay."""
        os.kill(self.pid(), signal.SIGKILL)

    @contextlib.contextmanager
    def standing_still(self):
        """As a machine that nobody reaches."""
        os.kill(self.pid(), signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid(), signal.SIGCONT)

    def stop(self):
        self.call("stop")
