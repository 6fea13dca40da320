"""Nothing that a component prints reaches the protocol: it goes to stderr, which the parent logs."""

import sys

from parent import HEARTBEAT, Parent, launch, tup

NOISY = """
import ctypes, os, subprocess, sys
print("printed at import")
from sparse_stream import Bolt

class Noisy(Bolt):
    def initialize(self, conf, context):
        print("printed in initialize")
    def process(self, tup):
        print("printed")
        print("no text: \\ud83d")
        sys.stdout.write("written without an end")
        sys.stdout.flush()
        sys.__stdout__.write("to the first stdout\\n")
        os.write(1, b"to descriptor 1\\n")
        os.system("echo by a shell")
        subprocess.run(["echo", "by a program"])
        libc = ctypes.CDLL(None)
        libc.puts(b"by code in C")
        libc.fflush(None)
        assert sys.stdin.read() == "" and subprocess.run(["cat"], stdout=subprocess.PIPE).stdout == b""
        self.emit(["quiet"])
"""


def test_prints_of_every_kind_are_lines_on_stderr(tmp_path):
    with launch(tmp_path, NOISY, "Noisy") as parent:
        assert parent.shake_hands()["pid"] == parent.child.pid
        parent.send(tup("1", "a"), HEARTBEAT)
        assert [message["command"] for message in parent.read_to("sync")] == ["emit", "ack", "sync"]
        assert parent.end() == 0
        errors = parent.errors()
        for part in (
            "printed at import\n", "printed in initialize\n", "printed\n", "no text: \\ud83d\n", "written without an end",
            "to the first stdout\n", "to descriptor 1\n", "by a shell\n", "by a program\n", "by code in C\n",
        ):  # fmt: skip
            assert part in errors


def test_a_script_that_runs_itself_is_as_safe(tmp_path):
    source = NOISY.replace('print("printed at import")', "") + "\nif __name__ == '__main__':\n    Noisy().run()\n"
    (tmp_path / "noisy.py").write_text(source, encoding="utf-8")
    with Parent(tmp_path, [sys.executable, "noisy.py"]) as parent:
        assert parent.shake_hands()["pid"] == parent.child.pid
        parent.send(tup("1", "a"), HEARTBEAT)
        assert [message["command"] for message in parent.read_to("sync")] == ["emit", "ack", "sync"]


def test_a_forked_process_does_not_hold_the_pipes(tmp_path):
    source = """
import os, time
from sparse_stream import Bolt

class Fork(Bolt):
    def process(self, tup):
        if os.fork() == 0:
            self.emit(["from the wrong process"])
            self.flush()
            time.sleep(60)
            os._exit(0)
        os._exit(3)
"""
    with launch(tmp_path, source, "Fork") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"))
        assert parent.read_all() == []
        assert parent.child.wait(30) == 3


def test_a_closed_stderr_harms_nothing(tmp_path):
    (tmp_path / "noisy.py").write_text(NOISY, encoding="utf-8")
    command = ["sh", "-c", 'exec "$0" -m sparse_stream.launch noisy.Noisy 2>&-', sys.executable]
    with Parent(tmp_path, command) as parent:
        assert "pid" in parent.shake_hands()
        parent.send(tup("1", "a"), HEARTBEAT)
        assert [message["command"] for message in parent.read_to("sync")] == ["emit", "ack", "sync"]


def test_logging_of_component_and_libraries_becomes_log_messages(tmp_path):
    source = """
import logging
from sparse_stream import Bolt

class Logs(Bolt):
    def process(self, tup):
        self.logger.debug("unseen")
        self.logger.info("seen %d", 1)
        logging.getLogger("library").warning("warned")
        try:
            1 / 0
        except ZeroDivisionError:
            self.logger.exception("caught")
        self.log("trace", "trace")
        self.report_metric("words", 3)
"""
    with launch(tmp_path, source, "Logs") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"))
        messages = parent.read_to("ack")
        logs = [(message["level"], message["msg"]) for message in messages if message["command"] == "log"]
        assert logs[0] == (2, "seen 1") and logs[1] == (3, "library: warned") and logs[3] == (0, "trace")
        assert logs[2][0] == 4 and "ZeroDivisionError" in logs[2][1]
        assert messages[-2] == {"command": "metrics", "name": "words", "params": 3}


def test_a_topology_that_debugs_shows_debug_lines(tmp_path):
    source = "from sparse_stream import Bolt\nclass D(Bolt):\n    def process(self, tup):\n        self.logger.debug('seen')\n"
    with launch(tmp_path, source, "D") as parent:
        parent.shake_hands({"topology.debug": True})
        parent.send(tup("1", "a"))
        assert parent.read() == {"command": "log", "msg": "seen", "level": 1}
