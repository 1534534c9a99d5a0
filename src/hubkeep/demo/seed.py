"""Fill a new hub with the demo, through the same verbs as everybody's uploads."""

import base64
import csv
import io
import json
import math
import tempfile
from pathlib import Path
from typing import Any

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, NameTaken, TokenRole
from hubkeep.cas import keep_whole, link_whole
from hubkeep.demo import texts, weights
from hubkeep.repos import Kind, NewRepo, Repo, Stores

NAME = "demo"
TOKEN_FILE = "demo-token"  # noqa: S105  the name of a file; the token in it is printed at every start on purpose


def seed(stores: Stores) -> str | None:
    """Create the user `demo` with a model and a dataset, once; return a write token of theirs.

    Returns None on a hub where somebody else is called so: it is not ours to fill.
    """
    kept = stores.settings.data / TOKEN_FILE
    if kept.exists():
        return kept.read_text().strip()
    try:
        with stores.db.write() as tx:
            user = accounts.add_user(tx, NAME, "demo@example.org", fullname="Demo")
            token = accounts.add_token(tx, user.id, "make serve", TokenRole.WRITE)[1]
            actor = accounts.actor_of(tx, user.id, can_write=True)
    except NameTaken:
        return None
    kept.touch(mode=0o600)
    kept.write_text(token + "\n")
    _model(stores, actor)
    _dataset(stores, actor)
    return token


def _model(stores: Stores, actor: Actor) -> None:
    repo = repos.create(stores, actor, NewRepo(Kind.MODEL, NAME, "tiny-llama"))
    config = json.dumps(weights.CONFIG, indent=2) + "\n"
    _commit(stores, actor, repo, "Add the configuration", [_file("config.json", config)])
    _commit(
        stores,
        actor,
        repo,
        "Add weights",
        [_large(stores, actor, repo, "model.safetensors", weights.safetensors())],
    )
    shape = {
        "layers": weights.LAYERS,
        "hidden": weights.HIDDEN,
        "heads": weights.HEADS,
        "vocab": weights.VOCAB,
    }
    card = texts.MODEL_CARD.format(parameters=weights.parameters(), **shape)
    _commit(stores, actor, repo, "Write the card", [_file("README.md", card)])


def _dataset(stores: Stores, actor: Actor) -> None:
    repo = repos.create(stores, actor, NewRepo(Kind.DATASET, NAME, "tide-tables"))
    files = [_file("README.md", texts.DATASET_CARD), _file("data/train.csv", _tides())]
    _commit(stores, actor, repo, "Add a year of tides", files)


def _tides() -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["time", "height", "kind"])
    for number in range(1410):  # a tide every 6.21 hours makes a year
        time = number * 6.21
        spring = 1.8 + 0.6 * math.cos(2 * math.pi * time / 354.4)
        height = 2.6 + spring * (1 if number % 2 == 0 else -1)
        rows.writerow([f"{time:.2f}", f"{height:.2f}", "low" if number % 2 else "high"])
    return out.getvalue()


def _file(path: str, text: str) -> dict[str, Any]:
    content = base64.b64encode(text.encode()).decode()
    return {"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}}


def _large(stores: Stores, actor: Actor, repo: Repo, path: str, data: bytes) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(dir=stores.scratch, delete=False) as aside:
        aside.write(data)
    sha256, size = keep_whole(stores.blobs, Path(aside.name))
    with stores.db.write() as tx:
        link_whole(tx, stores.blobs, repo.id, actor.user_id, sha256, size)
    return {"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": sha256, "size": size}}


def _commit(stores: Stores, actor: Actor, repo: Repo, summary: str, operations: list[dict[str, Any]]) -> None:
    lines = [{"key": "header", "value": {"summary": summary, "description": ""}}, *operations]
    with tempfile.NamedTemporaryFile("w", dir=stores.scratch, delete=False) as body:
        body.writelines(json.dumps(line) + "\n" for line in lines)
    try:
        repos.commit(stores, actor, repo.kind, repo.full_name, "main", Path(body.name))
    finally:
        Path(body.name).unlink(missing_ok=True)
