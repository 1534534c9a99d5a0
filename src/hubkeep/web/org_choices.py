"""Resource groups to choose from, in forms about repositories."""

from collections.abc import Sequence

from hubkeep import accounts
from hubkeep.accounts import Actor, Membership, orgs
from hubkeep.accounts.orgs import ResourceGroup
from hubkeep.kit import ReadTx
from hubkeep.web.ids import chosen_number

Choices = list[tuple[str, list[ResourceGroup]]]


def groups_to_fill(tx: ReadTx, actor: Actor, memberships: Sequence[Membership]) -> Choices:
    """Return the resource groups in which `actor` may make repositories, by organization."""
    seated = {seat.org_id for seat in actor.groups.values()}
    found: Choices = []
    for one in memberships:
        if one.org_id not in seated and not orgs.sees_all(actor, one.org_id):
            continue  # nothing to see there
        some = [
            group
            for group in orgs.list_groups(tx, actor, one.org_name)
            if accounts.may_create(actor, one.org_id, resource_group_id=group.id)
        ]
        if some:
            found.append((one.org_name, some))
    return found


def chosen_group(text: str) -> int | None:
    """Return the group that a form names; None for none of them. Raises BadInput."""
    return chosen_number(text, "group") if text else None
