"""Boolean questions over words, as both databases understand them: `a & (b | c)`, in scopes that the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep.search.types import Match
from hubkeep.search.words import scope

Groups = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Expression:
    """Alternatives, of which one must hold; in each, every group must hold; in each group, one word.

    A word that ends in `*` stands for all that begin so.
    """

    alternatives: Sequence[Groups]

    @property
    def has_prefix(self) -> bool:
        """Tell whether a word stands for many."""
        return any(word.endswith("*") for groups in self.alternatives for group in groups for word in group)

    def without_prefixes(self) -> "Expression":
        """Return the wider question that leaves those groups out; each alternative keeps its first group, the scope."""
        kept = [
            [group for group in groups if not any(word.endswith("*") for word in group)] or [[_scope(groups)]]
            for groups in self.alternatives
        ]
        return Expression(kept)


def expression(match: Match) -> Expression:
    """Return the question in words: public repositories, and the private ones that the actor may see."""
    alternatives = [_scoped(scope(match.kind, private=False), match.groups)]
    private = scope(match.kind, private=True)
    if match.readers is None:
        alternatives.append(_scoped(private, match.groups))
    elif match.readers:
        alternatives.append(_scoped(private, [match.readers, *match.groups]))
    return Expression(alternatives)


def public(match: Match) -> Expression:
    """Return the question about public repositories only."""
    return Expression([_scoped(scope(match.kind, private=False), match.groups)])


def fts5(question: Expression) -> str:
    """Render for SQLite's full-text tables."""
    return _render(question, " AND ", " OR ", "*")


def tsquery(question: Expression) -> str:
    """Render for PostgreSQL."""
    return _render(question, " & ", " | ", ":*")


def _scoped(before: str, groups: Groups) -> Groups:
    return [[before + word for word in group] for group in groups] or [[before]]


def _scope(groups: Groups) -> str:
    return groups[0][0][:2]


def _render(question: Expression, every: str, some: str, prefix: str) -> str:
    def word(text: str) -> str:
        return text[:-1] + prefix if text.endswith("*") else text

    return some.join(
        "(" + every.join("(" + some.join(map(word, group)) + ")" for group in groups) + ")"
        for groups in question.alternatives
    )
