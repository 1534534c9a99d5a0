"""What a pull request changes, file by file; its commits; and what a comment said before it was edited."""

from contextlib import ExitStack

from markupsafe import Markup
from starlette.routing import Route

from hubkeep.accounts import Actor
from hubkeep.community import discussions, notifications, pulls
from hubkeep.community.discussions import CommentNotFound, Version
from hubkeep.community.pulls import NotAPullRequest, PullDetails
from hubkeep.kit import ReadTx
from hubkeep.repos import Stores
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.discussion import may_here, rights_of
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import shows, shows_slowly
from hubkeep.web.head import head_of
from hubkeep.web.ids import number_in
from hubkeep.web.preview.diff import Diff, read_diff
from hubkeep.web.said import said


def files(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show every difference, within bounds."""
    found = _pull(stores, actor, asked)
    with ExitStack() as closing:
        patch = pulls.pull_diff(stores, actor, asked.kind, asked.full_name, asked.params["num"])
        if hasattr(patch, "close"):
            closing.callback(patch.close)
        diff: Diff = read_diff(patch)
    facts = {"diff": diff, "commit": {"oid": found.diff_head or ""}}
    return Page("pages/pull_files.html", _facts(stores, actor, asked, found) | facts)


def commits(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show the commits, the newest first."""
    found = _pull(stores, actor, asked)
    listed = pulls.commits(stores, actor, asked.kind, asked.full_name, asked.params["num"])
    return Page(
        "pages/pull_commits.html", _facts(stores, actor, asked, found) | {"commits": list(reversed(listed))}
    )


def history(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what a comment said before, the newest first. Raises CommentNotFound."""
    found = discussions.find(tx, actor, asked.kind, asked.full_name, asked.params["num"])
    event = discussions.find_comment(tx, found.discussion, number_in(asked.params["event"]))
    comment = event.comment
    if comment is None or comment.hidden:
        raise CommentNotFound
    now = Version(comment.raw, comment.updated_at, comment.updated_by)
    versions = [now, *reversed(comment.history)]
    spoken = notifications.spoken_of(tx, actor, found.repo, [version.raw for version in versions])
    shown = [
        (version, said(version.raw, found.repo, spoken, f"v{number}-") or Markup(""))
        for number, version in enumerate(versions)
    ]
    facts = {
        "head": head_of(asked, actor, found.repo, "community"),
        "section": found.repo.kind,
        "talk": found.discussion,
        "event": event,
        "event_id": asked.params["event"],
        "versions": shown,
    }
    return Page("pages/comment_history.html", facts)


def _pull(stores: Stores, actor: Actor, asked: Asked) -> PullDetails:
    num = asked.params["num"]
    found = pulls.details(stores, actor, asked.kind, asked.full_name, num, limit=1, history=False)
    if not found.details.discussion.is_pull_request:
        raise NotAPullRequest(num=num)
    return found


def _facts(stores: Stores, actor: Actor, asked: Asked, found: PullDetails) -> dict[str, object]:
    del stores
    head = head_of(asked, actor, found.details.repo, "community")
    talk = found.details.discussion
    rights = rights_of(actor, head, talk)
    return {
        "head": head,
        "section": found.details.repo.kind,
        "talk": talk,
        "pull": found,
        "author": found.details.author,
        "rights": rights,
        "may": may_here(talk, rights),
    }


_ONE = REPO + "/discussions/{num:int}"
routes = [
    Route(_ONE + "/files", shows_slowly(files), methods=["GET"]),
    Route(_ONE + "/commits", shows_slowly(commits), methods=["GET"]),
    Route(_ONE + "/history/{event:seg}", shows(history), methods=["GET"]),
]
