"""CAS tokens: what lets a Xet client move data for one repository, for some minutes, and never more than its user may."""

from dataclasses import dataclass

from hubkeep.accounts import (
    STRANGER,
    Action,
    Actor,
    BadCredentials,
    NotAllowed,
    NotSignedIn,
    actor_of,
    may,
    may_propose,
)
from hubkeep.cas import times_forgotten
from hubkeep.kit import BadSignature, HubError, ReadTx, Signer
from hubkeep.repos import queries
from hubkeep.repos.errors import RepoDisabled, RepoNotFound
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for, token_hint
from hubkeep.repos.quota import require_room
from hubkeep.repos.types import Kind, Repo, Stores

_PURPOSE = "xet-token"


class BadXetToken(HubError):
    """A CAS token that is missing, altered, expired, for another epoch, or of a user who is gone."""

    status, text = 401, "The Xet token is invalid or has expired."


@dataclass(frozen=True)
class XetToken:
    """One repository and one user (None: a stranger), for the CAS of one epoch.

    `write` lets new data in; `pull_request` means that it will be proposed, for which reading is enough. A token that
    writes also reads.
    """

    repo_id: int
    user_id: int | None
    epoch: str
    write: bool = False
    pull_request: bool = False
    token_id: int | None = (
        None  # of the Hub token that it was asked for with: it allows no more, and ends with it
    )

    def sign(self, signer: Signer, seconds: int) -> tuple[str, int]:
        """Return the token as URL-safe text, and the Unix second at which it ends."""
        facts = [self.repo_id, self.user_id, self.epoch, self.write, self.pull_request, self.token_id]
        return signer.sign(_PURPOSE, {"t": facts}, seconds)

    @staticmethod
    def read(signer: Signer, text: str, epoch: str) -> "XetToken":
        """Return the token that a client brought to the CAS of `epoch`. Raises BadXetToken."""
        try:
            token = XetToken(*signer.verify(_PURPOSE, text)["t"])
        except BadSignature:
            raise BadXetToken from None
        if token.epoch != epoch:
            raise BadXetToken
        return token

    def holder(self, tx: ReadTx, *, write: bool) -> tuple[Actor, Repo]:
        """Return the user and the repository if the user may still do this there: two look-ups by number.

        Raises:
            BadXetToken: the user or their Hub token is gone.
            NotAllowed: the token only reads, or the user may not write any more.
            RepoNotFound, RepoDisabled, GatedRepo: as everywhere.
        """
        if write and not self.write:
            raise NotAllowed(what="upload with a token for downloads")
        try:
            actor = (
                STRANGER
                if self.user_id is None
                else actor_of(tx, self.user_id, can_write=True, token_id=self.token_id)
            )
        except BadCredentials:
            raise BadXetToken from None
        repo = queries.by_id(tx, self.repo_id)
        if repo is None or not may(actor, Action.READ, repo):
            raise RepoNotFound(kind="repository", name=f"#{self.repo_id}")
        if repo.disabled and not actor.is_admin:
            raise RepoDisabled
        if write and not self.pull_request and not may(actor, Action.WRITE, repo):
            raise NotAllowed(what=f"write to {repo.full_name}")
        if not write or self.pull_request:
            require_content(tx, actor, repo)
        return actor, repo


def xet_token(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    epoch: str,
    kind: Kind,
    full_name: str,
    *,
    write: bool,
    pull_request: bool = False,
) -> tuple[str, int, str]:
    """Return a CAS token for the repository, the Unix second at which it ends, and the epoch that it is for.

    Uploads have an epoch of the user's own once their clients had to be made to forget.

    Who may read may propose: with `pull_request`, reading is enough to upload. Source: hub-core contract X1, X2.

    Raises:
        NotSignedIn, NotAllowed: uploads need somebody whose token may write.
        StorageFull: the owner has no room at all. And what `get_for` raises.
    """
    proposes = write and pull_request
    repo = get_for(tx, actor, kind, full_name, Action.WRITE if write and not proposes else Action.READ)
    if proposes or not write:
        require_content(tx, actor, repo)
    if proposes and not may_propose(actor, repo):
        raise (
            NotSignedIn
            if actor.anonymous
            else NotAllowed(what=f"upload to {repo.full_name}{token_hint(actor)}")
        )
    if write:
        require_room(tx, stores.settings.quotas, repo.owner_id, repo.owner, more_bytes=1)
    if write and actor.user_id is not None and (times := times_forgotten(tx, actor.user_id)):
        epoch = f"{epoch}-{times}"
    token_id = actor.token.id if actor.token is not None else None
    token = XetToken(repo.id, actor.user_id, epoch, write, proposes, token_id)
    return *token.sign(stores.signer, stores.settings.xet.token_seconds), epoch
