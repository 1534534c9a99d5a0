"""What people say and do on the furnished hub: discussions, pull requests, collections, likes, a webhook; some of it hostile."""

import base64
import itertools
import json
from collections.abc import Mapping

from tests.unit.web.hostile import CORPUS

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.community import collections, discussions, follows, likes, pulls, webhooks
from hubkeep.community.collections import ItemChanges, ItemKind, NewCollection, NewItem, Theme
from hubkeep.community.discussions import Reaction, Status
from hubkeep.community.webhooks import Wish
from hubkeep.repos import Kind, Stores

MODEL = (Kind.MODEL, "tidewater/harbour-7b")
LONG = (Kind.DATASET, "ada/many")  # a discussion of several pages is here
HOSTILE = (Kind.MODEL, "ada/hostile")
_number = itertools.count()
QUESTION = """The loss in `train.py` goes up after step **4,000**. Is that known?

```python
trainer.train(resume_from_checkpoint=True)
```

| step | loss |
| ---: | ---: |
| 3,900 | 1.92 |
| 4,000 | 7.31 |

- [x] tried a lower learning rate
- [ ] another seed

@ada, does that look like #2? I compared it with datasets/tidewater/tide-tables#1 as well.
"""


def converse(stores: Stores) -> None:
    """Let ada and eve talk."""
    ada, eve = _person(stores, "ada"), _person(stores, "eve")
    _questions(stores, ada, eve)
    _proposals(stores, ada, eve)
    _long(stores, ada, eve)
    _hostile(stores, eve)
    _choices(stores, ada, eve)


def propose(
    stores: Stores, actor: Actor, where: tuple[Kind, str], title: str, files: Mapping[str, bytes]
) -> int:
    """Open a pull request with a commit; return its number."""
    lines = [{"key": "header", "value": {"summary": title, "description": "As discussed."}}]
    for path, content in files.items():
        text = base64.b64encode(content).decode()
        lines.append({"key": "file", "value": {"path": path, "content": text, "encoding": "base64"}})
    body = stores.scratch / f"proposal{next(_number)}"
    body.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return pulls.open_with_commit(stores, actor, *where, "main", body).happened.discussion.num


def _person(stores: Stores, name: str) -> Actor:
    with stores.db.read() as tx:
        return accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=True)


def _questions(stores: Stores, ada: Actor, eve: Actor) -> None:
    with stores.db.write() as tx:
        opened = discussions.create(tx, eve, *MODEL, "Loss goes up after step 4,000", QUESTION)
        num = opened.discussion.num
        first = opened.event.id
        answer = discussions.comment(
            tx,
            ada,
            *MODEL,
            num,
            "Yes: the schedule restarts there.\nIt is mended in #2.\n\n> after step **4,000**\n\nThank you, @eve!",
        )
        discussions.react(tx, ada, *MODEL, num, first, Reaction.EYES, on=True)
        discussions.react(tx, eve, *MODEL, num, answer.event.id, Reaction.HEART, on=True)
        discussions.react(tx, ada, *MODEL, num, answer.event.id, Reaction.ROCKET, on=True)
        discussions.edit_comment(tx, eve, *MODEL, num, first, QUESTION + "\nPS: with seed 7.\n")
        noise = discussions.comment(tx, eve, *MODEL, num, "Buy watches")
        discussions.hide_comment(tx, ada, *MODEL, num, noise.event.id, discussions.HideReason.SPAM)
        discussions.pin(tx, ada, *MODEL, num, pinned=True)
        discussions.rename(tx, ada, *MODEL, num, "The loss goes up after step 4,000")


def _proposals(stores: Stores, ada: Actor, eve: Actor) -> None:
    script = b'import argparse\n\n\ndef main() -> None:\n    """Train again."""'
    propose(
        stores,
        eve,
        MODEL,
        "Do not restart the schedule",
        {"train.py": script, "notes/schedule.md": b"# Why\n"},
    )
    merged = propose(stores, eve, MODEL, "Add a licence file", {"LICENSE": b"Apache License 2.0\n"})
    pulls.merge(stores, ada, *MODEL, merged, "Welcome!")
    clash = propose(stores, eve, MODEL, "Another config", {"config.json": b'{"hidden_size": 2048}\n'})
    body = stores.scratch / "meanwhile"
    text = base64.b64encode(b'{"hidden_size": 1024}\n').decode()
    lines = [
        {"key": "header", "value": {"summary": "Widen", "description": ""}},
        {"key": "file", "value": {"path": "config.json", "content": text, "encoding": "base64"}},
    ]
    body.write_text("".join(json.dumps(line) + "\n" for line in lines))
    repos.commit(stores, ada, *MODEL, "main", body)
    with stores.db.write() as tx:
        discussions.comment(tx, ada, *MODEL, clash, "This needs a merge first.")
        pulls.open_draft(tx, eve, stores, *MODEL, "A tokenizer for Dutch harbours", "To be filled.")
        shut = discussions.create(tx, eve, *MODEL, "Which licence?", "Says it all.").discussion.num
        discussions.change_status(tx, ada, *MODEL, shut, Status.CLOSED, "Apache 2.0, see #3.")
        locked = discussions.create(tx, ada, *MODEL, "Roadmap", "What comes next.").discussion.num
        discussions.lock(tx, ada, *MODEL, locked, locked=True)
        discussions.create(
            tx, eve, Kind.DATASET, "tidewater/tide-tables", "Heights in feet?", "See tidewater/harbour-7b#1."
        )


def _long(stores: Stores, ada: Actor, eve: Actor) -> None:
    with stores.db.write() as tx:
        num = discussions.create(tx, ada, *LONG, "A long talk", "It goes on.").discussion.num
        for number in range(90):
            discussions.comment(tx, eve if number % 2 else ada, *LONG, num, f"Number {number}.")


def _hostile(stores: Stores, eve: Actor) -> None:
    """Try every field where people write something."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    with stores.db.write() as tx:
        opened = discussions.create(tx, eve, *HOSTILE, evil, evil)
        num = opened.discussion.num
        for text in (text for text in CORPUS if "\0" not in text):
            discussions.comment(tx, eve, *HOSTILE, num, f"{text}\n\n@ada <b onclick=alert(3)>#1</b>")
        discussions.edit_comment(
            tx, eve, *HOSTILE, num, opened.event.id, f"{evil} again </textarea>{evil}</template>"
        )
        discussions.rename(tx, eve, *HOSTILE, num, f'"><img src=x onerror=alert(4)> {evil}')
    propose(stores, eve, HOSTILE, f"{evil} proposal", {"</code><script>alert(5)</script>.txt": evil.encode()})
    with stores.db.write() as tx:
        new = NewCollection("eve", evil[:60], '"><script>alert(6)</script>', theme=Theme.PINK)
        made = collections.create(tx, eve, new).collection.id
        item = NewItem(ItemKind.MODEL, HOSTILE[1], note=f"{evil}</p>")
        collections.add_item(tx, eve, made, item)


def _choices(stores: Stores, ada: Actor, eve: Actor) -> None:
    with stores.db.write() as tx:
        for actor in (ada, eve):
            likes.like(tx, actor, *MODEL, on=True)
        likes.like(tx, ada, Kind.DATASET, "tidewater/tide-tables", on=True)
        follows.follow(tx, ada, "eve", on=True)
        follows.follow(tx, eve, "ada", on=True)
        follows.follow(tx, eve, "tidewater", on=True)
        new = NewCollection(
            "ada", "Water, measured", "Everything about tides that is worth keeping.", theme=Theme.BLUE
        )
        made = collections.create(tx, ada, new).collection.id
        for kind, name, note in (
            (ItemKind.DATASET, "tidewater/tide-tables", "Start here."),
            (ItemKind.MODEL, MODEL[1], ""),
            (ItemKind.SPACE, "tidewater/tide-clock", "To show it to others."),
        ):
            shown = collections.add_item(tx, ada, made, NewItem(kind, name, note=note))
        collections.update_item(tx, ada, made, shown.items[-1].id, ItemChanges(position=1))
        collections.upvote(tx, eve, made, on=True)
        secret = NewCollection("tidewater", "For the workshop", private=True, theme=Theme.PURPLE)
        collections.create(tx, ada, secret)
        wish = Wish("http://hub.example", "https://example.org/hook", [("org", "tidewater")])
        webhooks.create(tx, ada, wish)
