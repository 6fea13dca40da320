"""A bare driver of Storm's Python library: task ids answered ahead, messages written in large pieces. Counts acks.

bare_child.py TEXT SPLIT_PY FOLDER_OF_STORM_PY SECONDS
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time

WARM_SECONDS = 0.5
LOOK_EVERY = 0.001
PIPE_BYTES = 1 << 20
IDS = b"[4]\nend\n"


def message(value):
    return json.dumps(value).encode() + b"\nend\n"


def pieces(path):
    """The text as tuples, each behind as many answers as its line has words; for ever."""
    with open(path, encoding="utf-8") as text:
        lines = [line.strip() for line in text if line.strip()]
    made = [
        IDS * len(line.split())
        + message({"id": str(i), "comp": "lines", "stream": "default", "task": 2, "tuple": [line]})
        for i, line in enumerate(lines)
    ]
    while True:
        for at in range(0, len(made), 100):
            yield b"".join(made[at : at + 100])


def written(to, data):
    """What is left of it: the pipe takes what it has room for."""
    try:
        return data[os.write(to, data) :]
    except BlockingIOError:
        return data


def read(back):
    try:
        return os.read(back, PIPE_BYTES)
    except BlockingIOError:
        return b""


def acks(child, source, seconds):
    """Acks a second, after a warm-up. It looks at its pipes now and then: a child that has to wake it for each message is
    slower."""
    to, back = child.stdin.fileno(), child.stdout.fileno()
    for pipe in (to, back):
        os.set_blocking(pipe, False)
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    rest, tail, counted, start = b"", b"", 0, None
    began = time.monotonic()
    while True:
        now = time.monotonic()
        if start is None and now - began >= WARM_SECONDS:
            start, counted = now, 0
        if start is not None and now - start >= seconds:
            return counted / (now - start)
        rest = written(to, rest or next(source))
        data = tail + read(back)
        counted += data.count(b'"ack"')
        tail = data[-4:]  # shorter than what is searched for
        time.sleep(LOOK_EVERY)


def main():
    text, split, library, seconds = sys.argv[1:]
    with tempfile.TemporaryDirectory() as pids:
        child = subprocess.Popen(
            [sys.executable, split],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": library},
        )
        child.stdin.write(
            message({"conf": {}, "pidDir": pids, "context": {"taskid": 3, "task->component": {"3": "split"}}})
        )
        rate = acks(child, pieces(text), float(seconds))
        child.kill()
        child.wait()
    print(f"storm.py, task ids answered ahead by a bare driver  {rate:.0f} sentences/s")


main()
