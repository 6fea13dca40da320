"""The components of topologies/wordcount in Python, as one sees them on the wire."""

import sys
from collections import Counter

from parent import FINISH, Parent, tup
from transcripts import ROOT

TEXT = ROOT / "topologies" / "wordcount" / "shakespeare.txt"
SPLIT_CONTEXT = {"taskid": 2, "componentid": "split", "stream->outputfields": {"default": ["word"]}}
COUNT_CONTEXT = {"taskid": 3, "componentid": "count", "stream->outputfields": {"default": ["word", "count"]}}


def words(folder, name):
    environment = {"PYTHONPATH": "%s:%s" % (ROOT / "multilang" / "python", ROOT / "topologies" / "wordcount")}
    return Parent(folder, [sys.executable, "-m", "sparse_stream.launch", "words." + name], env=environment)


def emits(messages):
    return [message for message in messages if message["command"] == "emit"]


def ask(parent, command, id=""):
    parent.send({"command": command, "id": id})
    return parent.read_to("sync")


def test_the_spout_emits_every_line_of_the_text_and_is_exhausted(tmp_path):
    with words(tmp_path, "LineSpout") as parent:
        parent.shake_hands({"sparse.options": {"path": str(TEXT)}}, {})
        lines, sync = [], {}
        while "exhausted" not in sync:
            messages = ask(parent, "next")
            lines += [message["tuple"][0] for message in emits(messages)]
            sync = messages[-1]
        assert lines == TEXT.read_text(encoding="utf-8").split("\n")[:-1]


def test_the_spout_repeats_and_emits_failed_lines_again(tmp_path):
    (tmp_path / "two.txt").write_text("one\n\ntwo", encoding="utf-8")
    with words(tmp_path, "LineSpout") as parent:
        parent.shake_hands({"sparse.options": {"path": "two.txt", "repeat": 2}}, {})
        first = ask(parent, "next")
        assert [message["tuple"][0] for message in emits(first)] == ["one", "", "two"] * 2
        assert first[-1] == {"command": "sync", "exhausted": True}
        assert ask(parent, "ack", 0) == [{"command": "sync", "exhausted": True}]
        assert ask(parent, "fail", 5) == [{"command": "sync"}]
        assert ask(parent, "fail", 99) == [{"command": "sync"}]
        again = ask(parent, "next")
        assert [(message["id"], message["tuple"]) for message in emits(again)] == [(5, ["two"])]
        assert again[-1] == {"command": "sync", "exhausted": True}


def test_a_spout_without_its_file_says_which_one_is_missing(tmp_path):
    with words(tmp_path, "LineSpout") as parent:
        parent.shake_hands({"sparse.options": {"path": "absent.txt"}}, {})
        error, sync = ask(parent, "next")
        assert "No such file or directory: 'absent.txt'" in error["msg"] and "exhausted" not in sync


def test_words_are_split_and_counted_and_the_most_frequent_come_at_the_end(tmp_path):
    lines = TEXT.read_text(encoding="utf-8").split("\n")[:2000]
    (tmp_path / "split").mkdir()
    (tmp_path / "count").mkdir()
    with words(tmp_path / "split", "Split") as split, words(tmp_path / "count", "Count") as count:
        split.shake_hands(context=SPLIT_CONTEXT)
        count.shake_hands({"sparse.options": {"top": 5}}, COUNT_CONTEXT)
        for line in lines:
            split.send(tup("1", line))
            found = [message["tuple"][0] for message in emits(split.read_to("ack"))]
            assert found == line.split()
            count.send(*[tup("1", word, comp="split") for word in found])
            for _ in found:
                count.read()
        count.send(FINISH)
        expected = Counter(word for line in lines for word in line.split())
        ranked = sorted(expected.items(), key=lambda item: (-item[1], item[0]))[:5]
        assert [tuple(message["tuple"]) for message in emits(count.read_to("ack"))] == ranked
