"""Transcripts: reading them, and playing them against a real child."""

from __future__ import annotations

import marshal
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import List, NamedTuple, Optional

from parent import SDK, read_to_size, read_until

ROOT = Path(__file__).resolve().parents[3]
CONFORMANCE = ROOT / "tests" / "conformance"
FILES = sorted((CONFORMANCE / "transcripts").glob("*.txt"))


class Line(NamedTuple):
    to_child: bool
    text: str
    is_hex: bool = False


def child_of(path: Path) -> List[str]:
    """The command of the line `# child:`."""
    found = re.search(r"^# child: (.+)$", path.read_text(encoding="utf-8"), re.M)
    assert found, "%s names no child" % path
    words = found.group(1).split()
    return [sys.executable] + words[1:] if words[0] == "python3" else words


def lines_of(text: str) -> List[Line]:
    lines = []
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        assert line[:3] in (">> ", "<< ", ">>x", "<<x"), "no transcript line: %r" % line
        lines.append(Line(line[0] == ">", line[3:].strip() if line[2] == "x" else line[3:], line[2] == "x"))
    return lines


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r", "\\": "\\"}[found.group(1)], text)


def pattern_of(text: str) -> "re.Pattern[bytes]":
    """What the bytes of a `<< ` line must match, with the names filled in."""
    parts = re.split(r"(\$PID|\$ANY)", unescape(text))
    wild = {"$PID": rb"\d+", "$ANY": rb"[^\n]*?"}
    return re.compile(b"".join(wild.get(part) or re.escape(part.encode()) for part in parts))


def play(path: Path, folder: Path) -> Optional[int]:
    """Plays a transcript. Each `<< ` must come exactly, in order, and nothing else may come."""
    environment = dict(os.environ, PYTHONPATH=str(SDK))
    with subprocess.Popen(
        child_of(path), cwd=CONFORMANCE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin and child.stdout and child.stderr
        buffered = b""
        for line in lines_of(path.read_text(encoding="utf-8")):
            if line.text == "$EOF":
                child.stdin.close()
            elif line.to_child and line.is_hex:
                child.stdin.write(bytes.fromhex(line.text))
                child.stdin.flush()
            elif line.is_hex:
                buffered = read_to_size(child.stdout.fileno(), buffered, 8)
                size = 8 + int.from_bytes(buffered[:4], "little")
                buffered = read_to_size(child.stdout.fileno(), buffered, size)
                expected = bytes.fromhex(line.text)
                # The flag of marshal's references depends on the version of Python: not the bytes, what they say is compared.
                assert buffered[4:8] == expected[4:8], "%s: expected %s" % (path.name, line.text)
                assert repr(marshal.loads(buffered[8:size])) == repr(marshal.loads(expected[8:])), path.name
                buffered = buffered[size:]
            elif line.to_child:
                child.stdin.write(unescape(line.text).replace("$DIR", str(folder)).encode())
                child.stdin.flush()
            elif line.text.startswith("$EXIT "):
                rest = buffered + child.stdout.read()
                assert rest == b"", "%s: the child wrote more: %r" % (path.name, rest)
                assert child.wait(10) == int(line.text[6:]), child.stderr.read().decode()
            else:
                pattern = pattern_of(line.text)
                buffered = read_until(child.stdout.fileno(), buffered, b"\nend\n")
                found = pattern.match(buffered)
                assert found, "%s: expected %s\ncame %r\nstderr: see above" % (path.name, line.text, buffered[:2000])
                buffered = buffered[found.end() :]
        return child.returncode
