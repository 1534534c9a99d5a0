import pytest
from tests.tools.growth import assert_in_proportion

from hubkeep.community.notifications import mentioned, references
from hubkeep.repos import Kind

BASE = "https://hub.example"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hello @ada and @Eve_1, @o.k.", ["ada", "Eve_1", "o.k"]),
        ("@ada @ada", ["ada"]),
        ("(@ada) *@eve* \n@rob", ["ada", "eve", "rob"]),
        ("mail ada@example.org, path/@ada, @@ada, a-@ada", []),
        ("`@ada` and ``x `@eve` y`` but @rob", ["rob"]),
        ("```\n@ada\n```\n@eve\n~~~py\n@rob\n~~~", ["eve"]),
        ("```\nnever closed @ada", []),
        ("@", []),
        ("@-x @x-", ["x"]),
    ],
)
def test_who_is_called(text, names):
    assert mentioned(text) == names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see #12 and #12", [(None, None, 12)]),
        ("ada/bert#3 and datasets/ada/squad#4", [(None, "ada/bert", 3), (Kind.DATASET, "ada/squad", 4)]),
        (f"{BASE}/ada/bert/discussions/5", [(Kind.MODEL, "ada/bert", 5)]),
        (f"[x]({BASE}/spaces/ada/app/discussions/6#event)", [(Kind.SPACE, "ada/app", 6)]),
        ("https://elsewhere.example/ada/bert/discussions/7", []),
        ("`#1` \n```\n#2\n```\n", []),
        ("#0 #x a#1 &#39; ##4 #12345678901", []),
    ],
)
def test_what_is_spoken_of(text, found):
    assert [(one.kind, one.full_name, one.num) for one in references(text, BASE)] == found


@pytest.mark.parametrize("piece", ["@", "`", "a/", "@a.", "```\n", "`a", "#1"])
def test_hostile_texts_are_read_in_proportion_to_their_length(piece):
    def read(length: int) -> None:
        text = piece * (length // len(piece))
        mentioned(text)
        references(text, BASE)

    assert_in_proportion(read, 65_536)
