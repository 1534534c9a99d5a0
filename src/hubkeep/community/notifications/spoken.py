"""What texts speak of, looked up for somebody who reads them: people by name, discussions by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hubkeep.accounts import Action, Actor, may, owners_named
from hubkeep.community.discussions import Found, by_nums
from hubkeep.community.notifications.mentions import Reference, mentioned, short_references
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, Repo, by_name

MAX_NAMES, MAX_ELSEWHERE = 200, 20  # looked up for one page: what is beyond stays text


@dataclass(frozen=True)
class Spoken:
    """People and organizations by name in lower case, as they write themselves; discussions that the reader may see."""

    names: Mapping[str, str] = field(default_factory=dict)
    talks: Mapping[Reference, Found] = field(default_factory=dict)


def spoken_of(tx: ReadTx, actor: Actor, repo: Repo, texts: Sequence[str]) -> Spoken:
    """Look up what texts about `repo` speak of: two queries, and two more for each other repository."""
    names = list(dict.fromkeys(name for text in texts if "@" in text for name in mentioned(text)))
    owners = owners_named(tx, names[:MAX_NAMES]) if names else {}
    wanted = list(dict.fromkeys(one for text in texts if "#" in text for one in short_references(text)))
    talks: dict[Reference, Found] = {}
    elsewhere: dict[tuple[Kind, str], list[Reference]] = {}
    here = [one for one in wanted if one.full_name is None]
    for one in wanted:
        if one.full_name is not None:
            elsewhere.setdefault((one.kind or repo.kind, one.full_name), []).append(one)
    talks |= _of(tx, repo, here)
    for (kind, name), some in list(elsewhere.items())[:MAX_ELSEWHERE]:
        there = by_name(tx, kind, name)
        if there is not None and not there.disabled and may(actor, Action.READ, there):
            talks |= _of(tx, there, some)
    return Spoken({key: owner.name for key, owner in owners.items()}, talks)


def _of(tx: ReadTx, repo: Repo, some: Sequence[Reference]) -> dict[Reference, Found]:
    found = by_nums(tx, repo.id, [one.num for one in some])
    return {one: Found(repo, found[one.num]) for one in some if one.num in found}
