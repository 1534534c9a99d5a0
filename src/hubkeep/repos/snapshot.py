"""A repository at one revision: who may see it was asked, the revision found, its git objects at hand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor
from hubkeep.git import Reader
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.errors import RevisionNotFound
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for
from hubkeep.repos.types import Kind, Ref, Repo, Stores

_OID = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{5,39}")
HEAD = "HEAD"  # what @huggingface/hub asks for when no revision is named


@dataclass(frozen=True)
class Snapshot:
    """A repository at a commit. `ref` is the ref that the revision named, None when it was a commit id."""

    repo: Repo
    ref: Ref | None
    oid: str
    reader: Reader


@contextmanager
def snapshot(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str | None,
    action: Action = Action.READ,
    *,
    names_only: bool = False,
) -> Iterator[Snapshot]:
    """Open a repository at `revision` (None or "HEAD": its default branch) for reading.

    `names_only` is for callers that give away nothing of what is in the files but their card: names, sizes, ids,
    commits. Everybody else passes the repository's gate here.

    Raises:
        RevisionNotFound: no branch, tag, special ref, or (abbreviated) commit id of that name.
        GatedRepo: the gate is shut for `actor`.
        And everything that `get_for` raises.
    """
    repo = get_for(tx, actor, kind, full_name, action)
    if not names_only:
        require_content(tx, actor, repo)
    with open_at(tx, stores, repo, revision) as found:
        yield found


@contextmanager
def open_at(tx: ReadTx, stores: Stores, repo: Repo, revision: str | None) -> Iterator[Snapshot]:
    """Open a repository that the caller may already read."""
    wanted = repo.default_branch if revision in (None, HEAD) else revision
    ref = find_ref(tx, repo.id, wanted)
    known = ref.commit_oid if ref else wanted if _OID.fullmatch(wanted) else None
    if known is None and not _SHORT.fullmatch(wanted):
        raise RevisionNotFound(revision=wanted)
    need = known or _tip(tx, repo)
    with stores.git.reader(repo.id, need, lambda: queries.pack_names(tx, repo.id)) as reader:
        oid = known or reader.expand(wanted)
        if oid is None or (ref is None and not reader.is_commit(oid)):
            raise RevisionNotFound(revision=wanted)
        yield Snapshot(repo, ref, oid, reader)


def find_ref(tx: ReadTx, repo_id: int, revision: str) -> Ref | None:
    """Return the branch, else the tag, else the full ref name that `revision` names."""
    if revision.startswith("refs/"):
        return queries.first_ref(tx, repo_id, [revision])
    return queries.first_ref(tx, repo_id, [f"refs/heads/{revision}", f"refs/tags/{revision}"])


def branch_of(tx: ReadTx, repo_id: int, revision: str) -> Ref:
    """Return the ref that may be committed to: a branch, or a pull request's or conversion's ref. Raises RevisionNotFound."""
    full = revision if revision.startswith("refs/") else f"refs/heads/{revision}"
    found = queries.first_ref(tx, repo_id, [full])
    if found is None or full.startswith("refs/tags/"):
        raise RevisionNotFound(revision=revision)
    return found


def _tip(tx: ReadTx, repo: Repo) -> str | None:
    ref = queries.first_ref(tx, repo.id, [f"refs/heads/{repo.default_branch}"])
    return ref.commit_oid if ref else None
