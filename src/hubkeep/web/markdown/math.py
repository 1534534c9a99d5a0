"""Mathematics: TeX to MathML, which browsers draw by themselves.

The converter copies addresses, classes and styles from the formula into its result. So the result is not trusted: it is
written anew, with the elements and attributes of an allow-list and nothing else.
"""

import re
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

MAX_FORMULA = 4_000  # characters; longer ones are shown as they were written
MAX_CARD = 60_000  # of all formulas of a card: about 0.4 s of work, done once
MAX_DEPTH = 80

ELEMENTS = frozenset(
    (
        *(
            "mrow",
            "mi",
            "mn",
            "mo",
            "mtext",
            "mspace",
            "ms",
            "mfrac",
            "msqrt",
            "mroot",
            "mstyle",
            "mpadded",
            "mphantom",
        ),
        *("menclose", "mfenced", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
        *("mprescripts", "none", "mtable", "mtr", "mtd", "mlabeledtr", "merror"),
    )
)
ATTRIBUTES = frozenset(
    (
        *(
            "accent",
            "accentunder",
            "columnalign",
            "columnlines",
            "columnspacing",
            "columnspan",
            "depth",
            "displaystyle",
        ),
        *("fence", "form", "frame", "height", "largeop", "linebreak", "linethickness", "lspace", "mathcolor"),
        *(
            "mathvariant",
            "maxsize",
            "minsize",
            "movablelimits",
            "notation",
            "open",
            "close",
            "rowalign",
            "rowlines",
        ),
        *(
            "rowspacing",
            "rowspan",
            "rspace",
            "scriptlevel",
            "separator",
            "separators",
            "stretchy",
            "symmetric",
        ),
        *("voffset", "width"),
    )
)
_VALUE = re.compile(r"[A-Za-z0-9 .%#+()\[\]{}|-]{0,80}")
# Environments whose rows stand by themselves elsewhere, and here only within `$$`.
_KNOWN_AS = {
    "aligned": "split",
    "alignedat": "split",
    "gathered": "matrix",
    "equation": "matrix",
    "dcases": "cases",
}
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(" + "|".join(_KNOWN_AS) + r")\*?\}")
_NOISE = re.compile(r"\\(?:label|nonumber|notag)(?:\{[^{}]{0,100}\})?")


def math_ml(tex: str, *, block: bool) -> str | None:
    """Return MathML of a formula, None when it is too long or cannot be read."""
    if not tex.strip() or len(tex) > MAX_FORMULA:
        return None
    known = _ENVIRONMENT.sub(lambda found: f"\\{found[1]}{{{_KNOWN_AS[found[2]]}}}", _NOISE.sub("", tex))
    display = "block" if block else "inline"
    try:
        made = "".join(_written(child, 0) for child in convert_to_element(known, display=display))
    except (Exception, RecursionError):  # noqa: BLE001  the converter has no error of its own for what it cannot read
        return None
    source = f'<annotation encoding="application/x-tex">{escape(tex.strip())}</annotation>'
    return f'<math display="{display}"><semantics>{made}{source}</semantics></math>'


def _written(element: Element, depth: int) -> str:
    """Write an element of the allow-list; of another only what is in it."""
    if depth > MAX_DEPTH:
        raise RecursionError
    name = element.tag.rpartition("}")[2]
    inside = escape(unescape(element.text or ""), quote=False)
    inside += "".join(_written(child, depth + 1) for child in element)
    if name not in ELEMENTS:
        return f"<mrow>{inside}</mrow>"
    given = "".join(
        f' {key}="{escape(value)}"'
        for key, value in element.attrib.items()
        if key in ATTRIBUTES and _VALUE.fullmatch(value)
    )
    return f"<{name}{given}>{inside}</{name}>"
