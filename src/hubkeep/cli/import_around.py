"""What stands around the owners of a bundle: followers, watchers, collections, webhooks. It comes after all repositories."""

from collections.abc import Mapping

from hubkeep import accounts
from hubkeep.accounts import Owner
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_people import names_in, read, read_all
from hubkeep.cli.bundle_records import AroundFacts, CollectionFacts
from hubkeep.cli.import_state import Bundle, Imported
from hubkeep.community import collections, follows, notifications, webhooks
from hubkeep.community.collections import CarriedCollection, ItemKind
from hubkeep.community.follows import CarriedFollower
from hubkeep.community.notifications import CarriedWatch, Target, Watched
from hubkeep.community.webhooks import CarriedHook
from hubkeep.kit import HubError
from hubkeep.repos import Kind, Stores


def import_around(stores: Stores, bundle: Bundle, done: Imported) -> None:
    """Bring it in; what is here already is left alone, what is refused is noted. Raises NotABundle."""
    for facts in form.read_around(bundle.folder, bundle.manifest):
        try:
            _one(stores, bundle, facts, done)
        except HubError as error:
            done.refused[facts.owner] = str(error)


def _one(stores: Stores, bundle: Bundle, facts: AroundFacts, done: Imported) -> None:
    numbers = bundle.people(stores, facts.owner, names_in(facts))
    with stores.db.write() as tx:
        owner = accounts.owner_now(tx, facts.owner)
        follows.carry_in(tx, owner.id, read_all(CarriedFollower, facts.followers, numbers))
        watches = read_all(CarriedWatch, facts.watches, numbers)
        notifications.carry_in(tx, Target(Watched(owner.kind.value), owner.id), watches)
    # A collection may stand in another one: those without any come first.
    for one in sorted(facts.collections, key=_holds_collections):
        try:
            done.collections += _collection(stores, owner, one, numbers, done)
        except HubError as error:
            done.refused[f"collection {owner.name}/{one.title}"] = str(error)
    for hook in read_all(CarriedHook, facts.webhooks, numbers):
        try:
            with stores.db.write() as tx:
                done.webhooks += webhooks.carry_in(tx, stores.settings.url, hook)
        except HubError as error:
            done.refused[f"webhook {hook.url.partition('?')[0]}"] = str(error)


def _holds_collections(facts: CollectionFacts) -> bool:
    return any(item.kind is ItemKind.COLLECTION for item in facts.items)


def _collection(
    stores: Stores, owner: Owner, facts: CollectionFacts, numbers: Mapping[str, int], done: Imported
) -> bool:
    """Make a collection; one that lacks a repository which was refused waits for it. Return whether it was made."""
    for item in facts.items:
        prefix = Kind(item.kind.value).prefix if item.kind.value in set(Kind) else ""
        if prefix + item.name in done.refused:
            done.refused[f"collection {owner.name}/{facts.title}"] = f"it waits for {prefix}{item.name}"
            return False
    with stores.db.write() as tx:
        made = collections.carry_in(tx, owner.id, read(CarriedCollection, facts, numbers))
    return made is not None
