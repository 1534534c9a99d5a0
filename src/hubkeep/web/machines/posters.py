"""The pictures that other sites show of a link: of the hub, of owners, of public repositories. Drawn once, kept a while."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import accounts, repos, search
from hubkeep.accounts import Actor
from hubkeep.hub import Hub
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Query
from hubkeep.web import ways, words
from hubkeep.web.kept import Kept
from hubkeep.web.machines.door import PNG, STRANGER, answer
from hubkeep.web.machines.poster import Poster, draw
from hubkeep.web.render import NAMES

KEPT: Kept[bytes] = Kept(16 << 20, len)
MOTTO = "Models, datasets and Spaces, in good keeping"


async def of_hub(request: Request) -> Response:
    """Draw the hub."""
    return await _send(request, Poster("", "", "", MOTTO, "", "", _host(_hub(request))))


async def of_owner(request: Request) -> Response:
    """Draw a user or an organization. Raises OwnerNotFound."""
    hub = _hub(request)
    poster = await hub.read(_owner, STRANGER, request.path_params["owner"], _host(hub))
    return await _send(request, poster)


async def of_repo(request: Request) -> Response:
    """Draw a public repository. Raises what `repos.get` raises for a stranger."""
    hub, asked = _hub(request), request.path_params
    poster = await hub.read(_repo, STRANGER, asked["kind"], f"{asked['ns']}/{asked['name']}", _host(hub))
    return await _send(request, poster)


async def _send(request: Request, poster: Poster) -> Response:
    picture = await _hub(request).compute(KEPT.get, poster, lambda: draw(poster))
    return await answer(request, picture, PNG, public=True)


def _owner(tx: ReadTx, actor: Actor, name: str, host: str) -> Poster:
    found = accounts.profile(tx, actor, name)
    kinds = (Kind.MODEL, Kind.DATASET, Kind.SPACE)
    counts = [(kind, search.facets(tx, actor, Query(kind, author=found.owner.name)).total) for kind in kinds]
    figures = " · ".join(words.plural(count, NAMES[kind].lower()) for kind, count in counts if count)
    word = "Organization" if found.owner.kind == "org" else "User"
    name = found.owner.fullname or found.owner.name
    return Poster("", word, "", name, found.owner.name if name != found.owner.name else "", figures, host)


def _repo(tx: ReadTx, actor: Actor, kind: Kind, full_name: str, host: str) -> Poster:
    repo = repos.get(tx, actor, kind, full_name)
    (info,) = repos.infos(tx, [repo])
    return Poster(kind.value, NAMES[kind], repo.owner, repo.name, facts_line(info), figures_line(info), host)


def facts_line(info: Info) -> str:
    """Write what a repository is in one line: task, library, license, size."""
    metadata = info.metadata
    license_ = next((tag[8:] for tag in metadata.tags if tag.startswith("license:")), "")
    weights = sum((metadata.safetensors or {}).values())
    size = f"{words.count(weights)} parameters" if weights else ""
    parts = (metadata.pipeline_tag, metadata.library_name or metadata.sdk, license_, size)
    return " · ".join(dict.fromkeys(part for part in parts if part))


def figures_line(info: Info) -> str:
    """Write how much a repository is used in one line."""
    repo, parts = info.repo, []
    if repo.downloads:
        parts.append(f"{words.count(repo.downloads)} download{'' if repo.downloads == 1 else 's'}")
    if repo.likes:
        parts.append(f"{words.count(repo.likes)} like{'' if repo.likes == 1 else 's'}")
    return " · ".join(parts)


def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def _host(hub: Hub) -> str:
    return urlsplit(hub.url).netloc


routes = [
    Route(ways.HUB_POSTER, of_hub, methods=["GET"]),
    Route("/-/posters/{owner:seg}.png", of_owner, methods=["GET"]),
    Route("/-/posters/{kind:prefix}{ns:seg}/{name:seg}.png", of_repo, methods=["GET"]),
]
