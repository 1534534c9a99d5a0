"""Lists: what is found, by whom, in which order, and what happens to it as repositories change."""

import hashlib

import pytest
from tests.unit.wire.conftest import add

from hubkeep import repos, search
from hubkeep.accounts import STRANGER
from hubkeep.kit import BadInput
from hubkeep.repos import Changes, Kind, NewRepo
from hubkeep.search import Query


def test_a_new_repo_is_listed_at_once(house):
    house.model("bert")
    assert house.names() == ["bert"]
    assert house.names(kind=Kind.DATASET) == []


def test_every_tag_must_be_there_whatever_its_capitals(house):
    house.model("one", "pytorch", "conversational")
    house.model("two", "pytorch")
    assert house.names(tags=["PyTorch", "conversational"]) == ["one"]
    assert house.names(tags=["pytorch"]) == ["two", "one"]
    assert house.names(tags=["never"]) == []


def test_a_push_changes_what_a_repo_is_found_by(house):
    repo = house.model("bert", "old")
    house.push(repo, {"tags": ["new"]})
    assert (house.names(tags=["old"]), house.names(tags=["new"])) == ([], ["bert"])


@pytest.mark.parametrize("text", ["bert", "BERT", "a/be", "be", "-", "s", "ert-bas", "base bert"])
def test_a_search_finds_a_piece_of_the_name_in_any_case(house, text):
    house.model("bert-base")
    house.model("gpt")
    assert house.names(search=[text]) == ["bert-base"]


@pytest.mark.parametrize(
    "text", ['"', "bert OR gpt", "bert*", "NOT gpt", "be%t", "be_t", "(", "bert AND", "'; --", "\x00"]
)
def test_operators_and_quotes_are_plain_text(house, text):
    house.model("bert")
    house.model("gpt")
    assert house.names(search=[text]) == (["gpt", "bert"] if text == "\x00" else [])


def test_several_searches_must_all_be_found(house):
    house.model("bert-base")
    house.model("bert-large")
    assert house.names(search=["bert", "large"]) == ["bert-large"]


def test_a_space_is_also_found_by_its_title(house):
    space = house.make_repo(kind=Kind.SPACE, sdk="static", name="x1")
    house.push(space, {"sdk": "static", "title": "Größe  der Wale"})
    assert house.names(kind=Kind.SPACE, search=["größe DER"]) == ["x1"]
    assert house.names(kind=Kind.SPACE, search=["x1wale"]) == []


def test_spaces_are_found_by_what_they_use(house):
    space = house.make_repo(kind=Kind.SPACE, sdk="static", name="uses")
    house.push(space, {"sdk": "static", "models": ["ada/Bert"], "datasets": ["ada/data"]})
    house.make_repo(kind=Kind.SPACE, sdk="static", name="alone")
    assert house.names(kind=Kind.SPACE, models=["ADA/bert"]) == ["uses"]
    assert house.names(kind=Kind.SPACE, models=["ada/bert"], datasets=["ada/data"]) == ["uses"]
    assert house.names(kind=Kind.SPACE, linked=True) == ["uses"]
    assert house.names(kind=Kind.SPACE, datasets=["ada/other"]) == []


def test_an_author_is_matched_exactly_in_any_case(house):
    house.model("mine")
    house.model("theirs", owner="acme")
    assert house.names(author="ADA") == ["mine"]
    assert house.names(author="acm") == []


def test_private_repos_are_listed_only_to_those_who_may_read_them(house):
    house.model("open")
    house.model("mine", "pytorch", private=True)
    house.model("ours", "pytorch", owner="acme", private=True)
    assert house.names(STRANGER) == ["open"]
    assert house.names(house.actor("eve")) == ["open"]  # no_access in acme is no access
    assert house.names(house.actor("ada")) == ["ours", "mine", "open"]
    assert house.names(house.actor("ada"), tags=["pytorch"]) == ["ours", "mine"]
    assert house.names(house.actor("eve"), tags=["pytorch"], author="acme") == []
    assert house.names(house.actor("ada"), author="acme", search=["our"]) == ["ours"]


def test_changed_settings_change_who_finds_a_repo(house):
    repo = house.model("bert")
    house.make_private(repo)
    assert house.names(house.actor("eve")) == []
    with house.stores.db.write() as tx:
        repos.update_settings(
            tx, house.actor(), repo.kind, repo.full_name, Changes(private=False, gated="auto")
        )
    assert house.names(gated=True) == ["bert"]
    assert house.names(gated=False) == []


def test_a_moved_repo_is_found_by_its_new_name_and_owner(house):
    repo = house.model("old-name", private=True)
    with house.stores.db.write() as tx:
        repos.move(tx, house.actor(), repo.kind, repo.full_name, "acme/new-name")
    assert house.names(house.actor(), search=["old"]) == []
    assert house.names(house.actor(), author="acme", search=["new"]) == ["new-name"]


def test_a_deleted_repo_is_gone_from_every_list(house):
    repo = house.model("bert", "pytorch")
    with house.stores.db.write() as tx:
        repos.delete(tx, house.actor(), repo.kind, repo.full_name)
    assert house.names() == []
    assert house.ask(search.tags_by_type, STRANGER, Kind.MODEL, "other")["other"] == []


def test_a_duplicate_is_found_like_its_source(house):
    repo = house.model("bert", "pytorch")
    repos.duplicate(
        house.stores, house.actor("eve"), repo.kind, repo.full_name, NewRepo(Kind.MODEL, "eve", "copy")
    )
    assert house.names(tags=["pytorch"]) == ["copy", "bert"]


@pytest.mark.parametrize(
    "sort", ["trendingScore", "downloads", "likes", "likes30d", "createdAt", "mainSize", "id", "_id"]
)
def test_pages_follow_each_other_without_gaps_or_repeats(house, sort):
    made = [house.model(f"m{number}").name for number in range(7)]
    for ascending, expected in ((False, made[::-1]), (True, made)):
        found, after = [], None
        while True:
            query = Query(Kind.MODEL, sort=sort, ascending=ascending, limit=3, after=after)
            page = house.ask(search.listing, STRANGER, query)
            found += [info.repo.name for info in page.items]
            after = page.next
            if after is None:
                break
        assert found == expected


def test_the_last_pushed_comes_first_by_last_modified(house):
    first, _ = house.model("first"), house.model("second")
    house.push(first, {"tags": ["again"]})
    assert house.names(sort="lastModified") == ["first", "second"]
    assert house.names(sort="createdAt") == ["second", "first"]


def test_models_are_found_and_sorted_by_their_number_of_weights(house, safetensors):
    for name, count in (("small", 6), ("big", 4000)):
        repo = house.make_repo(name=name)
        house.commit(repo, safetensors(count))
    house.model("unknown")
    assert house.names(sort="num_parameters") == ["big", "small", "unknown"]
    assert house.names(sort="num_parameters", ascending=True) == ["small", "big"], "unknown is not the least"
    assert house.names(parameters=(6, None)) == ["big", "small"]
    assert house.names(parameters=(7, None)) == ["big"]
    assert house.names(parameters=(None, 3999)) == ["small"]


def test_datasets_are_sorted_by_the_rows_that_their_cards_count(house):
    for name, rows in (("few", 3), ("many", 5000), ("untold", None)):
        repo = house.make_repo(kind=Kind.DATASET, name=name)
        splits = [{"name": "train", "num_examples": rows}, {"name": "test", "num_examples": 1}]
        house.push(repo, {"tags": ["x"]} if rows is None else {"dataset_info": {"splits": splits}})
    asked = {"kind": Kind.DATASET, "sort": "datasetsServerInfo.numRows"}
    assert house.names(**asked) == ["many", "few", "untold"]
    assert house.names(**asked, ascending=True) == ["few", "many"]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_sorted_by_the_bytes_on_its_main_branch(house, kind):
    made = [
        house.make_repo(kind=kind, name=name, sdk="static" if kind is Kind.SPACE else None)
        for name in ("small", "large", "held")
    ]
    house.push(made[0], None, "x")
    house.push(made[1], None, "x" * 4000)
    house.push(made[2], None, "y", weights_json=b"{}")
    house.work()
    assert house.names(kind=kind, sort="mainSize")[0] == "large"
    house.push(made[1], None, "short again")
    house.push(made[0], None, "x" * 9000)
    house.work()
    assert house.names(kind=kind, sort="mainSize")[0] == "small"
    with house.stores.db.read() as tx:
        sizes = [repo.main_size for repo in repos.repos_by_id(tx, [repo.id for repo in made])]
    assert sizes[0] > 9000 > sizes[1] > 0


def test_large_files_count_in_full_in_the_size_of_the_main_branch(house):
    repo = house.make_repo(name="bert")
    house.hold(repo, b"x" * 50_000)
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(b'x' * 50_000).hexdigest()}\nsize 50000\n"
    )
    house.commit(repo, add("model.bin", pointer.encode()))
    house.work()
    with house.stores.db.read() as tx:
        (found,) = repos.repos_by_id(tx, [repo.id])
    assert 50_000 <= found.main_size < 55_000


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"sort": "stars"}, "sort.*downloads"),
        ({"sort": "stars"}, "sort.*likes30d.*mainSize.*num_parameters"),
        ({"sort": "datasetsServerInfo.numRows"}, "sort.*num_parameters"),
        ({"kind": Kind.SPACE, "sort": "downloads"}, "sort.*trendingScore"),
        ({"kind": Kind.DATASET, "sort": "num_parameters"}, "sort.*numRows"),
        ({"apps": ["notepad"]}, "apps.*vllm"),
        ({"tags": ["t"] * 51}, "filter.*50"),
        ({"search": ["x" * 201]}, "search.*200"),
        ({"limit": 0}, "limit"),
        ({"after": -1}, "cursor"),
        ({"after": 1 << 63}, "cursor"),
        ({"linked": True}, "linked"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(house, asked, field):
    with pytest.raises(BadInput, match=field):
        house.names(**asked)


def test_models_for_an_app_are_those_that_it_runs(house):
    house.model("quantized", "gguf")
    house.model("plain", "transformers", pipeline_tag="text-generation")
    assert house.names(apps=["ollama"]) == ["quantized"]
    assert house.names(apps=["vllm"]) == ["plain"]
    assert house.names(apps=["vllm", "ollama"]) == []


def test_the_task_is_asked_for_apart_from_tags(house):
    house.model("translator", pipeline_tag="translation")
    house.model("tagged", "translation")
    assert house.names(task="translation") == ["translator"]


def test_no_model_is_served_by_a_provider_here(house):
    house.model("bert")
    assert house.names(served=True) == []
