"""Lets the tests import the SDK of this tree; nothing has to be installed."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
