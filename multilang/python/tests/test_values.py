"""What may be emitted, what is refused and how, and how values arrive."""

import gc

import pytest
from parent import launch, tup
from sparse_stream.tuples import values_class

ODD = """
from sparse_stream import Bolt

class Odd(Bolt):
    def process(self, tup):
        self.emit([%s])
"""


def emitted(messages):
    return [message["tuple"] for message in messages if message.get("command") == "emit"]


def test_undeclared_streams_and_wrong_numbers_of_values_fail_the_input_by_name(tmp_path):
    source = """
from sparse_stream import Bolt

class Wrong(Bolt):
    def process(self, tup):
        kind = tup.values[0]
        if kind == "stream":
            self.emit(["x"], stream="nowhere")
        elif kind == "many":
            self.emit(["x", "y"])
        elif kind == "text":
            self.emit("x")
"""
    with launch(tmp_path, source, "Wrong") as parent:
        parent.shake_hands()
        parent.send(tup("1", "stream"), tup("2", "many"), tup("3", "text"))
        reasons = [parent.read_to("fail")[-1]["reason"] for _ in range(3)]
        assert reasons[0] == "EmitError: stream 'nowhere' is not declared by component 'split'; it has ['default', 'errors']"
        assert reasons[1] == "EmitError: stream 'default' has 1 fields ['word'], but 2 values were emitted: ['x', 'y']"
        assert reasons[2] == "TypeError: emit takes a list or tuple of values, not str: 'x'"


@pytest.mark.parametrize(
    "value, part",
    [
        ("float('nan')", "Out of range float values"),
        ("[1, float('inf')]", "Out of range float values"),
        ("1 << 63", "does not fit into 64 bits"),
        ("b'raw'", "decode bytes to text"),
        ("object()", "not JSON serializable"),
        ("'half \\ud83d'", "half a surrogate pair"),
        ("['half \\ud83d']", "half a surrogate pair"),
        ("'x' * (17 << 20)", "the limit is 16777216"),
    ],
    ids=["nan", "nested infinity", "integer", "bytes", "object", "surrogate", "nested surrogate", "too long"],
)
def test_a_value_that_cannot_be_carried_fails_the_input_and_says_why(tmp_path, value, part):
    source = ODD % value
    with launch(tmp_path, source, "Odd") as parent:
        parent.shake_hands()
        parent.send(tup("1", "a"))
        messages = parent.read_to("fail")
        assert emitted(messages) == []
        assert messages[-1]["reason"].startswith("EmitError: ") and part in messages[-1]["reason"]


def test_values_of_every_kind_come_back_as_they_went(tmp_path):
    values = [
        None, True, False, 0, -(1 << 63), (1 << 63) - 1, 0.1, -1e300, "", "Zoë 🐄 \x00\x1f\"\\/\u2028", [], {}, [[1, [None]]],
        {"a": [1.5, {"ü": "end\n"}]}, "\nend\n", "x" * 1000000,
    ]  # fmt: skip
    with launch(tmp_path, ODD % "tup.values[0]", "Odd", env={"LC_ALL": "C", "PYTHONUTF8": "0"}) as parent:
        parent.shake_hands()
        for number, value in enumerate(values):
            parent.send(tup(str(number), value))
            assert emitted(parent.read_to("ack")) == [[value]]
        assert parent.end() == 0


def test_fields_are_read_by_name_whatever_the_name(tmp_path):
    source = """
from sparse_stream import Bolt

class Named(Bolt):
    def process(self, tup):
        values = tup.values
        one, two, three, four = values
        assert (values["user-id"], values["class"], values["_x"], values.name) == (one, two, three, four)
        assert values[-1] == four and values[1:3] == (two, three) and len(values) == 4
        assert values.get("absent", 5) == 5 and values._asdict()["user-id"] == one
        try:
            values.absent
        except AttributeError as error:
            self.emit([str(error)])
"""
    with launch(tmp_path, source, "Named") as parent:
        parent.shake_hands()
        parent.send(tup("1", 1, 2, 3, 4, comp="odd"))
        assert emitted(parent.read_to("ack")) == [["no field 'absent'; this stream has ['user-id', 'class', '_x', 'name']"]]


def test_the_class_of_a_stream_is_made_whenever_the_garbage_collector_comes_by():
    thresholds = gc.get_threshold()
    try:
        for threshold in range(1, 200):
            gc.set_threshold(threshold)
            assert values_class(["line", "size"])(("a", 1)).size == 1
    finally:
        gc.set_threshold(*thresholds)
