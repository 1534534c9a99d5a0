"""A push by git: commands and a pack come in, are judged, and end in `publish` like every other change."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack

from hubkeep.accounts import Action, Actor, NotAllowed, NotSignedIn, may, may_propose
from hubkeep.git import Asked, BadPack, CommandReader, Lent, Pack, Quarantine, RefLine, report
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos.errors import RefMoved
from hubkeep.repos.fetch import lend, ref_lines
from hubkeep.repos.get import get, token_hint
from hubkeep.repos.kept_refs import keeps_refs
from hubkeep.repos.publish import publish
from hubkeep.repos.push_content import complaints
from hubkeep.repos.push_rules import Move, judge
from hubkeep.repos.types import Kind, Repo, Stores

log = logging.getLogger(__name__)
LATE = "fetch first"  # the words that git itself uses


def refs_for_push(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> list[RefLine]:
    """Return every ref, to somebody who may push. Raises what `begin_push` raises."""
    return ref_lines(tx, _pushable(tx, actor, kind, full_name))


def begin_push(stores: Stores, actor: Actor, kind: Kind, full_name: str) -> "Push":
    """Start to receive a push; the actor may write, or has a pull request here that may be pushed to.

    Raises:
        NotSignedIn, NotAllowed, and what `get` raises.
    """
    with stores.db.read() as tx:
        repo = _pushable(tx, actor, kind, full_name)
        return Push(stores, actor, repo, lend(tx, stores, repo))


class Push:
    """A push under way. Bytes go in by `feed`, the answer comes out of `finish`, `close` follows in any case.

    All of it blocks, and belongs into threads, one at a time.
    """

    def __init__(self, stores: Stores, actor: Actor, repo: Repo, lent: Lent) -> None:
        self._stores, self._actor, self._repo, self._lent = stores, actor, repo, lent
        self._commands = CommandReader()
        self._asked: Asked | None = None
        self._stack = ExitStack()
        self._stack.callback(lent.close)
        self._quarantine: Quarantine | None = None
        self._messages: list[str] = []

    @property
    def side_band(self) -> bool:
        """True when the client accepts packets that keep the connection alive."""
        return self._asked is not None and self._asked.side_band

    @property
    def complete(self) -> bool:
        """True when the commands have come and no pack follows them: a connection that stays open tells no end."""
        return self._asked is not None and not self._asked.has_pack

    def feed(self, chunks: Sequence[bytes]) -> None:
        """Take the next bytes of the request. Raises BadPack when they are no push."""
        data = b"".join(chunks)
        if self._asked is None:
            rest = self._commands.feed(data)
            if rest is None:
                return
            self._asked, data = self._commands.asked(), rest
            if self._asked.has_pack:
                self._quarantine = Quarantine(self._lent.directory, self._stores.scratch)
                self._stack.callback(self._quarantine.close)
        if self._quarantine is not None and data:
            self._quarantine.write(data)

    def finish(self) -> bytes:
        """Judge, publish, and return the answer: a report when the client asked for one.

        Raises:
            BadPack: the commands were not complete.
        """
        if self._asked is None:
            raise BadPack(reason="the push ended before its commands did")
        asked = self._asked
        if not asked.commands:
            return b""  # git asks with an empty push whether it may send a large one
        try:
            if self._quarantine is not None:
                self._quarantine.finish()
        except BadPack as error:
            return self._report("error: " + str(error), {c.ref: "unpacker error" for c in asked.commands})
        try:
            results = self._land(asked)
        except HubError as error:
            results = {command.ref: str(error) for command in asked.commands}
        except Exception:  # whatever it is, the client must be told, and git hears only this
            log.exception("push to repository %s failed", self._repo.id)
            results = {command.ref: "internal error: the hub's log tells more" for command in asked.commands}
        return self._report("ok", results)

    def close(self) -> None:
        """Let go of everything; what was not published is gone."""
        self._stack.close()

    def _land(self, asked: Asked) -> dict[str, str]:
        """Move what may move; return ref to "ok", or to the reason of its refusal."""
        with self._stores.db.read() as tx:
            verdicts = judge(tx, self._actor, self._repo, asked.commands, self._quarantine)
        refused = {ref: verdict for ref, verdict in verdicts.items() if isinstance(verdict, str)}
        moves = [verdict for verdict in verdicts.values() if isinstance(verdict, Move)]
        if refused and asked.atomic:
            return {move.update.name: "atomic push failed" for move in moves} | refused
        if not moves:
            return refused
        found = complaints(self._stores, self._repo, self._quarantine, moves)
        self._messages += found
        if found:
            return {move.update.name: found[0] for move in moves} | refused
        return self._publish(moves) | refused

    def _publish(self, moves: Sequence[Move]) -> dict[str, str]:
        updates = [move.update for move in moves if move.update.old != move.update.new]
        result = "ok"
        try:
            if updates:
                publish(self._stores, self._actor, self._repo, self._store(), updates)
        except RefMoved:
            result = LATE
        return {move.update.name: result for move in moves}

    def _store(self) -> list[Pack]:
        written = self._quarantine.written() if self._quarantine is not None else None
        return [self._stores.git.store(self._repo.id, *written)] if written else []

    def _report(self, unpacked: str, results: dict[str, str]) -> bytes:
        assert self._asked is not None
        ordered = [(command.ref, results[command.ref]) for command in self._asked.commands]
        return report(self._asked, unpacked, ordered, self._messages)


def _pushable(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    repo = get(tx, actor, kind, full_name)
    if may(actor, Action.WRITE, repo) or (may_propose(actor, repo) and keeps_refs(tx, actor, repo.id)):
        return repo
    if actor.anonymous:
        raise NotSignedIn
    raise NotAllowed(what=f"push to {repo.full_name}{token_hint(actor)}")
