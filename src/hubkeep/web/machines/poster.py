"""The picture of a link: what other sites show when somebody pastes an address of this hub."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hubkeep.web.machines.letters import Letters, Picture, letters, mark
from hubkeep.web.machines.png import png

WIDTH, HEIGHT = 1200, 630
MARGIN = 80
_TEXT = WIDTH - 2 * MARGIN
# Colours of the design tokens, in the dark: the wall, what is written on it, and the four kinds' own.
_WALL, _STONE, _INK, _SOFT = (18, 51, 46), (10, 36, 32), (228, 239, 235), (169, 196, 188)
_ACCENTS = {
    "": (102, 211, 192),
    "model": (102, 211, 192),
    "dataset": (242, 160, 119),
    "space": (200, 172, 235),
    "kernel": (147, 187, 232),
}
_STEPS = 64  # shades from the ground to an ink
_MERLON, _GAP, _TOOTH = 60, 40, 34  # pixels


@dataclass(frozen=True)
class Poster:
    """What is written on it: a word above (kind), who (`above`), the name, a line of facts, a line of figures."""

    kind: str
    word: str
    above: str
    name: str
    facts: str
    figures: str
    host: str


def draw(poster: Poster) -> bytes:
    """Return the picture as PNG."""
    ink, soft, accent = (np.zeros((HEIGHT, WIDTH), np.uint8) for _ in range(3))
    small, middle, large = letters("small"), letters("middle"), letters("large")
    sign = mark()
    accent[MARGIN - 14 : MARGIN - 14 + sign.shape[0], MARGIN : MARGIN + sign.shape[1]] = sign
    middle.draw(ink, "hubkeep", MARGIN + sign.shape[1] + 22, MARGIN + 44)
    word = middle.fit(poster.word, 400)
    middle.draw(accent, word, WIDTH - MARGIN - middle.width(word), MARGIN + 44)
    line = 262
    if poster.above:
        middle.draw(soft, middle.fit(poster.above, _TEXT), MARGIN, line)
    for text in _lines(large, poster.name):
        line += 84
        large.draw(ink, text, MARGIN, line)
    small.draw(soft, small.fit(poster.facts, _TEXT), MARGIN, min(line + 66, 494))
    figures = small.fit(poster.figures, 620)
    small.draw(accent, figures, MARGIN, 550)
    host = small.fit(poster.host, 400)
    small.draw(soft, host, WIDTH - MARGIN - small.width(host), 550)
    return png(*_painted(_wall(), [(ink, _INK), (soft, _SOFT), (accent, _ACCENTS[poster.kind])]))


def _lines(font: Letters, name: str) -> list[str]:
    """Return a name in one line, or two, broken where names have joints."""
    if font.width(name) <= _TEXT:
        return [name]
    joints = [place + 1 for place, letter in enumerate(name) if letter in "-_. "]
    fitting = [place for place in joints if font.width(name[:place]) <= _TEXT]
    cut = (
        fitting[-1] if fitting else next(n for n in range(len(name), 0, -1) if font.width(name[:n]) <= _TEXT)
    )
    return [name[:cut].rstrip(), font.fit(name[cut:], _TEXT)]


def _wall() -> Picture:
    """Return the ground: 0 the wall, 1 the battlement at its foot."""
    ground = np.zeros((HEIGHT, WIDTH), np.uint8)
    ground[HEIGHT - 28 :] = 1
    for left in range(-_GAP // 2, WIDTH, _MERLON + _GAP):
        ground[HEIGHT - 28 - _TOOTH : HEIGHT - 28, max(left, 0) : left + _MERLON] = 1
    ground[HEIGHT - 28 - _TOOTH :][ground[HEIGHT - 28 - _TOOTH :] == 1] = 1
    return ground


def _painted(
    ground: Picture, inks: Sequence[tuple[Picture, tuple[int, int, int]]]
) -> tuple[Picture, list[tuple[int, int, int]]]:
    """Return the picture and its palette: the two grounds, then every ink in shades from the wall to its own colour."""
    palette: list[tuple[int, int, int]] = [_WALL, _STONE]
    picture = ground.copy()
    for ink, colour in inks:
        shade = (ink.astype(np.uint16) * (_STEPS - 1) + 127) // 255
        inked = shade > 0
        picture[inked] = (shade[inked] + len(palette) - 1).astype(np.uint8)
        palette += [_mixed(colour, step / (_STEPS - 1)) for step in range(1, _STEPS)]
    return picture, palette


def _mixed(colour: tuple[int, int, int], part: float) -> tuple[int, int, int]:
    red, green, blue = (round(w + (c - w) * part) for w, c in zip(_WALL, colour, strict=True))
    return red, green, blue
