"""The Markdown twin of a repository's page, for programs that read: what it is, its files, how to get it, its card."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import File, Info, Repo, RepoHidden, RepoMoved, RepoNotFound, Snapshot
from hubkeep.web import card, urls, ways, words
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.facts import facts_of, parameters
from hubkeep.web.machines.door import answer, caller_of
from hubkeep.web.machines.markdown_text import code, fenced, link
from hubkeep.web.markdown import MAX_CHARS
from hubkeep.web.render import NAMES
from hubkeep.web.snippets import uses

MEDIA_TYPE = "text/markdown; charset=utf-8"
MAX_FILES = 200


async def serve(request: Request) -> Response:
    """Send the twin. Where a repository's own name ends in `.md`, the address is that repository's page."""
    asked, caller = caller_of(request)
    try:
        text = await asked.hub.read(write, caller, asked)
    except RepoMoved as moved:
        return RedirectResponse(urls.named_url(asked.kind, str(moved.facts["to"])) + ways.TWIN, 307)
    if text is None:
        request.scope["path_params"]["name"] += ways.TWIN
        return await shows(card.show)(request)
    return await answer(request, text, MEDIA_TYPE, public=False)


def write(tx: ReadTx, actor: Actor, asked: Asked) -> str | None:
    """Return the twin, None where a repository has the very name of the address. Raises what `snapshot` raises."""
    if _exists(tx, actor, asked):
        return None
    stores = asked.hub.stores
    with repos.snapshot(tx, actor, stores, asked.kind, asked.full_name, None, names_only=True) as at:
        info = repos.info_at(tx, stores, at, siblings=False, blobs=False)
        blocks = [
            f"# {at.repo.full_name}",
            _facts(at, info, asked.hub.url),
            *_files(tx, at, asked.hub.url),
            *_ways(info, asked.hub.url),
            *_card(at),
        ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _exists(tx: ReadTx, actor: Actor, asked: Asked) -> bool:
    """Tell whether there is a repository that the address names as it stands. One that moved leaves its name free."""
    try:
        repos.get(tx, actor, asked.kind, asked.full_name + ways.TWIN)
    except (RepoNotFound, RepoHidden, RepoMoved):
        return False
    return True


def _facts(at: Snapshot, info: Info, hub_url: str) -> str:
    repo, metadata = at.repo, info.metadata
    weights, kinds = parameters(info)
    types = ", ".join(f"{words.count(number)} {dtype}" for dtype, number in kinds)
    listed = [
        ("Kind", NAMES[repo.kind]),
        ("Page", f"<{hub_url}{urls.repo_url(repo)}>"),
        ("API", f"<{hub_url}/api/{repo.kind.plural}/{urls.path_part(repo.full_name)}>"),
        ("Commit", f"{at.oid} on {code(repo.default_branch)}"),
        ("Task", metadata.pipeline_tag and code(metadata.pipeline_tag)),
        ("Library", metadata.library_name and code(metadata.library_name)),
        ("Parameters", weights and f"{weights:,} ({types})"),
        *((fact.word, ", ".join(code(text) for text, _ in fact.answers)) for fact in facts_of(info)),
        ("Tags", ", ".join(code(tag) for tag in metadata.tags[:100])),
        ("Downloads in 30 days", f"{repo.downloads:,}"),
        ("Likes", f"{repo.likes:,}"),
        ("Updated", words.machine_date(repo.last_modified)),
        ("Access", _access(repo)),
    ]
    return "\n".join(f"- {word}: {text}" for word, text in listed if text)


def _access(repo: Repo) -> str:
    if repo.private:
        return "private: send a token of somebody who may see it"
    ways = {
        "auto": "gated: accept its terms on the page first",
        "manual": "gated: its owners answer each request",
    }
    return ways.get(repo.gated, "")


def _files(tx: ReadTx, at: Snapshot, hub_url: str) -> Iterator[str]:
    entries = at.reader.walk(at.oid, "", recursive=True, after=None, limit=MAX_FILES + 1)
    listed = [entry for entry in entries[:MAX_FILES] if entry.kind == "file"]
    if not listed:
        return
    yield "## Files"
    base = hub_url + urls.at_url(at.repo, "resolve", at.repo.default_branch) + "/"
    rows = [_file(file, base) for file in repos.describe(tx, at.repo.id, at.reader, listed)]
    yield "\n".join(rows)
    if len(entries) > MAX_FILES:
        tree = f"{hub_url}/api/{at.repo.kind.plural}/{urls.path_part(at.repo.full_name)}/tree/{at.oid}"
        yield f"There are more: <{tree}?recursive=true> lists them all."


def _file(file: File, base: str) -> str:
    return f"- {link(file.path, base + urls.path_part(file.path))} {words.size(file.size)}"


def _ways(info: Info, hub_url: str) -> Iterator[str]:
    yield "## Use"
    for use in uses(info, hub_url):
        yield f"{use.name}:"
        yield fenced(use.code, use.language)


def _card(at: Snapshot) -> Iterator[str]:
    """Yield the card as its author wrote it, without front matter: the facts above say it all."""
    entry = at.reader.entry(at.oid, card.README)
    if entry is None or entry.kind != "file" or at.reader.size(entry.oid) > 4 * MAX_CHARS:
        return
    body = repos.body_of(at.reader.blob(entry.oid).decode("utf-8", "replace")).strip()
    if body:
        yield "## Card"
        yield body[:MAX_CHARS]


routes = [Route("/{kind:prefix}{ns:seg}/{name:seg}.md", serve, methods=["GET"])]
