"""What a bundle tells of a repository and of an owner, as one moment saw it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from types import SimpleNamespace

from hubkeep import cas, repos, search
from hubkeep.accounts import Owner, orgs
from hubkeep.cas import StoredObject
from hubkeep.cli.bundle_records import RepoFacts
from hubkeep.community import attachments, collections, discussions, follows, likes, notifications, webhooks
from hubkeep.community.attachments import CarriedFile
from hubkeep.community.discussions import Talk
from hubkeep.community.notifications import Target, Watched
from hubkeep.git import RefLine
from hubkeep.kit import ReadTx
from hubkeep.repos import Repo, RepoNotFound

PAGE = 500
_COUNTED = {"likes", "large"}  # numbers of a repository that its records tell by one by one
_TOLD = {field.serialization_alias or name for name, field in RepoFacts.model_fields.items()}
_SAME = [one.name for one in fields(Repo) if one.name in _TOLD - _COUNTED]


@dataclass(frozen=True)
class Snapshot:
    """A repository with all that belongs to it: what `repo.json` tells is in `facts`, by the names it has there."""

    repo: Repo
    refs: Sequence[RefLine]
    large: Sequence[StoredObject]
    talks: Sequence[Talk]
    attached: Sequence[CarriedFile]
    facts: SimpleNamespace


def snapshot(tx: ReadTx, repo: Repo) -> Snapshot:
    """Read a repository in one transaction: refs, discussions and large files that fit each other. Raises RepoNotFound."""
    found = repos.repos_by_id(tx, [repo.id])
    if not found:
        raise RepoNotFound(kind=repo.kind, name=repo.full_name)
    repo = found[0]
    talks = list(discussions.carry_out(tx, repo.id))
    large = _large(tx, repo.id)
    said = discussions.settings_of(tx, repo.id)
    group = orgs.group_by_id(tx, repo.resource_group_id) if repo.resource_group_id is not None else None
    facts = SimpleNamespace(
        **{name: getattr(repo, name) for name in _SAME},
        resource_group=group.name if group is not None else "",
        discussions_off=said.disabled,
        discussions_sorting=said.sorting,
        large={one.sha256: one.size for one in large},
        access=repos.access_out(tx, repo),
        likes=likes.carry_out(tx, repo.id),
        watches=notifications.carry_out(tx, Target(Watched.REPO, repo.id)),
        former_names=repos.names_out(tx, repo),
        days=search.days_out(tx, repo.id),
    )
    attached = attachments.carry_out(tx, attachments.named_in(_texts(talks)))
    return Snapshot(repo, repos.ref_lines(tx, repo), large, talks, attached, facts)


def facts_with(seen: Snapshot, attached: Sequence[tuple[CarriedFile, str]]) -> SimpleNamespace:
    """Return what `repo.json` tells, with the attachments that are in the bundle, and their sha256."""
    told = [SimpleNamespace(**asdict(one), sha256=sha256) for one, sha256 in attached]
    return SimpleNamespace(**vars(seen.facts), attachments=told)


def around(tx: ReadTx, owner: Owner, repo_ids: Sequence[int], *, webhook_secrets: bool) -> SimpleNamespace:
    """Read what stands around an owner, by the names that it has in `around.ndjson`."""
    return SimpleNamespace(
        owner=owner.name,
        followers=follows.carry_out(tx, owner.id),
        watches=notifications.carry_out(tx, Target(Watched(owner.kind.value), owner.id)),
        collections=collections.carry_out(tx, owner.id),
        webhooks=webhooks.carry_out(tx, owner.id, repo_ids, secrets=webhook_secrets),
    )


def _large(tx: ReadTx, repo_id: int) -> list[StoredObject]:
    found: list[StoredObject] = []
    after: str | None = None
    while True:
        page = [one.sha256 for one in cas.links(tx, repo_id, after, PAGE)]
        held = cas.held(tx, repo_id, page)
        found += [held[sha256] for sha256 in page if sha256 in held]
        if len(page) < PAGE:
            return found
        after = page[-1]


def _texts(talks: Sequence[Talk]) -> list[str]:
    said = [deed.said for talk in talks for deed in talk.deeds if deed.said is not None]
    return [text.raw for one in said for text in (one.now, *one.before)]
