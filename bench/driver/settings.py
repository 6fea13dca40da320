"""Candidate settings of Storm: those that come out best in a full matrix on two cores. The best is measured on each machine."""


def storm(topology, ackers, *choices, tasks=(1, 2), park=0, **more):
    """1/1/1 and 2/2/2 tasks for each choice of (batch, queue, pending, spin)."""
    return tuple(
        {
            "topology": topology,
            "ackers": ackers * count,
            "tasks": count,
            "batch": batch,
            "queue": queue,
            "pending": pending,
            "spin": spin,
            "park": park,
            **more,
        }
        for batch, queue, pending, spin in choices
        for count in tasks
    )


def latency(rate):
    """Storm as it comes, its spout waking each 100 µs, and its bolts spinning, too. The first one is Storm's default."""
    waits = ((0, 0), (0, 100), (1, 100))
    return tuple(
        storm("latency", 1, (1, 32768, 5000, spin), tasks=(1,), park=park, rate=rate)[0] for spin, park in waits
    )


CONST = ((1, 32768, 0, 0), (500, 50000, 0, 0))
CONST_ACKED = ((1, 32768, 0, 0), (500, 50000, 5000, 0))
WORDS = ((1000, 32768, 0, 0), (1000, 32768, 0, 1), (1, 32768, 0, 0))
WORDS_ACKED = ((1, 32768, 2000, 0), (1000, 32768, 5000, 0))
PYTHON = ((1, 32768, 1000, 0),)
KAFKA = tuple((batch, 32768, pending, 0) for batch in (1, 100) for pending in (0, 5000))
KAFKA_PYTHON = ((1, 32768, 1000, 0),)
