"""What all pages of operators have in common: to everybody else they are not there."""

from hubkeep.accounts import Actor
from hubkeep.kit import HubError, ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import Act, View

PAGE = 50


class NoPage(HubError):
    """An address that has no page for this viewer."""

    status, text = 404, "There is no page here."


def operators(view: View) -> View:
    """Show a page to operators, and nothing to others."""

    def guarded(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
        _require(tx, actor)
        return view(tx, actor, asked)

    return guarded


def operating(act: Act) -> Act:
    """Let operators send a form; the verbs ask again."""

    async def guarded(asked: Asked) -> Redirect | Page:
        await asked.hub.read(_require, asked.caller)
        return await act(asked)

    return guarded


def _require(tx: ReadTx, actor: Actor) -> None:
    del tx
    if not (actor.is_admin and actor.can_write):
        raise NoPage
