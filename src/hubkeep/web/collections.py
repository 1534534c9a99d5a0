"""Every collection that one may see, and the form for a new one."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.community import collections
from hubkeep.community.collections import ItemKind, NewCollection, NewItem, Query, Shown, Sort, Theme
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.collection_url import collection_url
from hubkeep.web.endpoint import form, shows
from hubkeep.web.ids import place

HERE = "/collections"
PAGE = 24
SORTS = {Sort.TRENDING: "Trending", Sort.MODIFIED: "Lately changed", Sort.UPVOTES: "Most votes"}


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show collections, a page at a time."""
    text, sort = asked.query.get("q", "").strip()[:200], asked.query.get("sort", Sort.TRENDING.value)
    if sort not in SORTS:
        raise BadInput(field="sort", reason=f"must be one of {', '.join(SORTS)}")
    query = Query(search=text, sort=Sort(sort), after=_after(asked), limit=PAGE)
    found = collections.list_collections(tx, actor, query)
    following = ""
    if found.next is not None:
        value, number = found.next
        following = urls.with_query(HERE, q=text, sort=sort, value=str(value), after=str(number))
    facts = {
        "collections": found.items,
        "text": text,
        "sort": sort,
        "sorts": SORTS,
        "next": following,
        "first": urls.with_query(HERE, q=text, sort=sort) if query.after else "",
    }
    return Page("pages/collections.html", facts)


def new(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form of a new collection. Raises NotSignedIn."""
    if actor.anonymous:
        raise NotSignedIn
    facts = {
        "owners": owners_for(tx, actor),
        "owner": asked.value("owner") or asked.query.get("owner") or actor.name,
        "title": asked.value("title"),
        "description": asked.value("description"),
        "private": asked.value("private") == "1",
        "theme": asked.value("theme") or Theme.GREEN.value,
        "themes": list(Theme),
        "item": asked.value("item") or asked.query.get("item", ""),
        "max_title": collections.MAX_TITLE,
        "max_description": collections.MAX_DESCRIPTION,
    }
    return Page("pages/new_collection.html", facts)


async def make(asked: Asked) -> Redirect:
    """Make it, with something in it when the form says so."""
    wish = NewCollection(
        asked.value("owner"),
        asked.value("title"),
        asked.value("description"),
        asked.value("private") == "1",
        theme_of(asked.value("theme")),
    )
    item = item_of(asked.value("item")) if asked.value("item") else None

    def verb(tx: WriteTx, actor: Actor) -> Shown:
        made = collections.create(tx, actor, wish)
        return collections.add_item(tx, actor, made.collection.id, item) if item else made

    return Redirect(collection_url(await asked.hub.write(verb, asked.caller)))


def owners_for(tx: ReadTx, actor: Actor) -> list[str]:
    """Return the namespaces where the viewer may make collections. Raises NotSignedIn."""
    me = accounts.whoami(tx, actor)
    return [me.user.name, *(org.org_name for org in me.orgs if accounts.may_create(actor, org.org_id))]


def theme_of(text: str) -> Theme:
    """Read a theme. Raises BadInput."""
    if text not in set(Theme):
        raise BadInput(field="theme", reason=f"must be one of {', '.join(Theme)}")
    return Theme(text)


def item_of(text: str) -> NewItem:
    """Read `model/owner/name`, `paper/2311.12983`. Raises BadInput."""
    kind, _, name = text.strip().partition("/")
    if kind not in set(ItemKind) or not name or len(text) > 300:
        raise BadInput(field="item", reason="must look like model/owner/name or paper/2311.12983")
    return NewItem(ItemKind(kind), name)


def _after(asked: Asked) -> tuple[str | float, int] | None:
    number = place(asked.query.get("after", ""), "after")
    return (asked.query.get("value", "")[:40], number) if number is not None else None


routes = [
    Route(HERE, shows(show), methods=["GET"]),
    Route(HERE + "/new", form(new, make), methods=["GET", "POST"]),
]
