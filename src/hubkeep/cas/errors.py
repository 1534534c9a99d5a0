"""Refusals of the cas room."""

from hubkeep.kit import HubError


class BytesGone(HubError):
    """The garbage collector took the bytes between storing and naming them: sending them again helps."""

    status, text = 503, "The uploaded bytes of {what} are gone: please send them again."


class BadXorb(HubError):
    """A xorb that breaks the format, or whose content does not have the hash in its name."""

    status, text = 400, "The xorb is not valid: {reason}."


class BadShard(HubError):
    """A shard that breaks the format, or tells something that is not true."""

    status, text = 400, "The shard is not valid: {reason}."


class UnknownXorb(HubError):
    """A term names a xorb that the user neither sent nor could have been told of; whether it exists is not said.

    The usual reason is harmless: the client remembers data of weeks ago that was collected since. Trying again helps,
    because the next token makes it forget (`make_forget`); deleting its memory helps always.
    """

    status = 400
    text = (
        "The upload refers to data that this hub does not have (xorb {hash}). Please upload again: everything will be sent. "
        "If this message comes back, delete the folder $HF_HOME/xet (by default ~/.cache/huggingface/xet) first."
    )


class XetFileNotFound(HubError):
    """No file of that hash in the repository that the token names."""

    status, text = 404, "No file {hash} in this repository."


class RangeBeyondEnd(HubError):
    """A range that starts behind the end of the file."""

    status, text = 416, "The range starts at {start}, the file has {size} bytes."


class DamagedXorb(HubError):
    """Stored bytes are not what was verified when they came in: the disk or an operator changed them."""

    status, text = 500, "The stored data of xorb {hash} is damaged: `hubkeep fsck` tells more."
