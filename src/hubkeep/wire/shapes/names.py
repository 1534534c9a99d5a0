"""Names and addresses as the wire shows them."""

from datetime import datetime

from hubkeep.repos import Kind, Repo


def object_id(number: int, created_at: datetime) -> str:
    """Return the 24 hexadecimal digits by which the Hub's documents are known: creation second, then our number."""
    return f"{int(created_at.timestamp()):08x}{number:016x}"


def repo_url(base: str, kind: Kind, full_name: str) -> str:
    """Return the page of a repository, on the public host. Source: hub-core contract trap 39."""
    return f"{base}/{kind.prefix}{full_name}"


def api_url(base: str, repo: Repo) -> str:
    """Return the API address of a repository."""
    return f"{base}/api/{repo.kind.plural}/{repo.full_name}"


def avatar_url(base: str, name: str, picture: str = "") -> str:
    """Return the picture of a user or organization: the one they chose, else the one that is drawn of the name."""
    return f"{base}/avatars/{picture or f'{name}.svg'}"
