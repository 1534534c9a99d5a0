"""Who git says wrote a commit."""

from urllib.parse import urlsplit

from hubkeep.accounts import Actor
from hubkeep.kit import Settings


def signature(actor: Actor, settings: Settings) -> tuple[str, str]:
    """Return (name, e-mail) of commits that the hub makes for `actor`; the address never reveals a real one."""
    host = urlsplit(settings.url).hostname or "localhost"
    return actor.name or "hubkeep", f"{actor.name or 'hubkeep'}@users.noreply.{host}"
