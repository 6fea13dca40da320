"""Two chains that cross the same two loops in opposite directions: the one that stands does not slow the other."""

import time

import pytest

STANDS, RATE = 60, 20_000  # seconds; tuples a second of the chain that flows
SHARE = 0.9  # of its rate, at least
START_AND_END = 3  # seconds

STANDING = f"""
import time
from sparse_stream import Bolt

class Stands(Bolt):
    stood = False

    def process(self, tup):
        if not self.stood:
            self.stood = True
            time.sleep({STANDS})
"""

TOPOLOGY = f"""
name: crossing
config: {{topology.message.timeout.secs: 200, topology.subprocess.timeout.secs: 200}}
spouts:
  - {{id: a, generate: {{values: [0, 1, 2, 3, 4, 5, 6, 7], count: 30000}}, parallelism: 2}}
  - {{id: b, generate: {{values: [0, 1, 2, 3, 4, 5, 6, 7], count: {STANDS * RATE}, rate: {RATE}}}, parallelism: 2}}
bolts:
  - {{id: stands, python: standing.Stands, parallelism: 2, inputs: {{a: {{fields: [value]}}}}}}
  - {{id: flows, discard: {{}}, parallelism: 2, inputs: {{b: {{fields: [value]}}}}}}
"""


@pytest.mark.slow
def test_a_sink_that_stands_for_a_minute_leaves_the_other_chain_its_rate(run_sparse):
    run_sparse.write("standing.py", STANDING)
    run_sparse.write("x.yaml", TOPOLOGY)
    start = time.monotonic()
    done = run_sparse("run", "--loops", "2", "--json", "x.yaml", timeout=3 * STANDS)
    took = time.monotonic() - start
    assert done.code == 0, done.err
    a, b = done.component("a"), done.component("b")
    assert (a["acked"], a["failed"]) == (30_000, 0)
    assert (b["acked"], b["failed"]) == (STANDS * RATE, 0)
    assert done.component("stands")["executed"] == 30_000
    assert b["crossed"] > STANDS * RATE / 4, "half of them change loops"
    assert took > STANDS, "the sink did stand"
    assert took < STANDS / SHARE + START_AND_END
