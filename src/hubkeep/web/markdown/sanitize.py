"""What a card may contain: an allow-list of tags and attributes, with every address rewritten or refused."""

import re
from functools import partial

import nh3

from hubkeep.web.highlight import CLASSES
from hubkeep.web.markdown.links import link_target, media_target

_TAGS = """
a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt
em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p picture pre q rp rt ruby s samp section
small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var audio video wbr
"""
TAGS = set(_TAGS.split())
# These go with everything inside them; other unknown tags lose only themselves.
REMOVED = {
    "script",
    "style",
    "template",
    "title",
    "textarea",
    "iframe",
    "object",
    "noscript",
    "svg",
    "math",
    "select",
}
_SIZE, _CELL = {"width", "height"}, {"colspan", "rowspan", "valign", "width", "height"}
ATTRIBUTES = {
    "*": {"id", "title", "lang", "dir", "align"},
    "a": {"href", "name", "aria-label"},
    "audio": {"src"},
    "col": {"span", "width"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"src", "alt", *_SIZE},
    "input": {"checked"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "source": {"src", "srcset", "media", "type"},
    "table": {"width"},
    "td": _CELL,
    "th": {"scope", *_CELL},
    "time": {"datetime"},
    "video": {"src", "poster", *_SIZE},
}
_ALERTS = {f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")}
_CLASSES = {
    "span": {*CLASSES, "math", "formula", "formula-block"},
    "div": {"markdown-alert", "math", "table", "formula-block", *_ALERTS},
    "p": {"markdown-alert-title"},
    "pre": {"hl", "diagram"},
    "a": {"anchor", "footnote-backref"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "ul": {"contains-task-list"},
    "ol": {"contains-task-list"},
    "li": {"task-list-item"},
}
# Set on every such tag, whoever wrote it: an input can only be a ticked or unticked box, media never start by themselves.
_SET = {
    "img": {"loading": "lazy", "decoding": "async", "referrerpolicy": "no-referrer"},
    "input": {"type": "checkbox", "disabled": "", "aria-label": "Task"},
    "audio": {"controls": "", "preload": "none"},
    "video": {"controls": "", "preload": "metadata"},
}
_REL = "nofollow noopener ugc"
_ID = re.compile(r"[^\s\"'<>&]{1,200}")
_LENGTH = re.compile(r"\d{1,4}(?:\.\d{1,3})?(?:px|%)?")
_ALIGN = ("left", "right", "center", "justify", "top", "middle", "bottom", "baseline")
OURS = "hk-"  # ids of the page itself begin so; no card may use one


def sanitize(html: str, folder: str) -> str:
    """Return HTML that can do nothing but be read; relative addresses are those of a file in `folder`."""
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=REMOVED,
        attributes=ATTRIBUTES,
        attribute_filter=partial(_attribute, folder),
        allowed_classes=_CLASSES,
        set_tag_attribute_values=_SET,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=_REL,
    )


def _attribute(folder: str, tag: str, name: str, value: str) -> str | None:
    del tag
    if name == "href":
        return link_target(value, folder)
    if name in ("src", "poster"):
        return media_target(value, folder)
    if name == "srcset":
        return _srcset(folder, value)
    if name in ("id", "name"):
        return value if _ID.fullmatch(value) and not value.lower().startswith(OURS) else None
    if name in ("width", "height"):
        return value.strip() if _LENGTH.fullmatch(value.strip()) else None
    if name in ("align", "valign"):
        return value.lower() if value.lower() in _ALIGN else None
    return value


def _srcset(folder: str, value: str) -> str | None:
    """Rewrite each address of `a.png 1x, b.png 2x`; one bad part drops the whole."""
    parts = []
    for part in value.split(","):
        url, _, size = part.strip().partition(" ")
        target = media_target(url, folder) if url else None
        if target is None or not re.fullmatch(r"(\d+(\.\d+)?[wx])?", size.strip()):
            return None
        parts.append(f"{target} {size.strip()}".strip())
    return ", ".join(parts)
