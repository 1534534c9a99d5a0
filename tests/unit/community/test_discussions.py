import json

import pytest
import sqlalchemy as sa

from hubkeep import accounts, repos
from hubkeep.accounts import STRANGER, NotAllowed, NotSignedIn
from hubkeep.community import discussions
from hubkeep.community.discussions import (
    CommentHidden,
    CommentNotFound,
    DiscussionLocked,
    DiscussionNotFound,
    DiscussionsDisabled,
    EventType,
    HideReason,
    Query,
    Reaction,
    Sorting,
    Status,
    TooManyEdits,
    WrongStatus,
)
from hubkeep.community.discussions.types import MAX_EDITS
from hubkeep.kit import BadInput
from hubkeep.repos import Kind, RepoHidden, RepoNotFound


def listing(house, repo, actor=STRANGER, **query):
    return house.ask(discussions.list_discussions, actor, repo.kind, repo.full_name, Query(**query))


def nums(house, repo, **query):
    return [item.discussion.num for item in listing(house, repo, **query).items]


def test_numbers_count_per_repository_from_one(house):
    one, other = house.make_repo(), house.make_repo()
    assert [house.discuss(one).discussion.num for _ in range(3)] == [1, 2, 3]
    assert house.discuss(other).discussion.num == 1


def test_the_description_is_the_first_comment(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve, title="  How\nbig  ", text="Is it?\r\n\r\nReally.  ")
    found = house.details(repo, 1)
    assert found.discussion.title == "How big"
    assert (found.author.name, found.discussion.status) == ("eve", Status.OPEN)
    (event,) = found.events
    assert (event.type, event.comment.raw) == (EventType.COMMENT, "Is it?\n\nReally.")
    assert not event.comment.edited


@pytest.mark.parametrize(
    ("title", "text", "field"),
    [
        ("ab", "x", "title"),
        (" \n ab", "x", "title"),
        ("x" * 201, "x", "title"),
        ("fine", "x" * 65_537, "description"),
        ("nu\0ll", "x", "title"),
        ("half a pair \ud800", "x", "title"),
        ("fine", "\udfff", "description"),
    ],
)
def test_texts_out_of_bounds_are_refused_and_take_no_number(house, title, text, field):
    repo = house.make_repo()
    with pytest.raises(BadInput, match=field):
        house.discuss(repo, title=title, text=text)
    assert house.discuss(repo).discussion.num == 1


def test_anybody_who_reads_may_open_and_comment_but_not_strangers_or_reading_tokens(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    house.on(discussions.comment, house.eve, repo, 1, "Me again")
    with pytest.raises(NotSignedIn):
        house.discuss(repo, STRANGER)
    with house.stores.db.read() as tx:
        reader = accounts.actor_of(tx, house.eve.user_id, can_write=False)
    with pytest.raises(NotAllowed, match="only read"):
        house.on(discussions.comment, reader, repo, 1, "hello")
    assert house.details(repo, 1).discussion.comments == 1


def test_discussions_of_a_private_repository_look_missing(house):
    repo = house.make_repo(private=True)
    house.discuss(repo)
    with pytest.raises(RepoHidden):
        house.details(repo, 1)
    for verb in (lambda: house.discuss(repo, house.eve), lambda: listing(house, repo, house.eve)):
        with pytest.raises(RepoNotFound):
            verb()


def test_discussions_follow_a_repository_that_is_renamed(house):
    repo = house.make_repo(name="before")
    house.discuss(repo)
    with house.stores.db.write() as tx:
        moved = repos.move(tx, house.ada, Kind.MODEL, "ada/before", "ada/after")
    assert house.details(moved, 1).repo.full_name == "ada/after"


def test_an_unknown_number_is_a_404(house):
    repo = house.make_repo()
    for num in (0, 1, -1, 2**31, 10**30):
        with pytest.raises(DiscussionNotFound):
            house.details(repo, num)


def test_the_list_filters_by_status_author_and_title_newest_first(house):
    repo = house.make_repo()
    house.discuss(repo, house.ada, title="First of ada")
    house.discuss(repo, house.eve, title="Second by Eve")
    house.discuss(repo, house.eve, title="Third, 100% of it")
    house.on(discussions.change_status, house.ada, repo, 2, Status.CLOSED)
    assert nums(house, repo) == [3, 2, 1]
    assert nums(house, repo, is_open=True) == [3, 1]
    assert nums(house, repo, is_open=False) == [2]
    assert nums(house, repo, author="EVE") == [3, 2]
    assert nums(house, repo, author="nobody") == []
    assert nums(house, repo, search="BY EVE") == [2]
    assert nums(house, repo, search="100%") == [3]
    assert nums(house, repo, search="%") == [3]
    assert nums(house, repo, is_pull_request=True) == []
    assert nums(house, repo, is_pull_request=False) == [3, 2, 1]


def test_totals_follow_every_change(house):
    repo = house.make_repo()
    for _ in range(3):
        house.discuss(repo)
    house.on(discussions.change_status, house.ada, repo, 1, Status.CLOSED)
    house.on(discussions.change_status, house.ada, repo, 2, Status.CLOSED)
    house.on(discussions.change_status, house.ada, repo, 2, Status.OPEN)
    house.on(discussions.delete, house.ada, repo, 3)
    page = listing(house, repo)
    assert (page.total, page.closed) == (2, 1)
    assert listing(house, repo, is_open=True).total == 1
    assert listing(house, repo, author="ada").total == 2
    assert house.discuss(repo).discussion.num == 4  # a number is never given out again


def test_pages_of_the_list_cover_everything_once(house):
    repo = house.make_repo()
    for _ in range(7):
        house.discuss(repo)
    seen, page = [], 0
    while True:
        got = house.ask(
            discussions.list_discussions, STRANGER, repo.kind, repo.full_name, Query(page=page), limit=3
        )
        assert (got.start, got.total) == (page * 3, 7)
        seen += [item.discussion.num for item in got.items]
        page += 1
        if got.start + len(got.items) >= got.total:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    with pytest.raises(BadInput, match="p:"):
        listing(house, repo, page=-1)


def test_the_list_sorts_by_reactions_and_by_what_happened_last(house):
    repo = house.make_repo()
    events = [house.discuss(repo).event for _ in range(3)]
    house.on(discussions.react, house.eve, repo, 2, events[1].id, Reaction.FIRE, on=True)
    house.on(discussions.comment, house.eve, repo, 1, "bump")
    assert nums(house, repo, sorting=Sorting.REACTIONS) == [2, 3, 1]
    assert nums(house, repo, sorting=Sorting.TRENDING) == [1, 3, 2]
    house.on(discussions.update_settings, house.ada, repo, disabled=None, sorting=Sorting.TRENDING)
    assert nums(house, repo) == [1, 3, 2]


def test_comments_can_be_edited_by_their_author_and_by_writers_and_keep_their_history(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve, text="one")
    event = house.details(repo, 1).events[0].id
    house.on(discussions.edit_comment, house.eve, repo, 1, event, "two")
    house.on(discussions.edit_comment, house.ada, repo, 1, event, "three")
    house.on(discussions.edit_comment, house.ada, repo, 1, event, "three ")  # the same: no new version
    with pytest.raises(NotAllowed, match="somebody else"):
        house.on(discussions.edit_comment, house.rob, repo, 1, event, "four")
    comment = house.details(repo, 1).events[0].comment
    assert (comment.raw, comment.edited, comment.edits, comment.updated_by.name) == ("three", True, 2, "ada")
    assert [(version.raw, version.author.name) for version in comment.history] == [
        ("one", "eve"),
        ("two", "eve"),
    ]


def test_a_comment_is_not_edited_without_end(house):
    repo = house.make_repo()
    event = house.discuss(repo).event.id
    for number in range(MAX_EDITS):
        house.on(discussions.edit_comment, house.ada, repo, 1, event, f"text {number}")
    with pytest.raises(TooManyEdits):
        house.on(discussions.edit_comment, house.ada, repo, 1, event, "once more")


def test_an_empty_comment_is_refused(house):
    repo = house.make_repo()
    house.discuss(repo)
    with pytest.raises(BadInput, match="comment: must not be empty"):
        house.on(discussions.comment, house.ada, repo, 1, "  \n ")


def test_hiding_erases_every_version_for_good(house):
    repo = house.make_repo()
    house.discuss(repo)
    event = house.on(discussions.comment, house.eve, repo, 1, "my password is hunter2").event.id
    house.on(discussions.edit_comment, house.eve, repo, 1, event, "my password is hunter3")
    with pytest.raises(NotAllowed):
        house.on(discussions.hide_comment, house.rob, repo, 1, event)
    hidden = house.on(discussions.hide_comment, house.ada, repo, 1, event, HideReason.SPAM).event.comment
    assert (hidden.raw, hidden.hidden, hidden.history) == ("", True, ())
    assert (hidden.hidden_by.name, hidden.hidden_reason) == ("ada", HideReason.SPAM)
    with house.stores.db.read() as tx:
        for table in ("comments", "comment_versions", "discussion_events"):
            rows = tx.sql.execute(sa.text(f"SELECT * FROM {table}")).all()
            assert "hunter" not in repr(rows)
    with pytest.raises(CommentHidden):
        house.on(discussions.edit_comment, house.eve, repo, 1, event, "back")
    with pytest.raises(CommentHidden):
        house.on(discussions.react, house.eve, repo, 1, event, Reaction.EYES, on=True)
    again = house.on(discussions.hide_comment, house.eve, repo, 1, event).event.comment
    assert again.hidden_by.name == "ada"


def test_a_comment_of_another_discussion_is_not_found(house):
    repo, other = house.make_repo(), house.make_repo()
    house.discuss(repo)
    event = house.discuss(other, house.eve).event.id
    with pytest.raises(CommentNotFound):
        house.on(discussions.edit_comment, house.ada, repo, 1, event, "mine now")
    pinned = house.on(discussions.pin, house.ada, repo, 1, pinned=True)
    assert pinned.discussion.pinned
    not_a_comment = house.details(repo, 1).events[1].id
    with pytest.raises(CommentNotFound):
        house.on(discussions.hide_comment, house.ada, repo, 1, not_a_comment)


def test_renaming_is_told_with_both_titles(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve, title="Before")
    house.on(discussions.rename, house.eve, repo, 1, "After")
    with pytest.raises(NotAllowed):
        house.on(discussions.rename, house.rob, repo, 1, "Nope")
    found = house.details(repo, 1)
    assert found.discussion.title == "After"
    assert (found.events[1].type, found.events[1].data) == (
        EventType.TITLE_CHANGE,
        {"from": "Before", "to": "After"},
    )


def test_pin_and_lock_are_for_writers_and_a_locked_discussion_is_theirs_alone(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    for verb in (discussions.pin, discussions.lock):
        keyword = "pinned" if verb is discussions.pin else "locked"
        with pytest.raises(NotAllowed):
            house.on(verb, house.eve, repo, 1, **{keyword: True})
        for _ in range(2):
            house.on(verb, house.ada, repo, 1, **{keyword: True})
    event = house.details(repo, 1).events[0].id
    for action in (
        lambda: house.on(discussions.comment, house.eve, repo, 1, "hello?"),
        lambda: house.on(discussions.edit_comment, house.eve, repo, 1, event, "changed"),
        lambda: house.on(discussions.rename, house.eve, repo, 1, "changed"),
        lambda: house.on(discussions.change_status, house.eve, repo, 1, Status.CLOSED),
        lambda: house.on(discussions.react, house.eve, repo, 1, event, Reaction.SAD, on=True),
    ):
        with pytest.raises(DiscussionLocked):
            action()
    house.on(discussions.comment, house.ada, repo, 1, "cool down")
    told = [event.data for event in house.details(repo, 1).events[1:3]]
    assert told == [{"pinned": True}, {"locked": True}]  # doing it twice is told once


def test_status_changes_by_author_and_writers_with_a_comment_before(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    with pytest.raises(NotAllowed):
        house.on(discussions.change_status, house.rob, repo, 1, Status.CLOSED)
    house.on(discussions.change_status, house.eve, repo, 1, Status.CLOSED, "Found it.")
    with pytest.raises(WrongStatus, match="closed already"):
        house.on(discussions.change_status, house.ada, repo, 1, Status.CLOSED)
    house.on(discussions.change_status, house.ada, repo, 1, Status.OPEN)
    events = house.details(repo, 1).events
    assert [event.type for event in events] == ["comment", "comment", "status-change", "status-change"]
    assert events[1].comment.raw == "Found it."
    assert [event.data for event in events[2:]] == [{"status": "closed"}, {"status": "open"}]
    with pytest.raises(WrongStatus):
        house.on(discussions.change_status, house.ada, repo, 1, Status.MERGED)


def test_switched_off_nobody_reads_or_writes_and_nothing_is_lost(house):
    repo = house.make_repo()
    house.discuss(repo)
    with pytest.raises(NotAllowed):
        house.on(discussions.update_settings, house.eve, repo, disabled=True, sorting=None)
    house.on(discussions.update_settings, house.ada, repo, disabled=True, sorting=None)
    for action in (
        lambda: house.discuss(repo),
        lambda: house.details(repo, 1),
        lambda: listing(house, repo),
        lambda: house.on(discussions.comment, house.ada, repo, 1, "x"),
    ):
        with pytest.raises(DiscussionsDisabled):
            action()
    house.on(discussions.update_settings, house.ada, repo, disabled=False, sorting=None)
    assert house.details(repo, 1).discussion.num == 1
    assert house.discuss(repo).discussion.num == 2


def test_reactions_are_counted_once_per_person(house):
    repo = house.make_repo()
    event = house.discuss(repo).event.id
    for actor, reaction in (
        (house.eve, "heart"),
        (house.eve, "heart"),
        (house.eve, "fire"),
        (house.rob, "heart"),
    ):
        house.on(discussions.react, actor, repo, 1, event, Reaction(reaction), on=True)
    found = house.details(repo, 1)
    assert [(r.reaction, r.count, r.users) for r in found.events[0].comment.reactions] == [
        ("heart", 2, ("eve", "rob")),
        ("fire", 1, ("eve",)),
    ]
    assert found.discussion.reaction_users == 2
    for _ in range(2):
        house.on(discussions.react, house.eve, repo, 1, event, Reaction.HEART, on=False)
    assert house.details(repo, 1).discussion.reaction_users == 2
    house.on(discussions.react, house.eve, repo, 1, event, Reaction.FIRE, on=False)
    found = house.details(repo, 1)
    assert found.discussion.reaction_users == 1
    assert [(r.reaction, r.count) for r in found.events[0].comment.reactions] == [("heart", 1)]


def test_what_a_deleted_person_said_stays_without_a_name(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    with house.stores.db.write() as tx:
        tx.sql.execute(sa.text("DELETE FROM owners WHERE name = 'eve'"))
    found = house.details(repo, 1)
    assert found.author is None
    assert found.events[0].author is None
    assert found.events[0].comment.raw == "Why?"


def test_events_page_by_key_and_by_the_size_of_their_texts(house):
    repo = house.make_repo()
    house.discuss(repo)
    for number in range(9):
        house.on(discussions.comment, house.eve, repo, 1, f"{number}" * 100)
    seen, after = [], 0
    while True:
        page = house.details(repo, 1, after=after, limit=4)
        seen += [event.comment.raw[:1] for event in page.events]
        if page.next is None:
            break
        after = page.next
    assert seen == ["W", *"012345678"]
    page = house.details(repo, 1, max_chars=250)
    assert (len(page.events), page.next) == (3, page.events[-1].id)


def test_deleting_is_for_those_who_manage_and_takes_everything_along(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    with pytest.raises(NotAllowed):
        house.on(discussions.delete, house.eve, repo, 1)
    house.on(discussions.delete, house.ada, repo, 1)
    with pytest.raises(DiscussionNotFound):
        house.details(repo, 1)
    with house.stores.db.read() as tx:
        assert tx.sql.execute(sa.text("SELECT count(*) FROM comments")).scalar() == 0


def test_a_deleted_repository_leaves_no_discussion_behind(house):
    repo = house.make_repo()
    house.discuss(repo)
    with house.stores.db.write() as tx:
        repos.delete(tx, house.ada, repo.kind, repo.full_name)
        for table in ("discussions", "discussion_settings", "discussion_totals", "discussion_events"):
            assert tx.sql.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_event_rows_are_only_ever_added(house):
    repo = house.make_repo()
    event = house.discuss(repo).event.id

    def rows():
        with house.stores.db.read() as tx:
            return tx.sql.execute(sa.text("SELECT * FROM discussion_events ORDER BY id")).all()

    before = rows()
    house.on(discussions.edit_comment, house.ada, repo, 1, event, "other")
    house.on(discussions.rename, house.ada, repo, 1, "Other title")
    house.on(discussions.hide_comment, house.ada, repo, 1, event)
    assert rows()[: len(before)] == before
    assert json.loads(rows()[-1].data) == {"from": "A question", "to": "Other title"}


def test_what_a_comment_said_before_counts_towards_a_page(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    first = house.on(discussions.comment, house.eve, repo, 1, "a" * 100).event.id
    house.on(discussions.edit_comment, house.eve, repo, 1, first, "b")
    house.on(discussions.comment, house.eve, repo, 1, "c")
    page = house.details(repo, 1, max_chars=90)
    assert len(page.events) == 1
    assert page.next == page.events[0].id
    whole = house.details(repo, 1, max_chars=90, history=False)
    assert [event.comment.raw for event in whole.events][-2:] == ["b", "c"]
    assert whole.events[-2].comment.history == ()
