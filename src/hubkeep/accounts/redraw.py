"""Draw a picture anew: what comes out is pixels and nothing else, whatever went in."""

import struct
import threading
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from hubkeep.kit import HubError, TooLarge

if TYPE_CHECKING:
    from PIL import Image

SIDE = 256  # pixels of the square that is kept: the largest that pages show is 72, twice as many on dense screens
MAX_PICTURE_BYTES = 4 << 20
MAX_PIXELS = 24_000_000  # 6000 x 4000: what cameras make; decoded it takes 100 MB
MIN_SIDE = 16
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
WAYS = "PNG, JPEG, WebP or GIF"
# What decoders raise for bytes that are not what their beginning promises.
_BROKEN = (
    *(OSError, ValueError, SyntaxError, ArithmeticError, EOFError, TypeError, LookupError, AttributeError),
    *(MemoryError, struct.error, zlib.error),
)
_ONE_AT_A_TIME = threading.Lock()  # a decoded picture is large, and nobody is in a hurry
_HERE = threading.BoundedSemaphore(4)  # with those who wait: each holds a thread that others need


class BadPicture(HubError):
    """Something that is no picture, or one that will not be opened."""

    status, text = 422, "The picture {reason}."


class TooManyPictures(HubError):
    """Others' pictures are being drawn."""

    status, text = 503, "Other pictures are being drawn just now. Please try again."


def redraw(data: bytes) -> bytes:
    """Return the middle square of a picture as WebP, `SIDE` pixels wide: upright, without anything that was hidden in the file.

    Of pictures that move, the first one is kept. Its size is read before its pixels are.

    Raises:
        TooLarge: over `MAX_PICTURE_BYTES`.
        BadPicture: none of `FORMATS`, cut off, broken, or of more than `MAX_PIXELS`.
        TooManyPictures: four are here already.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise TooLarge(field="picture", limit=f"{MAX_PICTURE_BYTES >> 20} MiB")
    if not _HERE.acquire(blocking=False):
        raise TooManyPictures
    try:
        with _ONE_AT_A_TIME:
            return _drawn(data)
    finally:
        _HERE.release()


def _drawn(data: bytes) -> bytes:
    # Loaded by the first upload: most processes never see a picture.
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    refused = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            _check_size(*opened.size)
            opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG only: decode no more than is needed
            upright = ImageOps.exif_transpose(opened)
            square = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS)
            return _written(square)
    except refused:
        raise BadPicture(reason=f"has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise BadPicture(reason=f"must be {WAYS}") from None
    except _BROKEN:
        raise BadPicture(reason="is cut off or broken") from None


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadPicture(reason=f"has {width:,} by {height:,} pixels, more than {MAX_PIXELS:,}")
    if min(width, height) < MIN_SIDE:
        raise BadPicture(reason=f"has {width} by {height} pixels: {MIN_SIDE} by {MIN_SIDE} at least")


def _written(square: "Image.Image") -> bytes:
    """Write the pixels. They are copied onto a blank sheet: no profile, comment or position comes along."""
    from PIL import Image  # noqa: PLC0415

    sheet = Image.new("RGBA", square.size)
    sheet.paste(square)
    out = BytesIO()
    sheet.save(out, "WEBP", quality=85, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return out.getvalue()
