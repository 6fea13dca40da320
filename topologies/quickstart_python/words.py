"""The bolts of the word count."""

from collections import Counter

from sparse_stream import Bolt


class Split(Bolt):
    """Emits the words of a line. What it emits is tracked until it has been processed; returning acks the line."""

    outputs = ["word"]

    def process(self, tup):
        for word in tup.values[0].split():
            self.emit([word.strip(".,:;?!").lower()])


class Count(Bolt):
    """Counts words, and emits the most frequent ones when the text has ended.

    Options: top (10).
    """

    outputs = ["word", "count"]

    def initialize(self, conf, context):
        self.top = self.options.get("top", 10)
        self.counts = Counter()

    def process(self, tup):
        self.counts[tup.values[0]] += 1

    def finish(self):
        for word, count in self.counts.most_common(self.top):
            self.emit([word, count])
