"""Spouts over real pipes: one command at a time, ids of any kind, exhaustion, exceptions."""

from parent import launch

SPOUT = """
from sparse_stream import Spout

class Lines(Spout):
    def initialize(self, conf, context):
        self.todo = [7, "seven", {"seven": [7]}, None]
        self.log("ready", "debug")
    def next_tuple(self):
        if self.todo:
            self.emit(["line"], tup_id=self.todo.pop(0))
        self.exhausted = not self.todo
    def ack(self, tup_id):
        self.log("ack %r" % (tup_id,))
    def fail(self, tup_id):
        raise RuntimeError("cannot fail %r" % (tup_id,))
    def activate(self):
        self.log("active")
    def deactivate(self):
        self.log("inactive", 3)
"""


def ask(parent, command, id=""):
    parent.send({"command": command, "id": id})
    return parent.read_to("sync")


def test_each_command_is_answered_by_one_sync(tmp_path):
    with launch(tmp_path, SPOUT, "Lines") as parent:
        assert parent.shake_hands() == {"pid": parent.child.pid}
        assert parent.read() == {"command": "log", "msg": "ready", "level": 1}
        assert ask(parent, "activate")[0]["msg"] == "active"
        assert ask(parent, "next")[0] == {"command": "emit", "tuple": ["line"], "id": 7, "need_task_ids": False}
        assert ask(parent, "next")[0]["id"] == "seven"
        assert ask(parent, "next")[0]["id"] == {"seven": [7]}
        emit, sync = ask(parent, "next")
        assert "id" not in emit and sync == {"command": "sync", "exhausted": True}
        assert ask(parent, "ack", {"seven": [7]})[0]["msg"] == "ack {'seven': [7]}"
        assert ask(parent, "deactivate")[0] == {"command": "log", "msg": "inactive", "level": 3}
        assert parent.end() == 0
        assert parent.read_all() == []


def test_an_exception_is_reported_and_the_command_still_ends(tmp_path):
    with launch(tmp_path, SPOUT, "Lines") as parent:
        parent.shake_hands()
        parent.read()
        error, sync = ask(parent, "fail", 7)
        assert error["command"] == "error" and "fail raised" in error["msg"] and "cannot fail 7" in error["msg"]
        assert sync["command"] == "sync"
        assert len(ask(parent, "next")) == 2


def test_an_unknown_command_is_answered_too(tmp_path):
    with launch(tmp_path, SPOUT, "Lines") as parent:
        parent.shake_hands()
        parent.read()
        log, sync = ask(parent, "sing")
        assert log["level"] == 3 and "sing" in log["msg"]


def test_task_ids_reach_a_spout_in_the_middle_of_next(tmp_path):
    source = """
from sparse_stream import Spout

class Ask(Spout):
    def next_tuple(self):
        self.log(self.emit(["line"], tup_id=1, need_task_ids=True))
"""
    with launch(tmp_path, source, "Ask") as parent:
        parent.shake_hands()
        parent.send({"command": "next", "id": ""})
        assert parent.read()["need_task_ids"] is True
        parent.send([3])
        assert parent.read()["msg"] == "[3]"
        assert parent.read() == {"command": "sync"}


def test_a_spout_that_wants_to_ends_by_its_exception(tmp_path):
    source = SPOUT.replace("    def next_tuple", "    exit_on_exception = True\n    def next_tuple")
    with launch(tmp_path, source, "Lines") as parent:
        parent.shake_hands()
        parent.send({"command": "fail", "id": 7})
        assert parent.read_to("error")[-1]["command"] == "error"
        assert parent.child.wait(30) == 1
