"""The splitter of the case `python`, on our SDK."""

from sparse_stream import Bolt


class Split(Bolt):
    outputs = ["word"]

    def process(self, tup):
        for word in tup.values.line.split():
            self.emit([word])
