"""The demo: the words of a real text, counted in three ways."""

import collections
import shutil

import pytest

VARIANTS = ["wordcount.yaml", "wordcount_python.yaml", "wordcount_cpp.yaml"]


@pytest.fixture(scope="module")
def counts(root):
    """As `tr -s '[:space:]' '\\n' | sort | uniq -c` counts."""
    text = (root / "topologies/wordcount/shakespeare.txt").read_text()
    return collections.Counter(text.split())


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_twenty_most_frequent_words(run_sparse, root, counts, variant):
    done = run_sparse("run", root / "topologies/wordcount" / variant, "--json")
    assert done.code == 0, done.err
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]
    assert [tuple(row["values"]) for row in done.rows()] == ranked
    assert done.component("lines")["acked"] == 40000
    assert done.component("lines")["failed"] == 0
    assert done.component("count")["executed"] == sum(counts.values())


def test_every_word_is_counted_exactly(run_sparse, root, counts):
    """All counts, with as many counters as splitters."""
    folder = run_sparse.folder / "wc"
    shutil.copytree(root / "topologies/wordcount", folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "wordcount_cpp.yaml").read_text()
    (folder / "all.yaml").write_text(text.replace("with: {top: 20}", "with: {top: 1000000}, parallelism: 2"))
    done = run_sparse("run", folder / "all.yaml", SPARSE_PLUGIN_PATH=str(run_sparse.binary.parent / "topologies/wordcount"))
    assert done.code == 0, done.err
    assert dict(row["values"] for row in done.rows()) == counts
