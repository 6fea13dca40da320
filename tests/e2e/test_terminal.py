"""The live table, on a terminal that a test owns."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

PRINTING = """
name: printing
spouts:
  - {id: numbers, generate: {value: 1, rate: 20}}
bolts:
  - {id: out, print: {}, inputs: {numbers: shuffle}}
"""


class Screen:
    """As much of a terminal as the live table uses: text, line feeds, cursor up, erase. `rows` is what a user would see."""

    def __init__(self, columns=100, lines=30):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.rows, self.row, self.column, self.raw = [""], 0, 0, ""

    def feed(self, seconds, until=None):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (until and until in self.text()):
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    return
                self.raw += data.decode()
                self.take(data.decode())

    def take(self, text):
        for part in re.findall(r"\x1b\[[?0-9;]*[a-zA-Z]|[^\x1b]", text):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.row += 1
                if self.row == len(self.rows):
                    self.rows.append("")
            elif part.startswith("\x1b"):
                self.obey(part)
            else:
                line = self.rows[self.row].ljust(self.column)
                self.rows[self.row] = line[: self.column] + part + line[self.column + 1 :]
                self.column += 1

    def obey(self, code):
        if code.endswith("A"):
            self.row = max(0, self.row - int(code[2:-1]))
        elif code == "\x1b[J":
            self.rows[self.row] = self.rows[self.row][: self.column]
            del self.rows[self.row + 1 :]
        elif code == "\x1b[K":
            self.rows[self.row] = self.rows[self.row][: self.column]

    def text(self):
        return "\n".join(self.rows)

    def close(self):
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def screen():
    screen = Screen()
    yield screen
    screen.close()


def test_results_scroll_above_one_live_table(run_sparse, screen):
    run_sparse.write("x.yaml", PRINTING)
    before = termios.tcgetattr(screen.slave)
    run_sparse.environment["TERM"] = "xterm"
    child = run_sparse.start("run", "x.yaml", stdout=screen.slave, stderr=screen.slave)
    screen.feed(60, until='"values":[1]')
    screen.feed(1.5)
    text = screen.text()
    assert text.count("printing  running") == 1
    assert text.rindex('"values":[1]') < text.index("printing  running")
    assert re.search(r"^component +tasks +emitted/s", text, re.MULTILINE)
    assert re.search(r"^numbers +1 ", text, re.MULTILINE)

    child.send_signal(signal.SIGINT)
    screen.feed(60, until="interrupted and drained")
    assert child.wait(timeout=60) == 0
    screen.feed(0.5)
    text = screen.text()
    assert "printing  running" not in text and "printing  draining" not in text
    assert [row for row in screen.rows if "component" in row and row.startswith("component")] == []
    assert screen.column == 0
    assert termios.tcgetattr(screen.slave) == before
    for on, off in [("\x1b[?25l", "\x1b[?25h"), ("\x1b[?7l", "\x1b[?7h"), ("\x1b[?2026h", "\x1b[?2026l")]:
        assert screen.raw.count(on) == screen.raw.count(off) > 0
        assert screen.raw.rindex(on) < screen.raw.rindex(off)


def test_a_pipe_keeps_its_results_while_the_table_is_drawn(run_sparse, screen):
    run_sparse.write("x.yaml", PRINTING)
    run_sparse.environment["TERM"] = "xterm"
    child = run_sparse.start("run", "-t", "2", "x.yaml", stdout=subprocess.PIPE, stderr=screen.slave)
    screen.feed(60, until="ended by -t")
    out = child.stdout.read()
    assert child.wait(timeout=60) == 0
    assert out and all(line.startswith("{") for line in out.splitlines())
    assert '"values"' not in screen.raw


def test_a_dumb_terminal_gets_plain_lines(run_sparse, screen):
    run_sparse.write("x.yaml", PRINTING)
    run_sparse.environment["TERM"] = "dumb"
    child = run_sparse.start("run", "-t", "1", "x.yaml", stdout=subprocess.DEVNULL, stderr=screen.slave)
    screen.feed(60, until="ended by -t")
    assert child.wait(timeout=60) == 0
    assert "\x1b" not in screen.raw
