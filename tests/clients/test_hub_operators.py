"""What operators set, as the official client meets it."""

import re
from pathlib import Path

import pytest
from tests.clients.harness.server import Server


@pytest.fixture
def strict(tmp_path):
    """A hub with windows so short that a test can wait for them."""
    rates = {"HUBKEEP_RATES__WINDOW_SECONDS": "2", "HUBKEEP_RATES__API": "8", "HUBKEEP_RATES__RESOLVERS": "5"}
    with Server(tmp_path / "hub", **rates) as server:
        server.add_users("ada")
        yield server


def test_the_client_waits_when_it_was_too_fast_and_then_succeeds(strict, clients):
    token = strict.make_tokens(ada="ada:write")["ada"]
    ada = clients.fresh("hub-2.4.0", strict.url, token)
    files = {f"{number}.txt": str(number) for number in range(8)}

    def upload(api):
        api.create_repo("ada/many")
        operations = [
            __import__("huggingface_hub").CommitOperationAdd(name, text.encode())
            for name, text in files.items()
        ]
        api.create_commit("ada/many", operations, commit_message="all")

    def download(hf, api, tmp):
        for _ in range(20):
            assert [model.id for model in api.list_models(author="ada")] == ["ada/many"]
        found = hf.snapshot_download("ada/many", cache_dir=tmp, max_workers=8)
        return {path.name: path.read_text() for path in Path(found).glob("*.txt")}

    ada.run(upload)
    assert ada.run(download) == files
    refused = re.findall(r"hubkeep\.access: \S+ (\S+) (\S+?)(?:\?\S*)? 429 ", strict.tail(lines=100_000))
    assert any(path.startswith("/api/") for _, path in refused), refused
    assert any("/resolve/" in path for _, path in refused), refused
