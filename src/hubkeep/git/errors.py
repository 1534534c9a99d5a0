"""Refusals of the git room."""

from hubkeep.kit import HubError


class BadPath(HubError):
    """A path that git, or a file system somewhere, could not hold."""

    status, text = 422, "Invalid path {path!r}: {reason}"


class PathNotFound(HubError):
    """Nothing to delete at that path."""

    status, text = 404, "{path}: there is nothing at this path"


class PathConflict(HubError):
    """A file where a folder is needed, or the other way round."""

    status, text = 422, "{path}: {reason}"


class ObjectMissing(HubError):
    """No such object in the repository."""

    status, text = 404, "Git object {oid} is not in this repository."


class GitFailed(HubError):
    """The `git` command failed for a reason that is ours, not the caller's."""

    status, text = 500, "git {command} failed: {reason}"


class GitSlow(HubError):
    """Reading the history took too long."""

    status, text = (
        422,
        "The history is too long to be read within {seconds} seconds. A clone can tell: git log, git blame.",
    )


class BadPack(HubError):
    """Bytes that are not an acceptable pack: broken, incomplete, or with objects against git's own rules."""

    status, text = 422, "{reason}"
