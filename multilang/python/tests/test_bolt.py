"""Bolts over real pipes: emits, anchors, verdicts, ticks, heartbeats, exceptions, values."""

import pytest
from parent import CONTEXT, FINISH, HEARTBEAT, TICK, launch, tup

SPLIT = """
from sparse_stream import Bolt

class Split(Bolt):
    def process(self, tup):
        for word in tup.values[0].split():
            self.emit([word])
"""

SLOW = """
import time
from sparse_stream import Bolt

class Slow(Bolt):
    def process(self, tup):
        time.sleep(tup.values[0])
"""


def emitted(messages):
    return [message["tuple"] for message in messages if message.get("command") == "emit"]


def commands(messages):
    return [message.get("command") for message in messages]


def test_emits_are_anchored_and_the_tuple_is_acked(tmp_path):
    with launch(tmp_path, SPLIT, "Split") as parent:
        answer = parent.shake_hands()
        assert answer == {"pid": parent.child.pid, "sparse": {"finish": True}}
        assert (tmp_path / str(parent.child.pid)).exists()
        parent.send(tup("-5", "the cow"))
        assert parent.read_to("ack") == [
            {"command": "emit", "tuple": ["the"], "anchors": ["-5"], "need_task_ids": False},
            {"command": "emit", "tuple": ["cow"], "anchors": ["-5"], "need_task_ids": False},
            {"command": "ack", "id": "-5"},
        ]
        assert parent.end() == 0
        assert parent.errors() == ""


def test_many_tuples_in_one_write_keep_their_order(tmp_path):
    with launch(tmp_path, SPLIT, "Split") as parent:
        parent.shake_hands()
        parent.send(*[tup(str(n), "w%d" % n) for n in range(500)])
        messages = [parent.read() for _ in range(1000)]
        assert emitted(messages) == [["w%d" % n] for n in range(500)]
        assert [message["id"] for message in messages[1::2]] == [str(n) for n in range(500)]


def test_heartbeats_are_answered_by_sync_alone(tmp_path):
    with launch(tmp_path, SPLIT, "Split") as parent:
        parent.shake_hands()
        parent.send(HEARTBEAT, HEARTBEAT)
        assert [parent.read(), parent.read()] == [{"command": "sync"}] * 2
        assert parent.end() == 0
        assert parent.read_all() == []


def test_ticks_reach_process_tick_and_are_acked_even_without_auto_ack(tmp_path):
    source = """
from sparse_stream import Bolt

class Ticking(Bolt):
    auto_ack = False
    def process(self, tup):
        raise RuntimeError("a tick is no tuple")
    def process_tick(self, tup):
        assert self.is_tick(tup)
        self.emit([tup.values[0]])
"""
    with launch(tmp_path, source, "Ticking") as parent:
        parent.shake_hands()
        parent.send(TICK)
        messages = parent.read_to("ack")
        assert emitted(messages) == [[60]] and messages[-1]["id"] == "77"


def test_finish_is_called_once_its_emits_come_before_its_ack(tmp_path):
    source = SPLIT + "    def finish(self):\n        self.emit(['bye'])\n"
    with launch(tmp_path, source, "Split") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"), FINISH)
        parent.read_to("ack")
        messages = parent.read_to("ack")
        assert emitted(messages) == [["bye"]] and messages[-1]["id"] == "88"
        assert parent.end() == 0


def test_an_exception_is_reported_fails_its_tuple_and_the_bolt_goes_on(tmp_path):
    source = """
from sparse_stream import Bolt

class Parse(Bolt):
    def process(self, tup):
        self.emit([int(tup.values[0])])
"""
    with launch(tmp_path, source, "Parse") as parent:
        parent.shake_hands()
        parent.send(tup("1", "one"), tup("2", "2"))
        error, fail, emit, ack = [parent.read() for _ in range(4)]
        assert error["command"] == "error"
        assert "failed a tuple of lines/default with values ('one',)" in error["msg"]
        assert "self.emit([int(tup.values[0])])" in error["msg"] and "bolt.py" not in error["msg"]
        assert fail == {"command": "fail", "id": "1", "reason": "ValueError: invalid literal for int() with base 10: 'one'"}
        assert emit["tuple"] == [2] and ack == {"command": "ack", "id": "2"}


def test_an_exception_with_a_huge_text_or_none_at_all_is_an_exception_like_others(tmp_path):
    source = """
from sparse_stream import Bolt

class Untold(Exception):
    def __str__(self):
        raise RuntimeError("no text")

class Odd(Bolt):
    def process(self, tup):
        raise Untold() if tup.values[0] == "untold" else ValueError("x" * (20 << 20))
"""
    with launch(tmp_path, source, "Odd") as parent:
        parent.shake_hands()
        parent.send(tup("1", "untold"), tup("2", "huge"))
        assert parent.read_to("fail")[-1] == {"command": "fail", "id": "1", "reason": "Untold"}
        error, fail = parent.read_to("fail")
        assert "characters left out" in error["msg"] and len(error["msg"]) < 101000
        assert fail["reason"].startswith("ValueError: xxx") and len(fail["reason"]) < 2100


def test_exit_on_exception_ends_the_process_after_the_verdict(tmp_path):
    source = SPLIT.replace("    def process", "    exit_on_exception = True\n    def process")
    with launch(tmp_path, source, "Split") as parent:
        parent.shake_hands()
        parent.send(tup("1", None))
        assert commands(parent.read_to("fail")) == ["error", "fail"]
        assert parent.child.wait(30) == 1


def test_without_auto_ack_auto_fail_and_auto_anchor_nothing_is_done_unasked(tmp_path):
    source = """
from sparse_stream import Bolt

class Manual(Bolt):
    auto_ack = auto_fail = auto_anchor = False
    held = []
    def process(self, tup):
        word = tup.values[0]
        if word == "raise":
            raise RuntimeError("as asked")
        self.held.append(tup)
        if word == "go":
            self.emit([word], anchors=self.held)
            self.emit([word], anchors=[tup.id])
            self.emit([word])
            self.ack(self.held[0])
            self.fail(self.held[1].id, "too late")
"""
    with launch(tmp_path, source, "Manual") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"), tup("2", "raise"), tup("3", "go"))
        messages = parent.read_to("fail")
        assert commands(messages) == ["error", "emit", "emit", "emit", "ack", "fail"]
        assert [message["anchors"] for message in messages[1:4]] == [["1", "3"], ["3"], []]
        assert messages[4]["id"] == "1"
        assert messages[5] == {"command": "fail", "id": "3", "reason": "too late"}


def test_a_bolt_that_settles_its_tuple_itself_sends_no_second_verdict(tmp_path):
    source = """
from sparse_stream import Bolt

class Own(Bolt):
    def process(self, tup):
        if tup.values[0] == "bad":
            self.fail(tup)
        else:
            self.ack(tup)
            raise RuntimeError("after the ack")
"""
    with launch(tmp_path, source, "Own") as parent:
        parent.shake_hands()
        parent.send(tup("1", "bad"), tup("2", "good"), HEARTBEAT)
        assert commands(parent.read_to("sync")) == ["fail", "ack", "error", "sync"]


def test_streams_direct_tasks_and_task_ids(tmp_path):
    source = """
from sparse_stream import Bolt

class Ask(Bolt):
    def process(self, tup):
        word = tup.values[0]
        assert self.emit([word, "why"], stream="errors") is None
        assert self.emit([word], direct_task=3, need_task_ids=True) == [3]
        self.log(self.emit([word], stream="default", need_task_ids=True))
"""
    with launch(tmp_path, source, "Ask") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"), tup("2", "b"))
        first = [parent.read() for _ in range(3)]
        assert first[0]["stream"] == "errors" and first[0]["need_task_ids"] is False
        assert first[1]["task"] == 3 and first[1]["need_task_ids"] is False
        assert first[2]["need_task_ids"] is True and "stream" not in first[2]
        parent.send([3, 4], tup("3", "c"), [4])
        messages = parent.read_to("ack") + parent.read_to("ack")
        assert [message["msg"] for message in messages if message["command"] == "log"] == ["[3, 4]", "[4]"]


def test_a_message_may_come_in_pieces(tmp_path):
    with launch(tmp_path, SPLIT, "Split") as parent:
        parent.shake_hands()
        data = b'{"id":"1","comp":"lines","stream":"default","task":1,"tuple":["Zo\xc3\xab"]}\nend\n'
        for byte in range(len(data)):
            parent.write(data[byte : byte + 1])
        assert emitted(parent.read_to("ack")) == [["Zoë"]]


def test_options_context_and_emits_of_initialize(tmp_path):
    source = """
from sparse_stream import Bolt

class Set(Bolt):
    def __init__(self):
        self.made = True
    def initialize(self, conf, context):
        assert self.made and self.storm_conf is conf and self.context is context
        assert (self.component_name, self.task_id, self.topology_name, self.debug) == ("split", 2, "words", False)
        self.emit([self.options["top"]])
"""
    with launch(tmp_path, source, "Set") as parent:
        parent.shake_hands({"topology.name": "words", "sparse.options": {"top": 20}})
        assert parent.read() == {"command": "emit", "tuple": [20], "anchors": [], "need_task_ids": False}


def test_a_context_that_says_nothing_is_enough(tmp_path):
    with launch(tmp_path, SPLIT, "Split") as parent:
        parent.shake_hands(context={})
        parent.send(tup("1", "a b", comp="unheard-of"))
        assert emitted(parent.read_to("ack")) == [["a"], ["b"]]


def test_an_exception_in_initialize_is_reported_and_ends_the_process(tmp_path):
    source = SPLIT + "    def initialize(self, conf, context):\n        self.options['path']\n"
    with launch(tmp_path, source, "Split") as parent:
        parent.shake_hands()
        message = parent.read()
        assert message["command"] == "error" and "KeyError: 'path'" in message["msg"]
        assert parent.child.wait(30) == 1


def test_close_is_called_when_the_runtime_goes_away(tmp_path):
    source = SPLIT + "    def close(self):\n        print('closed', flush=True)\n"
    with launch(tmp_path, source, "Split") as parent:
        parent.shake_hands(context=CONTEXT)
        assert parent.end() == 0
        assert parent.errors() == "closed\n"


def test_a_parent_that_no_longer_reads_is_the_end_too(tmp_path):
    source = SPLIT + "    def close(self):\n        self.log('nobody reads this')\n        self.flush()\n"
    with launch(tmp_path, source, "Split") as parent:
        parent.shake_hands()
        parent.child.stdout.close()
        parent.send(tup("1", "a"))
        assert parent.child.wait(30) == 0


def test_emits_of_another_thread_are_written_while_the_bolt_waits(tmp_path):
    source = """
import threading, time
from sparse_stream import Bolt

class Later(Bolt):
    auto_ack = False
    def process(self, tup):
        threading.Timer(0.05, self.later, [tup]).start()
    def later(self, tup):
        self.emit(["late"], anchors=[tup])
        self.ack(tup)
"""
    with launch(tmp_path, source, "Later") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"))
        messages = parent.read_to("ack")
        assert emitted(messages) == [["late"]] and messages[0]["anchors"] == ["1"]


def test_slow_tuples_of_one_read_are_answered_one_by_one(tmp_path):
    with launch(tmp_path, SLOW, "Slow") as parent:
        parent.shake_hands()
        parent.send(tup("1", 0.01), tup("2", 60))
        assert parent.read() == {"command": "ack", "id": "1"}


@pytest.mark.parametrize(
    "data, part",
    [
        (b"{]\nend\n", "what is no JSON"),
        (b"\xff\xfe\nend\n", "no UTF-8"),
        (b"7\nend\n", "neither an object nor a list"),
        (b"[" * 200000 + b"\nend\n", "what is no JSON"),
    ],
    ids=["no JSON", "no UTF-8", "no object", "too deep"],
)
def test_a_parent_that_breaks_the_protocol_ends_the_child_with_a_message(tmp_path, data, part):
    with launch(tmp_path, SPLIT, "Split") as parent:
        parent.shake_hands()
        parent.write(data)
        assert parent.child.wait(30) == 1
        assert "sparse_stream: the parent sent" in parent.errors() and part in parent.errors()


def test_a_message_that_is_no_tuple_is_ignored_with_a_warning(tmp_path):
    with launch(tmp_path, SPLIT, "Split") as parent:
        parent.shake_hands()
        parent.send({"command": "dance"}, tup("1", "a"))
        log, emit, ack = [parent.read() for _ in range(3)]
        assert log["command"] == "log" and log["level"] == 3 and "dance" in log["msg"]
        assert ack["id"] == "1" and emit["tuple"] == ["a"]
