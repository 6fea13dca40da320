"""Runs deploy/kafka-demo, for the tests that do so with either broker."""

import collections
import subprocess
import sys

SECONDS = 300  # for sanitizer builds on a busy machine


def run(root, sparse, work, *words, folder=None):
    folder = folder or root / "topologies/wordcount"
    argv = [sys.executable, root / "deploy/kafka-demo", "--sparse", sparse, "--work", work, "--folder", folder, *words]
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)


def check(root, done):
    """The counts that are shown are those of the text."""
    assert done.returncode == 0, done.stderr
    plain = collections.Counter((root / "topologies/wordcount/shakespeare.txt").read_text().split())
    ranked = sorted(plain.items(), key=lambda item: (-item[1], item[0]))[:20]
    *shown, verdict = done.stdout.splitlines()
    assert [(line.split()[0], int(line.split()[1].replace(",", ""))) for line in shown] == ranked
    assert verdict.startswith(f"right: the counts of all {len(plain):,} different words")
    assert f"40,000 lines through the topic `lines`, {sum(plain.values()):,} counts" in done.stderr
