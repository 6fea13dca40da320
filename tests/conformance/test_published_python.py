"""Storm's storm.py and pystorm, as published, run through our launcher unchanged, and what they print is no message."""

import os

import pytest
from parent import HEARTBEAT, SDK, TICK, launch, tup

import published

STORM_BASIC = """
import storm

class Split(storm.BasicBolt):
    def process(self, tup):
        print("printed", tup.values)
        if tup.values[0] == "bad":
            raise ValueError("as asked")
        for word in tup.values[0].split():
            storm.emit([word])
"""

STORM_SPOUT = """
import storm

class Lines(storm.Spout):
    number = 0
    def nextTuple(self):
        print("printed")
        self.number += 1
        storm.emit(["line"], id=self.number)
    def ack(self, id):
        storm.logInfo("ack %d" % id)
"""

PYSTORM_BOLT = """
from pystorm import Bolt

class Split(Bolt):
    def initialize(self, conf, context):
        print("printed in initialize")
    def process(self, tup):
        print("printed", tup.values)
        for word in tup.values.line.split():
            self.emit([word])
        self.emit(["asked"], need_task_ids=True)
"""

PYSTORM_SPOUT = """
from pystorm import Spout

class Lines(Spout):
    def next_tuple(self):
        print("printed")
        self.emit(["line"], tup_id=5)
    def fail(self, tup_id):
        self.log("fail %r" % tup_id)
"""


def path_of(folder):
    return {"PYTHONPATH": os.pathsep.join([str(SDK), str(folder)])}


@pytest.fixture(scope="module")
def storm():
    return path_of(published.storm_library("python"))


@pytest.fixture(scope="module")
def pystorm():
    return path_of(published.python_packages("pystorm==3.1.4"))


@pytest.mark.parametrize("end", ["", "Split().run()\n"], ids=["a class", "a script that runs at import"])
def test_a_basic_bolt_of_storm_py(storm, tmp_path, end):
    with launch(tmp_path, STORM_BASIC + end, "Split", env=storm) as parent:
        assert parent.shake_hands() == {"pid": parent.child.pid}
        parent.send(tup("1", "the cow"), [3], [4], HEARTBEAT, tup("2", "bad"))
        assert [message["command"] for message in parent.read_to("sync")] == ["emit", "emit", "ack", "sync"]
        assert parent.read_to("fail")[-1] == {"command": "fail", "id": "2"}
        parent.end()
        assert "printed" in parent.errors()
        assert all("Traceback" in message["msg"] for message in parent.read_all())


def test_a_spout_of_storm_py(storm, tmp_path):
    with launch(tmp_path, STORM_SPOUT, "Lines", env=storm) as parent:
        parent.shake_hands()
        parent.send({"command": "activate", "id": ""})
        assert parent.read() == {"command": "sync"}
        parent.send({"command": "next", "id": ""}, [3])
        emit, sync = parent.read(), parent.read()
        assert (emit["tuple"], emit["id"], sync["command"]) == (["line"], 1, "sync")
        parent.send({"command": "ack", "id": 1})
        assert parent.read()["msg"] == "ack 1"


def test_a_bolt_of_pystorm(pystorm, tmp_path):
    with launch(tmp_path, PYSTORM_BOLT, "Split", env=pystorm) as parent:
        assert parent.shake_hands() == {"pid": parent.child.pid}
        assert "logging enabled" in parent.read()["msg"]
        parent.send(tup("1", "the cow"), [3], HEARTBEAT, TICK)
        messages = parent.read_to("sync")
        assert [message.get("tuple") for message in messages[:3]] == [["the"], ["cow"], ["asked"]]
        assert messages[3:] == [{"command": "ack", "id": "1"}, {"command": "sync"}]
        assert parent.read() == {"command": "ack", "id": "77"}
        assert parent.end() == 2
        assert "printed in initialize" in parent.errors() and "printed LinesDefaultTuple" in parent.errors()


def test_a_spout_of_pystorm(pystorm, tmp_path):
    with launch(tmp_path, PYSTORM_SPOUT, "Lines", env=pystorm) as parent:
        parent.shake_hands()
        parent.read()
        parent.send({"command": "next", "id": ""})
        assert [message["command"] for message in parent.read_to("sync")] == ["emit", "sync"]
        parent.send({"command": "fail", "id": 5})
        assert parent.read()["msg"] == "fail 5"
