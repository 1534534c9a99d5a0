"""People who work together: an organization with a card, groups, programs and invitations that wait."""

from tests.unit.web.furniture import Furniture

from hubkeep import accounts, repos
from hubkeep.accounts import Entity, EntityType, Permission, Role, Scopes, TokenRole, orgs
from hubkeep.accounts.orgs import NewGroup, OrgChanges
from hubkeep.repos import Kind

ABOUT = OrgChanges(
    details="We listen to the sea, and write down what it says.",
    website="https://harbour-office.example",
    github="harbour-office",
)
CARD = b"""---
title: README
sdk: static
---

## Harbour office

Who wants to land here writes to us **first**.

- [Models](/models?author=harbour-office)
- Tides, every day
"""


def gather(furniture: Furniture) -> None:
    """Make the organization `harbour-office`: ada administers it, hopper belongs to it, grace is invited."""
    stores = furniture.stores
    with stores.db.write() as tx:
        org = orgs.create_org(tx, furniture.actor, "harbour-office", ABOUT)
        ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        mary = accounts.add_user(tx, "mary", "mary@example.org", fullname="Mary Somerville")
        accounts.add_user(tx, "grace", "grace@example.org", fullname="Grace Hopper")
        accounts.set_member(tx, org.id, mary.id, Role.CONTRIBUTOR)
        accounts.add_token(tx, mary.id, "laptop", TokenRole.WRITE)
        orgs.invite(tx, ada, org.name, "grace", Role.READ)
        orgs.make_link(tx, ada, org.name, Role.READ, max_uses=5)
        group = orgs.create_group(tx, ada, org.name, NewGroup("Lighthouse", "What the lamp sees at night"))
        orgs.add_to_group(tx, ada, org.name, group.id, [("mary", Role.WRITE)])
        program = orgs.create_service_account(tx, ada, org.name, "Nightly build", "Trains every night")
        scopes = Scopes({Entity(EntityType.ORG, org.id): frozenset([Permission.REPO_READ])})
        orgs.make_service_token(tx, ada, org.name, program.id, "trainer", scopes)
    furniture.actor = ada
    furniture.repo("harbour-office/README", Kind.SPACE, {"README.md": CARD})
    lamp = furniture.repo("harbour-office/lamp", Kind.MODEL, private=True)
    with stores.db.write() as tx:
        repos.set_resource_group(tx, ada, lamp.kind, lamp.full_name, group.id)
        tower = accounts.add_org(tx, "watch-tower", {"mary": Role.ADMIN}, fullname="The Watch Tower")
        hers = accounts.actor_of(tx, mary.id, can_write=True)
        orgs.invite(tx, hers, tower.name, "ada", Role.CONTRIBUTOR)
