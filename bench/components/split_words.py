"""The splitters of the cases `python` and `kafka-python-wordcount`, on our SDK."""

from sparse_stream import Bolt


class Split(Bolt):
    outputs = ["word"]

    def process(self, tup):
        for word in tup.values.line.split():
            self.emit([word])


class SplitValue(Bolt):
    """The same for the field of a Kafka spout."""

    outputs = ["word"]

    def process(self, tup):
        for word in tup.values.value.split():
            self.emit([word])
