"""A splitter for Storm's own Python library, as a user would write it; runs under Storm and under sparse."""

import storm


class Split(storm.BasicBolt):
    def process(self, tup):
        for word in tup.values[0].split():
            storm.emit([word])


Split().run()
