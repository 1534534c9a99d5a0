"""Commit: what a client asks before, and the commit itself."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.community import pulls
from hubkeep.kit import BadInput
from hubkeep.repos import Candidate, FrontMatter, Kind
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.discussions import opened_by_commit
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag
from hubkeep.wire.receive import receive_to_file
from hubkeep.wire.shapes.names import repo_url

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"
MAX_PREUPLOAD = 1000  # Source: hub-core contract section 14


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")  # old clients send `sha256` and more, which change nothing

    path: str
    size: Annotated[int, Field(ge=0)]
    sample: str = ""


class _Preupload(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    files: Annotated[list[_File], Field(max_length=MAX_PREUPLOAD)]
    git_ignore: Annotated[str | None, Field(alias="gitIgnore")] = None
    git_attributes: Annotated[str | None, Field(alias="gitAttributes")] = None


class _Yaml(BaseModel):
    content: str
    repo_type: Annotated[str | None, Field(alias="repoType")] = None


@router.post("/api/validate-yaml")
async def validate_yaml(body: _Yaml, hub: TheHub) -> Response:
    """Check a card's metadata, for anybody. Source: hub-core contract U1 and trap 9: a JSON object on every status."""
    kind = Kind(body.repo_type) if body.repo_type in set(Kind) else Kind.MODEL
    found: FrontMatter = await hub.compute(repos.validate_yaml, body.content, kind)
    shown = {"errors": _messages(found.errors), "warnings": _messages(found.warnings)}
    return Json(shown, 400 if found.errors else 200)


@router.post(REPO + "/preupload/{rev:rev}")
async def preupload(
    kind: Any,
    ns: str,
    name: str,
    rev: str,
    request: Request,
    body: _Preupload,
    caller: Caller,
    hub: TheHub,
) -> Response:
    """Tell how each file should travel. Source: hub-core contract U2 and trap 7: every path echoed as it came."""
    candidates = [Candidate(file.path, file.size, _sample(file)) for file in body.files]
    oid, verdicts = await hub.read(
        repos.preupload,
        caller,
        hub.stores,
        kind,
        f"{ns}/{name}",
        rev,
        candidates,
        body.git_ignore,
        body.git_attributes,
        create_pr=flag(request, "create_pr"),
    )
    files = [
        {
            "path": v.path,
            "uploadMode": "lfs" if v.large else "regular",
            "shouldIgnore": v.ignored,
            "oid": v.oid,
        }
        for v in verdicts
    ]
    return Json({"files": files, "commitOid": oid})


@router.post(REPO + "/commit/{rev:rev}")
async def commit(
    kind: Any, ns: str, name: str, rev: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """Apply an NDJSON payload to a branch. Source: hub-core contract U3, 9.3."""
    if flag(request, "hot_reload"):
        request.state.hot_reload = True  # a hint for running Spaces; the commit itself is the same
    full_name, create_pr = f"{ns}/{name}", flag(request, "create_pr")
    if create_pr:
        await hub.read(pulls.require_opener, caller, kind, full_name)
    else:
        await hub.read(repos.get_for_landing, caller, kind, full_name, rev)
    async with receive_to_file(request, hub.stores.scratch, hub.settings.commit_max_bytes) as received:
        if create_pr:
            opened = await opened_by_commit(hub, caller, kind, full_name, rev, received.path)
            return Json({"success": True, **opened, "hookOutput": ""})
        done = await hub.work(repos.commit, caller, kind, full_name, rev, received.path)
    url = f"{repo_url(hub.url, done.repo.kind, done.repo.full_name)}/commit/{done.oid}"
    return Json({"success": True, "commitOid": done.oid, "commitUrl": url, "hookOutput": ""})


def _sample(file: _File) -> bytes:
    try:
        return base64.b64decode(file.sample, validate=True)[:512]
    except (binascii.Error, ValueError):
        raise BadInput(field=f"files[{file.path!r}].sample", reason="is not valid base64") from None


def _messages(texts: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"message": text} for text in texts]
