"""Addresses of pages. Revisions with a slash (`refs/pr/1`, `feature/x`) travel as one segment."""

from urllib.parse import quote, urlencode

from hubkeep.repos import Kind, Repo

_SAFE = "~!$&'()*+,;=:@-._"


def repo_url(repo: Repo) -> str:
    """Return the front page of a repository."""
    return named_url(repo.kind, repo.full_name)


def named_url(kind: Kind, full_name: str) -> str:
    """Return the front page of a repository known by name."""
    return f"/{kind.prefix}{path_part(full_name)}"


def at_url(repo: Repo, page: str, revision: str, path: str = "") -> str:
    """Return a page about a revision: `page` is tree, blob, raw, resolve, commits, commit."""
    tail = f"/{path_part(path)}" if path else ""
    return f"{repo_url(repo)}/{page}/{segment(revision)}{tail}"


def owner_url(name: str) -> str:
    """Return the page of a user or organization."""
    return f"/{segment(name)}"


def segment(text: str) -> str:
    """Quote one segment of a path."""
    return quote(text, safe=_SAFE)


def path_part(path: str) -> str:
    """Quote a path; its slashes stay."""
    return quote(path, safe=_SAFE + "/")


def with_query(path: str, **values: str | list[str] | None) -> str:
    """Add the values that are there as a query; a list repeats its key."""
    given = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(given, doseq=True, safe='/:')}" if given else path


def renamed(path: str, kind: Kind, full_name: str) -> str:
    """Return an undecoded path of a repository's page under another name; what follows stays as it was sent."""
    parts = path.lstrip("/").split("/")
    skip = 3 if parts[0] in _PLURALS and len(parts) > 2 else 2
    return "/".join([named_url(kind, full_name), *parts[skip:]])


_PLURALS = frozenset(kind.plural for kind in Kind)
