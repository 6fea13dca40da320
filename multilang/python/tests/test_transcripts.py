"""The transcripts of the protocol, played against our SDK, and quoted as they are in PROTOCOL.md."""

import re

import pytest

import transcripts


@pytest.mark.parametrize("path", transcripts.FILES, ids=lambda path: path.stem)
def test_the_child_says_what_the_transcript_says(path, tmp_path):
    assert transcripts.play(path, tmp_path) == 0


def test_protocol_md_quotes_every_transcript_as_it_is():
    text = (transcripts.ROOT / "multilang" / "PROTOCOL.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^`([a-z_]+)\.txt`\n```transcript\n(.*?)^```$", text, re.M | re.S)
    assert dict(quoted) == {path.stem: path.read_text(encoding="utf-8") for path in transcripts.FILES}
    assert len(quoted) == len(transcripts.FILES)
