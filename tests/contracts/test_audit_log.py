"""The audit log is only ever added to: both databases refuse everything else, on a migrated schema."""

import pytest
import sqlalchemy as sa

from hubkeep import accounts, migrations
from hubkeep.accounts import STRANGER, AuditFilter


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET type = 'x'", "DELETE FROM audit_log"])
def test_no_entry_is_changed_or_removed(open_db, statement):
    db = open_db()
    migrations.upgrade(db)
    with db.write() as tx:
        accounts.audit(tx, STRANGER, "repo.create", data={"repo": "ada/x"})

    def tamper():
        with db.write() as tx:
            tx.sql.execute(sa.text(statement))

    with pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
        tamper()
    with db.read() as tx:
        (entry,) = accounts.audit_entries(tx, accounts.COMMAND_LINE, AuditFilter())
    assert (entry.type, entry.data) == ("repo.create", {"repo": "ada/x"})
