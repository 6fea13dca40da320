"""Bolts and spouts in Python: all that the author of a component imports.

    from sparse_stream import Bolt

    class Split(Bolt):
        outputs = ["word"]

        def process(self, tup):
            for word in tup.values[0].split():
                self.emit([word])

The names are those of pystorm and streamparse, so that moving a component is a change of its import line. What is emitted
while a tuple is processed is anchored to it, returning acks it, an exception fails it. `python3 -m sparse_stream.launch
module.Class` runs a component; `sparse` does that for `python: module.Class`.
"""

from .bolt import Bolt
from .component import Component
from .errors import EmitError, ProtocolError, StormWentAway
from .spout import Spout
from .tuples import Stream, Tuple, Values

__all__ = ["Bolt", "Component", "EmitError", "ProtocolError", "Spout", "StormWentAway", "Stream", "Tuple", "Values"]
__version__ = "0.1.0"
