"""What pages show around what they are about: the bell, and of a repository its talks, its heart and its watchers."""

from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.community import discussions, likes, notifications
from hubkeep.community.notifications import Target, Watched
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Page
from hubkeep.web.head import Head


@dataclass(frozen=True)
class Around:
    """`unread` stops at `notifications.MANY`; `talks` are open discussions, None where they are switched off."""

    unread: int = 0
    talks: int | None = 0
    liked: bool = False
    listens: bool | None = None  # the viewer watches the repository, or muted it; None: as they do its owner

    @property
    def bell(self) -> str:
        """The number on the bell, "" when there is nothing to read."""
        if self.unread >= notifications.MANY:
            return f"{notifications.MANY - 1}+"
        return str(self.unread or "")


NOTHING = Around()


def around(tx: ReadTx, actor: Actor, page: Page) -> Around:
    """Look around: one query for the bell, a few more on pages of a repository."""
    unread = notifications.unread(tx, actor)
    head = page.facts.get("head")
    if not isinstance(head, Head):
        return Around(unread)
    off = discussions.settings_of(tx, head.repo.id).disabled
    talks = None if off else discussions.open_in(tx, head.repo.id)
    if actor.anonymous:
        return Around(unread, talks)
    return Around(
        unread,
        talks,
        liked=bool(likes.liked_among(tx, actor, [head.repo.id])),
        listens=notifications.listens(tx, actor, Target(Watched.REPO, head.repo.id)),
    )
