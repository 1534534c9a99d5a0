"""Addresses of collections: the title in words, for people, and the id, which is what counts."""

import re
import unicodedata

from hubkeep.community.collections import Shown
from hubkeep.web import urls
from hubkeep.web.ids import hex_id, number_in

_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_TAIL = re.compile(r"(?:.*-)?([0-9a-fA-F]{24})", re.DOTALL)
MAX_WORDS = 60  # characters


def collection_url(shown: Shown) -> str:
    """Return the page of a collection: the API's `slug` below `/collections`."""
    one = shown.collection
    letters = unicodedata.normalize("NFKD", one.title).encode("ascii", "ignore").decode().lower()
    words = _NOT_WORDS.sub("-", letters).strip("-")[:MAX_WORDS].strip("-") or "collection"
    return f"/collections/{urls.segment(shown.owner.name)}/{words}-{hex_id(one.id, one.created_at)}"


def number_of(slug: str) -> int:
    """Return the number of the collection that `any-words-id` means; 0, which none has, for anything else."""
    found = _TAIL.fullmatch(slug)
    return number_in(found[1]) if found else 0
