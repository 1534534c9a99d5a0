"""An operator asks whether every name leads to its bytes."""

from collections import Counter

import pytest
import sqlalchemy as sa
from tests.unit.cas.build import noise, text
from tests.unit.cas.conftest import Store
from tests.unit.repos.conftest import add, large

from hubkeep import repos
from hubkeep.repos.tables import packs, refs


@pytest.fixture
def full(house):
    """A hub with a repository that has everything: commits, a whole blob, a Xet file."""
    house.repo = house.make_repo()
    store = house.large = Store(house.stores.db, house.stores.blobs, house.stores.scratch)
    house.whole = store.keep(noise(5000), house.repo.id)
    house.cut = store.upload(text(300_000), house.repo.id)
    house.commit(
        house.repo, add("a.txt"), large("whole.bin", house.whole), large("xet.bin", house.cut.sha256)
    )
    house.commit(house.repo, add("dir/b.txt", b"b" * 10_000))
    return house


def damage(house, *, deep=False):
    return [f"{one.where}: {one.what}" for one in repos.fsck(house.stores, Counter(), deep=deep)]


def blob(house, prefix, suffix=""):
    """The file of the first blob below a prefix."""
    stats = [stat for stat in house.stores.blobs.list(prefix) if stat.key.endswith(suffix)]
    return house.stores.blobs.local_path(stats[0].key)


def flip(path, at=-30):
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("deep", [False, True])
def test_a_healthy_hub_has_no_damage(full, deep):
    tally: Counter[str] = Counter()
    assert list(repos.fsck(full.stores, tally, deep=deep)) == []
    assert (tally["repositories"], tally["refs"], tally["packs"], tally["objects"], tally["recipes"]) == (
        1,
        1,
        3,
        2,
        1,
    )
    assert tally["bytes"] == 5000 + 300_000
    assert tally["bytes read"] == (305_000 if deep else 0)
    assert not list(full.stores.scratch.glob("fsck-*"))


def test_it_names_the_repository_that_lost_a_pack(full):
    blob(full, f"git/{full.repo.id}/", ".pack").unlink()
    found = damage(full)
    assert found[0].startswith(f"model {full.repo.full_name}: pack pack-")
    assert "missing" in found[0]


@pytest.mark.parametrize("suffix", [".pack", ".idx"])
def test_a_flipped_bit_in_git_is_found(full, suffix):
    flip(blob(full, f"git/{full.repo.id}/", suffix))
    assert any(full.repo.full_name in line for line in damage(full))


def test_a_pack_of_another_size_is_found(full):
    with full.stores.db.write() as tx:
        tx.sql.execute(sa.update(packs).values(bytes=packs.c.bytes + 1))
    assert len([line for line in damage(full) if "bytes instead of" in line]) == 3


def test_a_ref_to_nothing_is_found(full):
    with full.stores.db.write() as tx:
        tx.sql.execute(sa.update(refs).values(oid="ab" * 20, commit_oid="ab" * 20))
    assert any("refs/heads/main" in line or "ab" * 20 in line for line in damage(full))


def test_a_pack_that_the_refs_need_but_nobody_lists_is_found(full):
    with full.stores.db.write() as tx:
        oldest = sa.select(packs.c.name).order_by(packs.c.created_at).limit(1).scalar_subquery()
        tx.sql.execute(sa.delete(packs).where(packs.c.name == oldest))
    assert any("missing" in line or "broken link" in line for line in damage(full))


def test_git_complains_at_length_but_we_do_not(full):
    for number in range(30):
        full.commit(full.repo, add(f"many/{number}.txt", str(number).encode()))
    with full.stores.db.write() as tx:
        tx.sql.execute(sa.delete(packs))
    assert len(damage(full)) <= 21


def test_a_missing_large_blob_is_found_and_its_repository_named(full):
    blob(full, "lfs/").unlink()
    (found,) = damage(full)
    assert found.startswith(f"model {full.repo.full_name}: {full.whole}: its blob lfs/")
    assert found.endswith("is missing")


def test_a_truncated_large_blob_is_found(full):
    path = blob(full, "lfs/")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    assert damage(full)[0].endswith("has 4999 bytes instead of 5000")


def test_a_flipped_bit_in_a_large_blob_is_found_by_looking_deep(full):
    flip(blob(full, "lfs/"))
    assert damage(full) == []
    (found,) = damage(full, deep=True)
    assert f"{full.whole}: blob: the sha256 is" in found


def test_a_missing_xorb_is_found(full):
    blob(full, "xorbs/").unlink()
    (found,) = damage(full)
    assert f"{full.cut.xorb}: xorb: its blob xorbs/" in found


def test_a_flipped_bit_in_a_xorb_is_found_by_looking_deep(full):
    flip(blob(full, "xorbs/"))
    assert damage(full) == []
    (found,) = damage(full, deep=True)
    assert found.startswith(f"model {full.repo.full_name}: {full.cut.sha256}: reconstruction: ")


def test_a_recipe_that_names_a_xorb_of_nobody_is_found(full):
    with full.stores.db.write() as tx:
        tx.sql.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        tx.sql.execute(sa.text("DELETE FROM xorb_uses"))
        tx.sql.execute(sa.text("DELETE FROM xorbs"))
    assert any("xorb number 1 is missing" in line for line in damage(full))


def test_a_recipe_that_is_missing_is_found(full):
    with full.stores.db.write() as tx:
        tx.sql.execute(sa.text("DELETE FROM xorb_uses"))
        tx.sql.execute(sa.text("DELETE FROM xet_files"))
    assert any(f"its recipe {full.cut.file} is missing" in line for line in damage(full))


def test_bytes_without_a_name_are_no_damage(full):
    other = full.make_repo()
    with full.stores.db.write() as tx:
        repos.delete(tx, full.ada, other.kind, other.full_name)
    assert damage(full) == []
