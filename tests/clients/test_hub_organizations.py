"""The newest client and organizations: members, roles, resource groups, and what each may see."""

import itertools

import pytest

_numbers = itertools.count()


@pytest.fixture
def org(ada):
    """An organization of Ada's own, gone afterwards with all that it owns."""
    name = f"keep{next(_numbers)}"
    ada.run(
        _ask, method="POST", path="/api/organizations", body={"name": name, "fullname": "The Keep"}, want=201
    )
    yield name
    ada.run(_clear, org=name)


def _clear(hf, api, org):
    for one in api.list_models(author=org):
        api.delete_repo(one.id)
    headers = hf.utils.build_hf_headers(token=api.token)
    hf.utils.get_session().delete(f"{api.endpoint}/api/organizations/{org}", headers=headers)


def _ask(hf, api, method, path, body=None, want=200):
    """Call what the client has no function for, as its own session does."""
    headers = hf.utils.build_hf_headers(token=api.token)
    answer = hf.utils.get_session().request(method, api.endpoint + path, json=body, headers=headers)
    assert answer.status_code == want, (answer.status_code, answer.text)
    return answer.json() if answer.content else None


def _join(ada, other, org, name, role):
    body = {"user": name, "role": role}
    made = ada.run(_ask, method="POST", path=f"/api/organizations/{org}/invitations", body=body, want=201)
    path = f"/api/settings/organizations/invitations/{made['id']}/accept"
    other.run(_ask, method="POST", path=path)


def test_an_organization_from_beginning_to_end(ada, bob, eve, org):
    _join(ada, bob, org, "bob", "contributor")

    def story(api, org):
        shown = api.get_organization_overview(org)
        assert (shown.name, shown.fullname, shown.num_users) == (org, "The Keep", 2)
        assert [user.username for user in api.list_organization_members(org)] == ["ada", "bob"]
        mine = next(one for one in api.whoami(cache=False)["orgs"] if one["name"] == org)
        assert mine["roleInOrg"] == "contributor"
        api.create_repo(f"{org}/mine", private=True)
        assert api.model_info(f"{org}/mine").private

    bob.run(story, org=org)
    path = f"/api/organizations/{org}/members/bob/role"
    ada.run(_ask, method="PUT", path=path, body={"role": "read"})

    def reads(hf, api, org):
        assert api.model_info(f"{org}/mine").private
        with pytest.raises(hf.errors.HfHubHTTPError, match="403"):
            api.create_repo(f"{org}/more")
        with pytest.raises(hf.errors.HfHubHTTPError, match="403"):
            api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=f"{org}/mine")

    bob.run(reads, org=org)
    bob.run(_ask, method="POST", path=f"/api/organizations/{org}/leave")

    def outside(hf, api, org):
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.model_info(f"{org}/mine")

    bob.run(outside, org=org)
    ada.run(_ask, method="POST", path=f"/api/organizations/{org}/leave", want=409)
    ada.run(_ask, method="DELETE", path=f"/api/organizations/{org}", want=409)
    ada.run(lambda api, org: api.delete_repo(f"{org}/mine"), org=org)
    ada.run(_ask, method="DELETE", path=f"/api/organizations/{org}", want=204)
    eve.run(_ask, method="GET", path=f"/api/organizations/{org}/overview", want=404)


def test_a_resource_group_keeps_its_private_repositories_to_its_members(ada, bob, eve, org):
    _join(ada, bob, org, "bob", "read")
    _join(ada, eve, org, "eve", "write")
    groups = f"/api/organizations/{org}/resource-groups"
    body = {"name": "vision", "users": [{"user": "bob", "role": "contributor"}]}
    group = ada.run(_ask, method="POST", path=groups, body=body)["id"]

    def inside(api, org, group):
        api.create_repo(f"{org}/in", private=True, resource_group_id=group)
        api.upload_file(path_or_fileobj=b"# in\n", path_in_repo="README.md", repo_id=f"{org}/in")
        assert [one.id for one in api.list_models(author=org)] == [f"{org}/in"]
        mine = next(one for one in api.whoami(cache=False)["orgs"] if one["name"] == org)
        assert [(one["name"], one["role"]) for one in mine["resourceGroups"]] == [("vision", "contributor")]

    bob.run(inside, org=org, group=group)

    def outside(hf, api, org, group):
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.model_info(f"{org}/in")
        assert list(api.list_models(author=org)) == []
        with pytest.raises(hf.errors.HfHubHTTPError, match="404"):
            api.create_repo(f"{org}/other", resource_group_id=group)

    eve.run(outside, org=org, group=group)

    def expands(api, org):
        return api.model_info(f"{org}/in", expand=["resourceGroup"]).resource_group["name"]

    assert bob.run(expands, org=org) == "vision"
    shown = ada.run(_ask, method="GET", path=f"{groups}/{group}")
    assert shown["resources"] == [{"type": "model", "name": f"{org}/in", "private": True}]
    assert [(one["name"], one["role"], one["addedBy"]) for one in shown["users"]] == [
        ("bob", "contributor", "ada")
    ]
    path = f"/api/models/{org}/in/resource-group"
    assert ada.run(_ask, method="GET", path=path)["name"] == "vision"
    ada.run(_ask, method="POST", path=path, body={"resourceGroupId": None})

    def seen(api, org):
        assert [one.id for one in api.list_models(author=org)] == [f"{org}/in"]

    eve.run(seen, org=org)


def test_groups_are_changed_as_the_hub_says(ada, bob, org):
    _join(ada, bob, org, "bob", "read")
    groups = f"/api/organizations/{org}/resource-groups"
    made = ada.run(
        _ask, method="POST", path=groups, body={"name": "g", "autoJoin": {"enabled": True, "role": "read"}}
    )
    assert made["autoJoin"] == {"enabled": True, "role": "read", "scope": "all"}
    one = f"{groups}/{made['id']}"
    ada.run(_ask, method="POST", path=f"{one}/users", body={"users": [{"name": "bob", "role": "read"}]})
    ada.run(_ask, method="PATCH", path=f"{one}/users/bob", body={"role": "admin"})
    changed = bob.run(_ask, method="PATCH", path=one, body={"name": "h", "description": "d"})
    assert (changed["name"], changed["description"], changed["users"][0]["role"]) == ("h", "d", "admin")
    bob.run(_ask, method="POST", path=f"{one}/settings", body={"autoJoin": {"enabled": False}}, want=403)
    assert ada.run(_ask, method="POST", path=f"{one}/settings", body={"autoJoin": {"enabled": False}})[
        "autoJoin"
    ] == {"enabled": False}
    members = ada.run(_ask, method="GET", path=f"/api/organizations/{org}/members?search=bob")
    assert (members[0]["role"], members[0]["resourceGroups"][0]["role"]) == ("read", "admin")
    assert "role" not in bob.run(_ask, method="GET", path=f"/api/organizations/{org}/members")[0]
    ada.run(_ask, method="DELETE", path=f"{one}/users/bob")
    bob.run(_ask, method="GET", path=one, want=404)
    ada.run(_ask, method="DELETE", path=one, want=204)
    assert ada.run(_ask, method="GET", path=groups) == []


def test_a_collection_may_be_in_a_group_too(ada, bob, eve, org):
    _join(ada, bob, org, "bob", "read")
    _join(ada, eve, org, "eve", "read")
    body = {"name": "vision", "users": [{"user": "bob", "role": "read"}]}
    group = ada.run(_ask, method="POST", path=f"/api/organizations/{org}/resource-groups", body=body)["id"]

    new = {"title": "kept", "namespace": org, "private": True, "resourceGroupId": group}
    slug = ada.run(_ask, method="POST", path="/api/collections", body=new)["slug"]

    def sees(api, slug):
        return api.get_collection(slug).title

    assert bob.run(sees, slug=slug) == "kept"

    def misses(hf, api, slug, org):
        with pytest.raises(hf.errors.HfHubHTTPError, match="404"):
            api.get_collection(slug)
        assert list(api.list_collections(owner=org)) == []

    eve.run(misses, slug=slug, org=org)
    bob.run(
        _ask,
        method="POST",
        path=f"/api/collections/{slug}/resource-group",
        body={"resourceGroupId": None},
        want=403,
    )
    ada.run(
        _ask, method="POST", path=f"/api/collections/{slug}/resource-group", body={"resourceGroupId": None}
    )
    assert eve.run(sees, slug=slug) == "kept"


def test_repositories_change_hands_by_the_rules(ada, bob, org):
    _join(ada, bob, org, "bob", "write")

    def gives(hf, api, org):
        api.create_repo("bob/gift", exist_ok=True)
        api.move_repo("bob/gift", f"{org}/gift")
        assert api.model_info("bob/gift").id == f"{org}/gift"  # the old name leads there
        with pytest.raises(hf.errors.HfHubHTTPError, match="403"):
            api.move_repo(f"{org}/gift", "bob/back")
        with pytest.raises(hf.errors.HfHubHTTPError, match="403"):
            api.move_repo(f"{org}/gift", "ada/hers")
        api.move_repo(f"{org}/gift", f"{org}/renamed")

    bob.run(gives, org=org)

    def takes(hf, api, org):
        with pytest.raises(hf.errors.HfHubHTTPError, match="403"):
            api.move_repo(f"{org}/renamed", "bob/back")
        api.move_repo(f"{org}/renamed", "ada/hers-now")
        api.delete_repo("ada/hers-now")

    ada.run(takes, org=org)


def test_links_and_hidden_members(ada, bob, nobody, org):
    made = ada.run(
        _ask,
        method="POST",
        path=f"/api/organizations/{org}/invite-links",
        body={"role": "read", "maxUses": 1},
        want=201,
    )
    assert made["url"].endswith(f"/organizations/{org}/share?code={made['secret']}")
    nobody.run(
        _ask, method="POST", path=f"/api/organizations/{org}/join", body={"secret": made["secret"]}, want=401
    )
    bob.run(_ask, method="POST", path=f"/api/organizations/{org}/join", body={"secret": made["secret"]})
    ada.run(
        _ask,
        method="PATCH",
        path=f"/api/organizations/{org}",
        body={"membersHidden": True, "details": "We keep."},
    )

    def hidden(api, org):
        assert list(api.list_organization_members(org)) == []
        assert org not in [one.name for one in api.get_user_overview("bob").orgs]
        assert api.get_organization_overview(org).details == "We keep."

    nobody.run(hidden, org=org)


def _as(hf, api, token, call):
    """Do something with another token: what it returned, or the status it was refused with."""
    other = hf.HfApi(endpoint=api.endpoint, token=token)
    try:
        return call(other)
    except hf.errors.HfHubHTTPError as error:
        return error.response.status_code


def test_a_service_account_does_what_its_token_says(ada, bob, org):
    _join(ada, bob, org, "bob", "write")
    accounts = f"/api/organizations/{org}/service-accounts"
    bob.run(_ask, method="GET", path=accounts, want=403)
    bob.run(_ask, method="POST", path=accounts, body={"name": "CI"}, want=403)
    made = ada.run(_ask, method="POST", path=accounts, body={"name": "CI", "description": "builds"}, want=201)
    assert (made["fullname"], made["user"]) == ("CI", f"{org}-ci-sa")
    tokens = f"{accounts}/{made['_id']}/tokens"
    reads = {"displayName": "reads", "permissions": ["repo.content.read"]}
    reader = ada.run(_ask, method="POST", path=tokens, body=reads, want=201)
    writer = ada.run(_ask, method="POST", path=tokens, body={"permissions": ["repo.write"]}, want=201)

    def story(hf, api, org, reader, writer):
        api.create_repo(f"{org}/shut", private=True)
        assert _as(hf, api, reader, lambda it: it.model_info(f"{org}/shut").private) is True
        assert _as(hf, api, reader, lambda it: it.create_repo(f"{org}/more")) == 403
        assert _as(hf, api, writer, lambda it: bool(it.create_repo(f"{org}/more", private=True))) is True
        assert _as(hf, api, writer, lambda it: it.delete_repo(f"{org}/more")) is None
        assert _as(hf, api, writer, lambda it: it.create_repo("ada/more")) == 403
        assert hf.HfApi(endpoint=api.endpoint, token=reader).whoami()["name"] == f"{org}-ci-sa"
        return [one.username for one in api.list_organization_members(org)]

    assert ada.run(story, org=org, reader=reader["token"], writer=writer["token"]) == ["ada", "bob"]
    shown = ada.run(_ask, method="GET", path=f"{accounts}/{made['_id']}")
    assert [one["permissions"] for one in shown["accessTokens"]] == [["repo.write"], ["repo.content.read"]]
    one = f"{tokens}/{reader['tokenInfo']['_id']}"
    fresh = ada.run(_ask, method="POST", path=f"{one}/rotate")["token"]
    ada.run(_ask, method="PATCH", path=one, body={"permissions": []})

    def later(hf, api, org, old, fresh):
        return [
            _as(hf, api, token, lambda it: it.model_info(f"{org}/shut").private) for token in (old, fresh)
        ]

    assert ada.run(later, org=org, old=reader["token"], fresh=fresh) == [401, 404]
    ada.run(_ask, method="DELETE", path=one, want=204)
    ada.run(_ask, method="DELETE", path=one, want=404)
    ada.run(_ask, method="DELETE", path=f"{accounts}/{made['_id']}", want=204)
    assert ada.run(_ask, method="GET", path=accounts) == []


def test_a_token_of_a_service_account_may_be_for_one_repository(ada, org):
    accounts = f"/api/organizations/{org}/service-accounts"
    made = ada.run(_ask, method="POST", path=accounts, body={"name": "one"}, want=201)
    tokens = f"{accounts}/{made['_id']}/tokens"

    def two(hf, api, org):
        for name in ("a", "b"):
            api.create_repo(f"{org}/{name}", private=True)
        headers = hf.utils.build_hf_headers(token=api.token)
        return hf.utils.get_session().get(f"{api.endpoint}/api/models/{org}/a", headers=headers).json()["_id"]

    number = ada.run(two, org=org)
    body = {"repoIds": [number], "repoPermissions": ["repo.content.read"]}
    token = ada.run(_ask, method="POST", path=tokens, body=body, want=201)
    assert token["tokenInfo"]["repoIds"] == [number]

    def sees(hf, api, org, token):
        first = _as(hf, api, token, lambda it: it.model_info(f"{org}/a").private)
        return [first, _as(hf, api, token, lambda it: it.model_info(f"{org}/b").private)]

    assert ada.run(sees, org=org, token=token["token"]) == [True, 404]
    for bad in (
        {"repoIds": ["f" * 24]},
        {"permissions": ["god"]},
        {"permissions": ["discussion.write"]},
        {"repoPermissions": ["org.write"]},
        {"displayName": "x" * 101},
    ):
        ada.run(_refused, path=tokens, body=bad)
    ada.run(_ask, method="POST", path=tokens, body={"endpointPatterns": ["*"]}, want=501)


def _refused(hf, api, path, body):
    headers = hf.utils.build_hf_headers(token=api.token)
    answer = hf.utils.get_session().post(api.endpoint + path, json=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text


def test_a_members_token_is_shut_out_of_one_organization(ada, bob, tokens, org):
    _join(ada, bob, org, "bob", "write")
    path = f"/api/organizations/{org}/settings/tokens"
    bob.run(_ask, method="GET", path=path, want=403)
    listed = ada.run(_ask, method="GET", path=path)
    mine = next(one for one in listed if one["user"] == "bob" and one["last4"] == tokens["bob"][-4:])
    assert tokens["bob"] not in str(listed)

    def story(api, org):
        api.create_repo(f"{org}/kept", private=True, exist_ok=True)

    bob.run(story, org=org)
    ada.run(_ask, method="POST", path=f"{path}/{mine['_id']}/revoke")

    def shut_out(hf, api, org):
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.model_info(f"{org}/kept")
        with pytest.raises(hf.errors.HfHubHTTPError, match="403"):
            api.create_repo(f"{org}/more")
        assert api.create_repo("bob/still", exist_ok=True)
        api.delete_repo("bob/still")

    bob.run(shut_out, org=org)
    ada.run(_ask, method="POST", path=f"{path}/{mine['_id']}/approve")
    bob.run(story, org=org)
    ada.run(_ask, method="POST", path=f"{path}/{'f' * 24}/revoke", want=404)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/members/bob", None),
        ("PUT", "/members/bob/role", {"role": "god"}),
        ("PUT", "/members/bob/role", {"role": "read", "extra": 1}),
        ("POST", "/invitations", {"role": "read"}),
        ("POST", "/invitations", {"role": "read", "user": "bob", "email": "b@x.org"}),
        ("POST", "/invite-links", {"role": "admin"}),
        ("POST", "/resource-groups", {"name": ""}),
        ("POST", "/resource-groups", {"name": "x", "autoJoin": {"enabled": True}}),
        (
            "POST",
            "/resource-groups",
            {"name": "x", "autoJoin": {"enabled": True, "role": "read", "scope": "z"}},
        ),
        ("POST", "/resource-groups", {"name": "x", "users": [{"role": "read"}]}),
        ("GET", "/resource-groups/zzz", None),
        ("GET", "/members?limit=x", None),
        ("GET", "/members?cursor=MTI", None),
        ("PATCH", "", {"website": "javascript:alert(1)"}),
    ],
    ids=str,
)
def test_bad_questions_get_plain_answers(ada, org, method, path, body):
    def story(hf, api, method, path, body):
        headers = hf.utils.build_hf_headers(token=api.token)
        answer = hf.utils.get_session().request(method, api.endpoint + path, json=body, headers=headers)
        return answer.status_code, answer.json().get("error")

    status, sentence = ada.run(story, method=method, path=f"/api/organizations/{org}{path}", body=body)
    assert status in (400, 404, 405, 422)
    assert sentence
