"""Refusals of the repos room."""

from hubkeep.kit import HubError


class RepoNotFound(HubError):
    """Also raised for a private repo the actor may not see: we never confirm it exists."""

    status, code = 404, "RepoNotFound"
    text = "Repository {kind}/{name} not found."


class RepoHidden(RepoNotFound):
    """The same to somebody who is not signed in: a token may help.

    Source: hub-core contract 2.5 and trap 31.
    """

    status = 401


class RepoMoved(HubError):
    """The repo answers to another name now; `to` is its `owner/name`.

    Source: hub-core contract section 3 and trap 40: 307, which keeps method and body.
    """

    status, text = 307, "Repository {kind}/{name} moved to {to}."


class RepoDisabled(HubError):
    """An operator closed it. The client looks for exactly this sentence (hub-core contract 2.5, row 4)."""

    status, text = 403, "Access to this resource is disabled."


class GatedRepo(HubError):
    """The repository can be seen, its files are for those whom its gate let in.

    Source: hub-core contract 2.5; the client looks for the code.
    """

    status, code = 403, "GatedRepo"
    text = "Access to {kind} {name} is restricted: {why}"


class GatedRepoHidden(GatedRepo):
    """The same to somebody who is not signed in."""

    status = 401
    text = "Access to {kind} {name} is restricted. You must have access to it and be authenticated to access it. Please log in."


class NotGated(HubError):
    """A request for access, or a decision on one, where everybody has access."""

    status, text = 400, "{name} is not gated."


class HasAccess(HubError):
    """Somebody asks, or is to be let in, who may have everything already."""

    status, text = 400, "{user} has access to {name} already."


class AlreadyAsked(HubError):
    """A second request of the same person."""

    status, text = 409, "You have asked for access to {name} already."


class AccessRejected(HubError):
    """Whoever was rejected cannot ask again, nor take the request back. Source: hub-platform contract section 5."""

    status, text = 403, "Your request for access to {name} was rejected by its authors."


class AccessRequestNotFound(HubError):
    """Nobody of that name asked, or no request has that id."""

    status, text = 404, "{who} has not asked for access to {name}."


class AccessUnchanged(HubError):
    """A decision that was taken before. Source: the client's documentation of `accept_access_request`: 404."""

    status, text = 404, "The request of {user} is {status} already."


class RepoNameTaken(HubError):
    """The (kind, owner, name) exists, whatever its capitals."""

    status, text = 409, "A {kind} repository called {name} already exists"


class RevisionNotFound(HubError):
    """No branch, tag, special ref or commit of that name."""

    status, code = 404, "RevisionNotFound"
    text = "Invalid rev id: {revision}"


class PullRefNotFound(RevisionNotFound):
    """No such pull request: its ref is made by opening it, never by pushing."""

    text = "There is no pull request with the ref {revision}. Open one first."


class EntryNotFound(HubError):
    """No file or folder at that path, in that revision."""

    status, code = 404, "EntryNotFound"
    text = "Entry not found: {path}"


class RefExists(HubError):
    """The branch or tag to create is there already."""

    status, text = 409, "Reference {ref} already exists"


class RefConflict(HubError):
    """A ref whose name would be another one's folder, or the other way round: no clone could hold both."""

    status, text = 400, "Reference {ref} cannot be created: {other} exists, and git cannot hold both"


class RefMoved(HubError):
    """Somebody moved the ref since the caller looked. Nothing was changed."""

    status, text = 412, "The branch was updated since you opened this page. Please refresh and try again."


class RefProtected(HubError):
    """A ref that may not be deleted or written this way."""

    status, text = 403, "Cannot {what} {ref}: {reason}"


class LfsObjectMissing(HubError):
    """A commit or push names a large file that was never uploaded to this repository."""

    status, text = 422, "LFS object {sha256} ({path}) was never uploaded to this repository."


class LfsBytesMissing(LfsObjectMissing):
    """A commit of old (a mirror, an import) names a large file whose bytes never came. For a download, no entry is there.

    Without X-Repo-Commit: a client would remember for ever that this commit has no such file, and the bytes may still come.
    """

    status, code = 404, "EntryNotFound"
    text = "The bytes of {path} (LFS object {sha256}) were never uploaded to this repository."


class InvalidCommit(HubError):
    """A commit payload that breaks the contract; names the line and the rule."""

    status, text = 400, "{reason}"


class InvalidPath(HubError):
    """A path that cannot be written."""

    status, text = 422, "Invalid path {path!r}: {reason}"
