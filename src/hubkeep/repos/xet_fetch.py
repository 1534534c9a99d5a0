"""Links to parts of xorbs: signed, short-lived, for exactly the bytes that a reconstruction told of."""

from dataclasses import dataclass
from pathlib import Path

from hubkeep.accounts import Actor
from hubkeep.cas import Xorb, xorbs_by_id
from hubkeep.kit import BadSignature, ReadTx, Signer
from hubkeep.repos.types import Stores

_PURPOSE = "xet-fetch"


@dataclass(frozen=True)
class XetFetch:
    """Bytes [first, last) of the body of one xorb. Whoever holds the link may have them; nobody asks again who it is."""

    xorb_id: int
    first: int
    last: int

    def sign(self, signer: Signer, seconds: int) -> str:
        """Return the link's secret as URL-safe text that ends in `seconds`."""
        return signer.sign(_PURPOSE, {"f": [self.xorb_id, self.first, self.last]}, seconds)[0]

    @staticmethod
    def read(signer: Signer, text: str) -> "XetFetch":
        """Return what the link is for. Raises BadSignature: the client then asks for a new reconstruction."""
        return XetFetch(*signer.verify(_PURPOSE, text)["f"])


@dataclass(frozen=True)
class XorbPart:
    """A xorb and where its body is: in a file, behind a link (only for a whole body), or to be read by `read_body`."""

    xorb: Xorb
    local: Path | None
    link: str | None


def xet_fetch(tx: ReadTx, actor: Actor, stores: Stores, wanted: XetFetch) -> XorbPart:
    """Find the bytes that a link is for.

    A store's own link cannot be bound to a range, so it is given away only for bodies that the client may have in full.

    Raises:
        BadSignature: the xorb is gone.
    """
    del actor  # the link says what, and nobody asks who
    xorb = xorbs_by_id(tx, [wanted.xorb_id]).get(wanted.xorb_id)
    if xorb is None:
        raise BadSignature
    if xorb.source_at is not None:
        return XorbPart(xorb, None, None)
    everything = (wanted.first, wanted.last) == (0, xorb.body_bytes)
    link = stores.blobs.link(xorb.key, stores.settings.xet.fetch_seconds) if everything else None
    return XorbPart(xorb, stores.blobs.local_path(xorb.key), link)
