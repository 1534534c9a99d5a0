"""The numbers beside the filters of a list."""

from hubkeep import search
from hubkeep.accounts import STRANGER
from hubkeep.repos import Kind
from hubkeep.search import Query


def facets(house, actor=STRANGER, **asked):
    return house.ask(search.facets, actor, Query(**({"kind": Kind.MODEL} | asked)), fresh=True)


def counts(found, group: str) -> dict[str, int]:
    return {value.id: value.count for value in found.groups[group]}


def test_values_are_counted_among_what_the_other_filters_leave(house):
    house.model("one", "pytorch", license="mit", pipeline_tag="fill-mask")
    house.model("two", "pytorch", "gguf", license="apache-2.0")
    house.model("three", "gguf", license="mit")
    everything = facets(house)
    assert everything.total == 3
    assert counts(everything, "library") == {"pytorch": 2, "gguf": 2}
    assert counts(everything, "license") == {"license:mit": 2, "license:apache-2.0": 1}
    assert counts(everything, "task") == {"fill-mask": 1}
    narrowed = facets(house, tags=["pytorch"])
    assert narrowed.total == 2
    assert counts(narrowed, "library") == {"pytorch": 2, "gguf": 1}
    assert counts(narrowed, "license") == {"license:mit": 1, "license:apache-2.0": 1}


def test_a_search_text_and_a_free_tag_narrow_too(house):
    house.model("bert", "mine", license="mit")
    house.model("gpt", "mine", license="mit")
    assert counts(facets(house, search=["ber"]), "license") == {"license:mit": 1}
    assert facets(house, search=["b"]).total == 1
    assert facets(house, tags=["mine"]).total == 2
    assert facets(house, tags=["mine"], search=["gpt"], gated=False).total == 1
    assert facets(house, author="ada").total == 2
    assert facets(house, author="acme").total == 0


def test_private_repos_are_counted_for_nobody(house):
    house.model("open", license="mit")
    house.model("shut", "gguf", license="mit", private=True)
    for actor in (STRANGER, house.actor("ada")):
        found = facets(house, actor)
        assert (found.total, counts(found, "license"), counts(found, "library")) == (
            1,
            {"license:mit": 1},
            {},
        )
        assert facets(house, actor, tags=["gguf"]).total == 0


def test_values_have_labels_and_the_most_frequent_comes_first(house):
    house.model("one", "gguf", "pytorch")
    house.model("two", "pytorch")
    assert [(value.label, value.count) for value in facets(house).groups["library"]] == [
        ("PyTorch", 2),
        ("GGUF", 1),
    ]


def test_spaces_are_counted_by_their_sdk(house):
    for name, sdk in (("a", "static"), ("b", "gradio"), ("c", "gradio")):
        house.push(house.make_repo(kind=Kind.SPACE, sdk=sdk, name=name), {"sdk": sdk})
    assert counts(facets(house, kind=Kind.SPACE), "sdk") == {"gradio": 2, "static": 1}


def test_an_empty_hub_has_no_facets(house):
    assert facets(house).total == 0
    assert facets(house, tags=["x"]).total == 0
