"""Components that are children of the run."""

import signal
import time

STUCK = """
name: stuck
config: {topology.message.timeout.secs: 600}
spouts:
  - {id: numbers, generate: {value: 1, count: 1}}
bolts:
  - {id: never, command: [sleep, "1000"], inputs: {numbers: shuffle}}
"""


def test_a_second_signal_stops_at_once(run_sparse):
    run_sparse.write("x.yaml", STUCK)
    child = run_sparse.started()
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    before = time.monotonic()
    out, err = child.communicate(timeout=60)
    assert time.monotonic() - before < 20
    assert child.returncode == 1, err
    assert '"reason":"stopped"' in out
