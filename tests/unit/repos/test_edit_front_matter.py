"""Changing single keys of a card's front matter, and nothing else."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hubkeep.repos.edit_front_matter import CannotEdit, Wanted, edit_front_matter, front_matter_says
from hubkeep.repos.front_matter import parse_front_matter

CARD = """---
# who may use it
license: mit  # asked the lawyers
language:
- en
- no   # Norwegian
tags: [one, "two"]

# what it came from
base_model: ada/bert
widget:
- text: "Hello: world"   # shown first
description: |
  Long, and

  # not a comment
---

# Bert
"""


def changed(text=CARD, **wanted):
    return edit_front_matter(text, {key: Wanted(tuple(value)) for key, value in wanted.items()})


def lines_changed(before, after):
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_one_value_is_changed_in_its_place_and_its_comment_stays():
    assert lines_changed(CARD, changed(license=["apache-2.0"])) == (
        ["license: mit  # asked the lawyers"],
        ["license: apache-2.0  # asked the lawyers"],
    )


def test_items_that_stay_keep_their_lines():
    assert lines_changed(CARD, changed(language=["en", "no", "de"])) == ([], ["- de"])
    assert lines_changed(CARD, changed(language=["no"])) == (["- en"], [])
    assert "- no   # Norwegian" in changed(language=["no", "en"])


def test_a_list_in_a_line_stays_one():
    assert lines_changed(CARD, changed(tags=["one", "a, b", "3"]))[1] == ["tags: [one, 'a, b', '3']"]


def test_what_is_taken_out_leaves_the_comments_of_its_neighbours():
    made = changed(tags=[])
    assert lines_changed(CARD, made) == (['tags: [one, "two"]'], [])
    assert "# what it came from" in made


def test_new_keys_come_last_in_the_order_asked_for():
    made = edit_front_matter(
        CARD, {"pipeline_tag": Wanted(("fill-mask",)), "datasets": Wanted(("ada/qa",), as_list=True)}
    )
    assert made == CARD.replace("comment\n---", "comment\npipeline_tag: fill-mask\ndatasets:\n- ada/qa\n---")


def test_one_becomes_several_and_several_become_one():
    made = changed(base_model=["ada/bert", "eve/bert"])
    assert "base_model:\n- ada/bert\n- eve/bert\nwidget:" in made
    assert "base_model:\n- ada/bert\nwidget:" in changed(made, base_model=["ada/bert"])


@pytest.mark.parametrize("text", ["", "# Title\n", "\ufeff# Title\n", "text --- text\n"])
def test_a_card_without_metadata_gets_some(text):
    made = changed(text, license=["mit"])
    assert parse_front_matter(made).data == {"license": "mit"}
    assert made.endswith(text.removeprefix("\ufeff"))


@pytest.mark.parametrize("text", ["---\n---\n# T\n", "---\n\n---\n", "---\n# only a comment\n---\n"])
def test_empty_metadata_is_filled(text):
    made = changed(text, license=["mit"])
    assert parse_front_matter(made).data == {"license": "mit"}
    assert "# only a comment" not in text or "# only a comment" in made


def test_windows_lines_come_back_as_plain_ones():
    assert changed(CARD.replace("\n", "\r\n"), license=["mit"]) == CARD


@pytest.mark.parametrize(
    "value",
    ["no", "1.0", "1e3", "null", "~", "- x", "a: b", "#no", "'q'", '"q"', "[x]", "{y}", "*a", "&a", "!t", "%d", "@x", "`", "🦭", "é",
     "2024-01-01", "0x10", "a #b", "?", ":", "|", ">", "yes", "---", "...", "<<"],
)  # fmt: skip
def test_every_text_is_read_again_as_it_was_given(value):
    for text in (CARD, "---\nx: 1\n---\n"):
        made = changed(text, license=[value], tags=[value, "b"], new_key=[value])
        data = parse_front_matter(made).data
        assert (data["license"], data["tags"], data["new_key"]) == (value, [value, "b"], value)


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("{license: mit}", "on a line of its own"),
        ("- license", "on a line of its own"),
        ("license: [mit", "line"),
        ("a: &x 1\nlicense: *x", "aliases"),
        ("license: {id: mit}", "only the text"),
        ("license:\n- - mit", "only the text"),
        ("? [a]\n: b\nlicense: mit", "no text"),
        ("a: " + "[" * 60 + "]" * 60, "nested"),
    ],
)
def test_what_only_a_person_can_change_is_refused_with_the_reason(block, why):
    with pytest.raises(CannotEdit, match=why):
        changed(f"---\n{block}\n---\n", license=["bsd"])


def test_keys_say_what_they_say_as_it_is_written():
    said = front_matter_says(CARD)
    assert said["license"].values == ("mit",)
    assert said["language"].values == ("en", "no")
    assert said["tags"].values == ("one", "two")
    assert said["widget"].values is None
    assert front_matter_says("# nothing") == {}


_WORDS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
_VALUES = st.one_of(_WORDS, st.lists(_WORDS, min_size=1, max_size=4), st.integers(), st.booleans())


@given(st.dictionaries(_WORDS, _VALUES, max_size=5), st.booleans(), st.lists(_WORDS, max_size=3))
def test_whatever_is_there_either_says_what_is_wanted_or_is_refused(data, flow, values):
    values = list(dict.fromkeys(values))
    style = None if flow else False
    text = f"---\n{yaml.safe_dump(data, allow_unicode=True, default_flow_style=style)}---\nbody\n"
    try:
        made = changed(text, tags=values)
    except CannotEdit:
        return
    assert made.endswith("---\nbody\n")
    before, after = parse_front_matter(text).data, parse_front_matter(made).data
    assert (
        front_matter_says(made).get("tags", None) is None
        if not values
        else front_matter_says(made)["tags"].values == tuple(values)
    )
    assert {k: v for k, v in before.items() if k != "tags"} == {k: v for k, v in after.items() if k != "tags"}
