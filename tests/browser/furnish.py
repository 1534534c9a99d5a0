"""A hub worth looking at: every kind of page has something to show, some of it hostile."""

import json
import math
import random
import struct
import zlib
from pathlib import Path

from tests.browser.gallery import hang
from tests.browser.gates import gate
from tests.browser.talk import converse
from tests.browser.team import gather
from tests.unit.web.furniture import Furniture
from tests.unit.web.hostile import CORPUS

from hubkeep import accounts, repos
from hubkeep.accounts import Role
from hubkeep.kit import Settings
from hubkeep.opening import open_stores, prepare
from hubkeep.repos import Kind

PASSWORD = "correct horse battery"
CARD = (Path(__file__).parent / "card.md").read_bytes()


def furnish(data: Path) -> None:
    """Make the data folder of a hub with people, an organization and repositories of every kind."""
    settings = Settings(data=data)
    prepare(settings)
    stores = open_stores(settings)
    hashed = accounts.hash_password(PASSWORD)
    with stores.db.write() as tx:
        ada = accounts.add_user(tx, "ada", "ada@example.org", fullname="Ada Lovelace", password_hash=hashed)
        accounts.add_user(tx, "eve", "eve@example.org", password_hash=hashed)
        accounts.add_user(tx, "keeper", "keeper@example.org", password_hash=hashed, is_admin=True)
        accounts.add_org(
            tx, "tidewater", {"ada": Role.ADMIN, "eve": Role.WRITE}, fullname="Tidewater Institute"
        )
    with stores.db.read() as tx:
        actor = accounts.actor_of(tx, ada.id, can_write=True)
    furniture = Furniture(stores, actor)
    _model(furniture)
    _others(furniture)
    hang(furniture)
    _hostile(furniture)
    gather(furniture)
    gate(furniture, hashed)
    converse(stores)
    stores.db.close()


def _model(furniture: Furniture) -> None:
    model = furniture.repo(
        "tidewater/harbour-7b",
        files={"README.md": b"# Soon\n", "config.json": _config(), "train.py": _script()},
    )
    weights = furniture.large(model, "model.safetensors", _safetensors(4))
    furniture.commit_lines(model, [weights], "Upload weights", "bf16, converted with train.py")
    furniture.commit(
        model, {"figures/loss.png": _png(), "docs/README.md": b"# Notes\n\n[up](../README.md)\n"}
    )
    furniture.commit(model, {"README.md": CARD, "train.py": _script() + b"# done\n"}, "Write the card")
    again = furniture.large(model, "model.safetensors", _safetensors(5))
    furniture.commit_lines(
        model, [again, {"key": "deletedFile", "value": {"path": "docs/README.md"}}], "One layer more"
    )
    repos.create_branch(furniture.stores, furniture.actor, model.kind, model.full_name, "feature/long", None)
    repos.create_tag(furniture.stores, furniture.actor, model.kind, model.full_name, "v1.0", "main", "first")


def _others(furniture: Furniture) -> None:
    rows = "".join(
        f"{n * 6.21:.2f},{2.6 + math.sin(n):.2f},{'low' if n % 2 else 'high'}\n" for n in range(300)
    )
    notes = "".join(
        json.dumps({"id": n, "text": "the water came and went", "tags": ["sea"]}) + "\n" for n in range(5)
    )
    card = b"---\nlicense: cc-by-4.0\ntask_categories:\n- time-series-forecasting\n---\n# Tides\n\nA year of water.\n"
    files = {
        "README.md": card,
        "data/train.csv": ("time,height,kind\n" + rows).encode(),
        "notes.jsonl": notes.encode(),
    }
    furniture.repo("tidewater/tide-tables", Kind.DATASET, files)
    furniture.repo("tidewater/tide-clock", Kind.SPACE)
    furniture.repo("ada/fast-rope", Kind.KERNEL)
    furniture.repo("ada/empty")
    furniture.repo("ada/secret-plans", files={"README.md": b"# Hush\n"}, private=True)
    furniture.repo("ada/many", Kind.DATASET, {f"shard-{n:04}.txt": b"x" for n in range(130)})
    for number in range(32):
        furniture.repo(f"ada/log-{number:02}")


def _hostile(furniture: Furniture) -> None:
    """Files that try to act: opened by the tests, where any script that runs is a failure."""
    files = {f"h{number:03}.md": text.encode() for number, text in enumerate(CORPUS)}
    files |= {
        "README.md": b"# Hostile\n\n<img src=x onerror=alert(1)>\n\n" + CORPUS[0].encode(),
        "x.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script></svg>",
        "x.html": b"<script>alert(document.cookie)</script>",
        "<img src=x onerror=alert(3)>.txt": b"x",
        "x.csv": b"a,<script>alert(1)</script>\n<img src=x onerror=alert(1)>,=1+1\n",
    }
    furniture.commit(
        furniture.repo("ada/hostile"),
        files,
        "<script>alert('title')</script>",
        "<img src=x onerror=alert(4)>",
    )


def _config() -> bytes:
    return json.dumps({"architectures": ["LlamaForCausalLM"], "model_type": "llama"}, indent=2).encode()


def _script() -> bytes:
    lines = ["import argparse", "", "", "def main() -> None:", '    """Train."""']
    lines += [
        f"    step_{n} = {n}  # a comment that is long enough to scroll sideways on a small screen, surely"
        for n in range(80)
    ]
    return "\n".join(lines).encode() + b"\n"


def _safetensors(layers: int) -> bytes:
    header, offset = {}, 0
    for name in ["embed", *(f"layers.{n}.{part}" for n in range(layers) for part in ("q", "k", "up"))]:
        header[name] = {"dtype": "BF16", "shape": [32, 32], "data_offsets": [offset, offset + 2048]}
        offset += 2048
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + random.Random(7).randbytes(offset)


def _png() -> bytes:
    width, height = 480, 200
    rows = b"".join(b"\0" + b"".join(_dot(x, y) for x in range(width)) for y in range(height))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def _dot(x: int, y: int) -> bytes:
    return b"\x0a\x65\x5b" if abs(y - 20 - 160 * (1 - math.exp(-x / 120))) < 2 else b"\xff\xff\xff"
