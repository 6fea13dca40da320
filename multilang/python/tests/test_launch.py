"""The launcher: where it finds classes, what it says if it cannot, `--describe`, components of other libraries."""

import json
import os
import subprocess
import sys

import pytest
from parent import SDK, HEARTBEAT, launch, tup

BOLT = "from sparse_stream import Bolt\nclass Echo(Bolt):\n    def process(self, tup):\n        self.emit([tup.values[0]])\n"


def run(folder, *arguments):
    environment = dict(os.environ, PYTHONPATH=str(SDK), PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "sparse_stream.launch", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


def describe(folder, source, name="sample.Echo"):
    (folder / "sample.py").write_text(source, encoding="utf-8")
    return run(folder, "--describe", name)


@pytest.mark.parametrize("place", ["", "src", "resources", "src/package"])
def test_classes_are_found_in_the_folder_its_src_and_its_resources(tmp_path, place):
    (tmp_path / place).mkdir(exist_ok=True, parents=True)
    (tmp_path / place / "echo.py").write_text(BOLT, encoding="utf-8")
    name = "package.echo.Echo" if "package" in place else "echo.Echo"
    assert json.loads(run(tmp_path, "--describe", name).stdout)["kind"] == "bolt"


@pytest.mark.parametrize(
    "source, expected",
    [
        (BOLT, {"kind": "bolt", "outputs": [], "streams": []}),
        (BOLT + "    outputs = ['a', 'user-id']\n", {"kind": "bolt", "outputs": ["a", "user-id"], "streams": []}),
        (
            "from sparse_stream import Spout, Stream\nclass Echo(Spout):\n"
            "    outputs = ['a', Stream(['b'], name='to', direct=True), Stream(name='empty')]\n",
            {
                "kind": "spout",
                "outputs": ["a"],
                "streams": [{"name": "to", "fields": ["b"], "direct": True}, {"name": "empty", "fields": [], "direct": False}],
            },
        ),
        (
            "print('noise')\nimport os\nos.system('echo noise')\nfrom sparse_stream import Bolt, Stream\n"
            "class Echo(Bolt):\n    outputs = [Stream(['x', 'y'])]\n",
            {"kind": "bolt", "outputs": ["x", "y"], "streams": []},
        ),
        (
            "class Echo:\n    outputs = None\n    def run(self): pass\n    def nextTuple(self): pass\n",
            {"kind": "spout", "outputs": [], "streams": []},
        ),
    ],
)
def test_describe_prints_one_object_and_nothing_else(tmp_path, source, expected):
    done = describe(tmp_path, source)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "name, source, parts",
    [
        ("nowhere.Echo", BOLT, ["there is no module 'nowhere' in "]),
        ("sample.Eco", BOLT, ["has no class 'Eco'; did you mean Echo?"]),
        ("sample.Zzz", BOLT, ["has no class 'Zzz'; it has Bolt, Echo"]),
        ("Echo", BOLT, ["'Echo' does not name a component: write module.Class"]),
        ("sample.Echo", "class Echo: pass\n", ["sample.Echo is no component", "sparse_stream.Bolt or sparse_stream.Spout"]),
        ("sample.Echo", "Echo = 5\n", ["sample.Echo is no component"]),
        ("sample.Echo", "import absent_library\n", ["importing module 'sample' failed", "line 1", "absent_library"]),
        ("sample.Echo", "def broken(:\n", ["importing module 'sample' failed", "SyntaxError"]),
        ("sample.Echo", "1 / 0\n", ["importing module 'sample' failed", "ZeroDivisionError"]),
        ("sample.Echo", "import sys\nsys.exit(2)\n", ["ended the process (exit code 2)", "__main__"]),
        ("sample.Echo", BOLT + "    outputs = 'word'\n", ["outputs must be a list", "not 'word'"]),
        ("sample.Echo", BOLT + "    outputs = [5]\n", ["neither a name nor a Stream: 5"]),
        ("sample.Echo", BOLT + "    outputs = ['a', 'a']\n", ["has a field twice"]),
    ],
)
def test_what_cannot_be_loaded_is_said_in_one_readable_message(tmp_path, name, source, parts):
    done = describe(tmp_path, source, name)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("sparse_stream: ")
    for part in parts:
        assert part in done.stderr
    assert "importlib" not in done.stderr and "loading.py" not in done.stderr


def test_running_what_cannot_be_loaded_fails_the_same_way(tmp_path):
    done = run(tmp_path, "nowhere.Echo")
    assert done.returncode == 1 and done.stdout == "" and "there is no module 'nowhere'" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--describe"], ["a.B", "c.D"], ["--help"]])
def test_other_arguments_are_a_usage_error(tmp_path, arguments):
    done = run(tmp_path, *arguments)
    assert done.returncode == 2 and done.stderr.startswith("usage: ")


# Stand-ins with the habits of other libraries: pystorm takes hold of stdin and stdout when it is imported, storm.py looks
# them up for each message, prints, and its examples run at import.

PYSTORM = """
import io, json, os, sys

class Component(object):
    def __init__(self, input_stream=sys.stdin, output_stream=sys.stdout, serializer="json"):
        self.source = io.TextIOWrapper(input_stream.buffer, encoding="utf-8")
        self.sink = io.TextIOWrapper(output_stream.buffer, encoding="utf-8")
    def read(self):
        text = ""
        while True:
            line = self.source.readline()
            if line == "":
                raise SystemExit(2)
            if line == "end\\n":
                return json.loads(text)
            text += line
    def send(self, message):
        self.sink.write(json.dumps(message) + "\\nend\\n")
        self.sink.flush()
    def run(self):
        folder = self.read()["pidDir"]
        open(os.path.join(folder, str(os.getpid())), "w").close()
        self.send({"pid": os.getpid()})
        while True:
            message = self.read()
            if message["stream"] == "__heartbeat":
                self.send({"command": "sync"})
            else:
                self.process(message)
"""

STORM = """
import json, os, sys

MODE = None

def readMsg():
    text = ""
    while True:
        line = sys.stdin.readline()
        if not line:
            raise Exception("end of input")
        if line == "end\\n":
            return json.loads(text)
        text += line

def sendMsgToParent(message):
    print(json.dumps(message))
    print("end")
    sys.stdout.flush()

class BasicBolt(object):
    def run(self):
        global MODE
        MODE = BasicBolt
        readMsg()
        sendMsgToParent({"pid": os.getpid()})
        try:
            while True:
                message = readMsg()
                if message["stream"] == "__heartbeat":
                    sendMsgToParent({"command": "sync"})
                else:
                    self.process(message)
        except Exception as error:
            sendMsgToParent({"command": "error", "msg": str(error)})
"""


def check_foreign(parent, code):
    assert parent.shake_hands() == {"pid": parent.child.pid}
    parent.send(tup("1", "Zoë"), HEARTBEAT)
    assert [parent.read(), parent.read()] == [{"command": "ack", "id": "1"}, {"command": "sync"}]
    assert parent.end() == code
    assert "printed Zoë" in parent.errors()


def test_a_component_of_pystorm_runs_unchanged_and_may_print(tmp_path):
    (tmp_path / "pystorm").mkdir()
    (tmp_path / "pystorm" / "component.py").write_text(PYSTORM, encoding="utf-8")
    (tmp_path / "pystorm" / "__init__.py").write_text("from .component import Component\n", encoding="utf-8")
    source = """
from pystorm import Component

class Ack(Component):
    def process(self, message):
        print("printed", message["tuple"][0])
        self.send({"command": "ack", "id": message["id"]})
"""
    with launch(tmp_path, source, "Ack", env={"PYTHONIOENCODING": "utf-8"}) as parent:
        check_foreign(parent, 2)


@pytest.mark.parametrize("end", ["", "Ack().run()\n", "if __name__ == '__main__':\n    Ack().run()\n"])
def test_a_component_of_storm_py_runs_unchanged_and_may_print(tmp_path, end):
    (tmp_path / "storm.py").write_text(STORM, encoding="utf-8")
    source = """
import storm

class Ack(storm.BasicBolt):
    def process(self, message):
        print("printed", message["tuple"][0])
        storm.sendMsgToParent({"command": "ack", "id": message["id"]})
"""
    with launch(tmp_path, source + end, "Ack", env={"PYTHONIOENCODING": "utf-8"}) as parent:
        check_foreign(parent, 0)
        assert parent.read_all() == [{"command": "error", "msg": "end of input"}]


def test_a_component_of_storm_py_that_runs_at_import_is_described_all_the_same(tmp_path):
    (tmp_path / "storm.py").write_text(STORM, encoding="utf-8")
    source = "import storm\nclass Echo(storm.BasicBolt):\n    def process(self, tup): pass\nEcho().run()\n"
    assert json.loads(describe(tmp_path, source).stdout) == {"kind": "bolt", "outputs": [], "streams": []}


def test_our_component_may_run_itself_at_import_under_the_launcher(tmp_path):
    with launch(tmp_path, BOLT + "Echo().run()\n", "Echo") as parent:
        assert "pid" in parent.shake_hands()
        parent.send(tup("1", "a"))
        assert [message["command"] for message in parent.read_to("ack")] == ["emit", "ack"]
