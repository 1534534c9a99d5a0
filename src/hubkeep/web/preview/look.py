"""Decide how a file is shown. Reads a bounded piece of it, whatever its size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from markupsafe import Markup

from hubkeep.web.highlight import highlight_file, language_of
from hubkeep.web.preview.notebook import MAX_BYTES as MAX_NOTEBOOK
from hubkeep.web.preview.notebook import Notebook, read_notebook
from hubkeep.web.preview.parquet import Parquet, parquet_of
from hubkeep.web.preview.table import Table, csv_table, jsonl_table
from hubkeep.web.preview.tensors import Tensors, gguf_tensors, tensors_of

MAX_TEXT = 512 << 10  # bytes of source shown
MAX_TABLE = 256 << 10  # bytes of a table read
MAX_LINES = 10_000
SNIFF = 8 << 10  # a null byte in so many first bytes makes a file binary, as git decides

IMAGES = {"png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "ico"}
SOUNDS = {"wav", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac"}
FILMS = {"mp4", "webm", "mov", "m4v", "ogv"}
TABLES: dict[str, Callable[[str, bool], Table | None]] = {
    "csv": lambda text, cut: csv_table(text, cut=cut, delimiter=","),
    "tsv": lambda text, cut: csv_table(text, cut=cut, delimiter="\t"),
    "jsonl": lambda text, cut: jsonl_table(text, cut=cut),
    "ndjson": lambda text, cut: jsonl_table(text, cut=cut),
}

Read = Callable[[int, int], Iterator[bytes]]  # (start, length) to bytes


@dataclass(frozen=True)
class Look:
    """How a file is shown.

    `way` is image, sound, film, pdf, table, tensors, parquet, notebook, source, link, submodule, empty, binary or missing. `target` is
    where a link leads, or a submodule's commit.
    """

    way: str
    lines: list[str] = field(default_factory=list)
    language: str = ""
    cut: bool = False
    table: Table | None = None
    tensors: Tensors | None = None
    parquet: Parquet | None = None
    notebook: Notebook | None = None
    target: str = ""

    @property
    def numbered(self) -> Markup:
        """The lines with their numbers, each a place to link to. Joined here: a template's loop takes ten times as long."""
        return Markup(  # noqa: S704  the highlighter escapes
            "".join(
                f'<span class="l" id="L{number}"><a href="#L{number}">{number}</a>{line}\n</span>'
                for number, line in enumerate(self.lines, 1)
            )
        )

    @property
    def weight(self) -> int:
        """About how many bytes it takes to keep."""
        made = len(self.notebook.html) if self.notebook else 0
        cells = sum(len(cell) for row in self.table.rows for cell in row) if self.table else 0
        tensors = 200 * len(self.tensors.shown) if self.tensors else 0
        return 500 + sum(map(len, self.lines)) + made + cells + tensors


def look_at(path: str, size: int, read: Read, *, as_source: bool = False) -> Look:
    """Return how to show the file at `path` of `size` bytes; `as_source` when somebody asked for its text."""
    ending = path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
    if size == 0:
        return Look("empty")
    if not as_source:
        for way, endings in (("image", IMAGES), ("sound", SOUNDS), ("film", FILMS), ("pdf", {"pdf"})):
            if ending in endings:
                return Look(way)
        if ending in ("safetensors", "gguf"):
            found = tensors_of(read, size) if ending == "safetensors" else gguf_tensors(read, size)
            return Look("tensors", tensors=found) if found else Look("binary")
        if ending == "parquet":
            footer = parquet_of(read, size)
            return Look("parquet", parquet=footer) if footer else Look("binary")
        if ending == "ipynb" and size <= MAX_NOTEBOOK:
            notebook = read_notebook(
                b"".join(read(0, size)).decode("utf-8", "replace"), path.rpartition("/")[0]
            )
            if notebook is not None:
                return Look("notebook", notebook=notebook)
    return _text(path, ending, size, read, as_source=as_source)


def _text(path: str, ending: str, size: int, read: Read, *, as_source: bool) -> Look:
    head = b"".join(read(0, min(size, SNIFF)))
    if b"\0" in head:
        return Look("binary")
    as_table = ending in TABLES and not as_source
    limit = MAX_TABLE if as_table else MAX_TEXT
    data = b"".join(read(0, min(size, limit))) if size > SNIFF else head
    cut = size > limit
    text = decode(data, cut=cut)
    if text is None:
        return Look("binary")
    if as_table and (table := TABLES[ending](text, cut)) is not None:
        return Look("table", table=table, cut=table.cut)
    if cut:
        text = text[: text.rfind("\n") + 1] or text
    lines = highlight_file(text, path)
    return Look("source", lines[:MAX_LINES], language_of(path), cut or len(lines) > MAX_LINES)


def decode(data: bytes, *, cut: bool) -> str | None:
    """Return the text of UTF-8 bytes, None when they are something else; a character cut at the end is dropped."""
    if cut:
        data = data[: len(data) - _broken_tail(data)]
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _broken_tail(data: bytes) -> int:
    """Return how many bytes at the end are the beginning of a character."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        need = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return back if need > back else 0
    return 0
