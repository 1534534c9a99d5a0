"""What the Hub has and this hub does not: said in a sentence that clients show, not as a repository that is missing.

Source: hub-platform contract sections 8, 9, 11, 14, 16 and 17 for the addresses.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from hubkeep.accounts import Actor
from hubkeep.kit import NotBuiltYet, ReadTx
from hubkeep.repos import Kind
from hubkeep.wire.caller import Caller, TheHub

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_JOBS, _BUCKETS, _PAPERS = "Running jobs", "Keeping files in buckets", "A catalogue of papers"
_SPACES = "Running Spaces (hardware, secrets, variables, volumes, logs)"
_VIEWER = "The dataset viewer"

# Whole families, by where they are.
FAMILIES = {
    "/api/jobs/{rest:rest}": _JOBS,
    "/api/scheduled-jobs/{rest:rest}": _JOBS,
    "/api/buckets": _BUCKETS,
    "/api/buckets/{rest:rest}": _BUCKETS,
    "/api/daily_papers": _PAPERS,
    "/api/papers": _PAPERS,
    "/api/papers/{rest:rest}": _PAPERS,
    "/api/spaces/hardware": _SPACES,
    "/api/spaces/templates": _SPACES,
    "/api/spaces/zero-gpu/quota": _SPACES,
    "/api/spaces/by-subdomain/{rest:rest}": _SPACES,
    "/api/docs/{rest:rest}": "Search in documentation",
    "/api/inference-endpoints/{rest:rest}": "Running inference endpoints",
    "/api/registry/token": "A registry of containers",
    "/api/settings/billing/{rest:rest}": "Billing",
    "/api/settings/mcp": "A server of tools for agents",
    "/api/organizations/{name:seg}/billing/{rest:rest}": "Billing",
    "/api/organizations/{name:seg}/scim/{rest:rest}": "Provisioning of users (SCIM)",
    "/api/organizations/{name:seg}/scim-provisioning/{rest:rest}": "Provisioning of users (SCIM)",
    "/api/organizations/{name:seg}/settings/network-security": "A network policy of organizations",
}
# Calls of one repository, by the word behind its name.
_OF_REPOS = {"jwt": "A signed note for Spaces and viewers", "notebook": "The conversion of notebooks"}
_OF_SPACES = dict.fromkeys(
    (
        *("runtime", "hardware", "sleeptime", "pause", "restart", "dev-mode", "replicas", "secrets"),
        *("variables", "volumes", "logs", "events", "metrics", "host"),
    ),
    _SPACES,
)
_OF_DATASETS = dict.fromkeys(("parquet", "croissant", "sql-console"), _VIEWER)
_BY_KIND = {Kind.SPACE: _OF_REPOS | _OF_SPACES, Kind.DATASET: _OF_REPOS | _OF_DATASETS}

router = APIRouter()


def of_repo(kind: Kind, rest: str) -> str:
    """Return the feature that `owner/name/call/…` belongs to, when this hub does not have it, and "" for anything else."""
    call = rest.split("/")[2:3]
    return _BY_KIND.get(kind, _OF_REPOS).get(call[0], "") if call else ""


def _telling(feature: str) -> Callable[..., Any]:
    async def told(caller: Caller, hub: TheHub) -> Response:
        await hub.read(_known, caller)
        raise NotBuiltYet(feature=feature)

    return told


def _known(tx: ReadTx, actor: Actor) -> None:
    """Do nothing: a token that is none is refused first, as everywhere."""
    del tx, actor


for _path, _feature in FAMILIES.items():
    router.add_api_route(_path, _telling(_feature), methods=list(METHODS), include_in_schema=False)
