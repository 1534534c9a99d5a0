"""Addresses of the ways in for machines: feeds, Markdown twins, pictures of links. `web/machines` serves them."""

from hubkeep.repos import Kind
from hubkeep.web import urls
from hubkeep.web.narrowed import Narrowed

HUB_POSTER = "/-/posters.png"
TWIN = ".md"


def twin(kind: Kind, full_name: str) -> str:
    """Return the Markdown twin of a repository's page."""
    return urls.named_url(kind, full_name) + TWIN


def repo_poster(kind: Kind, full_name: str) -> str:
    """Return the picture of a link to a repository."""
    return f"/-/posters{urls.named_url(kind, full_name)}.png"


def owner_poster(name: str) -> str:
    """Return the picture of a link to an owner."""
    return f"/-/posters{urls.owner_url(name)}.png"


def commits_feed(kind: Kind, full_name: str) -> str:
    """Return the feed of a repository's commits."""
    return f"/feeds{urls.named_url(kind, full_name)}/commits.atom"


def discussions_feed(kind: Kind, full_name: str) -> str:
    """Return the feed of a repository's discussions and pull requests."""
    return f"/feeds{urls.named_url(kind, full_name)}/discussions.atom"


def activity_feed(name: str) -> str:
    """Return the feed of what an owner does."""
    return f"/feeds{urls.owner_url(name)}/activity.atom"


def list_feed(narrowed: Narrowed) -> str:
    """Return the feed of a list, narrowed as the page is."""
    path, _, query = narrowed.url().partition("?")
    return f"/feeds{path}.atom" + (f"?{query}" if query else "")
