"""Which names a repository may have."""

import re

from hubkeep.kit import BadInput

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
MAX_NAME = 96


def check_repo_name(name: str, field: str = "name") -> str:
    """Return `name` if a repository may be called so, the client's own rule.

    Source: hub-core contract section 3 (`validate_repo_id`).

    Raises:
        BadInput: naming the field and the rule.
    """
    if not 1 <= len(name) <= MAX_NAME:
        raise BadInput(
            field=field, reason=f"a repository name has 1 to {MAX_NAME} characters, this one {len(name)}"
        )
    if not _NAME.fullmatch(name):
        raise BadInput(
            field=field,
            reason=f"{name!r} must be letters, digits, `-`, `_`, `.`, and start and end with none of `-` `.`",
        )
    if "--" in name or ".." in name:
        raise BadInput(field=field, reason=f"{name!r} must not contain `--` or `..`")
    if name.lower().endswith(".git"):
        raise BadInput(field=field, reason=f"{name!r} must not end with `.git`")
    return name
