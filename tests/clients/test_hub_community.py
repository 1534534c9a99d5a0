"""The newest client: likes, people, collections, attachments."""

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def shared(ada, repo):
    """A public model of Ada's."""
    ada.run(lambda api: api.create_repo(repo) and None)
    return repo


def test_likes_are_listed_and_taken_back(ada, eve, tokens, shared):
    eve.run(_like, repo=shared, token=tokens["eve"])

    def story(api):
        assert [user.username for user in api.list_repo_likers(shared)] == ["eve"]
        assert api.model_info(shared).likes == 1
        liked = api.list_liked_repos("eve")
        assert (liked.user, shared in liked.models) == ("eve", True)

    def unlike(api):
        api.unlike(shared)
        api.unlike(shared)
        assert list(api.list_repo_likers(shared)) == []
        assert shared not in api.list_liked_repos().models

    ada.run(story)
    eve.run(unlike)


def _like(hf, api, repo, token):
    """Like as a page does: the client has no call for it."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = hf.utils.get_session().post(f"{api.endpoint}/api/models/{repo}/like", headers=headers)
    assert answer.status_code == 200


def test_profiles_and_members(ada, nobody, shared):
    def story(hf, api):
        person = api.get_user_overview("ada")
        assert (person.username, person.user_type) == ("ada", "user")
        assert person.num_models >= 1
        assert [org.name for org in person.orgs] == ["lab"]
        org = api.get_organization_overview("lab")
        assert (org.name, org.num_users) == ("lab", 2)
        assert {user.username for user in api.list_organization_members("lab")} == {"ada", "bob"}
        assert list(api.list_user_followers("ada")) == []
        assert list(api.list_user_following("ada")) == []
        assert list(api.list_organization_followers("lab")) == []
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.get_user_overview("nobody-of-that-name")

    ada.run(story)
    nobody.run(story)


def test_who_follows_whom(ada, eve, tokens, shared):
    eve.run(_follow, path="users/ada", token=tokens["eve"], on=True)
    eve.run(_follow, path="organizations/lab", token=tokens["eve"], on=True)

    def story(api):
        assert [user.username for user in api.list_user_followers("ada")] == ["eve"]
        assert {one.username for one in api.list_user_following("eve")} == {"ada", "lab"}
        assert [user.username for user in api.list_organization_followers("lab")] == ["eve"]
        assert api.get_user_overview("ada").num_followers == 1
        assert api.get_organization_overview("lab").num_followers == 1

    ada.run(story)
    eve.run(_is_following)
    eve.run(_follow, path="users/ada", token=tokens["eve"], on=False)
    eve.run(_follow, path="organizations/lab", token=tokens["eve"], on=False)


def _is_following(api):
    assert api.get_user_overview("ada").is_following is True
    assert api.get_organization_overview("lab").is_following is True


def _follow(hf, api, path, token, on):
    """Follow as a page does: the client has no call for it."""
    headers = {"Authorization": f"Bearer {token}"}
    session = hf.utils.get_session()
    answer = session.request("POST" if on else "DELETE", f"{api.endpoint}/api/{path}/follow", headers=headers)
    assert answer.status_code == 200


def test_a_collection_from_beginning_to_end(ada, eve, shared):
    def story(hf, api):
        made = api.create_collection(f"Best of {shared[-6:]}", description="A choice", private=False)
        assert made.slug.startswith("ada/best-of-")
        assert made.url == f"{api.endpoint}/collections/{made.slug}"
        again = api.create_collection(made.title, exists_ok=True)
        assert again.slug == made.slug
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.create_collection(made.title)
        filled = api.add_collection_item(made.slug, shared, "model", note="The one")
        (item,) = filled.items
        assert (item.item_id, item.item_type, item.position, item.note) == (shared, "model", 0, "The one")
        api.add_collection_item(made.slug, shared, "model", exists_ok=True)
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.add_collection_item(made.slug, "ada/there-is-none", "model")
        api.add_collection_item(made.slug, "2311.12983", "paper")
        other = api.create_collection(f"Inner {shared[-6:]}")
        api.add_collection_item(made.slug, other.slug, "collection")
        assert [one.item_id for one in api.get_collection(made.slug).items] == [
            shared,
            "2311.12983",
            other.slug,
        ]
        api.update_collection_item(made.slug, item.item_object_id, note="Changed", position=2)
        last = api.get_collection(made.slug).items[-1]
        assert (last.item_id, last.note, last.position) == (shared, "Changed", 2)
        renamed = api.update_collection_metadata(
            made.slug, title=f"New {shared[-6:]}", theme="pink", position=0
        )
        assert (renamed.theme, renamed.slug[-24:]) == ("pink", made.slug[-24:])
        assert api.get_collection(made.slug).slug == renamed.slug
        found = list(api.list_collections(owner="ada", item=f"models/{shared}", sort="lastModified", limit=5))
        assert [one.slug for one in found] == [renamed.slug]
        api.delete_collection_item(made.slug, item.item_object_id)
        api.delete_collection_item(made.slug, item.item_object_id, missing_ok=True)
        return renamed.slug, other.slug

    def look(hf, api, slug):
        assert api.get_collection(slug).owner["name"] == "ada"
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.delete_collection(slug)
        assert refused.value.response.status_code == 403

    def end(api, slugs):
        for slug in slugs:
            api.delete_collection(slug)
            api.delete_collection(slug, missing_ok=True)

    slugs = ada.run(story)
    eve.run(look, slug=slugs[0])
    ada.run(end, slugs=slugs)


def test_a_private_collection_of_an_organization(ada, bob, eve, shared):
    def create(api):
        return api.create_collection(f"Internal {shared[-6:]}", namespace="lab", private=True).slug

    def can_see(hf, api, slug):
        try:
            return api.get_collection(slug).private
        except hf.errors.HfHubHTTPError as refused:
            return refused.response.status_code

    slug = ada.run(create)
    assert bob.run(can_see, slug=slug) is True
    assert eve.run(can_see, slug=slug) == 404
    ada.run(lambda api, slug: api.delete_collection(slug), slug=slug)


def test_attachments_of_discussions(ada, nobody, shared):
    def story(hf, api, tmp):
        (tmp / "shot.png").write_bytes(PNG)
        url = api.upload_attachment(tmp / "shot.png")
        assert url.startswith(f"{api.endpoint}/uploads/")
        made = api.create_discussion(shared, "Look at this", description=f"![shot]({url})")
        assert url in made.events[0].content
        assert hf.utils.get_session().get(url).content == PNG

    def refused(hf, api, tmp):
        (tmp / "shot.png").write_bytes(PNG)
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.upload_attachment(tmp / "shot.png")

    ada.run(story)
    nobody.run(refused)
