"""Repositories that show everything a page of a repository can: a family of models, results, and a file of every kind."""

import json
import math
import struct
import wave
from datetime import timedelta
from io import BytesIO

from tests.unit.repos.ggufs import llama
from tests.unit.web.furniture import Furniture

from hubkeep import repos, search
from hubkeep.kit import now
from hubkeep.repos import Kind

BASE, CHILD = "tidewater/lighthouse", "tidewater/lighthouse-chat"
CARD = """---
license: other
license_name: tidewater-community
license_link: LICENSE.md
language: [en, nl]
pipeline_tag: text-generation
datasets: [tidewater/tide-tables]
base_model: tidewater/lighthouse
new_version: tidewater/lighthouse-chat-2
model-index:
- name: lighthouse-chat
  results:
  - task: {type: text-generation}
    dataset: {type: tidewater/tide-tables, name: Tide Tables}
    metrics:
    - {type: accuracy, value: 0.713, verified: true}
    - {type: f1, value: 0.642}
    source: {url: "https://example.org/run/7"}
  - task: {type: text-generation}
    dataset: {type: harbour-talk, name: Harbour Talk}
    metrics:
    - {type: perplexity, value: 143.2}
---
# Lighthouse Chat

Keeps ships off the rocks, as in [the paper](https://arxiv.org/abs/1706.03762).

## Mathematics

The beam turns with $\\omega = 2\\pi f$, and reaches

$$
d = \\sqrt{2 R h} \\approx \\sum_{k=1}^{n} \\frac{x_k^2}{1 + \\alpha_k}, \\qquad
A = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}
$$

Inline with the other signs: \\\\(e^{i\\pi} + 1 = 0\\\\), and money: $5 and $10.

## How it works

```mermaid
flowchart LR
  ship[Ship] -->|asks| keeper(Keeper)
  keeper --> lamp{Lamp lit?}
  lamp -- yes --> beam[Beam]
  lamp -- no --> oil[Fetch oil]
  oil --> lamp
```

## How to cite

```bibtex
@misc{tidewater2026, title = {Lighthouse}}
```
"""
RESULTS = """
- dataset: {id: tidewater/gsm-tides, task_id: gsm_tides}
  value: 81.2
  date: 2026-02-11
  source: {url: "https://example.org/run/8", name: A run}
- dataset: {id: tidewater/gsm-tides, task_id: arithmetic}
  value: 64
"""


def hang(furniture: Furniture) -> None:
    """Make the gallery."""
    furniture.repo(BASE, files={"README.md": b"---\nlicense: mit\n---\n# Lighthouse\n", "config.json": b"{}"})
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
    talks = {"eos_token": "</s>", "chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}"}
    chat = furniture.repo(
        CHILD,
        files={
            "README.md": CARD.encode(),
            "LICENSE.md": b"# Community licence\n\nBe kind.\n",
            "config.json": json.dumps(config).encode(),
            "tokenizer_config.json": json.dumps(talks).encode(),
            ".eval_results/gsm.yaml": RESULTS.encode(),
        },
    )
    furniture.commit_lines(chat, [furniture.large(chat, "model.safetensors", _mixed())], "Weights")
    furniture.repo("tidewater/lighthouse-chat-2", files=_of(CHILD))
    quantised = furniture.repo("tidewater/lighthouse-chat-GGUF", files=_of(CHILD))
    furniture.commit_lines(
        quantised, [furniture.large(quantised, "chat.Q4_K_M.gguf", llama(300))], "Quantise"
    )
    furniture.repo("tidewater/lighthouse-lora", files=_of(CHILD) | {"adapter_config.json": b"{}"})
    furniture.repo(
        "ada/beacon",
        files={"README.md": b"---\nbase_model: [tidewater/lighthouse-chat, ada/moon]\n---\n# B\n"},
    )
    space = b"---\ntitle: Ask the keeper\nsdk: static\nmodels: [tidewater/lighthouse-chat]\n---\n"
    furniture.repo(
        "tidewater/ask-the-keeper", Kind.SPACE, {"README.md": space, "index.html": b"<h1>Ask</h1>\n"}
    )
    _files(furniture)
    with furniture.stores.db.write() as tx:
        for ago in range(30):
            _downloads(tx, chat.id, ago)


def _files(furniture: Furniture) -> None:
    files = {
        "README.md": b"# A file of every kind\n",
        "talk.wav": _wave(),
        "paper.pdf": _pdf(),
        "notes.ipynb": json.dumps(_notebook()).encode(),
        "long.txt": b"".join(b"line %d, and then some\n" % number * 9 for number in range(300)),
        "bytes.bin": bytes(range(256)) * 4,
        "latin.txt": "caf\u00e9\n".encode("latin-1"),
    }
    repo = furniture.repo("tidewater/cabinet", files={"notes.txt": b"one\ntwo of them\nthree\n"})
    repos.create_tag(furniture.stores, furniture.actor, repo.kind, repo.full_name, "v1", "main", "first")
    furniture.commit(repo, {"notes.txt": b"one\ntwo and a half of them\nthree\nfour\n"}, "Say more")
    furniture.commit(repo, files, "One of everything")


def _of(base: str) -> dict[str, bytes]:
    return {"README.md": f"---\nbase_model: {base}\nlicense: mit\n---\n# Made from {base}\n".encode()}


def _downloads(tx, number: int, ago: int) -> None:
    search.add_downloads(
        tx, {number: 40 + int(30 * math.sin(ago / 3)) + ago % 4}, now() - timedelta(days=ago)
    )


def _mixed() -> bytes:
    header, offset = {}, 0
    for name, dtype, size in (("embed", "BF16", 2), ("norm", "F32", 4)):
        header[name] = {"dtype": dtype, "shape": [64, 32], "data_offsets": [offset, offset + 2048 * size]}
        offset += 2048 * size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(offset)


def _wave() -> bytes:
    made = BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(8000)
        out.writeframes(bytes(128 + int(60 * math.sin(n / 4)) for n in range(4000)))
    return made.getvalue()


def _pdf() -> bytes:
    return (
        b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def _notebook() -> dict:
    code = {"cell_type": "code", "execution_count": 1, "metadata": {}}
    table = "<table><tr><th>port</th><th>depth</th></tr><tr><td>Thornwick</td><td>6.4</td></tr></table>"
    image = {
        "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    }
    return {
        "metadata": {"language_info": {"name": "python"}, "kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
        "cells": [
            {
                "cell_type": "markdown",
                "metadata": {},
                "source": ["# Depths\n", "\n", "Of **harbours**, with $d^2$."],
            },
            code
            | {
                "source": "import math\nprint(math.pi)",
                "outputs": [{"output_type": "stream", "name": "stdout", "text": ["3.14159\n"]}],
            },
            code
            | {
                "source": ["depths"],
                "outputs": [
                    {
                        "output_type": "execute_result",
                        "execution_count": 1,
                        "metadata": {},
                        "data": {
                            "text/html": [table + "<script>alert(1)</script>"],
                            "text/plain": ["port depth"],
                        },
                    },
                    {"output_type": "display_data", "metadata": {}, "data": image},
                ],
            },
            code
            | {
                "source": "1 / 0",
                "outputs": [
                    {
                        "output_type": "error",
                        "ename": "ZeroDivisionError",
                        "evalue": "division by zero",
                        "traceback": ["\u001b[0;31mZeroDivisionError\u001b[0m: division by zero"],
                    }
                ],
            },
        ],
    }
