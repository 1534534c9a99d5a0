"""Pages that people read: the card of a model with everything beside it, its files, a file; and what a push costs to read.

The server time of a page is the processor's time of the server process per request, which other work on the machine does
not change, beside the wall time of a client on the same machine. The alternative is an empty route on the same server:
what is above it is ours. The card has tables, code, mathematics, results and a model tree.
"""

import http.client
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benches.rig.hub import Hub, Payload, hub
from benches.rig.process import cpu_seconds, free_port, running
from benches.rig.report import percentile, report
from tests.unit.repos.ggufs import llama

from hubkeep import accounts, repos
from hubkeep.kit import Settings
from hubkeep.opening import open_stores
from hubkeep.repos import Kind
from hubkeep.repos.metadata import read_metadata

CARD_MS, CARD_BYTES, PUSH_MS = 15.0, 100_000, 50.0
WARM, ROUNDS = 50, 300
RIVAL = "benches.rig.rivals"

CARD = """---
license: apache-2.0
language: [en, nl]
library_name: transformers
pipeline_tag: text-generation
datasets: [ada/corpus]
base_model: ada/base
model-index:
- name: m
  results:
{results}
---
# A model

See [the paper](https://arxiv.org/abs/1706.03762) and $E = mc^2$.

{sections}
"""
RESULT = """  - task: {{type: text-generation}}
    dataset: {{type: ada/bench-{n}, name: Bench {n}}}
    metrics:
    - {{type: accuracy, value: 0.{n}1}}
"""
SECTION = """## Part {n}

Some words about **what it does** and [where](config.json) it does it, as far as anybody knows. Some more of them.

| size | score | $\\\\alpha_{n}$ |
| --- | ---: | ---: |
| small | 61.2 | 0.{n} |
| large | 74.9 | 0.{n}5 |

```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("ada/model", revision="v{n}")
print(model.generate(max_new_tokens={n}))
```

"""


def main(folder: Path) -> None:
    """Ask for the pages of one hub, then read what was pushed to it."""
    port = free_port()
    rival = [sys.executable, "-m", RIVAL, str(port)]
    with hub(folder) as ours, running(rival, f"http://127.0.0.1:{port}/", folder / "rival.log") as empty:
        _furnish(ours)
        floor = _timed("127.0.0.1", port, "/", empty.pid)
        _card(ours, floor)
        for name, path in (
            ("folder_page", "/ada/model/tree/main"),
            ("source_page", "/ada/model/blob/main/train.py"),
            ("history_page", "/ada/model/commits/main"),
        ):
            got = _timed("127.0.0.1", ours.port, path, ours.pid)
            reached = got["cpu_ms"] < CARD_MS
            report(
                name, target=f"under {CARD_MS:.0f} ms of server time", reached=reached, **got, **_of(floor)
            )
    _pushes(folder)


def _furnish(ours: Hub) -> None:
    for name in ("base", "model", "child", "many"):
        ours.create(name)
    results = "".join(RESULT.format(n=n) for n in range(1, 7)).rstrip()
    sections = "".join(SECTION.format(n=n) for n in range(1, 9))
    script = "".join(
        f"def step_{n}(x: int) -> int:\n    return x + {n}  # one more\n\n\n" for n in range(300)
    )
    made = Payload("everything").add("README.md", CARD.format(results=results, sections=sections))
    made.add("config.json", '{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}')
    made.add("tokenizer_config.json", '{"chat_template": "{{ messages }}"}').add("train.py", script)
    made.send(ours, "ada/model")
    for number in range(30):
        Payload(f"note {number}").add(f"notes/{number:02}.md", f"# {number}\n").send(ours, "ada/model")
    Payload("card").add("README.md", "---\nbase_model: ada/model\n---\n# Child\n").send(ours, "ada/child")
    many = Payload("many").add("README.md", "---\nlicense: mit\n---\n# Many\n").add("config.json", "{}")
    for number in range(10_000):
        many.add(f"part{number // 100:03d}/file{number:05d}.txt", f"{number}\n")
    many.send(ours, "ada/many")


def _card(ours: Hub, floor: dict[str, float]) -> None:
    got = _timed("127.0.0.1", ours.port, "/ada/model", ours.pid)
    page, parts = _transferred(ours, "/ada/model")
    total = page + sum(parts.values())
    report(
        "card_page",
        target=f"p50 under {CARD_MS:.0f} ms of server time, under {CARD_BYTES // 1000} kB transferred without images",
        reached=got["cpu_ms"] < CARD_MS and total < CARD_BYTES,
        **got,
        **_of(floor),
        html_bytes=page,
        first_visit_bytes=total,
        largest=max(parts, key=lambda path: parts[path]),
    )


def _of(floor: dict[str, float]) -> dict[str, float]:
    return {f"empty_route_{name}": value for name, value in floor.items()}


def _timed(host: str, port: int, path: str, pid: int) -> dict[str, float]:
    """Ask over one connection; return wall times and the server's processor time per request, in milliseconds."""
    line = http.client.HTTPConnection(host, port, timeout=60)
    for _ in range(WARM):
        _get(line, path)
    before, seen = cpu_seconds(pid), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        _get(line, path)
        seen.append((time.perf_counter() - began) * 1000)
    spent = (cpu_seconds(pid) - before) / ROUNDS * 1000
    return {"p50_ms": statistics.median(seen), "p99_ms": percentile(seen, 0.99), "cpu_ms": spent}


def _get(line: http.client.HTTPConnection, path: str) -> bytes:
    line.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body


def _transferred(ours: Hub, path: str) -> tuple[int, dict[str, int]]:
    """Return the bytes of a page, and of everything but images that it makes a browser load on a first visit."""
    line = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=60)
    html = _get(line, path).decode()
    loaded = re.findall(
        r'<(?:link rel="(?:stylesheet|preload)" href|script type="module" src)="([^"]+)"', html
    )
    return len(html.encode()), {part: len(_get(line, part)) for part in dict.fromkeys(loaded)}


def _pushes(folder: Path) -> None:
    """Time what is read of a commit before it is published: small, with 10,000 files, and with a long GGUF header.

    In processor's time: other work on the machine does not change it.
    """
    stores = open_stores(Settings(data=folder / "data"))
    with stores.db.read() as tx:
        ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        header = llama(tokens=100_000)
        from hubkeep.repos import read_gguf  # noqa: PLC0415  timed alone, as the file is read from memory here

        times = {
            "model_ms": _median(_reading(stores, tx, ada, "ada/model")),
            "files_10000_ms": _median(_reading(stores, tx, ada, "ada/many")),
            "gguf_100000_tokens_ms": _median(
                lambda: read_gguf(lambda at, size: iter([header[at : at + size]]), len(header))
            ),
        }
    worst = max(times.values())
    report(
        "read_a_push", target=f"under {PUSH_MS:.0f} ms, whatever is in it", reached=worst < PUSH_MS, **times
    )
    stores.db.close()


def _reading(stores: Any, tx: Any, actor: Any, name: str) -> Callable[[], object]:
    def read() -> object:
        with repos.snapshot(tx, actor, stores, Kind.MODEL, name, None) as at:
            return read_metadata(tx, stores, at.repo.id, at.repo.kind, at.reader, at.oid)

    return read


def _median(run: Callable[[], object]) -> float:
    def once() -> float:
        began = time.thread_time()
        run()
        return (time.thread_time() - began) * 1000

    return statistics.median(once() for _ in range(15))
