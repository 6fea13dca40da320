"""The tests here use the parent of the SDK's tests."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "multilang" / "python" / "tests"))
