"""From Markdown to safe HTML."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.gfm import gfm_plugin

from hubkeep.web.highlight import MAX_CHARS as MAX_CODE
from hubkeep.web.highlight import highlight_fence
from hubkeep.web.markdown.math import MAX_CARD, MAX_FORMULA, math_ml
from hubkeep.web.markdown.sanitize import OURS, sanitize

MAX_CHARS = 400_000  # a card longer than this is cut: about 0.6 s of work, done once
_MARK = f"hk{secrets.token_hex(12)}m"  # made anew by every process: a card cannot contain it
_FORMULA = re.compile(_MARK + r"(\d+)/")
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
    diagrams: bool = False  # there are some, drawn by a script where scripts run


def render(text: str, folder: str = "") -> Rendered:
    """Render Markdown without front matter, of a file in `folder` of its repository. Never raises for what it says."""
    env: dict[str, Any] = {}
    clean = sanitize(_PARSER.render(text[:MAX_CHARS], env), folder)
    formulas: list[str] = env.get("formulas", [])
    html = _FORMULA.sub(lambda found: formulas[int(found[1])], clean) if formulas else clean
    return Rendered(html, tuple(env.get("headings", ())), len(text) > MAX_CHARS, "diagrams" in env)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True})
    parser.use(gfm_plugin)
    parser.use(deflist_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.inline.ruler.before("escape", "hubkeep_tex", _tex)
    parser.core.ruler.push("hubkeep_headings", _headings)
    parser.core.ruler.push("hubkeep_cells", _align_cells)
    for name in ("math_inline", "math_inline_double", "math_block"):
        parser.add_render_rule(name, _math)
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
    if token.info.strip() == "mermaid":
        env["diagrams"] = True
        return f'<pre class="diagram"><code>{escape(token.content)}</code></pre>\n'
    language = token.info.split()[0].strip("{}.") if token.info.split() and used <= MAX_CODE else ""
    return f'<pre class="hl"><code>{highlight_fence(token.content, language)}\n</code></pre>\n'


def _table(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    """Put each table in a box that scrolls by itself."""
    del renderer, options, env
    return '<div class="table"><table>\n' if tokens[at].nesting == 1 else "</table></div>\n"


def _tex(state: StateInline, silent: bool) -> bool:
    r"""Read mathematics between `\\(` and `\\)`, or `\\[` and `\\]`, the other signs of the Hub's cards.

    Source: hub-features 2.1, row «KaTeX».
    """
    opening = state.src[state.pos : state.pos + 3]
    if opening not in _TEX:
        return False
    end = state.src.find(_TEX[opening], state.pos + 3, state.posMax)
    if end < 0 or end - state.pos > MAX_FORMULA:
        return False
    if not silent:
        token = state.push("math_inline" if opening.endswith("(") else "math_inline_double", "math", 0)
        token.content = state.src[state.pos + 3 : end]
    state.pos = end + 3
    return True


_TEX = {r"\\(": r"\\)", r"\\[": r"\\]"}


def _math(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    """Leave a mark where a formula goes: it is put there after everything else was sanitised."""
    del renderer, options
    tex, block = tokens[at].content, tokens[at].type != "math_inline"
    used = env.get("tex", 0) + len(tex)
    env["tex"] = used
    made = math_ml(tex, block=block) if used <= MAX_CARD else None
    name = "div" if tokens[at].type == "math_block" else "span"
    if made is None:
        return f'<{name} class="math">{escape(tex.strip())}</{name}>'
    formulas: list[str] = env.setdefault("formulas", [])
    formulas.append(made)
    wide = "formula-block" if block else "formula"
    return f'<{name} class="{wide}">{_MARK}{len(formulas) - 1}/</{name}>'


_PARSER = _parser()
