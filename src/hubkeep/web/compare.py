"""Two revisions side by side: `/compare/main...feature`."""

from contextlib import closing

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Action, Actor
from hubkeep.repos import Repo, RevisionNotFound, Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows_slowly
from hubkeep.web.head import head_of
from hubkeep.web.preview.diff import Diff, read_diff
from hubkeep.web.revision import revision_in


def choose(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show the form that names two revisions; once both are named, lead to their page."""
    with stores.db.read() as tx:
        repo = repos.get_for(tx, actor, asked.kind, asked.full_name, Action.READ)
    base, tip = asked.query.get("base", "")[:200].strip(), asked.query.get("head", "")[:200].strip()
    if base and tip:
        return Redirect(f"{urls.repo_url(repo)}/compare/{urls.segment(base)}...{urls.segment(tip)}", 302)
    facts = {"base": base or repo.default_branch, "tip": tip, "found": None, "diff": Diff(), "problem": ""}
    return Page("pages/compare.html", _around(stores, actor, repo, asked) | facts)


def show(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show what leads from one revision to another: three dots start where the two parted, two at the first."""
    span = asked.params["span"]
    dots = "..." if "..." in span else ".."
    base, _, tip = span.partition(dots)
    with stores.db.read() as tx:
        repo = repos.get_for(tx, actor, asked.kind, asked.full_name, Action.READ)
    facts = {"base": base, "tip": tip, "dots": dots, "found": None, "diff": Diff(), "problem": ""}
    facts |= _around(stores, actor, repo, asked)
    if not base or not tip:
        return Page(
            "pages/compare.html", facts | {"problem": "Name two revisions, as in main...feature."}, 400
        )
    try:
        found = repos.compare_revisions(
            stores, actor, asked.kind, asked.full_name, base, tip, parted=dots == "..."
        )
    except RevisionNotFound as error:
        return Page("pages/compare.html", facts | {"problem": str(error)}, 404)
    with closing(found.patch) as patch:
        return Page("pages/compare.html", facts | {"found": found, "diff": read_diff(patch)})


def _around(stores: Stores, actor: Actor, repo: Repo, asked: Asked) -> dict[str, object]:
    known = revision_in(stores, repo, "", asked)
    return {
        "head": head_of(asked, actor, repo, "history"),
        "section": repo.kind,
        "names": [*known.branches, *known.tags],
        "dots": "...",
    }


_COMPARE = "/{kind:prefix}{ns:seg}/{name:seg}/compare"
routes = [
    Route(_COMPARE, shows_slowly(choose), methods=["GET"]),
    Route(_COMPARE + "/{span:rest}", shows_slowly(show), methods=["GET"]),
]
