"""Sentences of the audit log with links to what they name, where it is still there and the reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep import accounts, repos
from hubkeep.accounts import Action, Actor, AuditEntry, Owner, Word, audit_pieces
from hubkeep.kit import ReadTx
from hubkeep.repos import Repo
from hubkeep.web.urls import owner_url, repo_url


@dataclass(frozen=True)
class Said:
    """A piece of a sentence, and where it leads (nowhere if empty)."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class _There:
    people: dict[int, Owner]
    named: dict[str, Owner]
    repos: dict[int, Repo]


def told(tx: ReadTx, actor: Actor, entries: Sequence[AuditEntry]) -> dict[int, list[Said]]:
    """Return the sentence of each entry by its number, in three queries for all of them."""
    pieces = {entry.id: audit_pieces(entry) for entry in entries}
    names = {word.text for words in pieces.values() for word in words if word.thing == "owner"}
    named = accounts.owners_named(tx, names)
    ids = {entry.actor_id for entry in entries if entry.actor_id} | {owner.id for owner in named.values()}
    shown = accounts.owners_by_id(tx, sorted(ids))
    there = _There(
        shown,
        {name: owner for name, owner in named.items() if owner.id in shown},
        _readable(tx, actor, {entry.repo_id for entry in entries if entry.repo_id}),
    )
    return {entry.id: [_said(word, entry, there) for word in pieces[entry.id]] for entry in entries}


def _readable(tx: ReadTx, actor: Actor, repo_ids: set[int]) -> dict[int, Repo]:
    found = repos.repos_by_id(tx, sorted(repo_ids))
    return {
        repo.id: repo
        for repo in found
        if accounts.may(actor, Action.READ, repo) and (actor.is_admin or not repo.disabled)
    }


def _said(word: Word, entry: AuditEntry, there: _There) -> Said:
    if word.thing == "repo" and (repo := there.repos.get(entry.repo_id or 0)):
        return Said(word.text, repo_url(repo))
    if word.thing == "actor" and (person := there.people.get(entry.actor_id or 0)):
        return Said(word.text, owner_url(person.name))
    owner = there.named.get(word.text.lower()) if word.thing == "owner" else None
    if owner is not None and owner.created_at <= entry.at:  # the name was not taken by somebody else since
        return Said(word.text, owner_url(owner.name))
    return Said(word.text)
