"""The pass that git-lfs gets over SSH and shows over HTTP: for one repository, one direction, one hour, one key.

It is a signed note, kept nowhere; the key's holder is looked up again each time it is shown, so a deleted key ends it.
Source: hub-core contract T9; the git-lfs documentation on authentication.
"""

from starlette.requests import Request

from hubkeep.accounts import BadCredentials, Credentials
from hubkeep.hub import Hub
from hubkeep.kit import BadSignature
from hubkeep.repos import Kind
from hubkeep.wire.caller import credentials, origin

SCHEME = "RemoteAuth"
PURPOSE = "ssh-lfs"
SECONDS = 3600


def ticket(hub: Hub, fingerprint: str, kind: Kind, full_name: str, way: str) -> tuple[str, int]:
    """Return the value of an Authorization header and how many seconds it is good for."""
    facts = {"key": fingerprint, "repo": _repo(kind, full_name), "way": way}
    return f"{SCHEME} {hub.stores.signer.sign(PURPOSE, facts, SECONDS)[0]}", SECONDS


def lfs_caller(request: Request, kind: Kind, full_name: str, way: str) -> Credentials:
    """Return who asks for large files: by a pass from SSH, or as everywhere else. Raises BadCredentials."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME.lower():
        return credentials(request)
    hub: Hub = request.app.state.hub
    try:
        facts = hub.stores.signer.verify(PURPOSE, value.strip())
    except BadSignature:
        raise BadCredentials from None
    if (facts["repo"], facts["way"]) != (_repo(kind, full_name), way):
        raise BadCredentials
    return Credentials("ssh", str(facts["key"]), origin(request))


def _repo(kind: Kind, full_name: str) -> str:
    return f"{kind.prefix}{full_name}".lower()
