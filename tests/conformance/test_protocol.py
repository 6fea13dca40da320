"""PROTOCOL.md quotes the transcripts as they are, and the transcripts are well-formed messages of the protocol."""

import json
import marshal
import pathlib
import re
import struct

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests" / "conformance" / "transcripts").glob("*.txt"))
COMMANDS = {"emit", "ack", "fail", "sync", "log", "error", "metrics"}


def messages(line):
    """The messages of a line, without its first three characters; placeholders become a number and text."""
    text = re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r", "\\": "\\"}[found.group(1)], line[3:])
    parts = text.replace("$PID", "1").split("\nend\n")
    assert parts[-1] == "", line
    return [json.loads(part) for part in parts[:-1]]


def frames(data):
    """The payloads of frames of the batched framing."""
    found = []
    while data:
        length, version, kind, zero = struct.unpack_from("<IBBH", data)
        assert version == 1 and kind in {1, 2, 3, 4, 5, 6, 7, 16} and zero == 0
        found.append(marshal.loads(data[8 : 8 + length]))
        data = data[8 + length :]
    return found


def test_protocol_md_quotes_every_transcript_as_it_is():
    text = (ROOT / "multilang" / "PROTOCOL.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^`([a-z_]+)\.txt`\n```transcript\n(.*?)^```$", text, re.M | re.S)
    assert dict(quoted) == {path.stem: path.read_text(encoding="utf-8") for path in FILES}
    assert len(quoted) == len(FILES) > 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_transcript_is_made_of_messages(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines[1:3]] == ["# child", "# topology"]
    said = [line for line in lines if not line.startswith("#")]
    assert [line for line in said if "$EOF" in line or "$EXIT" in line] == said[-2:] == [">> $EOF", "<< $EXIT 0"]
    handshake = messages(said[0])[0]
    batched = {"sparse"} if path.stem.startswith("batch") else set()
    assert set(handshake) == {"conf", "pidDir", "context"} | batched and said[0].startswith(">> ")
    assert "pid" in messages(said[1])[0] and said[1].startswith("<< ")
    for line in said[2:-2]:
        assert line.startswith((">>x ", "<<x ")) == bool(batched)
        if batched:
            assert frames(bytes.fromhex(line[4:]))
            continue
        for message in messages(line):
            if line.startswith("<< "):
                assert message["command"] in COMMANDS
            else:
                assert isinstance(message, list) or {"command", "id"} <= set(message) or {"id", "comp"} <= set(message)
