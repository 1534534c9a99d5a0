"""Change what an organization says of itself."""

import re
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.events import OwnerRenamed
from hubkeep.accounts.org_tables import orgs
from hubkeep.accounts.orgs.queries import org_profile
from hubkeep.accounts.orgs.rights import check_text, org_for_admin
from hubkeep.accounts.orgs.types import OrgChanges
from hubkeep.accounts.tables import owners
from hubkeep.accounts.types import Actor, Owner
from hubkeep.kit import BadInput, WriteTx
from hubkeep.kit.tables import insert_missing

LIMITS = {"fullname": 255, "details": 500, "website": 255, "github": 100, "twitter": 100, "linkedin": 100}
_HANDLE = re.compile(r"@?[A-Za-z0-9_.-]*")
_WEBSITE = re.compile(r"https?://[^\s/?#@<>\"'\\]+(?:[/?#][^\s<>\"'\\]*)?", re.IGNORECASE)


def update_org(tx: WriteTx, actor: Actor, name: str, changes: OrgChanges) -> Owner:
    """Apply the changes.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: who is not an administrator.
        BadInput: a text over its limit, a website that is not one.
    """
    org = org_for_admin(tx, actor, name, "change this organization's profile")
    values = checked(changes)
    if not values:
        return org
    before = asdict(org_profile(tx, org.id)) | {"fullname": org.fullname}
    fullname = values.pop("fullname", org.fullname) or org.name
    if fullname != org.fullname:
        tx.sql.execute(sa.update(owners).where(owners.c.id == org.id).values(fullname=fullname))
    insert_missing(tx.sql, orgs, [{"id": org.id}])
    if values:
        tx.sql.execute(sa.update(orgs).where(orgs.c.id == org.id).values(**values))
    after = before | values | {"fullname": fullname}
    changed = [field for field in after if after[field] != before[field]]
    if changed:
        data = {
            "name": org.name,
            "before": {field: before[field] for field in changed},
            "after": {field: after[field] for field in changed},
        }
        audit(tx, actor, "org.update", owner_id=org.id, data=data)
    after_all = Owner(org.id, org.kind, org.name, fullname, org.created_at, org.avatar)
    if fullname != org.fullname:
        tx.emit(OwnerRenamed(after_all))
    return after_all


def checked(changes: OrgChanges) -> dict[str, Any]:
    """Return the fields that change, cleaned. Raises BadInput."""
    values: dict[str, Any] = {}
    for field, value in asdict(changes).items():
        if value is None:
            continue
        values[field] = value if field == "members_hidden" else check_text(field, value, LIMITS[field])
    website = values.get("website", "")
    if website and not _WEBSITE.fullmatch(website):
        raise BadInput(field="website", reason="must be an address that starts with https:// or http://")
    for field in ("github", "twitter", "linkedin"):
        if not _HANDLE.fullmatch(values.get(field, "")):
            raise BadInput(field=field, reason="must be the name there, without an address before it")
        if field in values:
            values[field] = values[field].lstrip("@")
    return values
