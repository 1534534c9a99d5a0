"""A Jupyter notebook as a page: its cells and what they printed. Everything in it is somebody's, so everything is sanitised."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from hubkeep.web.highlight import MAX_CHARS as MAX_CODE
from hubkeep.web.highlight import highlight_fence
from hubkeep.web.markdown import MAX_CHARS, render
from hubkeep.web.markdown.sanitize import sanitize

MAX_BYTES = 8 << 20
MAX_CELLS, MAX_OUTPUTS = 300, 20
MAX_TEXT = 20_000  # characters of one cell or output; all together may have as many as a card, and as much coloured code
MAX_IMAGE, MAX_IMAGES = 1 << 20, 4 << 20  # characters of one picture, and of all
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class Notebook:
    """A notebook as HTML with marked links (`Place.complete` finishes them), the number of its cells, and its language."""

    html: str
    cells: int
    language: str
    cut: bool


class _Left:
    """How much of a notebook may still be shown."""

    def __init__(self) -> None:
        self.images, self.chars, self.code = MAX_IMAGES, MAX_CHARS, MAX_CODE
        self.cut = False

    def text(self, value: Any) -> str:
        """Return a text, which notebooks keep as one or as a list of lines, as far as there is room."""
        whole = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else value
        if not isinstance(whole, str):
            return ""
        room = min(MAX_TEXT, self.chars)
        self.cut = self.cut or len(whole) > room
        shown = whole[:room]
        self.chars -= len(shown)
        return shown

    def coloured(self, source: str, language: str) -> str:
        """Return code as HTML, plain when enough of the notebook has colours."""
        self.code -= len(source)
        return highlight_fence(source, language if self.code >= 0 else "")


def read_notebook(text: str, folder: str) -> Notebook | None:
    """Return a notebook in `folder` of its repository, None when the text is not one."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        return None
    language, left = _language(data), _Left()
    shown = []
    for cell in cells[:MAX_CELLS]:
        if not left.chars:
            left.cut = True
            break
        if isinstance(cell, dict):
            shown.append(_cell(cell, folder, language, left))
    return Notebook("\n".join(shown), len(cells), language, left.cut or len(cells) > MAX_CELLS)


def _language(data: dict[str, Any]) -> str:
    found: Any = data.get("metadata")
    for key in ("language_info", "name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found[:30] if isinstance(found, str) and found else "python"


def _cell(cell: dict[str, Any], folder: str, language: str, left: _Left) -> str:
    source, kind = left.text(cell.get("source")), cell.get("cell_type")
    if kind == "markdown":
        return f'<div class="cell prose">{render(source, folder).html}</div>'
    if kind != "code":
        return f'<div class="cell"><pre class="cell-out">{escape(source)}</pre></div>'
    number = cell.get("execution_count")
    mark = str(number) if isinstance(number, int) and 0 <= number < 100_000 else " "
    code = f'<pre class="hl cell-in"><code>{left.coloured(source, language)}</code></pre>' if source else ""
    outputs = cell.get("outputs")
    printed = "".join(
        _output(output, folder, left)
        for output in (outputs[:MAX_OUTPUTS] if isinstance(outputs, list) else ())
        if isinstance(output, dict)
    )
    return f'<div class="cell cell-code"><span class="cell-number" aria-hidden="true">[{mark}]</span>{code}{printed}</div>'


def _output(output: dict[str, Any], folder: str, left: _Left) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _plain(left.text(output.get("text")), "cell-err" if output.get("name") == "stderr" else "")
    if kind == "error":
        trace = output.get("traceback")
        told = "\n".join(line for line in trace if isinstance(line, str)) if isinstance(trace, list) else ""
        return _plain(left.text(told or f"{output.get('ename')}: {output.get('evalue')}"), "cell-err")
    data = output.get("data")
    return next(_ways(data, folder, left), "") if isinstance(data, dict) else ""


def _ways(data: dict[str, Any], folder: str, left: _Left) -> Iterator[str]:
    """Yield the ways to show an output, the richest first."""
    for kind in _IMAGES:
        if kind in data and (picture := _picture(kind, data[kind], left)):
            yield picture
    if "text/html" in data:
        yield f'<div class="cell-out prose">{sanitize(left.text(data["text/html"]), folder)}</div>'
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            yield f'<div class="cell-out prose">{render(left.text(data[kind]), folder).html}</div>'
    if "text/plain" in data:
        yield _plain(left.text(data["text/plain"]))


def _picture(kind: str, value: Any, left: _Left) -> str:
    coded = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else value
    if not isinstance(coded, str) or not coded or len(coded) > min(MAX_IMAGE, left.images):
        left.cut = left.cut or bool(coded)
        return ""
    if not _BASE64.fullmatch(coded):
        return ""
    left.images -= len(coded)
    return f'<div class="cell-out"><img alt="Output" decoding="async" src="data:{kind};base64,{"".join(coded.split())}"></div>'


def _plain(text: str, way: str = "") -> str:
    kind = f"cell-out {way}".strip()
    return Markup('<pre class="{}">{}</pre>').format(kind, _ANSI.sub("", text).rstrip()) if text else ""
