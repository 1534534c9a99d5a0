"""Who asked for access to a gated repository, for those who answer."""

from datetime import datetime

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import AccessPlace, AccessStatus, Repo, Whose
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of

PAGE = 50
MOST = 1000  # counted; beyond it a page says "1,000+"
_ACTS = {
    "accept": AccessStatus.ACCEPTED,
    "reject": AccessStatus.REJECTED,
    "reset": AccessStatus.PENDING,
}


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the requests of one status, the latest first."""
    status = _status(asked)
    page = repos.list_access_requests(
        tx, actor, asked.kind, asked.full_name, status, start=place_of(asked), limit=PAGE
    )
    here = address(page.repo)
    facts = {
        "head": head_of(asked, actor, page.repo, "settings"),
        "section": page.repo.kind,
        "here": here,
        "status": status,
        "counts": {one: repos.count_access_requests(tx, page.repo.id, one, MOST) for one in AccessStatus},
        "requests": page.requests,
        "first": urls.with_query(here, status=status.value) if asked.query.get("from") else "",
        "next": urls.with_query(here, status=status.value, **{"from": place_text(page.next)}),
        "more": page.next is not None,
        "did": asked.query.get("done", ""),
        "user": asked.value("user") if asked.value("do") == "grant" else "",
    }
    return Page("pages/access_requests.html", facts)


async def act(asked: Asked) -> Redirect:
    """Answer a request, or let somebody in who did not ask."""
    do, user = asked.value("do"), Whose(asked.value("user").strip())
    if do == "grant":
        await asked.hub.write(repos.grant_access, asked.caller, asked.kind, asked.full_name, user)
    elif do in _ACTS:
        reason = asked.value("reason").strip() if do == "reject" else ""
        await asked.hub.write(
            repos.handle_access_request,
            asked.caller,
            asked.kind,
            asked.full_name,
            user,
            _ACTS[do],
            reason or None,
        )
    else:
        raise BadInput(field="do", reason=f"must be grant, {', '.join(_ACTS)}")
    here = f"{urls.named_url(asked.kind, asked.full_name)}/settings/access-requests"
    status = AccessStatus.ACCEPTED if do == "grant" else _status(asked)
    return Redirect(urls.with_query(here, status=status.value, done=f"{do}:{user.name}"))


def address(repo: Repo) -> str:
    """Return the page of a repository's requests."""
    return f"{urls.repo_url(repo)}/settings/access-requests"


def place_text(place: AccessPlace | None) -> str:
    """Write where a list goes on, for an address."""
    return f"{place[0].isoformat()}~{place[1]}" if place is not None else ""


def place_of(asked: Asked) -> AccessPlace | None:
    """Read what `place_text` wrote. Raises BadInput."""
    text = asked.query.get("from")
    if not text:
        return None
    at, _, number = text.rpartition("~")
    try:
        return datetime.fromisoformat(at), int(number)
    except ValueError:
        raise BadInput(field="from", reason="it was altered") from None


def _status(asked: Asked) -> AccessStatus:
    text = asked.query.get("status") or AccessStatus.PENDING.value
    try:
        return AccessStatus(text)
    except ValueError:
        raise BadInput(field="status", reason=f"must be one of {', '.join(AccessStatus)}") from None


_PATH = "/{kind:prefix}{ns:seg}/{name:seg}/settings/access-requests"
routes = [Route(_PATH, form(show, act), methods=["GET", "POST"])]
