"""A pull request with what happened in it, whether it can be merged, and what it changes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hubkeep.accounts import Actor
from hubkeep.community import discussions
from hubkeep.community.discussions import MAX_EVENTS, Discussion, Status
from hubkeep.community.pulls.conflicts import try_merge
from hubkeep.community.pulls.find import Tips, find_pull, tips_of
from hubkeep.community.pulls.types import ChangedFile, Changes, PullDetails
from hubkeep.git import Change, Commit, Entry, ObjectMissing, diff_trees, merge_base
from hubkeep.repos import File, Kind, Stores, describe, may_read_content, new_commits, require_content

MAX_DIFF = 4 << 20  # bytes of a diff inside an answer; all of it is at its own address
MAX_FILES = 300  # files of a change in one answer
MAX_STORAGE_FILES = 10_000


def details(
    stores: Stores,
    actor: Actor,
    kind: Kind,
    full_name: str,
    num: int,
    *,
    diff: bool = False,
    after: int = 0,
    limit: int = MAX_EVENTS,
    max_chars: int = discussions.MAX_CHARS,
    history: bool = True,
) -> PullDetails:
    """Return a discussion or pull request. Raises what `discussions.find` raises."""
    with stores.db.read() as tx:
        found = discussions.details(
            tx, actor, kind, full_name, num, after=after, limit=limit, max_chars=max_chars, history=history
        )
        pull = found.discussion
        if not pull.is_pull_request:
            return PullDetails(found)
        diff = diff and may_read_content(tx, actor, found.repo)  # what was said may be read at a shut gate
        tips = tips_of(tx, pull)
    shown = _mergeable(stores, pull, tips, PullDetails(found))
    base, head = span(stores, pull, tips)
    shown = replace(shown, diff_base=base, diff_head=head)
    if not diff:
        return shown
    if base is None or head is None or base == head:
        return replace(shown, diff="")
    return replace(shown, diff=_text(stores, pull.repo_id, tips.packs, base, head))


def pull_diff(stores: Stores, actor: Actor, kind: Kind, full_name: str, num: int) -> Iterator[bytes]:
    """Yield the whole diff of a pull request. Raises what `find_pull` and `require_content` raise."""
    with stores.db.read() as tx:
        there = find_pull(tx, actor, kind, full_name, num)
        require_content(tx, actor, there.repo)
        pull = there.discussion
        tips = tips_of(tx, pull)
    base, head = span(stores, pull, tips)
    if base is None or head is None or base == head:
        return iter(())
    return _diff(stores, pull.repo_id, tips.packs, base, head)


def changes(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, num: int, limit: int = MAX_FILES
) -> Changes:
    """Return the files that a pull request changes, in path order. Raises what `find_pull` and `require_content` raise."""
    with stores.db.read() as tx:
        there = find_pull(tx, actor, kind, full_name, num)
        require_content(tx, actor, there.repo)
        pull = there.discussion
        tips = tips_of(tx, pull)
    base, head = span(stores, pull, tips)
    if base is None or head is None:
        return Changes("", "", [], more=False)
    found: list[Change] = []
    with stores.git.reader(pull.repo_id, head, lambda: tips.packs) as reader, stores.db.read() as tx:
        for change in diff_trees(reader, reader.commit(base).tree, reader.commit(head).tree):
            if len(found) == limit:
                break
            found.append(change)
        else:
            limit = -1
        old = describe(tx, pull.repo_id, reader, [_entry(c.path, c.old) for c in found if c.old])
        new = describe(tx, pull.repo_id, reader, [_entry(c.path, c.new) for c in found if c.new])
    before, now = ({file.path: file for file in side} for side in (old, new))
    return Changes(base, head, [_changed(change, before, now) for change in found], more=limit != -1)


def commits(stores: Stores, actor: Actor, kind: Kind, full_name: str, num: int) -> Sequence[Commit]:
    """Return the newest commits that a pull request brings or brought, oldest first; none when its ref is gone.

    Raises what `find_pull` raises.
    """
    with stores.db.read() as tx:
        pull = find_pull(tx, actor, kind, full_name, num).discussion
        tips = tips_of(tx, pull)
    base = pull.merged_onto if pull.status is Status.MERGED else tips.base
    if tips.head is None or base is None:
        return []
    try:
        with stores.git.reader(pull.repo_id, tips.head, lambda: tips.packs) as reader:
            return new_commits(reader, tips.head, [merge_base(reader, base, tips.head) or base])
    except ObjectMissing:
        return []


def storage(stores: Stores, actor: Actor, kind: Kind, full_name: str, num: int) -> tuple[int, bool]:
    """Return about how many bytes a pull request brought that its base does not have, and whether its ref was deleted."""
    found = changes(stores, actor, kind, full_name, num, MAX_STORAGE_FILES)
    with stores.db.read() as tx:
        pull = find_pull(tx, actor, kind, full_name, num).discussion
    if pull.ref_deleted:
        return 0, True
    return sum(file.new.size for file in found.files if file.new is not None), False


def span(stores: Stores, pull: Discussion, tips: Tips) -> tuple[str | None, str | None]:
    """Return the commits between which a pull request's changes lie: where it left its base, and its newest commit.

    What came of a merged one is in the base's own history; of a closed one without a ref nothing is left to be shown.
    """
    if pull.status is Status.MERGED:
        return pull.merged_onto, pull.merge_oid
    if tips.head is None or tips.base is None:
        return None, None
    try:
        with stores.git.reader(pull.repo_id, tips.head, lambda: tips.packs) as reader:
            return merge_base(reader, tips.base, tips.head), tips.head
    except ObjectMissing:
        return None, None


def _mergeable(stores: Stores, pull: Discussion, tips: Tips, shown: PullDetails) -> PullDetails:
    """Say whether an open pull request can be merged; the question is over for others."""
    if not pull.is_open or tips.head is None:
        return shown
    if tips.base is None:
        return replace(shown, conflicting=True)
    merge = try_merge(stores, pull.repo_id, tips.packs, tips.base, tips.head)
    return replace(shown, conflicts=merge.conflicts, conflicting=merge.tree is None)


def _text(stores: Stores, repo_id: int, packs: list[str], base: str, head: str) -> str:
    """Return the diff, cut off at its limit with a line that says so."""
    size, chunks = 0, []
    for chunk in _diff(stores, repo_id, packs, base, head):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_DIFF:
            chunks.append(b"\n... cut off: this diff has more than 4 MiB.\n")
            break
    return b"".join(chunks).decode("utf-8", "replace")


def _diff(stores: Stores, repo_id: int, packs: list[str], base: str, head: str) -> Iterator[bytes]:
    with stores.git.reader(repo_id, head, lambda: packs) as reader:
        yield from reader.diff(base, head, raw=False)


def _entry(path: str, item: tuple[int, str]) -> Entry:
    return Entry(path, "file", item[1], item[0])


def _changed(change: Change, old: dict[str, File], new: dict[str, File]) -> ChangedFile:
    return ChangedFile(
        change,
        old.get(change.path) if change.old else None,
        new.get(change.path) if change.new else None,
    )
