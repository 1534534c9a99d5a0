"""One commit: what it says and what it changed."""

from contextlib import closing

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.repos import Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows_slowly
from hubkeep.web.head import head_of
from hubkeep.web.preview.diff import read_diff


def show(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show a commit with its differences from its first parent, within bounds."""
    shown = repos.show_commit(stores, actor, asked.kind, asked.full_name, asked.params["rev"])
    head = head_of(asked, actor, shown.repo, "history")
    if asked.params["rev"] != shown.commit.oid:
        return Redirect(urls.at_url(shown.repo, "commit", shown.commit.oid), 302)
    with closing(shown.patch) as patch:
        diff = read_diff(patch)
    facts = {"head": head, "section": shown.repo.kind, "commit": shown.commit, "diff": diff}
    return Page("pages/commit.html", facts)


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}/commit/{rev:rev}", shows_slowly(show), methods=["GET"])]
