import pytest
from tests.faults.hub import Hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub for the tests of one file; each uses a repository of its own and leaves the hub running."""
    hub = Hub(tmp_path_factory.mktemp("hub"))
    with hub:
        hub.furnish()
        yield hub
