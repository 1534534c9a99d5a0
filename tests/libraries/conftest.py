"""The same real hub for the PyTorch family; two people with `.venvs/libraries`. Downloads nothing from anywhere."""

from collections.abc import Callable

import pytest
from tests.clients.harness import venvs
from tests.clients.harness.client import Client
from tests.clients.harness.fixtures import client as client
from tests.clients.harness.fixtures import clients as clients
from tests.clients.harness.fixtures import hub as hub
from tests.clients.harness.fixtures import pytest_runtest_makereport as pytest_runtest_makereport
from tests.clients.harness.fixtures import remember_log_position as remember_log_position
from tests.clients.harness.fixtures import repo as repo
from tests.clients.harness.fixtures import tokens as tokens


def pytest_sessionstart() -> None:
    """Make the environment before the first test: fetching PyTorch takes longer than any test may."""
    venvs.python_of("libraries")


# One thread: the models are tiny, and more threads only fight over small machines.
QUIET = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="session")
def ada(client: Callable[..., Client]) -> Client:
    """Who pushes."""
    return client("libraries", "ada", **QUIET)


@pytest.fixture(scope="session")
def eve(client: Callable[..., Client]) -> Client:
    """Who reads, with a cache of her own."""
    return client("libraries", "eve", **QUIET)
