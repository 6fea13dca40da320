"""The components of the word count, in Python: a spout of lines, a bolt that splits them, and a bolt that counts words."""

from collections import Counter, deque

from sparse_stream import Bolt, Spout

LINES_PER_CALL = 64  # `next_tuple` may emit a few: each call is a round trip to the runtime


class LineSpout(Spout):
    """Emits the lines of a file. With `repeat`, this many times over. A line that fails is emitted again.

    Options: path (relative to the topology file), repeat (1).
    """

    outputs = ["line"]

    def initialize(self, conf, context):
        self.path = self.options["path"]
        self.rounds = self.options.get("repeat", 1)
        self.file = None
        self.number = 0
        self.pending = {}
        self.failed = deque()

    def next_tuple(self):
        for _ in range(LINES_PER_CALL):
            if self.failed:
                number = self.failed.popleft()
                line = self.pending[number]
            else:
                line = self.next_line()
                if line is None:
                    break
                number = self.number
                self.number += 1
                self.pending[number] = line
            self.emit([line], tup_id=number)
        self.exhausted = self.rounds == 0 and not self.failed

    def next_line(self):
        """The next line without its end; None after the last one."""
        while self.rounds:
            if self.file is None:
                self.file = open(self.path, encoding="utf-8", errors="replace", newline="\n")
            line = self.file.readline()
            if line:
                return line.rstrip("\n")
            self.file.close()
            self.file = None
            self.rounds -= 1
        return None

    def ack(self, tup_id):
        self.pending.pop(tup_id, None)

    def fail(self, tup_id):
        if tup_id in self.pending:
            self.failed.append(tup_id)
            self.exhausted = False


class Split(Bolt):
    """Emits the words of a line: what stands between white space, as it stands."""

    outputs = ["word"]

    def process(self, tup):
        for word in tup.values[0].split():
            self.emit([word])


class Count(Bolt):
    """Counts words; at the end emits the most frequent ones, the first first.

    Options: top (20; 0: all words).
    """

    outputs = ["word", "count"]

    def initialize(self, conf, context):
        self.top = self.options.get("top", 20)
        self.counts = Counter()

    def process(self, tup):
        self.counts[tup.values[0]] += 1

    def finish(self):
        ranked = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        for word, count in ranked[: self.top or None]:
            self.emit([word, count])
