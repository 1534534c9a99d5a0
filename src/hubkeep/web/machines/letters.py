"""Lay out words in the hub's own font, out of letters that `scripts/draw-letters` drew once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
UNKNOWN = "·"  # stands for every letter that was not drawn


@dataclass(frozen=True)
class Letters:
    """Letters of one size. `origin` is where a letter's line and left edge are in its picture, in pixels."""

    places: dict[str, int]
    pictures: Picture
    advances: npt.NDArray[np.float32]
    kerning: npt.NDArray[np.float16]
    origin: tuple[int, int]

    def width(self, text: str) -> float:
        """Return how many pixels a line takes."""
        numbers = self._numbers(text)
        between = self.kerning[numbers[:-1], numbers[1:]].sum() if len(numbers) > 1 else 0
        return float(self.advances[numbers].sum() + between)

    def fit(self, text: str, width: float) -> str:
        """Return the text, cut short with an ellipsis where it does not fit."""
        if self.width(text) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width(text[:middle] + "…") <= width else (low, middle - 1)
        return text[:low].rstrip(" -_.") + "…"

    def draw(self, on: Picture, text: str, left: float, line: int) -> None:
        """Put a line's ink (0 to 255) on a picture, its letters standing on `line`."""
        numbers, at = self._numbers(text), left
        for place, number in enumerate(numbers):
            if place:
                at += float(self.kerning[numbers[place - 1], number])
            _stamp(on, self.pictures[number], round(at) - self.origin[0], line - self.origin[1])
            at += float(self.advances[number])

    def _numbers(self, text: str) -> npt.NDArray[np.int64]:
        unknown = self.places[UNKNOWN]
        return np.array([self.places.get(letter, unknown) for letter in text], np.int64)


@cache
def letters(size: str) -> Letters:
    """Return the letters of a size: `large`, `middle`, `small`."""
    drawn = _drawn()
    across, down = drawn[f"{size}_origin"]
    return Letters(
        places={chr(code): place for place, code in enumerate(drawn["letters"])},
        pictures=drawn[f"{size}_pictures"],
        advances=drawn[f"{size}_advances"],
        kerning=drawn[f"{size}_kerning"],
        origin=(round(float(across)), round(float(down))),
    )


@cache
def mark() -> Picture:
    """Return the hub's mark, as ink."""
    drawn: Picture = _drawn()["mark"]
    return drawn


@cache
def _drawn() -> dict[str, npt.NDArray[Any]]:
    with (files("hubkeep.web.machines") / "letters.npz").open("rb") as file, np.load(file) as kept:
        return dict(kept)


def _stamp(on: Picture, ink: Picture, left: int, top: int) -> None:
    """Lay ink on a picture, as much of it as is inside."""
    height, width = on.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + ink.shape[1], width), min(top + ink.shape[0], height)
    if x0 < x1 and y0 < y1:
        part = on[y0:y1, x0:x1]
        np.maximum(part, ink[y0 - top : y1 - top, x0 - left : x1 - left], out=part)
