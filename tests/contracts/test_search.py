"""One promise of finding, two databases: what the index answers is what a filter over every repository would."""

from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubkeep import accounts
from hubkeep.accounts import STRANGER, Actor, GroupSeat, OwnerKind, Role
from hubkeep.kit import Database
from hubkeep.repos import Kind
from hubkeep.search import Query, postgres
from hubkeep.search import index as searching
from hubkeep.search.bits import bits_of, load
from hubkeep.search.engine import index_of
from hubkeep.search.expression import expression, public
from hubkeep.search.facets import facets
from hubkeep.search.features import EVERYTHING, ORDERS, tag_name
from hubkeep.search.filters import match_of, order_of, searched
from hubkeep.search.people import find_people, put_person
from hubkeep.search.places import place, repo_at
from hubkeep.search.types import Document, Feature, Order
from hubkeep.search.words import SAMPLE_BITS, SAMPLE_OF, in_sample

KINDS = (Kind.MODEL, Kind.SPACE)
TAGS = ("pytorch", "license:mit", "en", "dataset:Squad")
TYPES = {
    "pytorch": "library",
    "license:mit": "license",
    "en": "language",
}  # these are kept as sets of bits, too
WORDS = ("bert", "be", "b", "rt-", "ada", "a/b", "é", "_x")
ADA, EVE = 1, 2
MEMBER = Actor(user_id=3, name="mia", roles={EVE: Role.READ})
GROUP, OTHER_GROUP = 5, 55  # resource groups of EVE's organization
SEATED = Actor(user_id=5, name="sid", roles={EVE: Role.NO_ACCESS}, groups={GROUP: GroupSeat(EVE, Role.READ)})
BARRED = Actor(user_id=6, name="bo", roles={EVE: Role.WRITE}, groups={GROUP: GroupSeat(EVE, Role.NO_ACCESS)})
HEAD = Actor(user_id=7, name="ed", roles={EVE: Role.ADMIN})
ADMIN = Actor(user_id=4, name="root", is_admin=True, can_write=True)


class Undone(Exception):
    """Raised to roll back what a test did."""


@contextmanager
def undone(db):
    """A write transaction that is rolled back at its end."""
    with suppress(Undone), db.write() as tx:
        yield tx
        raise Undone


@pytest.fixture
def db(url):
    database = Database(url)
    database.create_all()
    with database.write() as tx:
        assert [accounts.add_user(tx, name).id for name in ("ada", "eve")] == [ADA, EVE]
    yield database
    database.close()


names = st.builds(
    lambda owner, words, title: f"{owner}/{''.join(words)}" + (f"\n{title}" if title else ""),
    st.sampled_from(["ada", "eve"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.sampled_from(["", "", "bert é", "x"]),
)


@st.composite
def documents(draw, number: int) -> Document:
    kind = draw(st.sampled_from(KINDS))
    name = draw(names)
    tags = draw(st.lists(st.sampled_from(TAGS), unique=True))
    gated = draw(st.booleans())
    values = {order: draw(st.integers(0, 3)) for order in ORDERS[kind]}
    owner = ADA if name.startswith("ada") else EVE
    return Document(
        repo_id=number,
        kind=kind,
        owner_id=owner,
        private=draw(st.booleans()),
        resource_group_id=draw(st.sampled_from([None, GROUP, OTHER_GROUP])) if owner == EVE else None,
        name=name,
        features=[
            Feature(EVERYTHING, "all", "all"),
            Feature("gated/" if gated else "open/", "gated" if gated else "open", "true"),
            *(Feature(tag_name(tag), TYPES.get(tag, "other"), tag) for tag in tags),
        ],
        parameters=draw(st.sampled_from([0, 1, 5, 7, 8, 1000, 6_000_000_000, 6_000_000_001])),
        keys={order: place(value, number) for order, value in values.items()},
    )


@st.composite
def hubs(draw) -> list[list[Document]]:
    """Draw versions of a hub: every list of documents replaces what the one before said of the same numbers."""
    numbers = list(range(1, draw(st.integers(1, 14)) + 1))
    first = [draw(documents(number)) for number in numbers]
    again = [draw(documents(number)) for number in draw(st.lists(st.sampled_from(numbers), unique=True))]
    return [first, again]


bounds = st.sampled_from([None, (1, None), (None, 7), (5, 8), (6_000_000_000, 6_000_000_000), (9, 5)])
queries = st.builds(
    Query,
    kind=st.sampled_from(KINDS),
    search=st.lists(st.sampled_from((*WORDS, "BERT", "be rt", '"', "OR", "bert*", "%", "\n")), max_size=2),
    author=st.sampled_from([None, None, "ada", "EVE", "nobody"]),
    tags=st.lists(st.sampled_from((*TAGS, "dataset:squad", "never")), max_size=2),
    gated=st.sampled_from([None, None, True, False]),
    parameters=bounds,
    sort=st.sampled_from(["trendingScore", "likes", "likes30d", "createdAt", "lastModified", "mainSize"]),
    ascending=st.booleans(),
    limit=st.integers(1, 5),
)


def sees(actor: Actor, one: Document) -> bool:
    """Who reads private things: operators, the namespace's administrators, then who reads in the group, or in the rest."""
    role = actor.roles.get(one.owner_id)
    if actor.is_admin or role is Role.ADMIN:
        return True
    if one.resource_group_id is not None:
        seat = actor.groups.get(one.resource_group_id)
        return seat is not None and seat.role is not Role.NO_ACCESS
    return role not in (None, Role.NO_ACCESS)


def naive(hub: dict[int, Document], actor: Actor, query: Query) -> list[int]:
    """The promise, spelled out: places in order."""
    order = order_of(query)
    owner = {None: None, "ada": ADA, "EVE": EVE}.get(query.author, 0)
    low, high = query.parameters or (None, None)

    def fits(one: Document) -> bool:
        have = {feature.name for feature in one.features}
        return (
            one.kind is query.kind
            and (not one.private or sees(actor, one))
            and (query.author is None or one.owner_id == owner)
            and all(tag_name(tag) in have for tag in query.tags)
            and (query.gated is None or ("gated/" in have) is query.gated)
            and all(word in one.name for word in searched(query.search))
            and (
                query.parameters is None
                or (one.parameters > 0 and (low or 1) <= one.parameters <= (high or 10**18))
            )
        )

    return sorted((one.keys[order] for one in hub.values() if fits(one)), reverse=not query.ascending)


def pages(tx, actor: Actor, query: Query) -> list[int]:
    """Walk through every page as a client does."""
    found: list[int] = []
    match = match_of(tx, actor, query)
    while match is not None:
        after = found[-1] if found else None
        page = index_of(tx).page(
            tx, match, expression(match), order_of(query), after, query.limit, ascending=query.ascending
        )
        found += page
        if len(page) < query.limit:
            break
    return found


@contextmanager
def ways_of(bounds: tuple[int, int, int]):
    """Make a small hub be asked as a large one is: few, tried and looked at are the numbers that decide how."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("FEW", "TRIED", "SCAN"), bounds, strict=True):
            patch.setattr(postgres, name, value)
        for name, value in (("SCAN_PER_ITEM", 0), ("NAMED", 1), ("LOOK", bounds[1])):
            patch.setattr(postgres, name, value)
        yield


# What decides how PostgreSQL looks: all of few matches, all rows in order, some of them, or one and then all matches.
WAYS = [(2000, 400, 4000), (-1, 1000, 1000), (-1, 2, 6), (-1, 1, 1), (3, 2, 6)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hub=hubs(), asked=st.lists(queries, min_size=1, max_size=6), data=st.data())
def test_the_index_answers_what_a_filter_over_everything_would(db, hub, asked, data):
    with undone(db) as tx:
        now: dict[int, Document] = {}
        for version in hub:
            searching.put(tx, version)
            now |= {document.repo_id: document for document in version}
        moved = {
            n: {Order.LIKES: place(data.draw(st.integers(0, 5)), n)} for n in now if data.draw(st.booleans())
        }
        searching.move(tx, moved)
        now = {n: replace(d, keys={**d.keys, **moved.get(n, {})}) for n, d in now.items()}
        for gone in [n for n in now if data.draw(st.integers(0, 4)) == 0]:
            searching.drop(tx, gone)
            del now[gone]
        for query in asked:
            for actor in (STRANGER, MEMBER, SEATED, BARRED, HEAD, ADMIN):
                want = naive(now, actor, query)
                with ways_of(data.draw(st.sampled_from(WAYS))):
                    assert pages(tx, actor, query) == want
                    match = match_of(tx, actor, query)
                    if match is not None:
                        assert index_of(tx).count(tx, match, expression(match), 3) == min(len(want), 3)
            check_sets(tx, now, query)


def check_sets(tx, hub: dict[int, Document], query: Query) -> None:
    """Counters and sets tell of public repositories exactly."""
    match = match_of(tx, STRANGER, query)
    public_ones = {repo_at(at) for at in naive(hub, STRANGER, query)}
    if match is not None:
        assert set(index_of(tx).ids(tx, match, public(match)).tolist()) == public_ones
    everywhere = [one for one in hub.values() if not one.private and one.kind is query.kind]
    names = {feature.name for one in everywhere for feature in one.features}
    have = {name: {o.repo_id for o in everywhere if name in {f.name for f in o.features}} for name in names}
    numbers = searching.feature_numbers(tx, query.kind, [*names, tag_name("never")])
    assert {name: count for name, (_, count) in numbers.items()} == {n: len(ids) for n, ids in have.items()}
    if "tag/pytorch" in names:
        (bits,) = load(tx, [numbers["tag/pytorch"][0]]).values()
        assert np.array_equal(bits, bits_of(np.array(sorted(have["tag/pytorch"])), len(bits)))


def test_places_of_equal_value_are_ordered_by_number(db):
    with db.write() as tx:
        searching.put(tx, [plain_document(number) for number in range(1, 40)])
    with db.read() as tx:
        assert [repo_at(at) for at in pages(tx, STRANGER, Query(Kind.MODEL, limit=7))] == list(
            range(39, 0, -1)
        )


def test_a_repository_that_turns_private_leaves_every_list_and_count(db):
    with db.write() as tx:
        searching.put(tx, [plain_document(1)])
        searching.put(tx, [replace(plain_document(1), private=True)])
    with db.read() as tx:
        assert pages(tx, STRANGER, Query(Kind.MODEL)) == []
        assert len(pages(tx, Actor(user_id=1, roles={ADA: Role.ADMIN}), Query(Kind.MODEL))) == 1
        assert searching.feature_numbers(tx, Kind.MODEL, [EVERYTHING])[EVERYTHING][1] == 0


def test_a_name_of_the_same_pieces_and_weights_of_the_same_size_are_told_apart(db):
    short = replace(plain_document(1), name="ada/abab", parameters=6_000_000_000)
    long = replace(short, name="ada/ababab", parameters=6_000_000_001)
    with db.write() as tx:
        searching.put(tx, [short])
        assert pages(tx, STRANGER, Query(Kind.MODEL, search=["ababab"])) == []
        searching.put(tx, [long])
        assert len(pages(tx, STRANGER, Query(Kind.MODEL, search=["ababab"]))) == 1
        assert len(pages(tx, STRANGER, Query(Kind.MODEL, parameters=(6_000_000_001, None)))) == 1


def test_where_very_many_match_a_part_stands_for_all_of_them(db, monkeypatch):
    monkeypatch.setattr(postgres, "MANY", 1)
    monkeypatch.setattr(import_module("hubkeep.search.facets"), "ENOUGH", 7)
    block = 1 << SAMPLE_BITS
    numbers = [*range(1, 11), *range(block, block + 10), *range(SAMPLE_OF * block, SAMPLE_OF * block + 10)]
    assert [number for number in numbers if in_sample(number)] == numbers[:10] + numbers[20:]
    with db.write() as tx:
        searching.put(tx, [plain_document(number) for number in numbers])
        tagged = [Feature(tag_name("pytorch"), "library", "pytorch")]
        for number in (*numbers[:4], *numbers[10:12], *numbers[20:24]):
            with_tag = replace(plain_document(number), parameters=number)
            searching.put(tx, [replace(with_tag, features=[*with_tag.features, *tagged])])
    with db.read() as tx:
        on_postgres = tx.sql.dialect.name == "postgresql"
        found = facets(tx, STRANGER, Query(Kind.MODEL, search=["repo"]), fresh=True)
        assert (found.total, found.estimated) == (30, on_postgres)
        assert found.groups["library"][0].count == (12 if on_postgres else 10)
        found = facets(tx, STRANGER, Query(Kind.MODEL, search=["repo"], tags=["pytorch"]), fresh=True)
        assert (found.total, found.estimated) == ((12, True) if on_postgres else (10, False))
        few = facets(tx, STRANGER, Query(Kind.MODEL, search=["repo"], parameters=(2, 9)), fresh=True)
        assert (few.total, few.estimated) == (3, False), "too few in the sample to tell of all"
        nothing = facets(tx, STRANGER, Query(Kind.MODEL, search=["nowhere"]), fresh=True)
        assert (nothing.total, nothing.estimated) == (0, False)


def test_a_transaction_that_fails_leaves_the_index_as_it_was(db):
    with db.write() as tx:
        searching.put(tx, [plain_document(1)])
    with undone(db) as tx:
        searching.put(tx, [plain_document(2)])
        searching.drop(tx, 1)
    with db.read() as tx:
        assert [repo_at(at) for at in pages(tx, STRANGER, Query(Kind.MODEL))] == [1]


def test_people_are_found_by_a_piece_of_their_name_closest_first(db):
    with db.write() as tx:
        for name, fullname in (
            ("bertha", "Bertha B."),
            ("bert", ""),
            ("hubert", "Hübert"),
            ("zoe", "Zoë Bert"),
        ):
            accounts.add_user(tx, name, fullname=fullname)
        accounts.add_org(tx, "bertorg", {})
        for owner in accounts.every_owner(tx, 0, 100):
            put_person(tx, owner)
            put_person(tx, owner)  # again: nothing is there twice
    with db.read() as tx:
        assert [o.name for o in find_people(tx, OwnerKind.USER, "BERT", 10)] == [
            "bert",
            "bertha",
            "zoe",
            "hubert",
        ]
        assert [o.name for o in find_people(tx, OwnerKind.ORG, "ert", 10)] == ["bertorg"]
        assert [o.name for o in find_people(tx, OwnerKind.USER, "be", 1)] == ["bert"]
        assert find_people(tx, OwnerKind.USER, '"*', 10) == []
    with db.write() as tx:
        accounts.set_disabled(tx, "bert", disabled=True)
    with db.read() as tx:
        assert "bert" not in [o.name for o in find_people(tx, OwnerKind.USER, "bert", 10)]


def plain_document(number: int) -> Document:
    return Document(
        repo_id=number,
        kind=Kind.MODEL,
        owner_id=ADA,
        private=False,
        resource_group_id=None,
        name=f"ada/repo{number}",
        features=[Feature(EVERYTHING, "all", "all")],
        parameters=0,
        keys={order: place(0, number) for order in ORDERS[Kind.MODEL]},
    )
