"""Search inside cards: the words people typed, in any order, with the place where they stand.

Candidates come popular first, bounded in number, and the best of them are shown: a question about rare words sees every
card that has them, one about common words sees the popular ones.
"""

import re
from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import Row
from hubkeep.repos import Info, Kind, Repo
from hubkeep.search.card_words import marks, words_in, words_to_find
from hubkeep.search.engine import index_of
from hubkeep.search.expression import Expression
from hubkeep.search.places import place
from hubkeep.search.tables import texts
from hubkeep.search.types import Extract, TextHit, TextHits
from hubkeep.search.words import as_line, reader, readers_of, scope

CANDIDATES = 300
MAX_QUESTION = 200  # characters
MAX_PAGE = 50
_HEAD = 4000  # characters of a card that are weighed
_AROUND = 280  # characters of an extract
# Words of a sentence that say nothing about what is looked for.
FILLERS = frozenset(
    re.findall(
        r"\w+",
        "a an the i my me you it is are be to of in on at by as or and for from with that this can want need how what do",
    )
)


def full_text(
    tx: ReadTx, actor: Actor, question: str, kinds: Sequence[Kind] = (), *, skip: int = 0, limit: int = 20
) -> TextHits:
    """Return repositories whose card (or name) has every word of `question`, with highlighted extracts.

    Raises:
        BadInput: a question that is too long, or a page out of bounds.
    """
    if skip < 0 or not 1 <= limit <= MAX_PAGE:
        raise BadInput(field="limit", reason=f"must be from 1 to {MAX_PAGE}")
    words = _words_of(question)
    ranked = _found(tx, actor, [[word] for word in words], kinds or tuple(Kind)) if words else []
    infos = repos.infos_of(tx, actor, [number for number, _ in ranked[skip : skip + limit]])
    shown = {row.repo_id: row.text for row in _rows(tx, [info.repo.id for info in infos])}
    hits = [TextHit(info, extract_of(shown.get(info.repo.id, ""), words)) for info in infos]
    return TextHits(hits, len(ranked), more=len(ranked) > skip + limit)


def spaces_about(
    tx: ReadTx, actor: Actor, question: str, tags: Sequence[str], limit: int
) -> list[tuple[Info, float]]:
    """Return Spaces about what a sentence says, and how well each fits (0 to 1): the share of its words that are said there.

    Words are compared, not meanings. Raises BadInput for a question that is too long.
    """
    words = [word for word in _words_of(question) if word not in FILLERS]
    ranked = _found(tx, actor, [words], [Kind.SPACE]) if words else []
    wanted = {tag.lower() for tag in tags}
    infos = repos.infos_of(tx, actor, [number for number, _ in ranked])
    found = [info for info in infos if wanted <= {tag.lower() for tag in info.metadata.tags}]
    shares = {number: said / len(words) for number, said in ranked}
    return [(info, shares[info.repo.id]) for info in found[:limit]]


def extract_of(text: str, words: Sequence[str]) -> Extract:
    """Return the piece of `text` around the first of `words`, one line, with the places of all of them in it."""
    lower = text.lower()
    places = [at for word in words if (at := lower.find(word)) >= 0] if len(lower) == len(text) else []
    start = max(min(places, default=0) - _AROUND // 4, 0)
    if start:
        start = text.find(" ", start, start + 40) + 1 or start
    piece = " ".join(text[start : start + _AROUND].split())
    return Extract(piece, list(marks(piece, words)))


def put_text(tx: WriteTx, info: Info, text: str) -> None:
    """Make the index say what a repository's card says."""
    forget_text(tx, info.repo.id)
    if not text:
        return
    at = _place(info.repo)
    words = _words(info.repo, text)
    tx.sql.execute(sa.insert(texts).values(repo_id=info.repo.id, place=at, words=words, text=text))
    index_of(tx).add_text(tx, at, words)


def move_texts(tx: WriteTx, moved: Sequence[Repo]) -> None:
    """Give cards their place again, after their repositories became more or less popular."""
    kept = {row.repo_id: row for row in _rows(tx, [repo.id for repo in moved])}
    for repo in moved:
        row, at = kept.get(repo.id), _place(repo)
        if row is None or row.place == at:
            continue
        words = as_line(row.words)
        index_of(tx).remove_text(tx, row.place, words)
        tx.sql.execute(sa.update(texts).where(texts.c.repo_id == repo.id).values(place=at))
        index_of(tx).add_text(tx, at, words)


def forget_text(tx: WriteTx, repo_id: int) -> None:
    """Take a repository's card out."""
    here = texts.c.repo_id == repo_id
    row = tx.sql.execute(sa.select(texts.c.place, texts.c.words).where(here)).first()
    if row is not None:
        index_of(tx).remove_text(tx, row.place, row.words)
        tx.sql.execute(sa.delete(texts).where(here))


def _words_of(question: str) -> list[str]:
    if len(question) > MAX_QUESTION:
        raise BadInput(field="q", reason=f"at most {MAX_QUESTION} characters")
    return words_to_find(question)


def _found(
    tx: ReadTx, actor: Actor, groups: Sequence[Sequence[str]], kinds: Sequence[Kind]
) -> list[tuple[int, int]]:
    """Return (repository, how many of the words its name or card says), best first."""
    found = index_of(tx).texts(tx, _expression(actor, groups, kinds), CANDIDATES)
    return _ranked(tx, _readable(tx, actor, found), [word for group in groups for word in group])


def _expression(actor: Actor, groups: Sequence[Sequence[str]], kinds: Sequence[Kind]) -> Expression:
    asked = [[f"w{word}" for word in group] for group in groups]
    alternatives = [[[scope(kind, private=False) for kind in kinds], *asked]]
    private = [scope(kind, private=True) for kind in kinds]
    readers = readers_of(actor)
    if readers is None:
        alternatives.append([private, *asked])
    elif readers:
        alternatives.append([[before + word for before in private for word in readers], *asked])
    return Expression(alternatives)


def _words(repo: Repo, text: str) -> str:
    before = scope(repo.kind, private=repo.private)
    said = words_in(f"{repo.full_name}\n{text}")
    own = {before, f"{before}o{repo.owner_id}", *(f"w{word}" for word in said)}
    own |= {before + reader(repo.owner_id, repo.resource_group_id)} if repo.private else set()
    return " ".join(sorted(own))


def _place(repo: Repo) -> int:
    """Return the place by popularity, in steps of two: a card's words are moved seldom, however often it is downloaded."""
    return place((repo.downloads + 20 * repo.likes).bit_length(), repo.id)


def _readable(tx: ReadTx, actor: Actor, numbers: Sequence[int]) -> list[int]:
    """Leave out what `actor` may not see: the cards' index learns of a changed visibility a moment later."""
    mine = repos.readable_ids(actor).subquery()
    allowed = set(tx.sql.execute(sa.select(mine.c.id).where(mine.c.id.in_(numbers))).scalars())
    return [number for number in numbers if number in allowed]


def _ranked(tx: ReadTx, numbers: Sequence[int], words: Sequence[str]) -> list[tuple[int, int]]:
    """Sort candidates: how many of the words are said, words in the name first, how often the card says them, popularity."""
    heads = sa.select(texts.c.repo_id, sa.func.substr(texts.c.text, 1, _HEAD)).where(
        texts.c.repo_id.in_(numbers)
    )
    cards = {row[0]: row[1].lower() for row in tx.sql.execute(heads)}
    names = repos.names_of(tx, numbers)
    scored = []
    for position, number in enumerate(numbers):
        name, head = names.get(number, "").lower(), cards.get(number, "")
        said = sum(word in name or word in head for word in words)
        in_name = sum(word in name for word in words)
        often = sum(min(head.count(word), 5) for word in words) / len(words)
        scored.append((said, 10 * in_name + often - 4 * position / CANDIDATES, number))
    scored.sort(key=lambda one: (-one[0], -one[1]))
    return [(number, said) for said, _, number in scored]


def _rows(tx: ReadTx, numbers: Sequence[int]) -> Sequence[Row]:
    return tx.sql.execute(sa.select(texts).where(texts.c.repo_id.in_(numbers))).all()
