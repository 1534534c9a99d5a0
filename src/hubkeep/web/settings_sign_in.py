"""How the viewer signs in: password, second factor, and where they are signed in."""

from collections.abc import Awaitable, Callable

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.kit import BadInput, BadSignature, ReadTx
from hubkeep.repos import Stores
from hubkeep.web import agents, qr
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.numbers import number_in
from hubkeep.web.passwords import new_password

HERE = "/settings/authentication"
APP = f"{HERE}/app"
_PURPOSE, _SECONDS = "second-factor", 3600


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show it all. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    facts = {
        "name": actor.name,
        "factor": accounts.factor_of(tx, actor.user_id),
        "sessions": accounts.list_sessions(tx, actor),
        "here": actor.session.id if actor.session else 0,
        "agent": agents.named,
        "did": asked.query.get("done", ""),
    }
    return Page("pages/settings_sign_in.html", facts)


async def act(asked: Asked) -> Page | Redirect:
    """Carry out the part of the page whose button was pressed."""
    try:
        carry_out = _ACTS[asked.value("do")]
    except KeyError:
        raise BadInput(field="do", reason=f"must be one of {', '.join(_ACTS)}") from None
    return await carry_out(asked)


def show_app(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the secret for the authenticator app, as a picture and in letters. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    if accounts.factor_of(tx, actor.user_id) is not None:
        return Redirect(HERE)
    secret = _secret_of(asked) if asked.again and asked.value("setup") else accounts.new_secret()
    address = accounts.enrolment(secret, actor.name, f"hubkeep {asked.hub.url.partition('://')[2]}")
    facts = {
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": address,
        "picture": qr.drawn(address),
        "setup": asked.hub.stores.signer.sign(_PURPOSE, {"s": secret}, _SECONDS)[0],
        "name": actor.name,
    }
    return Page("pages/second_factor.html", facts)


async def start_app(asked: Asked) -> Page:
    """Turn the second factor on; the recovery codes are in this answer and never again."""
    codes = await asked.hub.work(
        _start, asked.caller, asked.value("password"), _secret_of(asked), asked.value("code")[:20]
    )
    return Page("pages/recovery_codes.html", {"codes": codes, "fresh": True})


def _secret_of(asked: Asked) -> str:
    try:
        return str(asked.hub.stores.signer.verify(_PURPOSE, asked.value("setup"))["s"])
    except BadSignature:
        raise BadInput(field="setup", reason="this page is too old: begin again") from None


async def _password(asked: Asked) -> Redirect:
    old = asked.value("old")
    await asked.hub.work(_change_password, asked.caller, old, new_password(asked))
    return Redirect(f"{HERE}?done=password")


async def _stop(asked: Asked) -> Redirect:
    await asked.hub.work(_stop_factor, asked.caller, asked.value("password"))
    return Redirect(f"{HERE}?done=stop")


async def _codes(asked: Asked) -> Page:
    codes = await asked.hub.work(_renew, asked.caller, asked.value("password"))
    return Page("pages/recovery_codes.html", {"codes": codes, "fresh": False})


async def _end(asked: Asked) -> Redirect:
    await asked.hub.write(accounts.end_session, asked.caller, number_in(asked.value("id"), "id"))
    return Redirect(f"{HERE}?done=end")


async def _end_others(asked: Asked) -> Redirect:
    await asked.hub.write(accounts.end_other_sessions, asked.caller)
    return Redirect(f"{HERE}?done=end")


def _change_password(stores: Stores, actor: Actor, old: str, new: str) -> None:
    accounts.change_password(stores.db, actor, old, new)


def _start(stores: Stores, actor: Actor, password: str, secret: str, code: str) -> list[str]:
    accounts.require_password(stores.db, actor, password)
    with stores.db.write() as tx:
        return accounts.start_factor(tx, actor, secret, code)


def _stop_factor(stores: Stores, actor: Actor, password: str) -> None:
    accounts.require_password(stores.db, actor, password)
    with stores.db.write() as tx:
        accounts.stop_factor(tx, actor)


def _renew(stores: Stores, actor: Actor, password: str) -> list[str]:
    accounts.require_password(stores.db, actor, password)
    with stores.db.write() as tx:
        return accounts.renew_codes(tx, actor)


_ACTS: dict[str, Callable[[Asked], Awaitable[Page | Redirect]]] = {
    "password": _password,
    "stop": _stop,
    "codes": _codes,
    "end": _end,
    "end-others": _end_others,
}
routes = [
    Route(HERE, form(show, act), methods=["GET", "POST"]),
    Route(APP, form(show_app, start_app), methods=["GET", "POST"]),
]
