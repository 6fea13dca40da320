"""What the Python tests share: where the tree is, and the build under test (SPARSE_BUILD, else build/release)."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("SPARSE_BUILD", ROOT / "build/release")).resolve()


@pytest.fixture(scope="session")
def sparse(build):
    """The binary."""
    binary = build / "sparse"
    assert (
        binary.exists()
    ), f"{binary} is missing: build it with `cmake --preset release && cmake --build --preset release`"
    return binary


@pytest.fixture(scope="session")
def sanitized(build):
    """Whether the build is one with sanitizers: several times slower, and with memory that is kept after it was freed."""
    return "\nSPARSE_SANITIZE:STRING=\n" not in (build / "CMakeCache.txt").read_text()
