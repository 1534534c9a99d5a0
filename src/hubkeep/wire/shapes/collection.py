"""Collections as the wire shows them. Source: hub-platform contract section 4."""

import re
import unicodedata
from typing import Any

from hubkeep.accounts import Owner
from hubkeep.community.collections import Collection, Item, Shown
from hubkeep.kit import wire_date
from hubkeep.repos import Info
from hubkeep.wire.shapes.account import account
from hubkeep.wire.shapes.names import object_id
from hubkeep.wire.shapes.speech import plain_html

_NOT_WORDS = re.compile(r"[^a-z0-9]+")
MAX_SLUG = 60


def slug(collection: Collection, owner: Owner) -> str:
    """Return `owner/title-in-words-id`: only the id counts, the rest is for people."""
    letters = unicodedata.normalize("NFKD", collection.title).encode("ascii", "ignore").decode().lower()
    words = _NOT_WORDS.sub("-", letters).strip("-")[:MAX_SLUG].strip("-") or "collection"
    return f"{owner.name}/{words}-{object_id(collection.id, collection.created_at)}"


def full(shown: Shown, base: str) -> dict[str, Any]:
    """Return a collection on its own, with its position."""
    return listed(shown, base) | {"position": shown.collection.position}


def listed(shown: Shown, base: str) -> dict[str, Any]:
    """Return a collection in a list: without `position`, which clients fill in themselves. Source: gotcha 5."""
    collection, owner = shown.collection, shown.owner
    address = slug(collection, owner)
    return {
        "slug": address,
        "title": collection.title,
        "description": collection.description,
        "lastUpdated": wire_date(collection.updated_at),
        "gating": False,
        "owner": account(owner, base),
        "theme": collection.theme.value,
        "private": collection.private,
        "upvotes": collection.upvotes,
        "isUpvotedByUser": shown.upvoted,
        "shareUrl": f"{base}/collections/{address}",
        "items": [item(one, base) for one in shown.items],
    }


def item(one: Item, base: str) -> dict[str, Any]:
    """Return something in a collection."""
    found: dict[str, Any] = {
        "_id": object_id(one.id, one.added_at),
        "type": one.kind.value,
        "position": one.position,
    }
    if one.note:
        found["note"] = {"text": one.note, "html": plain_html(one.note)}
    if one.images:
        found["gallery"] = list(one.images)
    if one.info is not None:
        return found | _repo(one.info)
    if one.inner is not None:
        return found | _inner(one.inner, base)
    return found | {"id": one.paper}


def _repo(info: Info) -> dict[str, Any]:
    repo = info.repo
    shown: dict[str, Any] = {
        "id": repo.full_name,
        "author": repo.owner,
        "repoType": repo.kind.value,
        "private": repo.private,
        "gated": repo.gated or False,
        "likes": repo.likes,
        "downloads": repo.downloads,
        "lastModified": wire_date(repo.last_modified),
    }
    if info.metadata.pipeline_tag:
        shown["pipeline_tag"] = info.metadata.pipeline_tag
    return shown


def _inner(shown: Shown, base: str) -> dict[str, Any]:
    collection, address = shown.collection, slug(shown.collection, shown.owner)
    return {
        "id": object_id(collection.id, collection.created_at),
        "slug": address,
        "title": collection.title,
        "description": collection.description,
        "lastUpdated": wire_date(collection.updated_at),
        "owner": account(shown.owner, base),
        "theme": collection.theme.value,
        "upvotes": collection.upvotes,
        "shareUrl": f"{base}/collections/{address}",
    }
