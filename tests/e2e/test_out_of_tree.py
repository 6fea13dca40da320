"""A bolt author has an installation of sparse and nothing of its source: build a plugin, run it, and be refused with reasons."""

import json
import pathlib
import shutil
import subprocess

import pytest

PATIENCE = 300
FOREIGN_PLUGIN = """\
#include <stdint.h>
__attribute__((visibility("default"))) const struct {
  uint64_t magic;
  const char *abi;
  void (*add)(void *);
} sparse_plugin = {0x31706573726170u, "sparse-0-libstdc++", 0};
"""
TOPOLOGY = """\
name: t
spouts:
  - {id: lines, generate: {value: a line, count: 3, fields: [line]}}
bolts:
  - {id: split, plugin: PLUGIN/Split, inputs: {lines: shuffle}}
"""


def call(*words, folder, code=0):
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def installed(build, tmp_path_factory):
    """`bin/sparse` of an installation that was moved after it was made."""
    made = tmp_path_factory.mktemp("made") / "prefix"
    call("cmake", "--install", build, "--prefix", made, folder=build)
    moved = tmp_path_factory.mktemp("moved") / "elsewhere"
    shutil.move(made, moved)
    return moved / "bin" / "sparse"


def refused(installed, folder, plugin):
    (folder / "t.yaml").write_text(TOPOLOGY.replace("PLUGIN", plugin))
    return call(installed, "run", "t.yaml", folder=folder, code=1).stderr


def test_a_plugin_is_built_and_run_with_an_installation(installed, tmp_path):
    prefix = call(installed, "sdk", "--prefix", folder=tmp_path).stdout.strip()
    assert pathlib.Path(prefix) == installed.parents[1]
    call(installed, "quickstart", "wc", "--lang", "cpp", folder=tmp_path)
    project = tmp_path / "wc"
    call("cmake", "-B", "build", f"-DCMAKE_PREFIX_PATH={prefix}", folder=project)
    call("cmake", "--build", "build", folder=project)
    done = call(installed, "run", folder=project)
    counted = {tuple(json.loads(line)["values"]) for line in done.stdout.splitlines()}
    lines = (project / "lines.txt").read_text().split()
    assert len(counted) == 10
    assert all(lines.count(word) == count for word, count in counted)


def test_an_installation_runs_python_classes(installed, tmp_path):
    call(installed, "quickstart", "wc", folder=tmp_path)
    done = call(installed, "run", folder=tmp_path / "wc")
    assert len(done.stdout.splitlines()) == 10


def test_a_plugin_of_another_sdk_is_refused_in_one_sentence(installed, tmp_path):
    (tmp_path / "foreign.c").write_text(FOREIGN_PLUGIN)
    call("cc", "-shared", "-fPIC", "-o", "foreign.so", "foreign.c", folder=tmp_path)
    said = refused(installed, tmp_path, "foreign.so").splitlines()
    sentences = [line for line in said if "foreign.so" in line and "SDK" in line]
    assert len(sentences) == 1
    assert "its ABI stamp is sparse-0-libstdc++, this sparse needs sparse-1-" in sentences[0]
    assert "rebuild it" in sentences[0]


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("absent.so", None, "does not exist: build it first"),
        ("text.so", b"import sparse_stream\n", "is not a shared object"),
        ("empty.so", b"", "is empty"),
    ],
)
def test_what_is_no_plugin_is_refused_with_what_to_do(installed, tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert sentence in refused(installed, tmp_path, name)
