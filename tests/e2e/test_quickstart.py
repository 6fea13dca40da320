"""A new project runs at once."""

import json

import pytest


def test_a_python_project_counts_words(run_sparse):
    done = run_sparse("quickstart", "wc")
    assert done.code == 0
    created = done.out.splitlines()
    assert "create  wc/wordcount.yaml" in created and "create  wc/words.py" in created
    assert done.err.endswith("cd wc && sparse run\n")

    done = run_sparse("run", "--json", cwd=run_sparse.folder / "wc")
    assert done.code == 0, done.err
    assert done.summary()["topology"] == "wc"
    rows = [row["values"] for row in done.rows()]
    assert len(rows) == 10
    assert rows[:2] == [["and", 5], ["thou", 4]]


@pytest.mark.parametrize("language", ["python", "cpp"])
def test_every_placeholder_is_filled_in(run_sparse, language):
    assert run_sparse("quickstart", "my-words", "--lang", language).code == 0
    for path in (run_sparse.folder / "my-words").rglob("*"):
        assert "PROJECT" not in path.read_text()
    assert "name: my-words" in (run_sparse.folder / "my-words/wordcount.yaml").read_text()


def test_an_existing_folder_is_refused(run_sparse):
    run_sparse.write("wc/mine.txt", "mine")
    done = run_sparse("quickstart", "wc")
    assert done.code == 1
    assert "exists already" in done.err
    assert [path.name for path in (run_sparse.folder / "wc").iterdir()] == ["mine.txt"]


def test_a_project_can_be_made_in_another_folder(run_sparse):
    assert run_sparse("quickstart", "deep/er/wc").code == 0
    done = run_sparse("run", "deep/er/wc/wordcount.yaml")
    assert done.code == 0, done.err
    assert all(json.loads(line)["component"] == "count" for line in done.out.splitlines())
