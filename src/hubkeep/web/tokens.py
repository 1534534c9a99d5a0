"""The viewer's access tokens: make one, see it once, revoke it."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, TokenRole
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE = "/settings/tokens"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the tokens and show the form for a new one. Raises NotSignedIn."""
    facts = {
        "tokens": accounts.list_tokens(tx, actor),
        "made": None,
        "name": asked.value("name"),
        "role": asked.value("role") or TokenRole.READ.value,
        "hub_url": asked.hub.url,
    }
    return Page("pages/tokens.html", facts)


async def act(asked: Asked) -> Page | Redirect:
    """Make or revoke a token. A new one's value is in this answer and never again."""
    if asked.value("do") == "revoke":
        number = asked.value("id")
        if not number.isascii() or not number.isdigit() or len(number) > 18:
            raise BadInput(field="id", reason="must be a token of this page")
        await asked.hub.write(accounts.revoke_token, asked.caller, int(number))
        return Redirect(HERE)
    token, value = await asked.hub.write(
        accounts.make_token, asked.caller, asked.value("name").strip(), _role(asked.value("role"))
    )
    listed = await asked.hub.read(accounts.list_tokens, asked.caller)
    facts = {
        "tokens": listed,
        "made": (token, value),
        "name": "",
        "role": TokenRole.READ.value,
        "hub_url": asked.hub.url,
    }
    return Page("pages/tokens.html", facts)


def _role(text: str) -> TokenRole:
    try:
        return TokenRole(text)
    except ValueError:
        raise BadInput(field="role", reason=f"must be one of {', '.join(TokenRole)}") from None


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
