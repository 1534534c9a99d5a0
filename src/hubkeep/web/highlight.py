"""Colour source code: Pygments finds the parts, our style sheet gives them colours by a one-letter class."""

from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

# Above these, source is shown plain: Pygments reads about 0.6 MB a second and holds the interpreter meanwhile.
MAX_CHARS = 128 << 10
MAX_LINE = 5_000

# Most of a text stays without a span: it makes pages three times smaller than one class per kind of token.
_CLASSES: dict[_TokenType, str] = {
    Comment: "c",
    Keyword: "k",
    Operator.Word: "k",
    String: "s",
    String.Escape: "m",
    String.Interpol: "m",
    Literal.Date: "s",
    Number: "m",
    Name.Function: "n",
    Name.Class: "n",
    Name.Namespace: "n",
    Name.Exception: "n",
    Name.Decorator: "n",
    Name.Tag: "n",
    Name.Label: "n",
    Name.Builtin: "b",
    Name.Attribute: "b",
    Name.Variable: "b",
    Name.Constant: "b",
    Generic.Heading: "gh",
    Generic.Subheading: "gh",
    Generic.Inserted: "gi",
    Generic.Deleted: "gd",
    Generic.Emph: "ge",
    Generic.Strong: "gs",
    Generic.Prompt: "n",
    Generic.Output: "c",
    Generic.Traceback: "c",
}
CLASSES = frozenset(_CLASSES.values())

# What people write on fences and call their files, where Pygments knows another word or guesses wrong.
_ALIASES = {"jsonl": "json", "ndjson": "json", "shell": "bash", "jinja2": "jinja", "plaintext": "text"}
_FILES = {
    ".gitattributes": "text",
    ".gitignore": "text",
    ".dockerignore": "text",
    "dockerfile": "docker",
    "jsonl": "json",
    "ipynb": "json",
    "geojson": "json",
    "txt": "text",
    "log": "text",
    "csv": "text",
    "tsv": "text",
}


def highlight_fence(code: str, language: str) -> str:
    """Return HTML of `code` in a language called by the name that a Markdown fence gives it; unknown is plain."""
    return "\n".join(_coloured(code, _by_name(language.strip().lower())))


def highlight_file(code: str, path: str) -> list[str]:
    """Return HTML of every line of a file, each complete in itself; a language nobody knows is plain."""
    return _coloured(code, _by_file(_key(path)))


def language_of(path: str) -> str:
    """Return what people call the file's language; "" for plain text."""
    lexer = _by_file(_key(path))
    return str(lexer.name) if lexer else ""


def _coloured(code: str, lexer: Lexer | None) -> list[str]:
    text = code.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if lexer is None or len(text) > MAX_CHARS or max(map(len, text.split("\n"))) > MAX_LINE:
        return escape(text, quote=False).split("\n")
    spans: list[str] = []
    for kind, value in lexer.get_tokens(text):
        name = _class_of(kind)
        if not name:
            spans.append(escape(value, quote=False))
            continue
        # A token over several lines (a docstring) becomes a span on each: lines are shown one by one.
        parts = escape(value, quote=False).split("\n")
        spans.append("\n".join(f'<span class="{name}">{part}</span>' if part else "" for part in parts))
    return "".join(spans).removesuffix("\n").split("\n")


@lru_cache(maxsize=1024)
def _class_of(kind: _TokenType) -> str:
    step: _TokenType | None = kind
    while step is not None:
        if step in _CLASSES:
            return _CLASSES[step]
        step = step.parent
    return ""


@lru_cache(maxsize=256)
def _by_name(name: str) -> Lexer | None:
    try:
        return _plain_is_none(get_lexer_by_name(_ALIASES.get(name, name), stripnl=False))
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _by_file(key: str) -> Lexer | None:
    if key in _FILES:
        return _by_name(_FILES[key])
    try:
        return _plain_is_none(get_lexer_for_filename(f"x.{key}", stripnl=False))
    except ClassNotFound:
        return None


def _key(path: str) -> str:
    """Reduce a path to what decides the language, so that the cache above stays small: a known name, or an ending."""
    name = path.rpartition("/")[2].lower()
    return name if name in _FILES else name.rpartition(".")[2][:20]


def _plain_is_none(lexer: Lexer) -> Lexer | None:
    return None if "text" in lexer.aliases else lexer
