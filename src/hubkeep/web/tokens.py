"""The viewer's access tokens: make one, see it once, change what it may do, give it another value, revoke it."""

from dataclasses import replace

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, Token
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.web import token_form
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form, shows
from hubkeep.web.numbers import number_in

HERE = "/settings/tokens"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the tokens and show the form for a new one. Raises NotSignedIn."""
    return _list(tx, actor, asked)


async def act(asked: Asked) -> Page | Redirect:
    """Make or revoke a token. A new one's value is in this answer and never again."""
    if asked.value("do") == "revoke":
        number = number_in(asked.value("id"), "id")
        await asked.hub.write(accounts.revoke_token, asked.caller, number)
        return Redirect(f"{HERE}?done=revoked")
    made = await asked.hub.write(_make, asked.caller, asked)
    return await asked.hub.read(_list, asked.caller, replace(asked, form={}), made)


def show_one(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what one token may do. Raises NotSignedIn, TokenNotFound."""
    token = accounts.token_with(tx, actor, _number(asked))
    facts = {
        "token": token,
        "over": token.expires_at is not None and token.expires_at <= now(),
        "did": asked.query.get("done", ""),
        **token_form.facts_of(tx, actor, asked, token),
    }
    return Page("pages/token.html", facts)


async def act_on_one(asked: Asked) -> Page | Redirect:
    """Save what the token may do, or give it another value, which is in this answer and never again."""
    do = asked.value("do")
    if do == "save":
        await asked.hub.write(_change, asked.caller, asked)
        return Redirect(f"{HERE}/{_number(asked)}?done=saved")
    if do == "rotate":
        made = await asked.hub.write(accounts.rotate_token, asked.caller, _number(asked))
        return await asked.hub.read(_list, asked.caller, replace(asked, form={}), made)
    raise BadInput(field="do", reason="must be save or rotate")


def new(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Lead to the form: what clients print when they ask for a token."""
    del tx, actor
    wanted = asked.query.get("tokenType", "")
    known = wanted if wanted in list(accounts.TokenRole) else ""
    return Redirect(f"{HERE}{f'?tokenType={known}' if known else ''}#hk-new", status=307)


def _list(tx: ReadTx, actor: Actor, asked: Asked, made: tuple[Token, str] | None = None) -> Page:
    facts = {
        "tokens": accounts.list_tokens(tx, actor),
        "made": made,
        "moment_now": now(),
        "did": asked.query.get("done", ""),
        "hub_url": asked.hub.url,
        **token_form.facts_of(tx, actor, asked),
    }
    return Page("pages/tokens.html", facts)


def _make(tx: WriteTx, actor: Actor, asked: Asked) -> tuple[Token, str]:
    wish = token_form.wish_of(tx, actor, asked.form)
    return accounts.make_token(tx, actor, wish.name, wish.role, wish.scopes, wish.expires_at)


def _change(tx: WriteTx, actor: Actor, asked: Asked) -> Token:
    before = accounts.token_with(tx, actor, _number(asked))
    wish = token_form.wish_of(tx, actor, asked.form, before.scopes)
    return accounts.change_token(tx, actor, before.id, wish.role, wish.scopes, wish.expires_at)


def _number(asked: Asked) -> int:
    return number_in(str(asked.params["token"]), "id")


routes = [
    Route(HERE, form(show, act), methods=["GET", "POST"]),
    Route(f"{HERE}/new", shows(new)),
    Route(HERE + "/{token:seg}", form(show_one, act_on_one), methods=["GET", "POST"]),
]
