"""Children that do what no child should: the run goes on or ends within its bounds, says why, and leaves nothing running."""

import re
import signal
import time

import pytest
from hostile_runs import BOLT, COMMON, INPUTS, SPOUT, completes, hostile, left_of  # noqa: F401

# -- what is tolerated: one life --


TOLERATED = {
    "junk between messages": (
        "shake()\nraw('warming up\\n\\tmodel {1, 2}\\n')\nserve()",
        r"WARN .*writes text to its stdout.*\n(.*\n)*.*stdout: warming up",
    ),
    "junk in front of a message": ("shake()\nraw('100%...')\nserve()", r"stdout: 100%\.\.\."),
    "unknown ids": (
        "shake()\nsend({'command': 'ack', 'id': '987654'})\nsend({'command': 'fail', 'id': {'a': [1]}})\n"
        "send({'command': 'emit', 'anchors': ['555'], 'tuple': [5], 'need_task_ids': False})\nserve()",
        r"gave a verdict \(ack\) on the id .*987654.*\n(.*\n)*.*anchored an emit to the id .*555",
    ),
    "an unknown command": ("shake()\nsend({'command': 'dance'})\nsend({'command': 7})\nserve()", r"WARN .*dance"),
    "pid before the handshake is read": ("send({'pid': os.getpid()})\nread()\nserve()", None),
    "emits and logs before the pid": (
        "conf = read()\nsend({'command': 'log', 'msg': 'in initialize', 'level': 2})\n"
        "send({'command': 'emit', 'anchors': [], 'tuple': [7], 'need_task_ids': False})\nsend({'pid': os.getpid()})\nserve()",
        r"INFO +in initialize",
    ),
    "pretty-printed frames": (
        "def send(message):\n    raw(json.dumps(message, indent=4).replace('\\n', '\\r\\n') + '\\r\\nend\\r\\n')\nbehave()",
        None,
    ),
    "ids as integers": (
        "shake()\nwhile True:\n    tup = read()\n    send({'command': 'emit', 'anchors': [int(tup['id'])], 'tuple': [1],"
        " 'need_task_ids': False})\n    send({'command': 'ack', 'id': int(tup['id'])})",
        None,
    ),
    "an undeclared stream": (
        "shake()\ntup = read()\nsend({'command': 'emit', 'stream': 'none', 'anchors': [tup['id']], 'tuple': [1],"
        " 'need_task_ids': False})\nsend({'command': 'ack', 'id': tup['id']})\nserve()",
        r"ERROR .*stream \"none\"",
    ),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_a_child_lives_on_with(hostile, name):
    script, says = TOLERATED[name]
    run = hostile(script)
    completes(run, lives=1)
    if says:
        assert re.search(says, run.err), run.err
    assert " died: " not in run.err


# -- what loses framing, or the child: it is started again, and all inputs get through --


LOST = {
    "text that is no message": ("raw('{broken: json}\\nend\\n')", r"is not one JSON object; it begins with \"\{broken: json\}"),
    "invalid UTF-8": (
        "raw(b'{\"command\":\"log\",\"msg\":\"\\xff\\xfe\"}\\nend\\n')",
        r"not valid UTF-8; it begins with .*\\xff\\xfe",
    ),
    "ten thousand brackets": (
        "raw('{\"command\":\"emit\",\"tuple\":' + '[' * 10000 + ']' * 10000 + '}\\nend\\n')",
        r"nested more than \d+ levels deep; it begins with .*\[\[\[",
    ),
    "a line of 64 MB": (
        "try:\n        raw('{\"command\":\"log\",\"msg\":\"')\n        for _ in range(1100):\n            raw('x' * 65536)\n"
        "    except BrokenPipeError:\n        pass",
        r"a message is larger than 16777216 bytes; it begins with .*xxx",
    ),
    "an exit": ("sys.stderr.write('no licence\\n'); sys.exit(3)", r"died: exit code 3; .*no licence"),
    "an exit inside a message": ("raw('{\"command\":\"emit\",\"tup'); sys.exit(4)", r"died: exit code 4"),
    "a kill": ("os.kill(os.getpid(), 9)", r"killed by signal 9 \(SIGKILL\)"),
    "a closed stdout": ("os.close(1)\n    time.sleep(1000)", r"has closed its stdout, but does not end"),
    "a closed stdin": ("os.close(0)\n    time.sleep(1000)", r"said nothing for 2\.0 s while an answer was due"),
    "a child that never syncs": ("\n    while True:\n        read()", r"said nothing for 2\.0 s while an answer was due"),
    "a child that never reads": ("time.sleep(1000)", r"said nothing for 2\.0 s while an answer was due"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_child_is_started_again_after(hostile, name):
    what, says = LOST[name]
    run = hostile(f"shake()\nif lives == 1:\n    read()\n    {what}\nserve()\n")
    completes(run, lives=2)
    assert re.search(says, run.err), run.err
    assert len(re.findall(r" died: ", run.err)) == 1, run.err
    deaths = [line for line in run.err.splitlines() if " died: " in line]
    assert all(len(line) < 2500 for line in deaths)


@pytest.mark.slow
@pytest.mark.parametrize(
    "what, says",
    [
        ("time.sleep(1000)", r"did not answer the handshake within 30\.0 s"),
        ("shake()\n    read()\n    raw('{\"command\":\"ack\",')\n    time.sleep(1000)", r"no line \"end\" came within 30\.0 s"),
    ],
    ids=["no answer to the handshake", "half a message"],
)
def test_a_child_is_started_again_after_thirty_seconds_of(hostile, what, says):
    slow = (BOLT % INPUTS).replace("topology.subprocess.timeout.secs: 2", "topology.subprocess.timeout.secs: 600")
    run = hostile(f"if lives == 1:\n    {what}\nbehave()\n", topology=slow, seconds=120)
    completes(run, lives=2)
    assert re.search(says, run.err), run.err


def test_a_flood_on_stderr_does_not_stop_the_run(hostile):
    run = hostile("shake()\nfor _ in range(200):\n    os.write(2, b'noise ' * 10000)\nserve()")
    completes(run, lives=1)
    assert run.err.count("stderr: noise") >= 200


def test_a_spout_that_never_syncs_is_started_again(hostile):
    script = (
        "shake()\nnumber = 0\nwhile True:\n    command = read()['command']\n    if lives == 1 and command == 'next':\n"
        "        time.sleep(1000)\n    if command == 'next' and number < 5:\n        number += 1\n"
        "        send({'command': 'emit', 'tuple': [number], 'id': [number, {'any': None}], 'need_task_ids': False})\n"
        "    send({'command': 'sync'})\n"
    )
    run = hostile(script, topology=SPOUT, words=("-t", "8"))
    assert run.code == 0 and run.rows == 5, run.err
    assert len(run.pids()) == 2
    assert "said nothing for 2.0 s while an answer was due" in run.err


def test_a_grandchild_that_holds_the_pipes_dies_with_its_group(hostile):
    script = (
        "shake()\nif lives == 1:\n    read()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(5)\nserve()\n"
    )
    run = hostile(script)
    completes(run, lives=2)
    assert "died: exit code 5" in run.err


@pytest.mark.parametrize("where", ["child", "grandchild"])
def test_who_ignores_sigterm_is_killed_at_the_end(hostile, where):
    fork = "if os.fork() == 0:\n    time.sleep(1000)\n    os._exit(0)\n" if where == "grandchild" else ""
    script = (
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + fork + "shake()\n"
        "def last():\n    time.sleep(1000)\nsys.exit = lambda code: last()\nserve()\n"
    )
    run = hostile(script)
    completes(run, lives=1)
    assert run.took < 20


def test_a_child_that_never_acks_fails_by_timeout_and_does_not_grow(hostile):
    script = "shake()\nwhile True:\n    if read()['stream'] == '__heartbeat':\n        send({'command': 'sync'})\n"
    endless = (BOLT % 10_000_000).replace("message.timeout.secs: 20", "message.timeout.secs: 2")
    run = hostile(script, topology=endless, words=("--json", "-t", "6"))
    assert run.rows == 1  # the summary alone
    assert '"acked":0' in (run.folder / "out").read_text()
    assert re.search(r'"timed_out":[1-9]', (run.folder / "out").read_text())
    assert len(run.pids()) == 1


@pytest.mark.slow
def test_a_run_gives_up_after_ten_failures_in_a_row(hostile):
    run = hostile("sys.stderr.write('cannot go on\\n')\nsys.exit(7)\n", seconds=180)
    assert run.code == 1
    assert len(run.pids()) == 10
    assert re.search(r"its child failed 10 times in a row: exit code 7; .*cannot go on", run.err), run.err


def test_a_signal_ends_a_run_whose_child_is_away(run_sparse):
    """The child reads nothing, ignores SIGTERM and has a child of its own: two signals, and nothing is left."""
    script = "import signal\nsignal.signal(15, signal.SIG_IGN)\nshake()\nos.fork()\ntime.sleep(1000)\n"
    run_sparse.write("child.py", COMMON + script)
    run_sparse.write("x.yaml", (BOLT % INPUTS).replace("subprocess.timeout.secs: 2", "subprocess.timeout.secs: 600"))
    child = run_sparse.started("x.yaml")
    for _ in range(2):
        child.send_signal(signal.SIGINT)
        time.sleep(0.3)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 1, err
    assert left_of([int(pid) for pid in (run_sparse.folder / "pids").read_text().split()]) == [], err
