"""Xet: tokens, and the CAS that content moves through. Source: hub-core contract section 11, xet contract section 5."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import cas, repos
from hubkeep.accounts import ANONYMOUS
from hubkeep.hub import Hub
from hubkeep.kit import HubError
from hubkeep.wire.body_limit import announced_length
from hubkeep.wire.caller import credentials
from hubkeep.wire.contract import XET_ACCESS_TOKEN, XET_CAS_URL, XET_TOKEN_EXPIRATION
from hubkeep.wire.errors import refusal
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag
from hubkeep.wire.receive import receive_by
from hubkeep.wire.threads import in_thread
from hubkeep.wire.xet_bearer import xet_bearer
from hubkeep.wire.xet_files import fetch, reconstruction_v1, reconstruction_v2
from hubkeep.wire.xet_shards import shard_v1, shard_v2


class LengthRequired(HubError):
    """A xorb sent in chunked encoding: its limit could not be told before all of it had come."""

    status, text = 411, "A xorb needs a Content-Length."


async def read_token(request: Request) -> Response:
    """Hand out a token to download a repository's files. The revision may be any: the token is for all of them."""
    return await _hand_out(request, write=False)


async def write_token(request: Request) -> Response:
    """Hand out a token to upload. The revision is literally `None` for pull requests. Source: hub-core contract trap 6."""
    return await _hand_out(request, write=True)


async def _hand_out(request: Request, *, write: bool) -> Response:
    """Answer in headers, which downloads read, and in JSON, which uploads read. Source: hub-core contract trap 5."""
    hub: Hub = request.app.state.hub
    params = request.path_params
    full_name = f"{params['ns']}/{params['name']}"
    text, ends, epoch = await hub.read(
        repos.xet_token,
        credentials(request),
        hub.stores,
        hub.epoch,
        params["kind"],
        full_name,
        write=write,
        pull_request=flag(request, "create_pr") or params["rev"].startswith("refs/pr/"),
    )
    url = f"{hub.url}/cas/{epoch}"
    headers = {XET_CAS_URL: url, XET_ACCESS_TOKEN: text, XET_TOKEN_EXPIRATION: str(ends)}
    headers["Cache-Control"] = "no-store"
    return Json({"casUrl": url, "accessToken": text, "exp": ends}, headers=headers)


async def dedup(request: Request) -> Response:
    """Tell of a xorb that has a chunk; 404 is the usual answer and costs the client nothing."""
    hub: Hub = request.app.state.hub
    token = xet_bearer(request)
    shard = await hub.read(repos.xet_dedup, ANONYMOUS, hub.stores, token, request.path_params["hash"])
    if shard is None:
        return refusal(404, "No such chunk.")
    return Response(shard, media_type="application/octet-stream")


async def upload_xorb(request: Request) -> Response:
    """Take in a xorb; it is checked while it arrives."""
    hub: Hub = request.app.state.hub
    token, name = xet_bearer(request), request.path_params["hash"]
    cas.from_hex(name)
    if announced_length(request.scope) is None:
        raise LengthRequired
    await hub.read(repos.check_xet_upload, ANONYMOUS, token)
    upload = await in_thread(cas.XorbUpload, hub.stores.scratch, name)
    try:
        await receive_by(request, upload.write, cas.MAX_BODY + cas.MAX_FOOTER, what="The xorb")
        is_new = await hub.work(repos.keep_xorb, ANONYMOUS, token, upload)
    finally:
        await in_thread(upload.close)
    return Json({"was_inserted": is_new})


async def not_here(request: Request) -> Response:
    """Say that a call is not offered, so that the client takes the way that is. Source: xet contract 5.1, 5.5."""
    return refusal(404, f"{request.method} {request.scope['path']} is not offered here.")


async def telemetry(request: Request) -> Response:
    """Take a client's summary of a transfer, and forget it. Source: xet contract 5.1."""
    del request
    return Response(status_code=204)


_REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"
_CAS = "/cas/{epoch:seg}"
routes = [
    Route(_REPO + "/xet-read-token/{rev:rev}", read_token, methods=["GET"]),
    Route(_REPO + "/xet-write-token/{rev:rev}", write_token, methods=["GET"]),
    Route(_CAS + "/v1/chunks/{prefix:seg}/{hash:seg}", dedup, methods=["GET"]),
    Route(_CAS + "/v1/xorbs/{prefix:seg}/{hash:seg}", upload_xorb, methods=["POST"]),
    Route(_CAS + "/v1/shards", shard_v1, methods=["POST"]),
    Route(_CAS + "/v2/shards", shard_v2, methods=["POST"]),
    Route(_CAS + "/v1/reconstructions/{hash:seg}", reconstruction_v1, methods=["GET"]),
    Route(_CAS + "/v2/reconstructions/{hash:seg}", reconstruction_v2, methods=["GET"]),
    Route(_CAS + "/fetch/{hash:seg}", fetch, methods=["GET"]),
    # The names of before: hf_xet 1.1.6 to 1.4 (partly), then 1.1.0 to 1.1.5, which huggingface_hub 0.36 still accepts.
    Route(_CAS + "/chunks/{prefix:seg}/{hash:seg}", dedup, methods=["GET"]),
    Route(_CAS + "/xorbs/{prefix:seg}/{hash:seg}", upload_xorb, methods=["POST"]),
    Route(_CAS + "/shards", shard_v1, methods=["POST"]),
    Route(_CAS + "/reconstructions/{hash:seg}", reconstruction_v1, methods=["GET"]),
    Route(_CAS + "/chunk/{prefix:seg}/{hash:seg}", dedup, methods=["GET"]),
    Route(_CAS + "/xorb/{prefix:seg}/{hash:seg}", upload_xorb, methods=["POST"]),
    Route(_CAS + "/shard/{prefix:seg}/{hash:seg}", shard_v1, methods=["POST"]),
    Route(_CAS + "/reconstruction/{hash:seg}", reconstruction_v1, methods=["GET"]),
    Route("/v1/telemetry", telemetry, methods=["POST"]),
    Route(_CAS + "/{rest:rest}", not_here, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
]
