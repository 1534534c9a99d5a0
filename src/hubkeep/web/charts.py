"""Small charts as SVG: drawn by the server, coloured by the style sheet, told in words to those who do not see them."""

import math
from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 240, 40


def sparkline(values: Sequence[int], what: str) -> Markup:
    """Draw how something went, day by day, the last value today's."""
    top = max(max(values, default=0), 1)
    step = WIDTH / max(len(values) - 1, 1)
    points = [
        (round(at * step, 1), round(HEIGHT - 3 - value / top * (HEIGHT - 6), 1))
        for at, value in enumerate(values)
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    told = f"{what}, day by day for {len(values)} days: {', '.join(map(str, values))}"
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{told}">'
        '<polygon points="0,{h} {line} {w},{h}"/><polyline points="{line}"/></svg>'
    ).format(w=WIDTH, h=HEIGHT, line=line, told=told)


def bar(value: float, most: float) -> Markup:
    """Draw `value` of `most` as a bar; the number stands beside it, so it says nothing by itself."""
    share = value / most if most > 0 and math.isfinite(value) else 0.0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-all" width="100" height="6"/><rect class="bar-part" width="{:g}" height="6"/></svg>'
    ).format(round(min(max(share, 0.0), 1.0) * 100, 1))
