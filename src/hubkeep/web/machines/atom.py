"""Write feeds. Source: RFC 4287 (Atom), RFC 4151 (tag addresses)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from hubkeep.web.words import machine_date

MEDIA_TYPE = "application/atom+xml"
_EPOCH = "1970-01-01T00:00:00Z"
# What XML 1.0 cannot hold, however it is escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `key` is its name for ever, within this hub; `path` its page."""

    key: str
    title: str
    path: str
    updated: datetime
    author: str = ""
    text: str = ""


@dataclass(frozen=True)
class Feed:
    """What happened somewhere: the latest first. `page` is the page for people, `here` the feed's own address."""

    key: str
    title: str
    page: str
    here: str
    entries: Sequence[Entry]


def write(feed: Feed, hub_url: str) -> str:
    """Return the feed as XML."""
    updated = max((machine_date(entry.updated) for entry in feed.entries), default=_EPOCH)
    head = Markup(
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n"
        '<link rel="alternate" type="text/html" href="{}"/>\n'
        '<link rel="self" type="application/atom+xml" href="{}"/>\n<generator>hubkeep</generator>\n'
    ).format(_tag(hub_url, feed.key), _clean(feed.title), updated, hub_url + feed.page, hub_url + feed.here)
    return head + Markup("").join(_entry(entry, hub_url) for entry in feed.entries) + Markup("</feed>\n")


def _entry(entry: Entry, hub_url: str) -> Markup:
    """Write one entry. Atom wants a name for every author; what nobody signed is the hub's own."""
    text = Markup('<content type="text">{}</content>\n').format(_clean(entry.text)) if entry.text else ""
    return Markup(
        "<entry>\n<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n"
        '<link rel="alternate" type="text/html" href="{}"/>\n<author><name>{}</name></author>\n{}</entry>\n'
    ).format(
        _tag(hub_url, entry.key),
        _clean(entry.title) or "untitled",
        machine_date(entry.updated),
        hub_url + entry.path,
        _clean(entry.author) or "hubkeep",
        text,
    )


def _tag(hub_url: str, key: str) -> str:
    """Name a thing so that it stays the same when its page moves."""
    return f"tag:{urlsplit(hub_url).hostname},2026:{key}"


def _clean(text: str) -> Markup:
    return escape(_FORBIDDEN.sub("\ufffd", text))
