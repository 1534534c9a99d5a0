"""Where to go back to after signing in: only ever a page of this hub."""

import re

_LOCAL = re.compile(r"/(?![/\\])[\x21-\x7e]*")


def local_path(text: str, default: str = "/") -> str:
    """Return `text` if it is a path on this hub, else `default`: never another site.

    Backslashes are refused anywhere: browsers read them as slashes.
    """
    return text if len(text) <= 2000 and "\\" not in text and _LOCAL.fullmatch(text) else default
