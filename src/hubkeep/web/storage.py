"""What a repository takes up: its large files, deleting them for good, and folding a branch's history into one commit."""

import re

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Action, Actor
from hubkeep.kit import BadInput
from hubkeep.repos import Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form_slowly
from hubkeep.web.head import head_of

PAGE = 40  # a box to tick each, and a form has at most 50 fields
_SHA256 = re.compile(r"[0-9a-f]{64}")
DONE = {"deleted": "Deleted for good.", "squashed": "The history is one commit now."}


def show(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show the large files, `PAGE` at a time, to those who may delete them."""
    after = asked.query.get("after") or None
    if after is not None and not _SHA256.fullmatch(after):
        raise BadInput(field="after", reason="it was altered")
    with stores.db.read() as tx:
        repo = repos.get_for(tx, actor, asked.kind, asked.full_name, Action.MANAGE)
        head = head_of(asked, actor, repo, "settings")
    # Names are looked up in a second request: that takes as long as the repository is large.
    named = asked.query.get("names") == "1"
    files, last = repos.lfs_files(
        stores, actor, asked.kind, asked.full_name, after=after, limit=PAGE, named=named
    )
    facts = {
        "head": head,
        "section": repo.kind,
        "files": files,
        "named": named,
        "with_names": urls.with_query(f"{head.url}/settings/storage", after=after, names="1"),
        "chosen": set(_chosen(asked)),
        "rewrite": asked.value("rewrite") == "yes" or not asked.form,
        "branch": asked.value("branch") or repo.default_branch,
        "message": asked.value("message"),
        "more": urls.with_query(f"{head.url}/settings/storage", after=last, names="1" if named else None)
        if last
        else "",
        "first": f"{head.url}/settings/storage" if after else "",
        "did": DONE.get(asked.query.get("done", ""), ""),
    }
    return Page("pages/storage.html", facts)


async def act(asked: Asked) -> Redirect:
    """Delete what was ticked, or squash."""
    hub, there = asked.hub, (asked.kind, asked.full_name)
    here = f"{urls.named_url(*there)}/settings/storage"
    match asked.value("do"):
        case "delete":
            chosen, rewrite = _chosen(asked), asked.value("rewrite") == "yes"
            if not chosen:
                raise BadInput(field="files", reason="tick those that should go")
            await hub.work(repos.delete_lfs_files, asked.caller, *there, chosen, rewrite_history=rewrite)
            return Redirect(f"{here}?done=deleted")
        case "squash":
            branch, message = asked.value("branch").strip(), asked.value("message").strip() or None
            if asked.value("confirm").strip() != branch:
                raise BadInput(field="confirm", reason=f"type {branch[:100]} to squash it")
            await hub.work(repos.super_squash, asked.caller, *there, branch, message)
            return Redirect(f"{here}?done=squashed")
        case _:
            raise BadInput(field="do", reason="must be delete or squash")


def _chosen(asked: Asked) -> list[str]:
    names = [name.removeprefix("file-") for name in asked.form if name.startswith("file-")]
    return [name for name in names if _SHA256.fullmatch(name)]


routes = [
    Route(
        "/{kind:prefix}{ns:seg}/{name:seg}/settings/storage", form_slowly(show, act), methods=["GET", "POST"]
    )
]
