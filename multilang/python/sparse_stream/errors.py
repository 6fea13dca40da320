"""What the SDK raises."""


class StormWentAway(Exception):
    """The other end of the protocol is gone. Ends `run()` cleanly; code of a component has no reason to catch it."""


class ProtocolError(Exception):
    """What the parent sent cannot be read. Ends the process with exit code 1."""


class EmitError(Exception):
    """An emit that cannot be sent: an undeclared stream, a wrong number of values, a value that JSON cannot carry.

    Raised by `emit`, so that it shows the line at fault and fails the input of a bolt.
    """
