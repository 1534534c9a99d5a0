"""The schema that the migrations make is the schema that the code expects, on both databases."""

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.tools import postgres

import hubkeep
from hubkeep import migrations
from hubkeep.kit import metadata
from hubkeep.migrations import compare


def schema(db):
    """Everything that the database says about its tables, in an order that does not depend on who made them."""
    with db.read() as tx:
        look = sa.inspect(tx.sql)
        names = set(look.get_table_names()) - compare.full_text_tables(tx.sql) - {"alembic_version"}
        return {name: facts(look, name) for name in names}


def facts(look, table):
    def ordered(found):
        return sorted(plain(one) for one in found)

    def plain(thing):  # conditions of indexes are objects that equal nothing but themselves
        return str({k: plain(v) for k, v in sorted(thing.items())} if isinstance(thing, dict) else thing)

    return {
        "columns": [{**column, "type": str(column["type"])} for column in look.get_columns(table)],
        "key": look.get_pk_constraint(table),
        "foreign": ordered(look.get_foreign_keys(table)),
        "unique": ordered(look.get_unique_constraints(table)),
        "indexes": ordered(look.get_indexes(table)),
        "checks": ordered(look.get_check_constraints(table)),
    }


def test_the_migrated_schema_is_the_schema_of_the_tables(open_db, tmp_path):
    """When this fails: `scripts/new-migration "why"`, or before the first release `scripts/new-migration --initial`."""
    db = open_db()
    migrations.upgrade(db)
    migrated = schema(db)
    with db.write() as tx:
        ours = {"compare_type": compare.same_type, "include_object": compare.included(tx.sql)}
        found = MigrationContext.configure(tx.sql, opts=ours)
        assert compare_metadata(found, metadata) == []
        tx.sql.execute(sa.text("DROP TABLE alembic_version"))
        for table in reversed(metadata.sorted_tables):
            table.drop(tx.sql)
    db.create_all()
    assert migrated == schema(db)


def test_sqlite_gets_the_very_same_statements(tmp_path):
    """WITHOUT ROWID and AUTOINCREMENT are nothing that an inspector tells."""

    def statements(name, make):
        db = hubkeep.kit.Database(f"sqlite:///{tmp_path}/{name}")
        make(db)
        with db.read() as tx:
            rows = tx.sql.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        db.close()
        return {name: sorted(line.strip(" \t,") for line in sql.split("\n")) for name, sql in rows}

    migrated, made = statements("a", migrations.upgrade), statements("b", lambda db: db.create_all())
    migrated.pop("alembic_version")
    assert migrated == made


def test_upgrading_twice_does_nothing_the_second_time(open_db):
    db = open_db()
    assert migrations.current(db) is None
    assert migrations.upgrade(db)[-1] == migrations.head()
    assert migrations.upgrade(db) == []
    assert migrations.current(db) == migrations.head()


def test_nodes_that_start_together_upgrade_once(open_db):
    done, nodes = [], [open_db() for _ in range(4)]
    threads = [
        threading.Thread(target=lambda node=node: done.append(migrations.upgrade(node))) for node in nodes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [applied for applied in done if applied] == [max(done)]


def test_a_step_that_fails_leaves_the_schema_as_it_was(open_db):
    db = open_db()
    with db.write() as tx:
        tx.sql.execute(sa.text("CREATE TABLE refs (broken INTEGER)"))  # the first step will stumble over it
    with pytest.raises(sa.exc.DBAPIError):
        migrations.upgrade(db)
    assert list(schema(db)) == ["refs"]
    assert migrations.current(db) is None


def test_a_database_of_a_newer_release_is_refused(open_db):
    db = open_db()
    migrations.upgrade(db)
    with db.write() as tx:
        tx.sql.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.SchemaTooNew):
        migrations.upgrade(db)


def test_a_step_gives_up_rather_than_queue_the_site_behind_a_lock(postgres_socket):
    """A table that somebody holds open makes an ALTER wait, and everybody else behind it: not for long."""
    db, said = hubkeep.kit.Database(postgres.make_database(postgres_socket)), []

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        said.append(statement)

    migrations.upgrade(db)
    db.close()
    timeout = said.index("SET LOCAL lock_timeout = '4s'")
    assert all(not one.lstrip().startswith(("CREATE", "ALTER", "DROP")) for one in said[:timeout])
