"""From Markdown to safe HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.gfm import gfm_plugin

from hubkeep.web.highlight import MAX_CHARS as MAX_CODE
from hubkeep.web.highlight import highlight_fence
from hubkeep.web.markdown.sanitize import OURS, sanitize

MAX_CHARS = 400_000  # a card longer than this is cut: about 0.6 s of work, done once
_NOT_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Heading:
    """A heading of a card: depth 1 to 6, the id that links lead to, and its text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A card as HTML with marked links (`Place.complete` finishes them), and its headings in order."""

    html: str
    headings: tuple[Heading, ...]
    cut: bool = False


def render(text: str, folder: str = "") -> Rendered:
    """Render Markdown without front matter, of a file in `folder` of its repository. Never raises for what it says."""
    env: dict[str, Any] = {}
    html = _PARSER.render(text[:MAX_CHARS], env)
    return Rendered(sanitize(html, folder), tuple(env.get("headings", ())), len(text) > MAX_CHARS)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True})
    parser.use(gfm_plugin)
    parser.use(deflist_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, renderer=_math)
    parser.core.ruler.push("hubkeep_headings", _headings)
    parser.core.ruler.push("hubkeep_cells", _align_cells)
    parser.add_render_rule("math_block", _math_block)
    for name, rule in (
        ("fence", _fence),
        ("code_block", _fence),
        ("table_open", _table),
        ("table_close", _table),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _headings(state: StateCore) -> None:
    """Give each heading an id made of its words, and a link to itself."""
    taken: dict[str, int] = {}
    found: list[Heading] = []
    for at, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        inline = state.tokens[at + 1]
        words = "".join(
            child.content for child in inline.children or () if child.type in ("text", "code_inline")
        )
        slug = _slug(words, taken)
        token.attrSet("id", slug)
        link = Token("html_inline", "", 0)
        link.content = f'<a class="anchor" href="#{escape(slug)}" aria-label="Link to this section">#</a>'
        (inline.children or []).append(link)
        found.append(Heading(int(token.tag[1]), slug, words.strip()))
    state.env["headings"] = found


def _slug(words: str, taken: dict[str, int]) -> str:
    """Make an id as people expect it from other forges: lower case, dashes for spaces, `-1` for a repeat."""
    slug = _NOT_SLUG.sub("", words.strip().lower()).replace(" ", "-")[:150] or "section"
    if slug.startswith(OURS):
        slug = f"-{slug}"
    seen = taken.get(slug, 0)
    taken[slug] = seen + 1
    return f"{slug}-{seen}" if seen else slug


def _align_cells(state: StateCore) -> None:
    """Say how a cell is aligned with an attribute: the page's policy refuses inline styles."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if style.startswith("text-align:"):
                token.attrSet("align", style.removeprefix("text-align:"))


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    """Colour code until the card's share is used up."""
    del renderer, options
    token = tokens[at]
    used = env.get("code", 0) + len(token.content)
    env["code"] = used
    language = token.info.split()[0].strip("{}.") if token.info.split() and used <= MAX_CODE else ""
    return f'<pre class="hl"><code>{highlight_fence(token.content, language)}\n</code></pre>\n'


def _table(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    """Put each table in a box that scrolls by itself."""
    del renderer, options, env
    return '<div class="table"><table>\n' if tokens[at].nesting == 1 else "</table></div>\n"


def _math_block(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    del renderer, options, env
    return f'<div class="math">{escape(tokens[at].content.strip())}</div>\n'


def _math(content: str, options: dict[str, Any]) -> str:
    """Leave mathematics readable as it was written."""
    del options
    return escape(content.strip("\n"))


_PARSER = _parser()
