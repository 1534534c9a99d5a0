from itertools import pairwise

import pytest
from tests.tools.growth import assert_in_proportion

from hubkeep.repos import Kind, parse_front_matter, validate_yaml


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("tags: [a, b\nlicense: mit", "line 3: did not find expected ',' or ']'"),
        ("license: mit\nname: a: b", "line 3: mapping values are not allowed"),
        ("x: a\n\ty: 1", "line 3: found a tab character"),
        ("a: &x [1]\nb: *x", "line 3: aliases are not allowed"),
        ("a: " + "[" * 400_000, "line 2: nested deeper than 50"),
        ("a: " + "[" * 100_000 + "]" * 100_000, "line 2: nested deeper than 50"),
        ("a: " + "{b: " * 60 + "1" + "}" * 60, "line 2: nested deeper than 50"),
        ("- x", "must be a mapping, not a list"),
        ("x: \x01", "control characters are not allowed"),
        ("x" * (1 << 20) + ": 1", "over the limit"),
    ],
)
def test_wrong_front_matter_is_told_with_its_line_in_the_file(block, says):
    found = parse_front_matter(f"---\n{block}\n---\n# A card\n")
    assert len(found.errors) == 1
    assert says in found.errors[0]
    assert found.data == {}


def test_a_bomb_of_aliases_never_expands():
    block = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for last, name in pairwise(
        "abcdefghijklmnopqrstuvwxyz"
    ):  # 9 to the power of 26: whoever begins never ends
        block += f"{name}: &{name} [{','.join(['*' + last] * 9)}]\n"
    assert "aliases" in parse_front_matter(f"---\n{block}---\n").errors[0]


def test_an_asterisk_in_a_text_is_no_alias():
    assert parse_front_matter("---\na: '*b*'\n---\n").data == {"a": "*b*"}


@pytest.mark.parametrize(
    ("begin", "piece", "end"), [("", "1:", "1"), ("0x", "f", ""), ("", "1:", "1.5"), ("", "9", "")]
)
def test_a_number_of_a_megabyte_stays_the_text_that_it_is(begin, piece, end):
    def read(length: int) -> None:
        number = begin + piece * (length // len(piece)) + end
        assert parse_front_matter(f"---\na: {number}\n---\n").data == {"a": number}

    assert_in_proportion(read, 800_000)


def test_whatever_yaml_calls_a_key_becomes_a_text():
    found = parse_front_matter("---\n2020-01-01: a\n2: b\nnull: c\ntrue: d\n1.5: {2021-02-03: e}\n---\n")
    assert found.data == {"2020-01-01": "a", "2": "b", "null": "c", "true": "d", "1.5": {"2021-02-03": "e"}}


def test_values_of_the_wrong_type_are_named():
    found = validate_yaml("---\nlicense: {a: 1}\ntags: x\n---\n", Kind.MODEL)
    assert found.errors == ('"license" must be a string or a list of strings',)
