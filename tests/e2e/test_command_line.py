"""The command itself: help, version, what was meant, exit codes, completion."""

import subprocess

import pytest

VERBS = ["run", "validate", "schema", "visualize", "quickstart", "sdk", "completion"]
VERBS += ["kafka serve", "kafka produce", "kafka consume", "kafka offsets", "kafka replay"]


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_the_verbs(run_sparse, words):
    done = run_sparse(*words)
    assert (done.code, done.err) == (0, "")
    assert all(f"\n  {verb} " in done.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_begins_with_examples(run_sparse, verb):
    done = run_sparse(*verb.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.index("examples:") < done.out.index("usage: sparse " + verb)
    assert done == run_sparse("help", *verb.split())


def test_version_is_one_line(run_sparse):
    done = run_sparse("--version")
    assert done.code == 0
    assert done.out.startswith("sparse 0.") and done.out.count("\n") == 1


@pytest.mark.parametrize(
    "words, hint",
    [
        (["rnu"], 'did you mean "sparse run"'),
        (["submit", "wc"], "comes with the cluster"),
        (["run", "--tme", "3"], 'did you mean "--time"'),
        (["run", "-t", "soon"], "soon"),
        (["run", "-o", "novalue"], "KEY=VALUE"),
        (["quickstart", "a/../"], "cannot be the name"),
    ],
)
def test_usage_errors_exit_with_2_and_a_hint_on_stderr(run_sparse, words, hint):
    done = run_sparse(*words)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


READERS = ["run", "validate", "visualize", "kafka offsets"]


@pytest.mark.parametrize("verb", READERS)
def test_which_topology_file_is_a_question_of_usage(run_sparse, verb):
    assert run_sparse(*verb.split(), "missing.yaml").code == 1
    done = run_sparse(*verb.split())
    assert (done.code, done.out) == (2, "")
    assert "there is no topology file" in done.err
    for name in ["a.yaml", "b.yaml"]:
        run_sparse.write(name, "spouts: []\n")
    done = run_sparse(*verb.split())
    assert (done.code, done.out) == (2, "")
    assert f'2 topology files are here (a.yaml, b.yaml): say which one, as in "sparse {verb} a.yaml"' in done.err


def test_sdk_says_where_its_parts_are(run_sparse, sparse):
    prefix = run_sparse("sdk").out.strip()
    assert prefix == str(sparse.parent) == run_sparse("sdk", "--prefix").out.strip()
    include = subprocess.check_output([sparse, "sdk", "--include"], text=True).strip()
    assert open(include + "/sparse/sdk.h").readline().startswith("//")
    python = subprocess.check_output([sparse, "sdk", "--python"], text=True).strip()
    subprocess.run(["python3", "-c", "import sparse_stream"], env={"PYTHONPATH": python, "PATH": "/usr/bin:/bin"}, check=True)


def completions(sparse, *words):
    """What bash would propose for the last word."""
    script = (
        f"source <({sparse} completion bash); COMP_WORDS=(sparse {' '.join(words[:-1])} '{words[-1]}');"
        f"COMP_CWORD={len(words)}; _sparse; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    return subprocess.check_output(["bash", "-c", script], text=True).split()


def test_bash_completes_verbs_options_choices_and_files(run_sparse, sparse, monkeypatch):
    run_sparse.write("words.yaml", "")
    monkeypatch.chdir(run_sparse.folder)
    assert completions(sparse, "qu") == ["quickstart"]
    assert completions(sparse, "run", "--ti") == ["--time"]
    assert completions(sparse, "run", "wo") == ["words.yaml"]
    assert completions(sparse, "quickstart", "wc", "--lang", "") == ["python", "cpp"]
    assert completions(sparse, "completion", "z") == ["zsh"]
    assert completions(sparse, "ka") == ["kafka"]
    assert completions(sparse, "kafka", "pro") == ["produce"]
    assert completions(sparse, "kafka", "consume", "--js") == ["--json"]
    assert completions(sparse, "help", "kafka", "ser") == ["serve"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(run_sparse, shell):
    done = run_sparse("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert all(verb.split()[-1] in done.out for verb in VERBS)
