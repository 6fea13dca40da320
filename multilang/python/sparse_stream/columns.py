"""What most tuples of a batch lead to, in columns: emits on the default stream, anchored to their tuple, and its ack."""

from __future__ import annotations

import struct
from typing import Any, List

COLUMNS = 7         # the code of the record
VALUES_MAX = 2048   # more are written at once


class Columns:
    """An emit only appends to `values`, and an entry of `emits` says how many of them the tuple `first + len(emits)` has emitted,
    and that it is acked. All else that happens is a record, with what is in columns in front of it: for that, `settle` makes
    records of the columns. From then on `plain` is false, and the tuple under way has records to its end.

    Only the thread that receives may touch it."""

    def __init__(self, records: List[Any], width: int) -> None:
        self._records = records
        self._width = width  # values of one emit
        self._busy = False   # a tuple of a batch is under way
        self._first = 0
        self.plain = True
        self.values: List[Any] = []
        self.emits: List[int] = []
        self.settled = 0     # values in columns among the records

    def begin(self, first: int) -> int:
        """The tuples `first`, `first + 1`, ... follow, one at a time. Returns the number of values that there are."""
        if self._first + len(self.emits) != first:
            self.settle()
            self._first = first
        self._busy = self.plain = True
        return len(self.values)

    def end(self, acked: bool) -> None:
        """The tuple under way is over, and is no entry of `emits`."""
        self.settle()
        if acked:
            self._records.append(None)
        self._first += 1
        self.plain = True

    def rest(self) -> None:
        """No tuple is under way."""
        self._busy = False

    def settle(self) -> None:
        emits, values = self.emits, self.values
        if not emits and not values:
            return
        done = 0
        if emits:
            done = sum(emits)
            counts = struct.pack("<%dH" % len(emits), *emits)
            self._records.append((COLUMNS, self._first, self._width, counts, values[:done]))
            self._first += len(emits)
            self.settled += done
            emits.clear()
        self.part()
        width = self._width
        self._records += [values[at : at + width] for at in range(done, len(values), width)]
        values.clear()

    def part(self) -> None:
        """From here on, the tuple under way has records."""
        if self._busy and self.plain:
            self.plain = False
            self._records.append(self._first)
