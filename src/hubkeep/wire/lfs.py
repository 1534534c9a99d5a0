"""git-lfs: the negotiation (batch), its confirmation (verify), and locks, which this hub does not have.

Source: hub-core contract U4 to U8, section 12, traps 14 to 16; the git-lfs API documentation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import ANONYMOUS, Credentials
from hubkeep.hub import Hub
from hubkeep.kit import BadInput
from hubkeep.repos import Kind, LfsObject, LfsTicket, LfsVerdict, LfsWay, Repo
from hubkeep.wire.caller import credentials
from hubkeep.wire.contract import LFS_JSON
from hubkeep.wire.json import Json
from hubkeep.wire.lfs_actions import download_actions, upload_actions, xet_actions
from hubkeep.wire.lfs_errors import lfs_handler, lfs_refusal
from hubkeep.wire.lfs_transfer import complete, download, json_body, received, ticket_of, upload, upload_part
from hubkeep.wire.ssh_ticket import lfs_caller

HASHES = ("sha256", "sha_256")  # the second is how huggingface.js writes it

MAX_PARTS = 10_000  # as S3 has it: every part is an address in the answer


class _Object(msgspec.Struct):
    oid: str
    size: int


class _Ref(msgspec.Struct):
    name: str


class _Batch(msgspec.Struct):
    operation: str
    objects: list[_Object]
    transfers: list[str] = []
    hash_algo: str = "sha256"
    ref: _Ref | None = None


@lfs_handler
async def batch(request: Request) -> Response:
    """Tell for each object where it goes or where it comes from."""
    hub: Hub = request.app.state.hub
    asked = await json_body(request, _Batch)
    if asked.operation not in ("upload", "download"):
        raise BadInput(field="operation", reason=f"must be upload or download, not {asked.operation[:40]!r}")
    if asked.hash_algo not in HASHES:
        return lfs_refusal(request, 409, f"hash_algo: {asked.hash_algo[:40]!r} is not known here, sha256 is.")
    way = LfsWay.UPLOAD if asked.operation == "upload" else LfsWay.DOWNLOAD
    wanted = [LfsObject(each.oid, each.size) for each in asked.objects]
    kind, full_name = _asked_repo(request)
    caller = lfs_caller(request, kind, full_name, asked.operation)
    repo, verdicts = await hub.read(
        repos.lfs_batch,
        caller,
        hub.stores,
        kind,
        full_name,
        way,
        wanted,
        proposes=way is LfsWay.UPLOAD and _proposes(asked.ref),
    )
    tickets = [verdict.ticket for verdict in verdicts if verdict.ticket is not None]
    transfer, actions = await _actions(request, caller, repo, way, asked.transfers, tickets)
    shown = [_shown(verdict, actions) for verdict in verdicts]
    answer = {"transfer": transfer, "objects": shown, "hash_algo": "sha256"}
    return Json(answer, headers={"Content-Type": LFS_JSON})


@lfs_handler
async def verify(request: Request) -> Response:
    """Confirm an upload, to the holder of the signed address or to a caller with a token."""
    hub: Hub = request.app.state.hub
    asked = await json_body(request, _Object)
    signed = "ticket" in request.query_params
    ticket = ticket_of(request, LfsWay.UPLOAD) if signed else None
    if asked.oid != request.path_params["oid"]:
        raise BadInput(field="oid", reason="is not the object that this address is for")
    kind, full_name = _asked_repo(request)
    caller = ANONYMOUS if signed else credentials(request)
    await hub.read(repos.verify_lfs_upload, caller, kind, full_name, ticket, asked.oid, asked.size)
    return Json({}, headers={"Content-Type": LFS_JSON})


@lfs_handler
async def locks(request: Request) -> Response:
    """Say that there are no locks here: git-lfs goes on without them. Source: hub-core contract T5."""
    return lfs_refusal(request, 404, "File locking is not available on this hub.")


async def _actions(
    request: Request,
    caller: Credentials,
    repo: Repo,
    way: LfsWay,
    offered: Sequence[str],
    tickets: Sequence[LfsTicket],
) -> tuple[str, dict[str, Any]]:
    """Choose among the transfers that the client offers; return the choice and every object's actions.

    Downloads are always basic. Who offers Xet for an upload gets it: then only the chunks that the hub does not have travel, and
    the file has its Xet hash at once. Tried with huggingface_hub 0.36 and hf_xet 1.1.3 to 1.8.0, and with huggingface.js. Who
    offers parts and no whole files, as the hub's own page for uploads does, gets small ones that are soon sent again; through
    the hub, unless `straight` is offered, too: a browser finds out whether it can reach the bucket.
    """
    hub: Hub = request.app.state.hub
    if way is LfsWay.DOWNLOAD or not tickets:
        return "basic", {ticket.sha256: download_actions(hub, repo, ticket) for ticket in tickets}
    from_git = request.headers.get("user-agent", "").startswith("git-lfs/")
    if "xet" in offered:
        made = await hub.read(
            repos.xet_token,
            caller,
            hub.stores,
            hub.epoch,
            repo.kind,
            repo.full_name,
            write=True,
            pull_request=tickets[0].proposes,
        )
        return "xet", {ticket.sha256: xet_actions(hub, repo, ticket, *made) for ticket in tickets}
    limits = hub.settings.lfs
    whole, part = (
        (limits.multipart_bytes, limits.part_bytes)
        if "basic" in offered
        else (limits.resend_bytes, limits.resend_bytes)
    )
    begun = await _begin(hub, tickets, whole, part, all_or_none=from_git) if "multipart" in offered else {}
    straight = "straight" in offered or "basic" in offered
    made_out = await hub.compute(
        _upload_actions, hub, repo, [begun.get(t.sha256, t) for t in tickets], straight
    )
    return "multipart" if begun else "basic", made_out


def _upload_actions(
    hub: Hub, repo: Repo, tickets: Sequence[LfsTicket], straight: bool
) -> dict[str, dict[str, Any]]:
    return {ticket.sha256: upload_actions(hub, repo, ticket, straight=straight) for ticket in tickets}


async def _begin(
    hub: Hub, tickets: Sequence[LfsTicket], whole: int, part_bytes: int, *, all_or_none: bool
) -> dict[str, LfsTicket]:
    """Begin uploads in parts for the objects that have more than `whole` bytes; in larger parts when they would be too many.

    With `all_or_none`, for all objects as soon as one is: git-lfs hands a whole batch to one transfer agent.
    """
    large = {ticket.sha256 for ticket in tickets if ticket.size > whole}
    if not large or not repos.takes_parts(hub.stores):
        return {}
    unique = {ticket.sha256: ticket for ticket in tickets if all_or_none or ticket.sha256 in large}
    chosen = list(unique.values())
    part_bytes = max(
        part_bytes, repos.least_part_bytes(hub.stores), -(-max(ticket.size for ticket in chosen) // MAX_PARTS)
    )
    begun = await hub.work(repos.begin_lfs_parts, ANONYMOUS, chosen, part_bytes)
    return {ticket.sha256: ticket for ticket in begun}


def _shown(verdict: LfsVerdict, actions: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"oid": verdict.wanted.sha256, "size": verdict.wanted.size}
    if verdict.status:
        return shown | {"error": {"code": verdict.status, "message": verdict.reason}}
    if verdict.ticket is None:
        return shown
    return shown | {"authenticated": True, "actions": actions[verdict.wanted.sha256]}


def _proposes(ref: _Ref | None) -> bool:
    """Return whether an upload is for a pull request: the official client names no branch then, or the request's own."""
    return ref is None or ref.name.startswith("refs/pr/")


def _asked_repo(request: Request) -> tuple[Kind, str]:
    params = request.path_params
    return params["kind"], f"{params['ns']}/{str(params['name']).removesuffix('.git')}"


_LFS = "/{kind:prefix}{ns:seg}/{name:seg}/info/lfs"
_OBJECT = _LFS + "/objects/{oid:seg}"
routes = [
    Route(_LFS + "/objects/batch", batch, methods=["POST"]),
    Route(_OBJECT + "/verify", verify, methods=["POST"]),
    Route(_OBJECT + "/parts/{number:seg}", upload_part, methods=["PUT"]),
    Route(_OBJECT + "/parts", complete, methods=["POST"]),
    Route(_OBJECT + "/parts", received, methods=["GET"]),
    Route(_OBJECT, upload, methods=["PUT"]),
    Route(_OBJECT, download, methods=["GET"]),
    Route(_LFS + "/locks", locks, methods=["GET", "POST"]),
    Route(_LFS + "/locks/{rest:rest}", locks, methods=["GET", "POST"]),
]
