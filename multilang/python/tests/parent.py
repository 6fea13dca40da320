"""A parent for tests: starts a child over real pipes, writes messages to it, and reads what it answers."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

SDK = Path(__file__).resolve().parents[1]
SECONDS_MAX = 30.0  # how long anything may take before a test fails

CONTEXT: Dict[str, Any] = {
    "task->component": {"1": "lines", "2": "split", "3": "out", "4": "out"},
    "taskid": 2,
    "componentid": "split",
    "streams": ["default", "errors"],
    "stream->outputfields": {"default": ["word"], "errors": ["line", "why"]},
    "stream->target->grouping": {"default": {"out": {"type": "SHUFFLE"}}},
    "source->stream->grouping": {"lines": {"default": {"type": "SHUFFLE"}}},
    "source->stream->fields": {"lines": {"default": ["line"]}, "odd": {"default": ["user-id", "class", "_x", "name"]}},
}


def tup(id: Any, *values: Any, comp: Optional[str] = "lines", stream: str = "default", task: int = 1) -> Dict[str, Any]:
    """A tuple as the parent sends it."""
    return {"id": id, "comp": comp, "stream": stream, "task": task, "tuple": list(values)}


HEARTBEAT = tup("-1", comp=None, stream="__heartbeat", task=-1)
TICK = tup("77", 60, comp="__system", stream="__tick", task=-1)
FINISH = tup("88", comp="__system", stream="__finish", task=-1)


def read_until(fd: int, buffered: bytes, end: bytes) -> bytes:
    """Reads until `end` is in what was read; fails at the end of the stream, or after SECONDS_MAX."""
    deadline = time.monotonic() + SECONDS_MAX
    while end not in buffered:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, "nothing came in %g s; so far %r" % (SECONDS_MAX, buffered[-2000:])
        chunk = os.read(fd, 1 << 20)
        assert chunk, "the child closed its output; so far %r" % buffered[-2000:]
        buffered += chunk
    return buffered


def read_to_size(fd: int, buffered: bytes, size: int) -> bytes:
    """Reads until there are so many bytes."""
    deadline = time.monotonic() + SECONDS_MAX
    while len(buffered) < size:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, "nothing came in %g s; so far %r" % (SECONDS_MAX, buffered[-2000:])
        chunk = os.read(fd, 1 << 20)
        assert chunk, "the child closed its output; so far %r" % buffered[-2000:]
        buffered += chunk
    return buffered


class Parent:
    """One child. Use as a context: at the end the child is gone."""

    def __init__(self, folder: Path, command: Sequence[str], env: Optional[Dict[str, str]] = None) -> None:
        environment = {**os.environ, "PYTHONPATH": str(SDK), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
        self.folder = folder
        self.errors_path = folder / "stderr"
        self._errors = open(self.errors_path, "wb")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._errors}
        self.child = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **pipes)
        assert self.child.stdin and self.child.stdout
        self._out = self.child.stdout.fileno()
        self._in = self.child.stdin.fileno()
        self._buffered = b""

    def __enter__(self) -> "Parent":
        return self

    def __exit__(self, *_: Any) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout, self._errors):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._in, data) :]

    def send(self, *messages: Any) -> None:
        """All messages in one write."""
        self.write("".join(json.dumps(message) + "\nend\n" for message in messages).encode())

    def shake_hands(self, conf: Optional[Dict[str, Any]] = None, context: Optional[Dict[str, Any]] = None) -> Any:
        self.send({"conf": conf or {}, "pidDir": str(self.folder), "context": CONTEXT if context is None else context})
        return self.read()

    def read(self) -> Any:
        """The next message."""
        self._buffered = read_until(self._out, self._buffered, b"\nend\n")
        message, _, self._buffered = self._buffered.partition(b"\nend\n")
        return json.loads(message)

    def read_to(self, command: str) -> List[Any]:
        """The next messages, up to the first one with this command."""
        messages = [self.read()]
        while messages[-1].get("command") != command:
            messages.append(self.read())
        return messages

    def read_all(self) -> List[Any]:
        """What is left, to the end of the child's output."""
        while True:
            chunk = os.read(self._out, 1 << 20)
            if not chunk:
                break
            self._buffered += chunk
        parts = self._buffered.split(b"\nend\n")
        assert parts[-1] == b"", "the output ends in the middle of a message: %r" % parts[-1]
        self._buffered = b""
        return [json.loads(part) for part in parts[:-1]]

    def end(self) -> int:
        """Closes the child's input, and returns its exit code."""
        assert self.child.stdin
        self.child.stdin.close()
        return self.child.wait(SECONDS_MAX)

    def errors(self) -> str:
        self._errors.flush()
        return self.errors_path.read_text(encoding="utf-8", errors="replace")


def launch(folder: Path, source: str, name: str, env: Optional[Dict[str, str]] = None, module: str = "sample") -> Parent:
    """Writes a module with this source, and launches one of its classes."""
    (folder / (module + ".py")).write_text(source, encoding="utf-8")
    return Parent(folder, [sys.executable, "-m", "sparse_stream.launch", "%s.%s" % (module, name)], env)
