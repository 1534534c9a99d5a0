"""The viewer's name and e-mail address; leaving for good."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.repos import Stores
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE = "/settings/account"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what is known. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    facts = {
        "user": accounts.whoami(tx, actor).user,
        "confirmed": accounts.is_confirmed(tx, actor.user_id),
        "by_mail": bool(asked.hub.settings.mail.host),
        "email": asked.value("email"),
        "name": asked.value("name"),
        "did": asked.query.get("done", ""),
    }
    return Page("pages/settings_account.html", facts)


async def act(asked: Asked) -> Redirect:
    """Carry out the part of the page whose button was pressed."""
    do = asked.value("do")
    if do == "email":
        by_mail = bool(asked.hub.settings.mail.host)
        changed = await asked.hub.work(
            _change_email,
            asked.caller,
            asked.value("password"),
            asked.value("email").strip(),
            by_mail=by_mail,
        )
        return Redirect(f"{HERE}?done={'email' if changed else 'letter'}")
    if do == "rename":
        await asked.hub.write(_rename, asked.caller, asked.value("name").strip())
        return Redirect(f"{HERE}?done=rename")
    if do == "delete":
        await asked.hub.work(_delete, asked.caller, asked.value("password"), asked.value("confirm").strip())
        return Redirect("/login?done=deleted", session="")
    raise BadInput(field="do", reason="must be email, rename or delete")


def show_confirm(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Ask for the button: programs that look at links in mails press none. Raises NotSignedIn."""
    del tx
    if actor.anonymous:
        raise NotSignedIn
    return Page("pages/confirm_email.html", {"key": asked.value("key") or asked.query.get("key", "")})


async def confirm(asked: Asked) -> Redirect:
    """Take the address that a link from a mail confirms."""
    signer = asked.hub.stores.signer
    await asked.hub.write(accounts.confirm_email, asked.caller, signer, asked.value("key"))
    return Redirect(f"{HERE}?done=confirmed")


def _change_email(stores: Stores, actor: Actor, password: str, email: str, *, by_mail: bool) -> bool:
    accounts.require_password(stores.db, actor, password)
    with stores.db.write() as tx:
        return accounts.change_email(tx, actor, email, by_mail=by_mail)


def _rename(tx: WriteTx, actor: Actor, new_name: str) -> None:
    accounts.rename_user(tx, actor, actor.name, new_name)


def _delete(stores: Stores, actor: Actor, password: str, name: str) -> None:
    accounts.require_password(stores.db, actor, password)
    with stores.db.write() as tx:
        accounts.delete_account(tx, actor, name)


routes = [
    Route(HERE, form(show, act), methods=["GET", "POST"]),
    Route(f"{HERE}/confirm", form(show_confirm, confirm), methods=["GET", "POST"]),
]
