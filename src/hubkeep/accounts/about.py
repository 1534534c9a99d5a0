"""What people say about themselves, and their e-mail address."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import sqlalchemy as sa

from hubkeep.accounts.add_user import check_email
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import LinkUsed, NotAllowed, NotSignedIn
from hubkeep.accounts.events import OwnerRenamed
from hubkeep.accounts.letters import tell
from hubkeep.accounts.links import read_confirm_key
from hubkeep.accounts.queries import owner_named, user_by_id
from hubkeep.accounts.sign_in import CONFIRM
from hubkeep.accounts.tables import owners, users
from hubkeep.accounts.types import Actor, User
from hubkeep.kit import BadInput, Job, ReadTx, Signer, WriteTx

MAX_FULLNAME, MAX_DETAILS, MAX_WEBSITE = 255, 1000, 255
# Source: hub-platform contract section 2 (`socialHandles`).
NETWORKS: Mapping[str, re.Pattern[str]] = {
    "github": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"),
    "twitter": re.compile(r"[A-Za-z0-9_]{1,15}"),
    "linkedin": re.compile(r"[\w%-]{1,100}"),
    "bluesky": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])"),
}


@dataclass(frozen=True)
class About:
    """What a person tells everybody: plain text, a web site, and what they are called on other networks."""

    fullname: str
    details: str = ""
    website: str = ""
    socials: Mapping[str, str] = field(default_factory=dict)


def about(tx: ReadTx, user_id: int) -> About:
    """Return what a person tells about themselves; nothing for an organization."""
    query = sa.select(owners.c.fullname, users.c.details, users.c.website, users.c.socials)
    row = tx.sql.execute(query.join(users, users.c.id == owners.c.id).where(users.c.id == user_id)).first()
    return About(row[0], row[1], row[2], json.loads(row[3])) if row is not None else About("")


def change_about(tx: WriteTx, actor: Actor, new: About) -> About:
    """Replace what the actor tells about themselves. Raises NotSignedIn, NotAllowed, BadInput."""
    user_id = _in_session(actor)
    said = checked_about(new, actor.name)
    before = about(tx, user_id)
    tx.sql.execute(sa.update(owners).where(owners.c.id == user_id).values(fullname=said.fullname))
    row = {"details": said.details, "website": said.website, "socials": json.dumps(dict(said.socials))}
    tx.sql.execute(sa.update(users).where(users.c.id == user_id).values(**row))
    if said.fullname != before.fullname:
        tx.emit(OwnerRenamed(owner_named(tx, actor.name)))
    if said != before:
        audit(tx, actor, "user.update_profile", owner_id=user_id)
    return said


def change_email(tx: WriteTx, actor: Actor, email: str, *, by_mail: bool) -> bool:
    """Change the actor's e-mail address; the caller has asked for the password. Return whether it is changed already.

    With `by_mail` the address must be confirmed first, by a link that is sent to it; where the hub sends no mail it is taken as
    it is, and stays unconfirmed.

    Raises:
        NotSignedIn, NotAllowed, BadInput.
    """
    user_id = _in_session(actor)
    check_email(email)
    if not email:
        raise BadInput(field="email", reason="is needed")
    if by_mail:
        tx.enqueue(Job(CONFIRM, {"user_id": user_id, "email": email}))
        return False
    _set_email(tx, actor, user_id, email, confirmed=False)
    return True


def confirm_email(tx: WriteTx, actor: Actor, signer: Signer, key: str) -> User:
    """Take the address that a link from a mail confirms. Raises LinkUsed, NotSignedIn, NotAllowed."""
    user, email = read_confirm_key(tx, signer, key)
    if user.id != _in_session(actor):
        raise LinkUsed
    _set_email(tx, actor, user.id, email, confirmed=True)
    changed = user_by_id(tx, user.id)
    assert changed is not None
    return changed


def _set_email(tx: WriteTx, actor: Actor, user_id: int, email: str, *, confirmed: bool) -> None:
    before = user_by_id(tx, user_id)
    row = {"email": email, "email_lower": email.lower(), "email_confirmed": confirmed}
    tx.sql.execute(sa.update(users).where(users.c.id == user_id).values(**row))
    if before is None or before.email.lower() == email.lower():
        return
    audit(tx, actor, "user.change_email", owner_id=user_id, data={"before": before.email, "after": email})
    if before.email:
        tell(tx, user_id, f"The e-mail address of {before.name} is {email} now.", before.email)


def checked_about(new: About, name: str) -> About:
    """Return it cleaned; without a full name, people are called by their name. Raises BadInput."""
    fullname = " ".join(new.fullname.split()) or name
    details = new.details.replace("\r\n", "\n").strip()
    website = new.website.strip()
    for text, what, most in (
        (fullname, "fullname", MAX_FULLNAME),
        (details, "details", MAX_DETAILS),
        (website, "website", MAX_WEBSITE),
    ):
        if len(text) > most:
            raise BadInput(field=what, reason=f"at most {most} characters, not {len(text)}")
    if website and not _is_web(website):
        raise BadInput(field="website", reason="must start with https:// or http:// and name a host")
    socials = {
        network: handle.strip().lstrip("@") for network, handle in new.socials.items() if handle.strip()
    }
    for network, handle in socials.items():
        if network not in NETWORKS or not NETWORKS[network].fullmatch(handle):
            raise BadInput(field=network[:20], reason=f"{handle[:60]!r} is no name there")
    return About(fullname, details, website, socials)


def _is_web(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    plain = all("!" <= char <= "~" and char not in '"<>\\' for char in text)
    return plain and url.scheme in ("http", "https") and bool(url.hostname) and "@" not in url.netloc


def _in_session(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change your account with a token")
    return actor.user_id
