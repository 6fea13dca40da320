"""The components that the transcripts of this folder run."""

from sparse_stream import Bolt, Spout, Stream


class Split(Bolt):
    outputs = ["word"]

    def process(self, tup):
        for word in tup.values.line.split():
            self.emit([word])


class Total(Bolt):
    outputs = ["sum", "numbers"]

    def initialize(self, conf, context):
        self.sum = self.options["start"]
        self.numbers = []

    def process(self, tup):
        self.sum += tup.values.number
        self.numbers.append(tup.values.number)

    def finish(self):
        self.emit([self.sum, self.numbers])


class Parse(Bolt):
    outputs = ["number"]

    def process(self, tup):
        self.emit([int(tup.values[0])])


class Where(Bolt):
    outputs = ["line"]

    def process(self, tup):
        tasks = self.emit(tup.values, need_task_ids=True)
        self.log("%s went to %s" % (tup.values[0], tasks))


class Route(Bolt):
    outputs = [Stream(fields=["line"], name="to", direct=True), Stream(fields=["line", "size"], name="odd")]

    def process(self, tup):
        line = tup.values[0]
        self.emit([line], stream="to", direct_task=3)
        if len(line) % 2:
            self.emit([line, len(line)], stream="odd", anchors=[])
            self.logger.warning("odd: %d", len(line))


class Two(Spout):
    outputs = ["line"]

    def initialize(self, conf, context):
        self.lines = {1: "one", 2: "two"}
        self.waiting = [1, 2]

    def next_tuple(self):
        if self.waiting:
            number = self.waiting.pop(0)
            self.emit([self.lines[number]], tup_id=number)
        self.exhausted = not self.waiting

    def fail(self, tup_id):
        self.waiting.append(tup_id)
        self.exhausted = False
