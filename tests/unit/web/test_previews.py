import json
import struct
from collections.abc import Iterator
from functools import partial

import pytest
from tests.unit.repos.ggufs import llama
from tests.unit.web.hostile import CORPUS
from tests.unit.web.policy import breaches

from hubkeep.web.highlight import MAX_CHARS as MAX_CODE
from hubkeep.web.markdown import MAX_CHARS
from hubkeep.web.preview import look_at
from hubkeep.web.preview.notebook import MAX_TEXT, Notebook, read_notebook
from hubkeep.web.preview.parquet import parquet_of


def look(path: str, data: bytes):
    return look_at(path, len(data), lambda start, length: iter([data[start : start + length]]))


def notebook(*cells, **over) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4} | over)


def seen(text: str, folder: str = "") -> Notebook:
    """Read what is a notebook."""
    found = read_notebook(text, folder)
    assert found is not None
    return found


def code(*outputs, source="1"):
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "execution_count": 3}


def html(value) -> dict:
    return {"output_type": "display_data", "data": {"text/html": value}}


def test_a_notebook_shows_its_cells_and_what_they_printed():
    found = seen(
        notebook(
            {"cell_type": "markdown", "source": ["# Title\n", "see [a](b.md)"]},
            code(
                {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}, source="import math"
            ),
            code({"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["\x1b[31mE\x1b[0m: x"]}),
            code({"output_type": "execute_result", "data": {"image/png": "aGk=", "text/plain": "<img>"}}),
            code({"output_type": "execute_result", "data": {"text/plain": ["<img>"]}}),
            {"cell_type": "raw", "source": "<raw>"},
        ),
        "docs",
    )
    assert found.cells == 6
    for part in (
        '<h1 id="title">Title',
        "docs/b.md",
        '<span class="k">import</span>',
        "one\ntwo</pre>",
        'cell-err">E: x</pre>',
        'src="data:image/png;base64,aGk="',
        "&lt;img&gt;</pre>",
        "&lt;raw&gt;",
        "[3]",
    ):
        assert part in found.html


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_in_a_notebook_can_act(text):
    cells = [
        {"cell_type": "markdown", "source": text},
        {"cell_type": "raw", "source": text},
        {"cell_type": text, "source": text},
        code(html(text), html([text]), source=text),
        code({"output_type": "display_data", "data": {"text/markdown": text}}),
        code({"output_type": "display_data", "data": {"text/plain": text}}),
        code({"output_type": "display_data", "data": {"image/svg+xml": text}}),
        code({"output_type": "display_data", "data": {"application/javascript": text}}),
        code({"output_type": "stream", "name": text, "text": text}),
        code({"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}),
        code({"output_type": "display_data", "data": {"image/png": text}}),
    ]
    found = seen(notebook(*cells, metadata={"language_info": {"name": text}}), "")
    ours = {"<span aria-hidden='true'>"}
    wrong = [breach for breach in breaches(found.html) if breach not in ours and "aria-hidden" not in breach]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"cells": 1}',
        "[" * 100_000,
        '{"cells": [1, null, "x", {}, {"cell_type": "code", "outputs": 1}, {"source": {"a": 1}}]}',
        notebook(
            code(html({"a": 1}), {"output_type": "display_data", "data": {"image/png": 5}}, {"data": []})
        ),
        notebook(metadata={"language_info": 5}),
        '{"cells": [], "x": ' + "9" * 10_000 + "}",
    ],
)
def test_a_notebook_of_any_shape_breaks_nothing(text):
    found = read_notebook(text, "")
    assert found is None or breaches(found.html.replace("aria-hidden", "aria-label")) == []


def test_a_huge_notebook_is_shown_in_part():
    line = "x = 1\n"
    found = seen(notebook(*(code(source=line * 4000) for _ in range(100))), "")
    assert found.cut
    assert found.cells == 100
    assert found.html.count("<pre") == MAX_CHARS // MAX_TEXT
    assert found.html.count('class="m"') * len(line) <= MAX_CODE
    assert seen(notebook(*(code(source="") for _ in range(400))), "").cut
    picture = {"output_type": "display_data", "data": {"image/png": "A" * (1 << 20)}}
    heavy = seen(notebook(*(code(picture) for _ in range(20))), "")
    assert heavy.html.count("<img") == 4
    assert heavy.cut


def cut(data: bytes, start: int, length: int) -> Iterator[bytes]:
    yield data[start : start + length]


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def element(name: str, *, kind: int | None = None, children: int = 0, converted: int | None = None) -> bytes:
    """Write a SchemaElement in Thrift's compact form."""
    out, last = b"", 0
    for field, value in ((1, kind), (3, 1), (4, name), (5, children or None), (6, converted)):
        if value is None:
            continue
        out += bytes([(field - last) << 4 | (8 if isinstance(value, str) else 5)])
        out += varint(len(value)) + value.encode() if isinstance(value, str) else varint(value * 2)
        last = field
    return out + b"\0"


def parquet(*elements: bytes, rows: int = 7, footer: bytes | None = None, length: int | None = None) -> bytes:
    schema = bytes([len(elements) << 4 | 12]) + b"".join(elements)
    told = (
        footer
        if footer is not None
        else b"\x15\x04\x19" + schema + b"\x16" + varint(rows * 2) + b"\x19\x0c" + b"\0"
    )
    return b"PAR1" + told + struct.pack("<I", len(told) if length is None else length) + b"PAR1"


def test_the_footer_of_a_parquet_file_tells_its_columns():
    data = parquet(
        element("schema", children=3),
        element("id", kind=2),
        element("tags", children=1, converted=3),
        element("item", kind=6, converted=0),
        element("when", kind=2, converted=9),
    )
    found = look("a.parquet", data).parquet
    assert [(c.name, c.depth, c.type, c.repetition) for c in found.columns] == [
        ("id", 0, "int64", "optional"),
        ("tags", 0, "list", "optional"),
        ("item", 1, "string", "optional"),
        ("when", 0, "timestamp", "optional"),
    ]
    assert (found.rows, found.groups) == (7, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1" * 4,
        parquet(length=0xFFFFFFFF),
        parquet(length=1 << 20),
        parquet(footer=b"\x19\xfc" + b"\xff" * 9 + b"\x01"),
        parquet(footer=b"\x1c" * 5000),
        parquet(footer=b"\x19\x1c" * 5000),
        parquet(footer=b"\x18" + b"\xff" * 8 + b"\x7f"),
        parquet(footer=b"\xff" * 400),
        parquet(footer=b"\x1b" + b"\xff" * 5),
        parquet(footer=b"\x29\x35\x02\x04\x06\0"),
    ],
)
@pytest.mark.timeout(60)  # whoever believes one of the huge numbers never ends
def test_a_lying_parquet_footer_is_refused(data):
    assert look("a.parquet", data).way in ("binary", "empty")


def test_every_cut_and_flip_of_a_parquet_footer_ends():
    whole = parquet(element("schema", children=1), element("id", kind=2))
    for at in range(4, len(whole) - 8):
        for value in (0, 0x19, 0xFF):
            data = whole[:at] + bytes([value]) + whole[at + 1 :]
            parquet_of(partial(cut, data), len(data))


def test_a_gguf_file_shows_its_header():
    found = look("m.gguf", llama()).tensors
    assert found.parameters == 2624
    assert found.metadata["general.name"] == "Harbour <7B>"
    assert found.metadata["eos token"] == "</s>"
    assert found.template == "{{ messages }}"
    assert found.metadata["tokenizer.ggml.tokens"].endswith("(40 in all)")


@pytest.mark.parametrize("name", ["m.gguf", "m.safetensors", "m.parquet"])
@pytest.mark.parametrize("data", [b"x", b"\xff" * 64, b"GGUF" + b"\xff" * 64, bytes(4096)])
def test_headers_that_lie_are_binary_files(name, data):
    assert look(name, data).way == "binary"


def test_a_notebook_that_is_none_is_its_source():
    assert look("a.ipynb", b"not json").way == "source"
