"""Moves the protocol away from the descriptors 0 and 1, so that nothing a component prints can reach it."""

from __future__ import annotations

import os
import sys
from typing import Tuple


def take() -> Tuple[int, int]:
    """Returns where the protocol is read and written from now on.

    Descriptor 0 becomes empty input and descriptor 1 becomes stderr, which the parent logs. So `print`, code in C, and
    programs that the component starts write log lines. Both new descriptors are closed on exec.
    """
    if not _is_open(2):
        # First of all, since a closed descriptor is the next one to be given away.
        _forget(2)
    if sys.stderr is None:
        sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)
    if not _is_open(0) or not _is_open(1):
        sys.stderr.write("sparse_stream: the descriptors 0 and 1 must be open: the runtime is at their other ends\n")
        raise SystemExit(1)
    read_fd, write_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    for fd in (read_fd, write_fd):
        os.set_blocking(fd, True)
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    # A forked child that lives longer must not keep the pipe open, nor write into it.
    os.register_at_fork(after_in_child=lambda: _forget(read_fd, write_fd))
    return read_fd, write_fd


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _forget(*fds: int) -> None:
    """Makes descriptors lead nowhere. They stay taken, so that no file that is opened later gets their numbers."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in fds:
        os.dup2(null, fd, inheritable=fd <= 2)
    if null not in fds:
        os.close(null)
