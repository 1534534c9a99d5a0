"""Links that may move one large object: signed, short-lived, and worth no more than what their user may do at that moment."""

from dataclasses import dataclass
from enum import StrEnum

from hubkeep.accounts import STRANGER, Action, Actor, BadCredentials, actor_of
from hubkeep.kit import BadSignature, ReadTx, Signer
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_by_id
from hubkeep.repos.types import Repo


class LfsWay(StrEnum):
    """What a ticket is for; a ticket of one way is nothing on the other."""

    UPLOAD = "lfs-upload"
    DOWNLOAD = "lfs-download"


@dataclass(frozen=True)
class LfsTicket:
    """One object, one repository, one user (None: a stranger).

    `proposes`: the object is for a pull request, for which reading is enough. `upload` names an upload in parts of `part_bytes`.
    """

    way: LfsWay
    repo_id: int
    user_id: int | None
    sha256: str
    size: int
    proposes: bool = False
    part_bytes: int = 0
    upload: str = ""
    token_id: int | None = None  # of the Hub token that it was asked for with: it ends with it

    def sign(self, signer: Signer, seconds: int) -> str:
        """Return the ticket as URL-safe text that ends in `seconds`."""
        facts = [self.repo_id, self.user_id, self.sha256, self.size]
        more = [self.proposes, self.part_bytes, self.upload, self.token_id]
        return signer.sign(self.way, {"t": facts + more}, seconds)[0]

    @staticmethod
    def read(signer: Signer, way: LfsWay, text: str, sha256: str) -> "LfsTicket":
        """Return the ticket for the object that the address names. Raises BadSignature."""
        ticket = LfsTicket(way, *signer.verify(way, text)["t"])
        if ticket.sha256 != sha256:
            raise BadSignature
        return ticket

    def holder(self, tx: ReadTx) -> tuple[Actor, Repo]:
        """Return the user and the repository, if that user may still do this there.

        Raises:
            BadSignature: the user or their token is gone. And what `get_by_id` raises.
        """
        try:
            actor = (
                STRANGER
                if self.user_id is None
                else actor_of(tx, self.user_id, can_write=True, token_id=self.token_id)
            )
        except BadCredentials:
            raise BadSignature from None
        action = Action.WRITE if self.way is LfsWay.UPLOAD and not self.proposes else Action.READ
        repo = get_by_id(tx, actor, self.repo_id, action)
        if action is Action.READ:
            require_content(tx, actor, repo)
        return actor, repo
