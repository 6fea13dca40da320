"""Runs one component: `python3 -m sparse_stream.launch module.Class`; with `--describe`, says what it is instead.

Exit codes: 0 the runtime went away or the description was written; 1 the component cannot be loaded or has failed; 2 usage.
"""

from __future__ import annotations

import json
import os
import sys
from typing import List

from .component import Component
from .descriptors import take
from .describing import describe
from .foreign import ProtocolStreams, bind_libraries, disarm_libraries, has_run_already
from .framing import JsonFraming
from .loading import LoadError, add_folders, load_class

USAGE = "usage: python3 -m sparse_stream.launch [--describe] module.Class"


def main(arguments: List[str]) -> int:
    asked = arguments[:1] == ["--describe"]
    names = arguments[1:] if asked else arguments
    if len(names) != 1 or names[0].startswith("-"):
        sys.stderr.write(USAGE + "\n")
        return 2
    # Before the first line of anybody else's code.
    read_fd, write_fd = take()
    places = add_folders(os.getcwd())
    try:
        if asked:
            disarm_libraries()
            text = json.dumps(describe(names[0], load_class(names[0], places))) + "\n"
            os.write(write_fd, text.encode())
        else:
            _run(names[0], places, read_fd, write_fd)
    except LoadError as error:
        sys.stderr.write("sparse_stream: %s\n" % error)
        return 1
    return 0


def _run(name: str, places: List[str], read_fd: int, write_fd: int) -> None:
    bind_libraries(ProtocolStreams(read_fd, write_fd))
    target = load_class(name, places)
    if has_run_already():
        return
    component = target()
    if isinstance(component, Component):
        component.run(JsonFraming(read_fd, write_fd))
    else:
        component.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
