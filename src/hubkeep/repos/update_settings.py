"""Change who may see a repository and how access is given."""

import re
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor
from hubkeep.kit import BadInput, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import queries
from hubkeep.repos.access_requests import gate_of, require_gatekeeper
from hubkeep.repos.access_types import Gate, MailMode
from hubkeep.repos.audited import audited
from hubkeep.repos.events import RepoSettingsChanged
from hubkeep.repos.get import get_for
from hubkeep.repos.tables import gate_mails, repos
from hubkeep.repos.types import Kind, Repo

_EMAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}")


@dataclass(frozen=True)
class Changes:
    """Settings to change; None leaves one as it is. `gated` is "", "auto" or "manual".

    `members_gated`: the gate holds for members of the owning organization, too. `gate_email` hears of requests ("": the
    owner, or the organization's administrators), in the way of `gate_mode`.
    """

    private: bool | None = None
    gated: str | None = None
    members_gated: bool | None = None
    gate_email: str | None = None
    gate_mode: MailMode | None = None

    @property
    def about_gate(self) -> bool:
        """True when anything of the gate is to be changed."""
        return any(
            value is not None for value in (self.gated, self.members_gated, self.gate_email, self.gate_mode)
        )


def update_settings(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, changes: Changes) -> Repo:
    """Apply the changes.

    Raises:
        BadInput: no address of mail. And what `get_for` and `require_gatekeeper` raise.
    """
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    if changes.about_gate:
        require_gatekeeper(actor, repo)
    names = ("private", "gated", "members_gated")
    values = {name: value for name in names if (value := getattr(changes, name)) is not None}
    if values:
        tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(**values))
    after = queries.by_id(tx, repo.id)
    assert after is not None
    if repo.private != after.private:
        audited(
            tx,
            actor,
            "update_settings",
            repo,
            before={"private": repo.private},
            after={"private": after.private},
        )
    if changes.about_gate:
        _change_gate(tx, actor, repo, after, changes)
    if values:
        tx.emit(RepoSettingsChanged(after))
    return after


def _change_gate(tx: WriteTx, actor: Actor, repo: Repo, after: Repo, changes: Changes) -> None:
    """Write how requests are told of, and into the audit log what changed."""
    before = gate_of(tx, repo)
    email = before.email if changes.gate_email is None else changes.gate_email.strip()
    if email and not _EMAIL.fullmatch(email):
        raise BadInput(field="gatedNotificationsEmail", reason=f"{email[:60]!r} is no address of mail")
    now = Gate(after.gated, after.members_gated, email, changes.gate_mode or before.mode)
    if now == before:
        return
    insert_missing(
        tx.sql, gate_mails, [{"repo_id": repo.id, "email": "", "mode": MailMode.BULK.value, "due": False}]
    )
    here = sa.update(gate_mails).where(gate_mails.c.repo_id == repo.id)
    tx.sql.execute(here.values(email=now.email, mode=now.mode.value))
    old, new = asdict(before), asdict(now)
    changed = [name for name in old if old[name] != new[name]]
    told = {
        which: {name: facts[name] for name in changed} for which, facts in (("before", old), ("after", new))
    }
    audited(tx, actor, "update_gated_settings", repo, **told)
