"""Where things are."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build/bench"
SPARSE = ROOT / "build/release/sparse"
SDK = OUT / "sdk"
PROJECT = OUT / "project"
PLUGIN = PROJECT / "bench_components.so"
TEXT = ROOT / "topologies/wordcount/shakespeare.txt"
STORM_SOURCES = ROOT / "bench/peers/storm"
STORM = OUT / "storm"
STORM_PY = STORM / "py"
SPLIT_PY = STORM_SOURCES / "split.py"
COMPONENTS = ROOT / "bench/components"
BARE_CHILD = ROOT / "bench/peers/limits/bare_child.py"
RESULTS = {"": ROOT / "bench/results.md", "kafka": ROOT / "bench/results-kafka.md"}  # by suite
