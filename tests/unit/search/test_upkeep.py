"""The index can always be made anew from the rows and the cards."""

import sqlalchemy as sa

from hubkeep import accounts, repos, search
from hubkeep.accounts import STRANGER, OwnerKind
from hubkeep.kit import metadata
from hubkeep.repos import Kind
from hubkeep.search import tables
from hubkeep.search.index import drop
from hubkeep.search.words import features_in


def everything(house) -> dict[str, object]:
    """Return what the index says, features by their names."""
    with house.stores.db.read() as tx:
        features = tx.sql.execute(sa.select(tables.features)).all()
        names = {feature.id: feature.name for feature in features}
        documents = [
            (
                row.repo_id,
                [word for word in row.words.split() if word[2:3] != "f"],
                sorted(names[number] for number in features_in(row.words)),
            )
            for row in tx.sql.execute(sa.select(tables.documents).order_by("repo_id"))
        ]
        others = {
            table.name: sorted(map(tuple, tx.sql.execute(sa.select(table))))
            for table in (tables.keys, tables.texts, tables.people)
        }
        counts = sorted((f.kind, f.name, f.used_by) for f in features)
    return {"documents": documents, "counts": counts, **others}


def test_a_hub_older_than_its_index_builds_it_at_the_start(house):
    house.model("bert", "pytorch")
    house.push(house.make_repo(name="whales"), None, "a whale")
    house.make_repo(name="hidden", private=True)
    house.work()
    before = everything(house)
    with house.stores.db.write() as tx:
        for name in (*tables.RANKED.values(), tables.TEXTS, tables.PEOPLE):
            tx.sql.exec_driver_sql(f"DROP TABLE {name}")
        for table in reversed(metadata.sorted_tables):
            if table.name.startswith("search_"):
                tx.sql.execute(sa.delete(table))
        search.create_index(tx.sql)
    search.start(house.stores.db)
    house.work()
    assert everything(house) == before
    assert house.names(tags=["pytorch"]) == ["bert"]
    assert [
        o.name for o in house.ask(lambda tx, _: search.find_people(tx, OwnerKind.USER, "ad", 5), STRANGER)
    ] == ["ada"]
    assert len(house.ask(search.full_text, STRANGER, "whale").items) == 1


def test_a_rebuild_changes_nothing_that_is_right_and_mends_what_is_wrong(house):
    repo = house.model("bert", "pytorch")
    house.work()
    before = everything(house)
    rebuild(house)
    assert everything(house) == before
    with house.stores.db.write() as tx:
        drop(tx, repo.id)
    assert house.names() == []
    rebuild(house)
    assert everything(house) == before


def test_a_repo_that_an_operator_closed_is_not_found(house):
    repo = house.model("bert")
    with house.stores.db.write() as tx:
        tx.sql.exec_driver_sql(f"UPDATE repos SET disabled = 1 WHERE id = {repo.id}")
        (closed,) = repos.repos_by_id(tx, [repo.id])
        tx.emit(repos.RepoSettingsChanged(closed))
    assert house.names() == []
    assert house.ask(search.tags_by_type, STRANGER, Kind.MODEL, "region")["region"] == []


def test_storage_used_is_measured_after_a_push(house):
    repo = house.model("bert")
    house.hold(repo, b"x" * 5000)
    house.push(repo, {"tags": ["y"]})
    house.work()
    with house.stores.db.read() as tx:
        (found,) = repos.repos_by_id(tx, [repo.id])
    assert 5000 < found.used_storage < 50_000


def test_a_new_organization_is_found_in_the_same_transaction(house):
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "whale-lab", {"ada": accounts.Role.ADMIN})
        assert [org.name for org in search.find_people(tx, OwnerKind.ORG, "whale", 5)] == ["whale-lab"]


def rebuild(house) -> None:
    search.HANDLERS["search.rebuild"](house.stores, {})
