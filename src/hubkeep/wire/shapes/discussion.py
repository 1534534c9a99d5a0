"""Discussions and pull requests as the wire shows them. Source: hub-platform contract section 3."""

from typing import Any

from hubkeep.community.discussions import Comment, Discussion, Event, Happened, Listed, Listing, Version
from hubkeep.community.notifications import Spoken
from hubkeep.community.pulls import PullDetails
from hubkeep.kit import wire_date
from hubkeep.repos import Repo
from hubkeep.wire.shapes.account import account, author
from hubkeep.wire.shapes.names import api_url, object_id, repo_url
from hubkeep.wire.shapes.speech import Speech


def page_url(base: str, repo: Repo, num: int) -> str:
    """Return the page of a discussion; clients read the number from its very end. Source: hub-core contract trap 13."""
    return f"{repo_url(base, repo.kind, repo.full_name)}/discussions/{num}"


def repo_id(repo: Repo) -> dict[str, str]:
    """Return a repository as a discussion names it."""
    return {"name": repo.full_name, "type": repo.kind.value}


def listing(found: Listing, base: str) -> dict[str, Any]:
    """Return a page of discussions."""
    shown: dict[str, Any] = {
        "discussions": [_listed(item, found.repo, base) for item in found.items],
        "count": found.total,
        "start": found.start,
    }
    if found.closed is not None:
        shown["numClosedDiscussions"] = found.closed
    return shown


def details(found: PullDetails, base: str, spoken: Spoken | None = None) -> dict[str, Any]:
    """Return a discussion with its events."""
    repo, discussion = found.details.repo, found.details.discussion
    speech = Speech(repo, base, spoken)
    now = {one.id: _latest(one, speech) for one in found.details.events}  # before what was said earlier
    shown: dict[str, Any] = {
        "_id": object_id(discussion.id, discussion.created_at),
        **_head(discussion, repo),
        **author(found.details.author, base),
        "locked": discussion.locked,
        "collection": "discussions",
        "isReport": False,
        "events": [_event(one, base, speech, now[one.id]) for one in found.details.events],
    }
    if discussion.is_pull_request:
        shown["changes"] = _changes(discussion)
        # The Hub says `true` where it knows of a conflict but not of its place.
        shown["filesWithConflicts"] = list(found.conflicts) or found.conflicting
        if not found.conflicting:
            shown["filesWithConflicts"] = []
        shown["diffUrl"] = f"{api_url(base, repo)}/discussions/{discussion.num}/diff"
        if found.diff is not None:
            shown["diff"] = found.diff
    return shown


def event(made: Happened, base: str, spoken: Spoken | None = None) -> dict[str, Any]:
    """Return something that just happened."""
    speech = Speech(made.repo, base, spoken)
    return _event(made.event, base, speech, _latest(made.event, speech))


def _event(one: Event, base: str, speech: Speech, latest: str) -> dict[str, Any]:
    comment = one.comment
    return {
        "id": object_id(one.id, one.at),
        **author(one.author, base),
        "createdAt": wire_date(one.at),
        "type": one.type.value,
        "data": dict(one.data) if comment is None else _comment(comment, base, speech, latest, f"e{one.id}-"),
    }


def _latest(one: Event, speech: Speech) -> str:
    return speech.html(one.comment.raw, f"e{one.id}-") if one.comment is not None else ""


def _head(discussion: Discussion, repo: Repo) -> dict[str, Any]:
    return {
        "num": discussion.num,
        "title": discussion.title,
        "createdAt": wire_date(discussion.created_at),
        "status": discussion.status.value,
        "isPullRequest": discussion.is_pull_request,
        "pinned": discussion.pinned,
        "repo": repo_id(repo),
    }


def _listed(item: Listed, repo: Repo, base: str) -> dict[str, Any]:
    return {
        **_head(item.discussion, repo),
        **author(item.author, base),
        "repoOwner": {
            "name": repo.owner,
            "isParticipating": False,
            "isDiscussionAuthor": item.discussion.author_id == repo.owner_id,
        },
        "numComments": item.discussion.comments,
        "numReactionUsers": item.discussion.reaction_users,
        "topReactions": [{"reaction": r.reaction.value, "count": r.count} for r in item.reactions],
    }


def _changes(pull: Discussion) -> dict[str, Any]:
    shown: dict[str, Any] = {"base": pull.base_ref, "refDeleted": pull.ref_deleted}
    if pull.head_oid:
        shown["headCommitId"] = pull.head_oid
    if pull.merge_oid:
        shown["mergeCommitId"] = pull.merge_oid
    return shown


def _comment(comment: Comment, base: str, speech: Speech, latest: str, mark: str) -> dict[str, Any]:
    editors = dict.fromkeys(
        person.name
        for person in (*(version.author for version in comment.history[1:]), comment.updated_by)
        if person is not None and comment.edited
    )
    shown: dict[str, Any] = {
        "edited": comment.edited,
        "hidden": comment.hidden,
        "latest": _version(Version(comment.raw, comment.updated_at, comment.updated_by), base, latest),
        "numEdits": comment.edits,
        "history": [
            _version(version, base, speech.html(version.raw, f"{mark}{place}-"))
            for place, version in enumerate(comment.history)
        ],
        "editors": list(editors),
        "reactions": [
            {"reaction": one.reaction.value, "users": list(one.users), "count": one.count}
            for one in comment.reactions
        ],
    }
    if comment.hidden and comment.hidden_by is not None:
        shown["hiddenBy"] = comment.hidden_by.name
    if comment.hidden_reason is not None:
        shown["hiddenReason"] = comment.hidden_reason.value
    return shown


def _version(version: Version, base: str, html: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "raw": version.raw,
        "html": html,
        "updatedAt": wire_date(version.at),
    }
    if version.author is not None:
        shown["author"] = account(version.author, base)
    return shown
