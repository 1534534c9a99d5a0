"""Feeds for readers: commits and discussions of a repository, what an owner does, and lists as they are narrowed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import accounts, repos, search
from hubkeep.accounts import Actor
from hubkeep.community import activity, discussions
from hubkeep.community.activity import Activity, Deed
from hubkeep.git import Commit
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind, Repo
from hubkeep.web import urls, ways
from hubkeep.web.asked import Asked
from hubkeep.web.machines.atom import MEDIA_TYPE, Entry, Feed, write
from hubkeep.web.machines.door import answer, caller_of
from hubkeep.web.machines.posters import facts_line, figures_line
from hubkeep.web.narrowed import Narrowed
from hubkeep.web.render import NAMES

SHOWN = 30
MAX_TEXT = 2000  # characters of a commit's message
_DEEDS = {
    Deed.CREATE: "created",
    Deed.PUSH: "pushed to",
    Deed.DISCUSS: "opened a discussion in",
    Deed.PROPOSE: "opened a pull request in",
    Deed.MERGE: "merged a pull request in",
    Deed.LIKE: "likes",
}
View = Callable[[ReadTx, Actor, Asked], Feed]


def feeds(view: View) -> Callable[[Request], Awaitable[Response]]:
    """Serve a feed to whoever may see it."""

    async def endpoint(request: Request) -> Response:
        asked, caller = caller_of(request)
        feed = await asked.hub.read(view, caller, asked)
        return await answer(request, write(feed, asked.hub.url), MEDIA_TYPE, public=False)

    return endpoint


def of_commits(tx: ReadTx, actor: Actor, asked: Asked) -> Feed:
    """Return the latest commits on the default branch, or on the branch `rev` asks for."""
    rev = asked.query.get("rev") or None
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, rev, names_only=True) as at:
        branch = rev or at.repo.default_branch
        return Feed(
            key=f"repo-{at.repo.id}/commits/{branch}",
            title=f"Commits on {branch} of {at.repo.full_name}",
            page=urls.at_url(at.repo, "commits", branch),
            here=urls.with_query(ways.commits_feed(at.repo.kind, at.repo.full_name), rev=rev),
            entries=[_commit(at.repo, one) for one in at.reader.log(at.oid, skip=0, limit=SHOWN)],
        )


def _commit(repo: Repo, commit: Commit) -> Entry:
    return Entry(
        key=f"repo-{repo.id}/commit/{commit.oid}",
        title=commit.title,
        path=urls.at_url(repo, "commit", commit.oid),
        updated=commit.date,
        author=commit.author,
        text=commit.body.strip()[:MAX_TEXT],
    )


def of_discussions(tx: ReadTx, actor: Actor, asked: Asked) -> Feed:
    """Return the latest discussions and pull requests. Raises what `list_discussions` raises."""
    query = discussions.Query(sorting=discussions.Sorting.RECENT)
    found = discussions.list_discussions(tx, actor, asked.kind, asked.full_name, query, SHOWN)
    return Feed(
        key=f"repo-{found.repo.id}/discussions",
        title=f"Discussions of {found.repo.full_name}",
        page=f"{urls.repo_url(found.repo)}/discussions",
        here=ways.discussions_feed(found.repo.kind, found.repo.full_name),
        entries=[_discussion(found.repo, one) for one in found.items],
    )


def _discussion(repo: Repo, one: discussions.Listed) -> Entry:
    talk = one.discussion
    word = "Pull request" if talk.is_pull_request else "Discussion"
    return Entry(
        key=f"repo-{repo.id}/discussion/{talk.num}",
        title=f"#{talk.num} {talk.title}",
        path=f"{urls.repo_url(repo)}/discussions/{talk.num}",
        updated=talk.created_at,
        author=one.author.name if one.author else "",
        text=f"{word}, {talk.status.value}.",
    )


def of_owner(tx: ReadTx, actor: Actor, asked: Asked) -> Feed:
    """Return what a person did lately, or what was done in an organization. Raises OwnerNotFound."""
    owner = accounts.profile(tx, actor, asked.params["owner"]).owner
    found = activity.of_owner(tx, actor, owner.name, limit=SHOWN)
    return Feed(
        key=f"owner-{owner.id}/activity",
        title=f"What {owner.fullname or owner.name} does",
        page=urls.owner_url(owner.name),
        here=ways.activity_feed(owner.name),
        entries=[_deed(one) for one in found.items],
    )


def _deed(one: Activity) -> Entry:
    who = one.actor.name if one.actor else "somebody"
    return Entry(
        key=f"activity-{one.id}",
        title=f"{who} {_DEEDS[one.deed]} {one.repo.full_name}",
        path=_page_of(one),
        updated=one.at,
        author=who,
        text=str(one.data.get("title", "")),
    )


def _page_of(one: Activity) -> str:
    num = one.data.get("num")
    return f"{urls.repo_url(one.repo)}/discussions/{num}" if num else urls.repo_url(one.repo)


def of_list(kind: Kind, tx: ReadTx, actor: Actor, asked: Asked) -> Feed:
    """Return the first page of a list; without an order of its own, the newest. Raises what `listing` raises."""
    narrowed = Narrowed.of(kind, _newest_first(asked))
    found = search.listing(tx, actor, narrowed.query(SHOWN, None))
    words = [narrowed.search, narrowed.author, narrowed.task, *narrowed.tags, *narrowed.apps]
    return Feed(
        key=f"list{narrowed.url()}",
        title=" · ".join([f"{NAMES[kind]}s", *(word for word in words if word)]),
        page=narrowed.url(),
        here=ways.list_feed(narrowed),
        entries=[_repo(info) for info in found.items],
    )


def _newest_first(asked: Asked) -> Asked:
    if asked.query.get("sort"):
        return asked
    return replace(asked, query=QueryParams([*asked.query.multi_items(), ("sort", "created")]))


def _repo(info: Info) -> Entry:
    repo = info.repo
    return Entry(
        key=f"repo-{repo.id}",
        title=repo.full_name,
        path=urls.repo_url(repo),
        updated=repo.last_modified,
        author=repo.owner,
        text="\n".join(line for line in (facts_line(info), figures_line(info)) if line),
    )


_REPO = "/feeds/{kind:prefix}{ns:seg}/{name:seg}"
routes = [
    *(Route(f"/feeds/{kind.plural}.atom", feeds(partial(of_list, kind)), methods=["GET"]) for kind in Kind),
    Route(_REPO + "/commits.atom", feeds(of_commits), methods=["GET"]),
    Route(_REPO + "/discussions.atom", feeds(of_discussions), methods=["GET"]),
    Route("/feeds/{owner:seg}/activity.atom", feeds(of_owner), methods=["GET"]),
]
