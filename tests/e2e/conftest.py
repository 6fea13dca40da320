"""What the end-to-end tests share."""

import command
import pytest


@pytest.fixture
def run_sparse(sparse, tmp_path):
    """`sparse`, in an empty folder."""
    return command.Command(sparse, tmp_path)
