"""What a team has beside files travels along: likes, collections, webhooks, pictures, watchers, resource groups, profiles."""

import hashlib
import json
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from tests.unit.web.furniture import Furniture

from hubkeep import accounts, repos, search
from hubkeep.accounts import Role, orgs
from hubkeep.cli.bundle_format import picture_parts, upload_parts
from hubkeep.cli.export import make_bundle
from hubkeep.cli.import_bundle import import_bundle
from hubkeep.cli.import_state import Authors
from hubkeep.cli.options import opened
from hubkeep.community import attachments, collections, discussions, follows, likes, notifications, webhooks
from hubkeep.community.attachments import Media
from hubkeep.community.collections import ItemKind, NewCollection, NewItem
from hubkeep.community.notifications import Target, Watched
from hubkeep.community.webhooks import Domain, State, Wish
from hubkeep.repos import Kind

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
HOOK = "https://ci.example.org/hook?key=1"


@pytest.fixture
def there(tmp_path):
    with opened(tmp_path / "there") as stores:
        yield Team(stores)


@pytest.fixture
def here(tmp_path):
    with opened(tmp_path / "here") as stores:
        yield stores


@pytest.fixture
def bundle(there, tmp_path):
    make_bundle(there.stores, ["acme", "ada"], tmp_path / "bundle")
    return tmp_path / "bundle"


class Team:
    """A hub where people do more than upload files."""

    def __init__(self, stores):
        self.stores = stores
        with stores.db.write() as tx:
            for name in ("ada", "bob", "eve"):
                accounts.add_user(tx, name, f"{name}@example.org", fullname=f"{name.title()} X")
            accounts.add_org(tx, "acme", {"ada": Role.ADMIN, "bob": Role.READ, "eve": Role.READ})
        self.ada, self.bob, self.eve = (self.actor(name) for name in ("ada", "bob", "eve"))
        drawn = BytesIO()
        Image.new("RGB", (64, 64), (200, 30, 30)).save(drawn, "PNG")
        accounts.keep_avatar(stores.db, stores.blobs, self.ada, "acme", drawn.getvalue())
        furniture = Furniture(stores, self.ada)
        self.model = furniture.repo("acme/net", files={"README.md": b"# Net\n"})
        with stores.db.write() as tx:
            self._organize(tx)
        self.ada, self.bob = self.actor("ada"), self.actor("bob")
        furniture = Furniture(stores, self.ada)
        self.secret = furniture.repo(
            "acme/secret", private=True, resource_group_id=self.group.id, files={"a.txt": b"a"}
        )
        furniture.repo("acme/was", Kind.DATASET, {"d.csv": b"1\n"})
        with stores.db.write() as tx:
            repos.move(tx, self.ada, Kind.DATASET, "acme/was", "acme/rows")
        self._show_interest()
        self._talk()

    def actor(self, name):
        with self.stores.db.read() as tx:
            return accounts.actor_of(tx, accounts.user_named(tx, name).id, True)

    def _organize(self, tx):
        changes = orgs.OrgChanges(
            details="We make nets.", website="https://acme.example", members_hidden=True
        )
        orgs.update_org(tx, self.ada, "acme", changes)
        auto = orgs.AutoJoin(Role.READ)
        self.group = orgs.create_group(tx, self.ada, "acme", orgs.NewGroup("Secret lab", "Few", auto))
        orgs.add_to_group(tx, self.ada, "acme", self.group.id, [("ada", Role.ADMIN), ("bob", Role.WRITE)])
        orgs.create_service_account(tx, self.ada, "acme", "ci", "builds")
        accounts.change_about(
            tx, self.ada, accounts.About("Ada L.", "I count.", "https://ada.example", {"github": "ada"})
        )

    def _show_interest(self):
        with self.stores.db.write() as tx:
            for who in (self.ada, self.bob):
                likes.like(tx, who, Kind.MODEL, "acme/net", on=True)
            follows.follow(tx, self.bob, "acme", on=True)
            follows.follow(tx, self.eve, "ada", on=True)
            notifications.watch(tx, self.eve, [Target(Watched.REPO, self.model.id)], [])
            notifications.watch(tx, self.bob, [], [Target(Watched.ORG, self.model.owner_id)])
            search.add_downloads(tx, {self.model.id: 7})
            first = collections.create(tx, self.ada, NewCollection("acme", "Nets", "All of them")).collection
            collections.add_item(tx, self.ada, first.id, NewItem(ItemKind.MODEL, "acme/net", note="good"))
            collections.add_item(tx, self.ada, first.id, NewItem(ItemKind.PAPER, "1706.03762"))
            collections.upvote(tx, self.bob, first.id, on=True)
            second = collections.create(tx, self.ada, NewCollection("acme", "All", private=True)).collection
            collections.add_item(
                tx, self.ada, second.id, NewItem(ItemKind.COLLECTION, collection_id=first.id)
            )
            wish = Wish("http://hub", HOOK, [("org", "acme"), ("model", "acme/net")], [Domain.REPO], "s3cret")
            webhooks.create(tx, self.bob, wish)

    def _talk(self):
        aside = self.stores.scratch / "picture"
        aside.write_bytes(PNG)
        kept = attachments.keep(self.stores, self.bob, aside, Media.PNG)
        self.picture = kept.name
        text = f"Look: ![x]({self.stores.settings.url}/uploads/{kept.name}) and {'0' * 32}.png"
        with self.stores.db.write() as tx:
            who = (Kind.MODEL, "acme/net")
            first = discussions.create(tx, self.bob, *who, "A picture", text).discussion
            second = discussions.create(tx, self.ada, *who, "Another", "See #1").discussion
            discussions.refer(tx, second.id, second.first_event_id, [first.id])
            discussions.mute(tx, self.eve, *who, first.num, muted=True)
            discussions.update_settings(
                tx, self.ada, *who, disabled=None, sorting=discussions.Sorting.REACTIONS
            )


def found(tx, kind, name):
    return repos.get(tx, accounts.COMMAND_LINE, kind, name)


def group_of(tx, repo):
    assert repo.resource_group_id is not None
    group = orgs.group_by_id(tx, repo.resource_group_id)
    assert group is not None
    return group


def number_of(tx, name):
    return accounts.owner_named(tx, name).id


def names(tx, facts):
    people = {one.id: one.name for one in accounts.every_owner(tx, 0, 1000)}
    return {people[one.user_id]: one for one in facts}


def test_likes_downloads_watchers_and_old_names_arrive(here, bundle):
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        net = found(tx, Kind.MODEL, "acme/net")
        assert (net.likes, net.likes_30d, net.downloads, net.downloads_all_time) == (2, 2, 7, 7)
        assert net.trending > 0
        assert set(names(tx, likes.carry_out(tx, net.id))) == {"ada", "bob"}
        watching = names(tx, notifications.carry_out(tx, Target(Watched.REPO, net.id)))
        assert {name: one.listens for name, one in watching.items()} == {"eve": True}
        with pytest.raises(repos.RepoMoved, match="acme/rows"):
            repos.get(tx, accounts.COMMAND_LINE, Kind.DATASET, "acme/was")
        listed = search.listing(tx, accounts.COMMAND_LINE, search.Query(kind=Kind.MODEL, sort="likes"))
        assert [info.repo.full_name for info in listed.items][:1] == ["acme/net"]


def test_a_repository_of_a_resource_group_stays_closed_to_the_rest_of_the_organization(here, bundle):
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        secret = found(tx, Kind.MODEL, "acme/secret")
        group = group_of(tx, secret)
        assert (group.name, group.description, group.auto_join) == (
            "Secret lab",
            "Few",
            orgs.AutoJoin(Role.READ),
        )
        assert {one.user.name: one.role for one in orgs.members_of_group(tx, group.id)} == {
            "ada": Role.ADMIN,
            "bob": Role.WRITE,
        }

        def sees(name):
            actor = accounts.actor_of(tx, number_of(tx, name), can_write=False)
            return repos.may_read_content(tx, actor, secret) and _is_there(tx, actor, "acme/secret")

        assert [sees(name) for name in ("ada", "bob", "eve")] == [True, True, False]


def _is_there(tx, actor, name):
    try:
        return repos.get(tx, actor, Kind.MODEL, name) is not None
    except repos.RepoNotFound:
        return False


def test_a_group_that_an_organization_here_lacks_is_added_for_members_that_it_has(here, bundle):
    with here.db.write() as tx:
        for name in ("zoe", "bob"):
            accounts.add_user(tx, name, "")
        accounts.add_org(tx, "acme", {"zoe": Role.ADMIN, "bob": Role.READ})
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        secret = found(tx, Kind.MODEL, "acme/secret")
        inside = orgs.members_of_group(tx, group_of(tx, secret).id)
        assert [(one.user.name, one.role) for one in inside] == [("bob", Role.WRITE)]
        assert [one.user.name for one in accounts.members_of(tx, number_of(tx, "acme"))] == ["bob", "zoe"]


def test_a_repository_whose_group_is_not_in_the_bundle_is_refused_rather_than_opened(here, bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    for owner in manifest["owners"]:
        owner["groups"] = []
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    done = import_bundle(here, bundle)
    assert "no resource group 'Secret lab'" in done.refused["acme/secret"]
    assert "acme/net" in done.made


def test_profiles_members_and_programs_arrive(here, bundle):
    import_bundle(here, bundle)
    with here.db.read() as tx:
        about = accounts.about(tx, number_of(tx, "ada"))
        assert about == accounts.About("Ada L.", "I count.", "https://ada.example", {"github": "ada"})
        told = orgs.org_profile(tx, number_of(tx, "acme"))
        assert (told.details, told.website, told.members_hidden) == (
            "We make nets.",
            "https://acme.example",
            True,
        )
        ada = accounts.actor_of(tx, number_of(tx, "ada"), can_write=True)
        [program] = orgs.list_service_accounts(tx, ada, "acme")
        assert program.description == "builds"
        assert accounts.owner_named(tx, "eve").fullname == "Eve X"


def test_pictures_of_organizations_arrive_drawn_anew(here, bundle):
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        acme = accounts.owner_named(tx, "acme")
    with Image.open(here.blobs.open(accounts.picture_key(acme.avatar))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (256, 256))
    assert len(list(here.blobs.list("avatars/"))) == 1


def test_a_picture_of_an_owner_that_is_something_else_is_refused(here, bundle):
    [path] = (bundle / "pictures").rglob("*.webp")
    path.write_bytes(b"<svg onload=alert(1)>")
    assert "acme/net" in import_bundle(here, bundle).refused
    manifest = json.loads((bundle / "manifest.json").read_text())
    html = path.read_bytes()
    told = {"bytes": len(html), "sha256": hashlib.sha256(html).hexdigest()}
    for owner in manifest["owners"]:
        owner["picture"] = told if owner["name"] == "acme" else None
    aside = bundle.joinpath(*picture_parts(hashlib.sha256(html).hexdigest()))
    aside.parent.mkdir(parents=True, exist_ok=True)
    aside.write_bytes(html)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    assert "picture must be PNG" in import_bundle(here, bundle).refused["acme/net"]
    assert list(here.blobs.list("avatars/")) == []


def test_what_belongs_to_somebody_who_is_called_otherwise_here_comes_to_them(here, bundle):
    with here.db.write() as tx:
        accounts.add_user(tx, "zoe", "")
        accounts.add_org(tx, "acme", {"zoe": Role.ADMIN})
    with here.db.write() as tx:
        zoe = accounts.actor_of(tx, number_of(tx, "zoe"), can_write=True)
        accounts.rename_org(tx, zoe, "acme", "apex")
    assert import_bundle(here, bundle).refused == {}
    again = import_bundle(here, bundle)
    assert (again.made, again.refused) == ([], {})
    with here.db.read() as tx:
        assert found(tx, Kind.MODEL, "apex/net").likes == 2
        inner = collections.carry_out(tx, number_of(tx, "apex"))[1].items
        assert [(one.kind, one.name) for one in inner] == [("collection", "apex/Nets")]


def test_people_who_are_called_otherwise_or_locked_out_here_are_nobody_new(here, bundle):
    with here.db.write() as tx:
        for name in ("zoe", "bob", "eve"):
            accounts.add_user(tx, name, "")
        accounts.add_org(tx, "acme", {"zoe": Role.ADMIN, "bob": Role.READ})
        for old, new in (("bob", "rob"), ("eve", "eva")):
            accounts.rename_user(tx, accounts.COMMAND_LINE, old, new)
        accounts.set_disabled(tx, "eva", disabled=True)
    assert import_bundle(here, bundle).refused == {}
    with here.db.read() as tx:
        inside = orgs.members_of_group(tx, group_of(tx, found(tx, Kind.MODEL, "acme/secret")).id)
        assert [(one.user.name, one.role) for one in inside] == [("rob", Role.WRITE)]
        everybody = {one.name for one in accounts.every_owner(tx, 0, 1000)}
        assert everybody == {"acme", "ada", "eva", "rob", "zoe"}


def test_followers_and_muted_organizations_arrive(here, bundle):
    import_bundle(here, bundle)
    import_bundle(here, bundle)
    with here.db.read() as tx:
        acme = number_of(tx, "acme")
        assert [one.name for one in follows.followers(tx, accounts.COMMAND_LINE, "acme").items] == ["bob"]
        assert [one.name for one in follows.followers(tx, accounts.COMMAND_LINE, "ada").items] == ["eve"]
        assert follows.totals(tx, accounts.COMMAND_LINE, acme).followers == 1
        muted = names(tx, notifications.carry_out(tx, Target(Watched.ORG, acme)))
        assert {name: one.listens for name, one in muted.items()} == {"bob": False}


def test_collections_arrive_with_what_stands_in_them(here, there, bundle):
    done = import_bundle(here, bundle)
    assert (done.refused, done.collections) == ({}, 2)
    assert import_bundle(here, bundle).collections == 0
    with here.db.read() as tx, there.stores.db.read() as theirs:
        ours = collections.carry_out(tx, number_of(tx, "acme"))
        first = collections.carry_out(theirs, number_of(theirs, "acme"))
        assert [(one.title, one.description, one.private) for one in ours] == [
            ("Nets", "All of them", False),
            ("All", "", True),
        ]
        assert [one.items for one in ours] == [one.items for one in first]
        assert [item.note for item in ours[0].items] == ["good", ""]
        assert set(names(tx, ours[0].votes)) == {"bob"}


def test_a_collection_waits_for_a_repository_that_was_refused(here, bundle):
    history = next(bundle.glob("repos/*/repo.json"))
    for path in bundle.glob("repos/*/repo.json"):
        if json.loads(path.read_text())["name"] == "net":
            history = path.with_name("history.bundle")
    whole = history.read_bytes()
    history.write_bytes(whole[:-1])
    done = import_bundle(here, bundle)
    assert done.refused["collection acme/Nets"] == "it waits for acme/net"
    history.write_bytes(whole)
    again = import_bundle(here, bundle)
    assert (again.refused, again.made) == ({}, ["acme/net"])
    with here.db.read() as tx:
        shown = {one.title: one.items for one in collections.carry_out(tx, number_of(tx, "acme"))}
    assert [item.name for item in shown["Nets"]] == ["acme/net", "1706.03762"]


def test_webhooks_arrive_switched_off_and_without_their_secret(here, there, bundle, tmp_path):
    assert import_bundle(here, bundle).webhooks == 1
    assert import_bundle(here, bundle).webhooks == 0
    [hook] = hooks_of(here, "bob")
    assert (hook.url, hook.secret, hook.state, hook.domains) == (HOOK, "", State.OFF, (Domain.REPO,))
    assert {(one.kind, one.name) for one in hook.watched} == {("org", "acme"), ("model", "acme/net")}
    everything = b"".join(path.read_bytes() for path in bundle.rglob("*") if path.is_file())
    assert b"s3cret" not in everything
    make_bundle(there.stores, ["acme"], tmp_path / "with", webhook_secrets=True)
    with opened(tmp_path / "other") as other:
        import_bundle(other, tmp_path / "with")
        [hook] = hooks_of(other, "bob")
        assert (hook.secret, hook.state) == ("s3cret", State.OFF)


def hooks_of(stores, name):
    with stores.db.read() as tx:
        return webhooks.list_webhooks(tx, accounts.actor_of(tx, number_of(tx, name), can_write=False))


def test_pictures_in_comments_are_shown_by_the_hub_that_they_came_to(here, there, bundle):
    own = replace(here, settings=here.settings.model_copy(update={"public_url": "https://new.example"}))
    assert import_bundle(own, bundle).refused == {}
    with here.db.read() as tx:
        net = found(tx, Kind.MODEL, "acme/net")
        first, second = discussions.carry_out(tx, net.id)
        kept = attachments.find(tx, accounts.COMMAND_LINE, there.picture)
    said = first.deeds[0].said
    assert said is not None
    assert said.now.raw == f"Look: ![x](https://new.example/uploads/{there.picture}) and {'0' * 32}.png"
    assert here.blobs.open(attachments.blob_key(kept.name)).read() == PNG
    assert [(one.num, one.deed) for one in second.references] == [(1, 0)]


def test_who_muted_a_discussion_still_does(here, bundle):
    import_bundle(here, bundle)
    with here.db.read() as tx:
        net = found(tx, Kind.MODEL, "acme/net")
        first, _ = discussions.carry_out(tx, net.id)
        heard = {name: one.muted for name, one in names(tx, first.listeners).items()}
        assert heard == {"bob": False, "eve": True}
        assert discussions.settings_of(tx, net.id).sorting is discussions.Sorting.REACTIONS


def test_without_authors_nobody_likes_follows_or_is_called(here, bundle):
    done = import_bundle(here, bundle, authors=Authors.NONE)
    assert (done.refused, done.webhooks) == ({}, 0)
    with here.db.read() as tx:
        net = found(tx, Kind.MODEL, "acme/net")
        assert (net.likes, likes.carry_out(tx, net.id)) == (0, [])
        assert follows.carry_out(tx, number_of(tx, "acme")) == []
        assert len(collections.carry_out(tx, number_of(tx, "acme"))) == 2


@pytest.mark.parametrize("lie", ["bytes", "size", "name", "kind"])
def test_a_picture_that_is_something_else_is_refused(here, there, bundle, lie):
    path = bundle.joinpath(*upload_parts(there.picture))
    facts = next(p for p in bundle.glob("repos/*/repo.json") if json.loads(p.read_text())["name"] == "net")
    told = json.loads(facts.read_text())
    [picture] = told["attachments"]
    match lie:
        case "bytes":
            path.write_bytes(PNG[::-1])
        case "size":
            path.write_bytes(PNG + b"x")
        case "name":
            picture["name"] = f"../../{'a' * 32}.png"
        case "kind":
            html = b"<script>alert(1)</script>"
            path.write_bytes(html)
            picture |= {"size": len(html), "sha256": hashlib.sha256(html).hexdigest()}
    facts.write_text(json.dumps(told))
    manifest = json.loads((bundle / "manifest.json").read_text())
    for entry in manifest["repos"]:
        if entry["name"] == "net":
            data = facts.read_bytes()
            entry["files"]["repo.json"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    done = import_bundle(here, bundle)
    wanted = {
        "bytes": "sha256",
        "size": "its repository says",
        "name": "attachments",
        "kind": "is not image/png",
    }
    assert wanted[lie] in done.refused["acme/net"]
    assert list(here.blobs.list("uploads/")) == []
    assert [one for one in here.scratch.rglob("*") if one.is_file()] == []
