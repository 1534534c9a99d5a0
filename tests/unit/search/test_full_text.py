"""Search inside cards."""

import pytest

from hubkeep import repos, search
from hubkeep.accounts import STRANGER
from hubkeep.kit import BadInput
from hubkeep.repos import Changes, Kind
from hubkeep.search.card_words import plain_text, words_in, words_to_find


def found(house, question: str, actor=STRANGER, **how) -> list[str]:
    return [hit.info.repo.name for hit in house.ask(search.full_text, actor, question, **how).items]


@pytest.fixture
def cards(house):
    for name, text in (
        (
            "whales",
            "# Whales\n\nThe *blue whale* sings at **20 Hz**; see [the paper](https://example.org/whale-song).",
        ),
        ("birds", "Birds sing too, and `fly`. Größe: klein. 一只蓝色的鸟在唱歌"),
        ("code", "```python\nsing(blue='whale')\n```"),
    ):
        house.push(house.make_repo(name=name), {"license": "mit"}, text)
    house.work()
    return house


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("whale", {"whales", "code"}),
        ("blue WHALE sings", {"whales"}),
        ("sing", {"birds", "code"}),
        ("20 hz", {"whales"}),
        ("grosse", {"birds"}),
        ("größe", {"birds"}),
        ("蓝色", {"birds"}),
        ("鸟", {"birds"}),
        ("蓝鸟", set()),
        ("license mit", set()),
        ("example.org", set()),
        ('"whale" OR birds', set()),
        ("whal*", set()),
        ("", set()),
        ("!!!", set()),
    ],
)
def test_every_word_must_be_in_the_card(cards, question, names):
    assert set(found(cards, question)) == names


def test_words_in_the_name_count_and_come_first(cards):
    cards.push(cards.make_repo(name="blue-thing"), None, "Nothing to see.")
    cards.work()
    assert found(cards, "blue")[0] == "blue-thing"


def test_an_extract_shows_the_place_and_marks_the_words(cards):
    long = "filler text " * 200 + "here the blue whale sings " + "and more " * 200
    cards.push(cards.make_repo(name="long"), None, long)
    cards.work()
    hits = cards.ask(search.full_text, STRANGER, "whale here").items
    (hit,) = [hit for hit in hits if hit.info.repo.name == "long"]
    shown = hit.extract
    assert {shown.text[start:end] for start, end in shown.marks} == {"whale", "here"}
    assert len(shown.text) < 300


def test_an_extract_is_plain_text(house):
    house.push(
        house.make_repo(name="x"),
        None,
        "<script>alert(1)</script> <b onclick=x>whale</b> | a | b |\n|---|---|",
    )
    house.work()
    (hit,) = house.ask(search.full_text, STRANGER, "whale").items
    assert "<" not in hit.extract.text
    assert "onclick" not in hit.extract.text


def test_private_cards_are_found_only_by_those_who_may_read_them(house):
    repo = house.make_repo(name="secret", private=True)
    house.push(repo, None, "a whale")
    house.work()
    assert found(house, "whale") == []
    assert found(house, "whale", house.actor("eve")) == []
    assert found(house, "whale", house.actor("ada")) == ["secret"]


def test_a_card_that_turns_private_is_hidden_before_the_job_runs(house):
    repo = house.make_repo(name="bert")
    house.push(repo, None, "a whale")
    house.work()
    house.make_private(repo)
    hits = house.ask(search.full_text, STRANGER, "whale")
    assert (hits.items, hits.total) == ([], 0)
    house.work()
    with house.stores.db.write() as tx:
        repos.update_settings(tx, house.actor(), repo.kind, repo.full_name, Changes(private=False))
    house.work()
    assert found(house, "whale") == ["bert"]


def test_a_new_card_replaces_the_old_and_a_deleted_repo_is_not_found(house):
    repo = house.make_repo(name="bert")
    house.push(repo, None, "a whale")
    house.work()
    house.push(repo, None, "a bird")
    house.work()
    assert (found(house, "whale"), found(house, "bird")) == ([], ["bert"])
    with house.stores.db.write() as tx:
        repos.delete(tx, house.actor(), repo.kind, repo.full_name)
    assert found(house, "bird") == []


def test_the_program_of_a_space_is_searched(house):
    space = house.make_repo(kind=Kind.SPACE, sdk="gradio", name="app")
    house.push(space, {"sdk": "gradio"}, "A space.", **{"app.py": b"import gradio as gr\nwhale_detector()\n"})
    house.work()
    assert found(house, "whale detector") == ["app"]
    assert found(house, "whale", kinds=[Kind.MODEL]) == []


def test_popular_cards_come_first_and_pages_go_on(house):
    for number in range(5):
        repo = house.make_repo(name=f"w{number}")
        house.push(repo, None, "a whale")
        house.work()
        if number == 2:
            house.download(repo, 1000)
    hits = house.ask(search.full_text, STRANGER, "whale", limit=2)
    assert hits.items[0].info.repo.name == "w2"
    assert (hits.total, hits.more) == (5, True)
    rest = [name for skip in (0, 2, 4) for name in found(house, "whale", skip=skip, limit=2)]
    assert sorted(rest) == [f"w{number}" for number in range(5)]


@pytest.mark.parametrize("asked", [{"skip": -1}, {"limit": 0}, {"limit": 51}])
def test_pages_out_of_bounds_are_refused(house, asked):
    with pytest.raises(BadInput):
        house.ask(search.full_text, STRANGER, "x", **asked)


def test_a_question_that_is_too_long_is_refused(house):
    with pytest.raises(BadInput, match="200"):
        house.ask(search.full_text, STRANGER, "x" * 201)


def test_a_card_is_bounded_whatever_it_contains():
    assert len(plain_text("x" * 10_000_000)) <= 50_000
    assert len(words_in(" ".join(map(str, range(100_000))))) <= 5_000
    assert max(map(len, words_to_find("y" * 500))) <= 40


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["[", "](", "![", "<a ", "<!--", "|-", "`", "a_", "((", "\n \n", "> "])
def test_hostile_markup_takes_no_more_time_than_plain(piece):
    plain_text(piece * 40_000)
