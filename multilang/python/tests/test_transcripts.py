"""The transcripts of the protocol, played against our SDK."""

import pytest
import transcripts


@pytest.mark.parametrize("path", transcripts.FILES, ids=lambda path: path.stem)
def test_the_child_says_what_the_transcript_says(path, tmp_path):
    assert transcripts.play(path, tmp_path) == 0
