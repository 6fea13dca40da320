"""A real Kafka broker in a folder of its own, by deploy/kafka."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys


# A second door, where ann has to say her password.
DOORS = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},SASL_PLAINTEXT://127.0.0.1:{guarded}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{guarded}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config={module} required user_ann="right";
"""
MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class Broker:
    def __init__(self, root, folder):
        self.program, self.folder = root / "deploy/kafka", folder
        self.address = self.guarded = None
        self.settings = []

    def open_doors(self):
        """Before the first start: the ports are chosen here."""
        port, controller, guarded = free_ports(3)
        (self.folder / "broker.json").write_text(json.dumps({"port": port, "controller": controller}))
        self.guarded = f"127.0.0.1:{guarded}"
        self.settings = DOORS.format(port=port, controller=controller, guarded=guarded, module=MODULE).split("\n")

    def call(self, verb, *words):
        done = subprocess.run(
            [sys.executable, self.program, verb, "--dir", self.folder, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self):
        self.address = self.call("start", *(f"--set={setting}" for setting in self.settings if setting))

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
