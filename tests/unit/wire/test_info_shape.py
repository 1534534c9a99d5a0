"""What repo info shows."""

from datetime import UTC, datetime

import pytest

from hubkeep.kit import BadInput
from hubkeep.repos import Info, Kind, Metadata, Repo
from hubkeep.wire.shapes import info as shape

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


def described(kind: Kind) -> Info:
    repo = Repo(
        id=7,
        kind=kind,
        owner_id=1,
        owner="ada",
        name="bert",
        creator_id=1,
        private=False,
        gated="",
        disabled=False,
        sdk=None,
        default_branch="main",
        refs_version=1,
        downloads=0,
        downloads_all_time=0,
        likes=0,
        trending=0.0,
        used_storage=0,
        created_at=MOMENT,
        last_modified=MOMENT,
    )
    return Info(repo, "a" * 40, Metadata(), [])


@pytest.mark.parametrize("kind", list(Kind))
def test_every_property_that_may_be_asked_for_has_an_answer_or_is_left_out(kind):
    for name in shape.expandable(kind):
        shown = shape.expanded(described(kind), shape.check_expand(kind, [name]))
        assert set(shown) <= {"_id", "id", name}


@pytest.mark.parametrize("kind", list(Kind))
def test_clients_of_the_0_line_learn_that_xet_is_there_when_they_ask(kind):
    """huggingface_hub 0.36 sends `expand=xetEnabled` before `upload_large_folder`."""
    assert shape.expanded(described(kind), shape.check_expand(kind, ["xetEnabled"]))["xetEnabled"] is True
    assert "xetEnabled" not in shape.full(described(kind))


def test_an_unknown_property_is_refused_by_name():
    with pytest.raises(BadInput, match="'colour' is not one of"):
        shape.check_expand(Kind.MODEL, ["author,colour"])
