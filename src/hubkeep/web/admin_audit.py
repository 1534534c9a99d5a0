"""The audit log as pages: the hub's for operators, an organization's for its administrators, everybody's own for themselves."""

from functools import partial

from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, AuditEntry, AuditFilter, audit_moment
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos import Kind
from hubkeep.web import urls
from hubkeep.web.admin_desk import PAGE, operators
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.audit_told import told
from hubkeep.web.endpoint import shows
from hubkeep.web.ids import place

FIELDS = ("who", "type", "owner", "repo", "address", "since", "until")
NOTHING = -1  # a repository that nothing is written about
MAX_DIGITS = 18


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the hub's log."""
    given = _given(asked)
    try:
        found = accounts.audit_entries(tx, actor, _filter(tx, given), before=_before(asked), limit=PAGE + 1)
        problem = ""
    except HubError as error:
        found, problem = [], str(error)
    export = urls.with_query("/api/audit-log/export", q=_words(given))
    return _page(tx, actor, "pages/admin_audit.html", asked, given, found, problem, export=export)


def of_organization(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show an organization's log to its administrators."""
    org = accounts.owner_named(tx, asked.params["org"])
    given = _given(asked) | {"owner": ""}
    found, problem = accounts.org_audit_entries(tx, actor, org.name, AuditFilter(), limit=0), ""
    try:
        wanted = _filter(tx, given)
        found = accounts.org_audit_entries(tx, actor, org.name, wanted, before=_before(asked), limit=PAGE + 1)
    except HubError as error:
        problem = str(error)
    export = urls.with_query(f"/api/organizations/{urls.segment(org.name)}/audit-log/export", q=_words(given))
    return _page(tx, actor, "pages/org_audit.html", asked, given, found, problem, export=export, org=org)


def mine(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what the viewer did, and what was done to them."""
    found = accounts.my_audit_entries(tx, actor, before=_before(asked), limit=PAGE + 1)
    return _page(tx, actor, "pages/my_audit.html", asked, {}, found, "")


def _page(
    tx: ReadTx,
    actor: Actor,
    template: str,
    asked: Asked,
    given: dict[str, str],
    found: list[AuditEntry],
    problem: str,
    **more: object,
) -> Page:
    shown = found[:PAGE]
    here = partial(urls.with_query, asked.path, **given)
    facts = {
        "given": given,
        "entries": shown,
        "told": told(tx, actor, shown),
        "problem": problem,
        "narrowed": any(given.values()),
        "first": here() if asked.query.get("before") else "",
        "next": here(before=str(shown[-1].id)) if len(found) > PAGE else "",
        **more,
    }
    return Page(template, facts, 400 if problem else 200)


def _given(asked: Asked) -> dict[str, str]:
    return {name: asked.query.get(name, "").strip()[:200] for name in FIELDS}


def _before(asked: Asked) -> int | None:
    return place(asked.query.get("before", ""), "before")


def _filter(tx: ReadTx, given: dict[str, str]) -> AuditFilter:
    return AuditFilter(
        actor=given["who"],
        kind=given["type"],
        owner=given["owner"],
        repo_id=_repo_id(tx, given["repo"]) if given["repo"] else None,
        address=given["address"],
        since=audit_moment(given["since"], "since"),
        until=audit_moment(given["until"], "until", end=True),
    )


def _repo_id(tx: ReadTx, text: str) -> int:
    """Return the number of a repository by its name, or by that number itself, which outlives the name."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    first, _, rest = text.partition("/")
    plurals = {kind.plural: kind for kind in Kind}
    if first in plurals and "/" in rest:
        found = repos.by_name(tx, plurals[first], rest)
        return found.id if found else accounts.audit_repo_id(tx, rest) or NOTHING
    named = (repos.by_name(tx, kind, text) for kind in Kind)
    here = next((repo.id for repo in named if repo is not None), None)
    return here or accounts.audit_repo_id(tx, text) or NOTHING


def _words(given: dict[str, str]) -> str:
    """Write the filter as the export takes it."""
    names = {"who": "author", "type": "type", "address": "ip", "since": "since", "until": "until"}
    return " ".join(f"{word}:{given[name]}" for name, word in names.items() if given.get(name))


routes = [
    Route("/-/audit", shows(operators(show)), methods=["GET"]),
    Route("/organizations/{org:seg}/settings/audit-log", shows(of_organization), methods=["GET"]),
    Route("/settings/security-log", shows(mine), methods=["GET"]),
]
