"""Pictures, films and sounds that people put into their comments."""

from dataclasses import dataclass
from enum import StrEnum

MAX_BYTES, MAX_FILM_BYTES = 10 << 20, 50 << 20  # Source: hub-platform contract section 3
PER_DAY = 500  # attachments of one person within 24 hours


class Media(StrEnum):
    """What may be attached. Source: hub-platform contract section 3."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"
    MP4 = "video/mp4"
    MOV = "video/quicktime"
    WEBM = "video/webm"
    MP3 = "audio/mpeg"
    WAV = "audio/wav"

    @property
    def ending(self) -> str:
        """What its file name ends in."""
        return _ENDINGS[self]

    @property
    def limit(self) -> int:
        """The most bytes it may have."""
        return MAX_FILM_BYTES if self.value.startswith("video/") else MAX_BYTES

    def begins(self, head: bytes) -> bool:
        """Return whether a file that starts with these bytes (16 at least, if it has them) can be one."""
        match self:
            case Media.PNG:
                return head.startswith(b"\x89PNG\r\n\x1a\n")
            case Media.JPEG:
                return head.startswith(b"\xff\xd8\xff")
            case Media.GIF:
                return head.startswith((b"GIF87a", b"GIF89a"))
            case Media.WEBP:
                return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
            case Media.WAV:
                return head.startswith((b"RIFF", b"RF64")) and head[8:12] == b"WAVE"
            case Media.MP4 | Media.MOV:
                return head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
            case Media.WEBM:
                return head.startswith(b"\x1a\x45\xdf\xa3")
            case Media.MP3:
                return head.startswith(b"ID3") or (
                    len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
                )


_ENDINGS = {
    Media.PNG: "png",
    Media.JPEG: "jpeg",
    Media.GIF: "gif",
    Media.WEBP: "webp",
    Media.MP4: "mp4",
    Media.MOV: "mov",
    Media.WEBM: "webm",
    Media.MP3: "mp3",
    Media.WAV: "wav",
}


@dataclass(frozen=True)
class Attachment:
    """A file that was attached: `name` is random, and all that is needed to see it."""

    name: str
    media: Media
    size: int
