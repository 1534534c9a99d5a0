"""Who calls the CAS: the holder of a Xet token."""

from starlette.requests import Request

from hubkeep.hub import Hub
from hubkeep.repos import BadXetToken, XetToken


def xet_bearer(request: Request) -> XetToken:
    """Return the token of the Authorization header. Raises BadXetToken."""
    hub: Hub = request.app.state.hub
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise BadXetToken
    return XetToken.read(hub.stores.signer, text.strip(), request.path_params["epoch"])
