"""Bundles go between hubs of every kind: from files and SQLite to a bucket and PostgreSQL, and back."""

from collections import Counter

from tests.tools import postgres
from tests.unit.cli.test_bundle_around import PNG, Team

from hubkeep import accounts, repos
from hubkeep.cli.export import make_bundle
from hubkeep.cli.import_bundle import import_bundle
from hubkeep.cli.options import opened
from hubkeep.community import attachments, collections, discussions, likes
from hubkeep.kit import Settings
from hubkeep.opening import open_stores, prepare
from hubkeep.repos import Kind


def told(stores):
    """Everything that must be the same on both sides, people by name."""
    with stores.db.read() as tx:
        people = {one.id: one.name for one in accounts.every_owner(tx, 0, 1000)}
        net = repos.get(tx, accounts.COMMAND_LINE, Kind.MODEL, "acme/net")
        talks = list(discussions.carry_out(tx, net.id))
        acme = accounts.carry_out(tx, accounts.COMMAND_LINE, [net.owner_id])[net.owner_id]
        return {
            "refs": [
                (ref.name, ref.oid)
                for ref in repos.list_refs(tx, accounts.COMMAND_LINE, Kind.MODEL, "acme/net")
            ],
            "counts": (net.likes, net.likes_30d, net.downloads_all_time, net.created_at, net.last_modified),
            "likes": [(people[one.user_id], one.at) for one in likes.carry_out(tx, net.id)],
            "talks": [(one.num, one.title, people[one.author_id or 0], len(one.deeds)) for one in talks],
            "groups": acme.groups,
            "members": acme.members,
            "profile": acme.profile,
            "collections": [(one.title, one.items) for one in collections.carry_out(tx, net.owner_id)],
        }


def test_a_bundle_goes_to_a_bucket_and_postgresql_and_back(tmp_path, bucket, postgres_socket):
    settings = Settings(
        data=tmp_path / "middle", database_url=postgres.make_database(postgres_socket), storage=bucket
    )
    prepare(settings)
    middle = open_stores(settings)
    try:
        with opened(tmp_path / "there") as there:
            team = Team(there)
            first = told(there)
            make_bundle(there, ["acme", "ada"], tmp_path / "one")
        assert import_bundle(middle, tmp_path / "one").refused == {}
        assert told(middle) == first
        assert list(repos.fsck(middle, Counter(), deep=True)) == []
        make_bundle(middle, ["acme", "ada"], tmp_path / "two")
        with opened(tmp_path / "back") as back:
            assert import_bundle(back, tmp_path / "two").refused == {}
            assert told(back) == first
            assert back.blobs.open(attachments.blob_key(team.picture)).read() == PNG
            assert list(repos.fsck(back, Counter(), deep=True)) == []
    finally:
        middle.db.close()
