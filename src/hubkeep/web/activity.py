"""What people did lately: those whom the viewer follows, or everybody."""

from starlette.routing import Route

from hubkeep.accounts import Actor
from hubkeep.community import activity
from hubkeep.kit import ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.ids import place

HERE = "/activity"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a feed; a stranger sees everybody's."""
    after = place(asked.query.get("after", ""), "after")
    everybody = actor.anonymous or asked.query.get("of") == "everybody"
    feed = (activity.everybody if everybody else activity.following)(tx, actor, after=after)
    of = "everybody" if everybody and not actor.anonymous else None
    facts = {
        "feed": feed.items,
        "everybody": everybody,
        "next": urls.with_query(HERE, of=of, after=str(feed.next)) if feed.next else "",
        "first": urls.with_query(HERE, of=of) if after else "",
    }
    return Page("pages/activity.html", facts)


routes = [Route(HERE, shows(show), methods=["GET"])]
