"""Show what a comment will look like, before it is sent."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.community import discussions, notifications
from hubkeep.kit import BadInput, HubError, ReadTx
from hubkeep.web.asked import Asked
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import ask, posted
from hubkeep.web.headers import page_headers
from hubkeep.web.new_discussion import MAX_FORM
from hubkeep.web.said import said


async def preview(request: Request) -> Response:
    """Answer a form with its text as HTML: a piece of a page, for the script of the box it is written in."""
    asked = ask(request)
    try:
        asked = await posted(request, asked, MAX_FORM)
        html = await asked.hub.read(_render, asked.caller, asked)
    except HubError as error:
        return PlainTextResponse(str(error), error.status)
    return HTMLResponse(html, headers=page_headers())


def _render(tx: ReadTx, actor: Actor, asked: Asked) -> str:
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    if actor.anonymous:
        raise NotSignedIn
    text = asked.value("text")
    if len(text) > discussions.MAX_COMMENT:
        raise BadInput(field="text", reason=f"must have at most {discussions.MAX_COMMENT:,} characters")
    return said(text, repo, notifications.spoken_of(tx, actor, repo, [text]), "look-")


routes = [Route(REPO + "/preview", preview, methods=["POST"])]
