"""How to cite a repository: what its card says, else an entry made of what is known."""

import re

from hubkeep.repos import Info
from hubkeep.web import urls

MAX_TEXT = 4000
_SPECIAL = re.compile(r"[\\{}$&#^_~%]")


def citation(info: Info, hub_url: str) -> str:
    """Return BibTeX."""
    told = info.metadata.card_data.get("citation")
    if isinstance(told, str) and told.strip():
        return told.strip()[:MAX_TEXT]
    repo = info.repo
    key = re.sub(r"[^A-Za-z0-9]+", "_", f"{repo.owner}_{repo.name}_{repo.created_at.year}")
    lines = {
        "author": repo.owner,
        "title": repo.name,
        "year": str(repo.created_at.year),
        "note": f"Revision {info.oid[:12]}" if info.oid else "",
    }
    fields = [f"  {name} = {{{_SPECIAL.sub(_escaped, value)}}}," for name, value in lines.items() if value]
    url = f"{hub_url}{urls.named_url(repo.kind, repo.full_name)}"
    return "\n".join([f"@misc{{{key},", *fields, f"  url = {{{url}}}", "}"])


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
