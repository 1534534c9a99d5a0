"""QR codes as pictures inside a page, by segno."""

import io

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """Return a QR code of `text`: dark on light in every theme, or cameras do not see it."""
    out = io.BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        border=3,
        dark="#000",
        light="#fff",
    )
    return Markup(out.getvalue().decode())  # noqa: S704  made of numbers: the text is in the pattern only
