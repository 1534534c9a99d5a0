"""Members of an organization as its administrators see them."""

import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import Role
from hubkeep.accounts.tables import users


def test_an_address_is_called_verified_only_once_it_was_confirmed(house):
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "reef", {"ada": Role.ADMIN, "eve": Role.READ})
        eve = accounts.user_named(tx, "eve")

    def seen():
        listed = house.client.get("/api/organizations/reef/members", headers=house.auth()).json()
        return {one["user"]: one["verifiedEmail"] for one in listed}

    assert seen() == {"ada": None, "eve": None}
    with house.stores.db.write() as tx:
        tx.sql.execute(sa.update(users).where(users.c.id == eve.id).values(email_confirmed=True))
    assert seen() == {"ada": None, "eve": "eve@example.org"}


def test_ids_of_organizations_are_the_same_wherever_they_are_told(house):
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "reef", {"ada": Role.ADMIN})
    (mine,) = house.client.get("/api/whoami-v2", headers=house.auth()).json()["orgs"]
    overview = house.client.get("/api/organizations/reef/overview").json()
    assert mine["id"] == overview["_id"]
    assert len(mine["id"]) == len("0123456789abcdef01234567")
    assert house.client.get(f"/api/organizations/{mine['id']}/overview").json()["name"] == "reef"
