"""The viewer's webhooks: make one, change it, switch it, see what it delivered, deliver again."""

import json
from typing import Any

from starlette.routing import Route

from hubkeep.accounts import Actor
from hubkeep.community import webhooks
from hubkeep.community.webhooks import Domain, Webhook, Wish
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number, hex_id, number_in, place

HERE = "/settings/webhooks"
KINDS = ("user", "org", "model", "dataset", "space", "kernel")
LOG = 25
MAX_SHOWN = 20_000  # characters of a payload
WORDS = {
    Domain.REPO: ("Repositories", "made, pushed to, moved, changed in their settings, deleted"),
    Domain.DISCUSSION: ("Community", "discussions, pull requests and comments"),
}


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the webhooks and show the form for a new one. Raises NotSignedIn."""
    found = webhooks.list_webhooks(tx, actor)
    facts = {
        "hooks": [(one, _address(one)) for one in found],
        "url": asked.value("url"),
        "watched": asked.value("watched") or f"user/{actor.name}",
        "domains": _ticked(asked) if asked.again else list(Domain),
        "words": WORDS,
        "kinds": KINDS,
    }
    return Page("pages/webhooks.html", facts)


async def make(asked: Asked) -> Redirect:
    """Make one."""
    made = await asked.hub.write(webhooks.create, asked.caller, _wish(asked))
    return Redirect(f"{_address(made)}?done=made")


def one(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a webhook, its form and its log. Raises WebhookNotFound, NotSignedIn."""
    hook = webhooks.find(tx, actor, number_in(asked.params["hook"]))
    after = place(asked.query.get("after", ""), "after")
    log, following = webhooks.deliveries(tx, actor, hook.id, after=after, limit=LOG)
    here = _address(hook)
    facts = {
        "hook": hook,
        "here": here,
        "url": asked.value("url") or hook.url,
        "watched": asked.value("watched") or "\n".join(f"{it.kind}/{it.name}" for it in hook.watched),
        "domains": _ticked(asked) if asked.again and asked.value("do") == "change" else hook.domains,
        "words": WORDS,
        "kinds": KINDS,
        "log": [(delivery, _pretty(delivery.payload)) for delivery in log],
        "next": urls.with_query(here, after=str(following)) if following else "",
        "first": here if after else "",
        "attempts": asked.hub.settings.webhooks.attempts,
        "done": asked.query.get("done", ""),
    }
    return Page("pages/webhook.html", facts)


async def act(asked: Asked) -> Redirect:
    """Change it, switch it on or off, deliver something again, delete it."""
    number, do = number_in(asked.params["hook"]), asked.value("do")
    if do == "change":
        await asked.hub.write(webhooks.update, asked.caller, number, _wish(asked, kept=True))
        return Redirect(f"{asked.path}?done=changed")
    if do in ("on", "off"):
        await asked.hub.write(webhooks.switch, asked.caller, number, on=do == "on")
    elif do == "replay":
        delivery = chosen_number(asked.value("delivery"), "delivery")
        await asked.hub.write(webhooks.replay, asked.caller, number, delivery)
    elif do == "delete":
        await asked.hub.write(webhooks.delete, asked.caller, number)
        return Redirect(HERE)
    else:
        raise BadInput(field="do", reason="must be change, on, off, replay or delete")
    return Redirect(asked.path)


def _wish(asked: Asked, *, kept: bool = False) -> Wish:
    """Read the form. Raises BadInput. `kept`: an empty secret leaves the old one as it is."""
    watched = [_target(line) for line in asked.value("watched").split()]
    if not watched:
        raise BadInput(field="watched", reason="must name something to watch")
    secret = asked.value("secret")
    gone = asked.value("no_secret") == "1"
    return Wish(
        own_url=asked.hub.url,
        url=asked.value("url").strip(),
        watched=watched,
        domains=_ticked(asked),
        secret="" if gone else secret if secret or not kept else None,
    )


def _ticked(asked: Asked) -> list[Domain]:
    return [domain for domain in Domain if asked.value(f"domain-{domain.value}") == "1"]


def _target(line: str) -> tuple[str, str]:
    """Read `model/owner/name`, `user/name`. Raises BadInput."""
    kind, _, name = line.partition("/")
    if kind not in KINDS or not name:
        raise BadInput(
            field="watched", reason=f"{line[:100]!r} must look like user/name, org/name or model/owner/name"
        )
    return kind, name


def _address(hook: Webhook) -> str:
    return f"{HERE}/{hex_id(hook.id, hook.created_at)}"


def _pretty(payload: str) -> str:
    found: Any = json.loads(payload)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}\n…"


routes = [
    Route(HERE, form(show, make), methods=["GET", "POST"]),
    Route(HERE + "/{hook:seg}", form(one, act), methods=["GET", "POST"]),
]
