"""The branches and tags of a repository: see them, make them, delete them."""

from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import Commit
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Ref, Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of

PAGE = 50  # of each: a commit is read for every one
MAX_NAME = 255
HEADS, TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class Named:
    """A branch or tag, without what stands before its name, and the commit it leads to."""

    name: str
    commit: Commit


@dataclass(frozen=True)
class Names:
    """A page of branches or tags; `more` is the address of the next one."""

    named: list[Named]
    more: str
    first: str


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show them, `PAGE` of each at a time."""
    with repos.snapshot(
        tx, actor, asked.hub.stores, asked.kind, asked.full_name, None, names_only=True
    ) as at:
        head = head_of(asked, actor, at.repo, "files")
        facts = {
            "head": head,
            "section": at.repo.kind,
            "branches": _names(tx, at, asked, HEADS, "branch"),
            "tags": _names(tx, at, asked, TAGS, "tag"),
            "may_write": head.may_write,
            "new_branch": asked.value("name") if asked.value("do") == "create-branch" else "",
            "new_tag": asked.value("name") if asked.value("do") == "create-tag" else "",
            "start": asked.value("start") or at.repo.default_branch,
            "message": asked.value("message"),
        }
        return Page("pages/refs.html", facts)


async def act(asked: Asked) -> Redirect:
    """Carry out the form that was sent."""
    name, hub, there = _name(asked), asked.hub, (asked.kind, asked.full_name)
    match asked.value("do"):
        case "create-branch":
            await hub.work(
                repos.create_branch, asked.caller, *there, name, asked.value("start").strip() or None
            )
        case "create-tag":
            start = asked.value("start").strip() or "HEAD"
            message = asked.value("message").replace("\r\n", "\n").strip() or None
            await hub.work(repos.create_tag, asked.caller, *there, name, start, message)
        case "delete-branch":
            await hub.work(repos.delete_branch, asked.caller, *there, name)
        case "delete-tag":
            await hub.work(repos.delete_tag, asked.caller, *there, name)
        case _:
            raise BadInput(
                field="do", reason="must be create-branch, create-tag, delete-branch or delete-tag"
            )
    return Redirect(f"{urls.named_url(asked.kind, asked.full_name)}/refs")


def _name(asked: Asked) -> str:
    name = asked.value("name").strip()
    if not 1 <= len(name.encode()) <= MAX_NAME:
        raise BadInput(field="name", reason=f"must have 1 to {MAX_NAME} bytes")
    return name


def _names(tx: ReadTx, at: Snapshot, asked: Asked, prefix: str, key: str) -> Names:
    after = asked.query.get(key, "")[:MAX_NAME]
    found: list[Ref] = repos.refs_below(tx, at.repo.id, prefix, after, PAGE + 1)
    here = f"{urls.repo_url(at.repo)}/refs"
    named = [Named(ref.name.removeprefix(prefix), at.reader.commit(ref.commit_oid)) for ref in found[:PAGE]]
    more = urls.with_query(here, **{key: named[-1].name}) if len(found) > PAGE else ""
    return Names(named, more, here if after else "")


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}/refs", form(show, act), methods=["GET", "POST"])]
