"""What every page that changes files has in common: where the change would land, and which ways there are to bring it there."""

from dataclasses import dataclass

from hubkeep import repos
from hubkeep.accounts import Actor, NotAllowed, NotSignedIn
from hubkeep.community import pulls
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos import Repo, Snapshot
from hubkeep.web import urls
from hubkeep.web.answer import Page
from hubkeep.web.asked import Asked
from hubkeep.web.failure import failure
from hubkeep.web.head import Head, head_of
from hubkeep.web.revision import Revision, revision_of

HEADS, PULLS = "refs/heads/", "refs/pr/"


@dataclass(frozen=True)
class Desk:
    """A repository at the tip of what will be changed, and whether that may be by a commit or by a pull request."""

    head: Head
    revision: Revision
    may_commit: bool
    may_propose: bool

    @property
    def repo(self) -> Repo:
        """The repository."""
        return self.head.repo

    def page(self, page: str, path: str = "") -> str:
        """Return the address of another page of this revision."""
        return urls.at_url(self.repo, page, self.revision.name, path)


def desk_at(tx: ReadTx, actor: Actor, asked: Asked, at: Snapshot) -> Desk:
    """Return the desk for the revision in the address.

    Raises:
        NotSignedIn, NotAllowed: neither way is open to `actor`.
    """
    if actor.anonymous:
        raise NotSignedIn
    head = head_of(asked, actor, at.repo, "files")
    name = at.ref.name if at.ref else ""
    commit = _may_commit(tx, actor, at, name)
    propose = name.startswith(HEADS) and _may_propose(tx, actor, at)
    if not commit and not propose:
        raise NotAllowed(what=f"change {at.repo.full_name}, and pull requests are not taken here")
    return Desk(head, revision_of(tx, at, asked), commit, propose)


def is_open(at: Snapshot) -> bool:
    """Tell whether anything can be committed to this revision: to a branch or a pull request, never to a tag or a commit."""
    return at.ref is not None and at.ref.name.startswith((HEADS, PULLS))


def not_a_branch(at: Snapshot, asked: Asked, page: str, path: str = "") -> Page:
    """Return the page of a revision that cannot be changed, with the way to the branch that can."""
    name, branch = asked.params["rev"], at.repo.default_branch
    instead = (urls.at_url(at.repo, page, branch, path), f"Go on with {branch}")
    text = f"Nothing can be committed to {name[:60]}, which is not a branch."
    return failure(400, text, asked.here, anonymous=False, instead=instead)


def _may_commit(tx: ReadTx, actor: Actor, at: Snapshot, name: str) -> bool:
    try:
        repos.get_for_landing(tx, actor, at.repo.kind, at.repo.full_name, name)
    except HubError:
        return False
    return True


def _may_propose(tx: ReadTx, actor: Actor, at: Snapshot) -> bool:
    try:
        pulls.require_opener(tx, actor, at.repo.kind, at.repo.full_name)
    except HubError:
        return False
    return True
