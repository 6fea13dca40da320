"""What a case is."""

import dataclasses

import measures


@dataclasses.dataclass(frozen=True)
class Metric:
    name: str
    unit: str
    goals: tuple = ()  # "ratio >= 6", "ratio >= 4 or limit_share >= 0.8": of the fields of the line that is printed


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    topology: object  # callable(case, report) -> the topology file as a value
    metrics: tuple
    measure: object = measures.rate  # callable(case, seconds) -> {"metrics": {name: value}, "cores": …}
    acked: bool = False
    counts: str = "sink"  # what is divided by the time: tuples at the sinks, or `acks` at the spouts
    spouts: tuple = ("const",)
    sinks: tuple = ("null",)
    words: bool = False  # the sink gets words of the text: expect exactly those of the lines that were sent
    tasks: int = 1  # of each component
    apart: tuple = ()  # components that have loops of their own (`blocking: true`)
    crosses: bool = False  # every hop has to lead to another loop
    rate: int = 0  # lines a second
    settle: int = 0  # seconds that are left out at the start
    stretch: int = 1  # how many times longer than others it runs
    runs_at_most: int = 99
    limit: str = ""  # the bare loop that it is held against
    storm: tuple = ()  # candidate settings of Storm; the best one is used
    service: str = ""  # `kafka`: it needs a broker, and runs only if it is asked for
    backlog: str = ""  # the kind of topic that it reads: see kafka.py
    hand: tuple = ()  # instead of a peer: itself with these components placed by hand, each on a loop of its own
