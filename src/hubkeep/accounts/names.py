"""Which names users and organizations may have."""

import re

from hubkeep.kit import BadInput

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
MAX_NAME = 96

# First path segments that the hub serves itself, now or later: an owner of that name would hide a route, or be hidden.
# Pages of operators live under `/-/`, which no name can take. Source: hub-core contract section 3.
RESERVED = frozenset(
    (
        ".well-known",
        "about",
        "activity",
        "api",
        "assets",
        "avatars",
        "blame",
        "blob",
        "blog",
        "buckets",
        "cas",
        "chat",
        "collections",
        "commit",
        "commits",
        "datasets",
        "discussions",
        "docs",
        "enterprise",
        "explore",
        "favicon.ico",
        "feeds",
        "front",
        "git",
        "health",
        "healthz",
        "help",
        "inference",
        "jobs",
        "join",
        "kernels",
        "lfs",
        "likes",
        "llms-full.txt",
        "llms.txt",
        "login",
        "logout",
        "manifest.json",
        "me",
        "metrics",
        "models",
        "new",
        "new-collection",
        "new-dataset",
        "new-model",
        "new-space",
        "notifications",
        "oauth",
        "openapi.json",
        "org",
        "organizations",
        "orgs",
        "papers",
        "posts",
        "pricing",
        "privacy",
        "raw",
        "readyz",
        "resolve",
        "robots.txt",
        "search",
        "settings",
        "sitemap.xml",
        "spaces",
        "ssh",
        "static",
        "status",
        "support",
        "tasks",
        "terms",
        "tree",
        "trending",
        "uploads",
        "user",
        "users",
        "v1",
        "v2",
        "watch",
        "webhooks",
        "welcome",
        "xet",
    )
)


def check_owner_name(name: str, field: str = "name") -> str:
    """Return `name` if a user or organization may be called so: the client's own rule, and no name that hides a route.

    Source: hub-core contract section 3 (`validate_repo_id`).

    Raises:
        BadInput: naming the field and the rule.
    """
    if not 1 <= len(name) <= MAX_NAME:
        raise BadInput(field=field, reason=f"a name has 1 to {MAX_NAME} characters, this one {len(name)}")
    if not _NAME.fullmatch(name):
        reason = f"{name!r} must be letters, digits, `-`, `_`, `.`, and start and end with none of `-` `.`"
        raise BadInput(field=field, reason=reason)
    if "--" in name or ".." in name or name.lower().endswith(".git"):
        raise BadInput(field=field, reason=f"{name!r} must not contain `--` or `..`, or end with `.git`")
    if name.lower() in RESERVED:
        raise BadInput(field=field, reason=f"{name!r} is reserved")
    return name
