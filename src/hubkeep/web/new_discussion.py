"""Open a discussion, or a pull request to be filled."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.community import discussions, pulls
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import ref_names
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of
from hubkeep.web.said import talk_url

MAX_FORM = 1 << 20  # bytes: the longest text that may be said, in any script
BRANCH = "refs/heads/"
MAX_BRANCHES = 200


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form. Raises NotSignedIn, DiscussionsDisabled."""
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    head = head_of(asked, actor, repo, "community")
    discussions.find_house(tx, actor, asked.kind, asked.full_name)
    if actor.anonymous:
        raise NotSignedIn
    is_pull = (asked.value("type") or asked.query.get("type", "")) == "pull_request"
    facts = {
        "head": head,
        "section": repo.kind,
        "is_pull": is_pull,
        "title": asked.value("title") or asked.query.get("title", "")[: discussions.MAX_TITLE],
        "text": asked.value("description") or asked.query.get("description", "")[:4000],
        "base": asked.value("base") or repo.default_branch,
        "branches": ref_names(tx, repo.id, BRANCH, MAX_BRANCHES),
        "max_title": discussions.MAX_TITLE,
    }
    return Page("pages/new_discussion.html", facts)


async def act(asked: Asked) -> Redirect:
    """Open it."""
    title, text = asked.value("title"), asked.value("description")
    if asked.value("type") == "pull_request":
        made = await asked.hub.write(
            pulls.open_draft,
            asked.caller,
            asked.hub.stores,
            asked.kind,
            asked.full_name,
            title,
            text,
            asked.value("base") or None,
        )
    elif asked.value("type") == "discussion":
        made = await asked.hub.write(
            discussions.create, asked.caller, asked.kind, asked.full_name, title, text
        )
    else:
        raise BadInput(field="type", reason="must be discussion or pull_request")
    return Redirect(talk_url(made.repo, made.discussion.num))


routes = [Route(REPO + "/discussions/new", form(show, act, MAX_FORM), methods=["GET", "POST"])]
