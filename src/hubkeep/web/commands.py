"""Commands to paste: with the clients that people have, at this hub. `--repo-type` is understood by every version."""

from hubkeep.repos import Kind


def endpoint(hub_url: str) -> str:
    """Tell every client where the hub is."""
    return f"export HF_ENDPOINT={hub_url}"


def download(hub_url: str, kind: Kind, full_name: str) -> str:
    """Download a repository."""
    return f"{endpoint(hub_url)}\nhf download {full_name}{_type(kind)}"


def upload(hub_url: str, kind: Kind, full_name: str, what: str = "./my-folder") -> str:
    """Upload a file or folder; the repository is made on the way, but for a Space, which needs to know its SDK."""
    lines = [endpoint(hub_url)]
    if kind is Kind.SPACE and what.startswith("./"):
        lines.append(f"hf repos create {full_name}{_type(kind)} --space-sdk static")
    return "\n".join([*lines, f"hf upload {full_name} {what}{_type(kind)}"])


def _type(kind: Kind) -> str:
    return "" if kind is Kind.MODEL else f" --repo-type {kind.value}"
