"""`/llms.txt`: what this hub is, for a program that reads before it acts. Source: the llms.txt proposal."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import search
from hubkeep.accounts import Actor
from hubkeep.hub import Hub
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Query
from hubkeep.web import ways
from hubkeep.web.machines.door import STRANGER, answer
from hubkeep.web.machines.markdown_text import link
from hubkeep.web.machines.posters import facts_line
from hubkeep.web.render import NAMES

SHOWN = 10
_ABOUT = """# hubkeep

> A hub of machine-learning models, datasets and Spaces at {url}. It speaks the protocol of the Hugging Face Hub: set
> `HF_ENDPOINT={url}` and `huggingface_hub`, `transformers`, `datasets`, `diffusers`, git and git-lfs work as they are.

Every repository is a git repository. `{url}/OWNER/NAME` is the page of a model, `{url}/datasets/OWNER/NAME` of a dataset,
`{url}/spaces/OWNER/NAME` of a Space; `.md` at the end of such an address gives the same as Markdown, with facts, files and card.
A file is at `…/resolve/REVISION/PATH`. Private repositories need `Authorization: Bearer TOKEN`.

## API

- [OpenAPI description]({url}/.well-known/openapi.json): every call of the JSON API
- [The same as Markdown]({url}/.well-known/openapi.md): one line a call
- [List models]({url}/api/models?limit=10): `search`, `filter` (repeat for all of), `author`, `sort`, `limit`, and the `Link` header for the next page
- [List datasets]({url}/api/datasets?limit=10): likewise
- [List Spaces]({url}/api/spaces?limit=10): likewise
- [Tags of models]({url}/api/models-tags-by-type): what `filter` takes
- [Search the cards]({url}/search?in=cards): for people
"""
_FEEDS = """## Optional

- [Sitemap]({url}/sitemap.xml): every public repository
- [Newest models]({url}/feeds/models.atom): a feed; any list has one, `/feeds/datasets.atom?filter=TAG`
"""


async def serve(request: Request) -> Response:
    """Send it: the same for everybody."""
    hub: Hub = request.app.state.hub
    text = await hub.read(write, STRANGER, hub.url)
    return await answer(request, text, "text/plain; charset=utf-8", public=True)


def write(tx: ReadTx, actor: Actor, hub_url: str) -> str:
    """Return the text."""
    blocks = [_ABOUT.format(url=hub_url)]
    for kind in (Kind.MODEL, Kind.DATASET, Kind.SPACE):
        found = search.listing(tx, actor, Query(kind, sort="trendingScore", limit=SHOWN)).items
        if found:
            blocks.append(
                f"## {NAMES[kind]}s\n\n" + "\n".join(_line(kind, info, hub_url) for info in found) + "\n"
            )
    return "\n".join([*blocks, _FEEDS.format(url=hub_url)])


def _line(kind: Kind, info: Info, hub_url: str) -> str:
    about = " ".join(facts_line(info).split())
    return f"- {link(info.repo.full_name, hub_url + ways.twin(kind, info.repo.full_name))}" + (
        f": {about}" if about else ""
    )


routes = [Route("/llms.txt", serve, methods=["GET"])]
