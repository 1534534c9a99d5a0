"""The gate of a repository: what it asks, and where the viewer's request stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup
from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Action, Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import AccessRequest, AccessStatus, GateForm, Info, Repo
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of
from hubkeep.web.kept import Kept
from hubkeep.web.markdown import Place, Rendered, render

KEPT: Kept[Rendered] = Kept(4 << 20, lambda prompt: len(prompt.html))  # characters of HTML
FIELD = "field."  # before the label, in the names of inputs: a label may be any text


class Stand(StrEnum):
    """How somebody stands to a gate."""

    KEEPER = "keeper"  # may answer requests
    INSIDE = "inside"  # needs no leave
    STRANGER = "stranger"  # must sign in to ask
    OUTSIDE = "outside"  # has not asked
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Gateway:
    """A gate as its viewer sees it. `waiting` counts requests, for whoever keeps it; `prompt` is rendered Markdown."""

    stand: Stand
    form: GateForm
    prompt: Markup
    request: AccessRequest | None
    waiting: int
    countries: Mapping[str, str]


def gateway(tx: ReadTx, actor: Actor, info: Info) -> Gateway | None:
    """Return the gate of a repository, None where there is none."""
    repo = info.repo
    if not repo.gated:
        return None
    request = repos.my_access_request(tx, actor, repo)
    stand = _stand(actor, repo, request)
    shows_form = stand in (Stand.OUTSIDE, Stand.STRANGER)
    found = repos.gate_form(info.metadata.card_data) if shows_form else GateForm()
    waits = repos.count_access_requests(tx, repo.id, AccessStatus.PENDING) if stand is Stand.KEEPER else 0
    return Gateway(stand, found, _prompt(repo, found.prompt), request, waits, repos.countries())


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the gate on a page of its own: where a refused answer, or a closed file, leads to."""
    stores = asked.hub.stores
    with repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, None, names_only=True) as at:
        head = head_of(asked, actor, at.repo, "card")
        info = repos.info_at(tx, stores, at, siblings=False, blobs=False)
    shown = gateway(tx, actor, info)
    if shown is None:
        return Redirect(head.url, 302)
    return Page("pages/gate.html", {"head": head, "section": at.repo.kind, "gateway": shown})


async def act(asked: Asked) -> Redirect:
    """Ask for access, or take the request back."""
    do = asked.value("do")
    if do == "ask":
        answers = {
            name.removeprefix(FIELD): value for name, value in asked.form.items() if name.startswith(FIELD)
        }
        await asked.hub.write(repos.ask_access, asked.caller, asked.kind, asked.full_name, answers)
    elif do == "cancel":
        await asked.hub.write(repos.cancel_my_access_request, asked.caller, asked.kind, asked.full_name)
    else:
        raise BadInput(field="do", reason="must be ask or cancel")
    back = (
        "/settings/gated-repos"
        if asked.value("back") == "list"
        else urls.named_url(asked.kind, asked.full_name)
    )
    return Redirect(back)


def _stand(actor: Actor, repo: Repo, request: AccessRequest | None) -> Stand:
    if repos.passes_gate(actor, repo):
        return Stand.KEEPER if accounts.may(actor, Action.WRITE, repo) else Stand.INSIDE
    if actor.anonymous:
        return Stand.STRANGER
    return Stand(request.status.value) if request is not None else Stand.OUTSIDE


def _prompt(repo: Repo, text: str) -> Markup:
    """Render the prompt as a card is: sanitised, its links beside the repository's files."""
    if not text:
        return Markup()
    branch = repo.default_branch
    places = [urls.at_url(repo, page, branch) + "/" for page in ("blob", "tree", "resolve")]
    return Markup(Place(*places).complete(KEPT.get(text, lambda: render(text, "")).html))  # noqa: S704  what `render` returns is sanitised


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}/gate", form(show, act), methods=["GET", "POST"])]
