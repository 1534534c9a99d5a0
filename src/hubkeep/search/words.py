"""The words that stand for a repository in the index, and the words that a question is made of.

Every word is ASCII letters and digits, so that both databases take it as it is:

    am              the scope: `a` public or `b` private, then the kind's first letter
    amf17           has feature 17
    amo5            belongs to namespace 5
    bmr5 bmg7       is read by who belongs to namespace 5, or only by who is in its resource group 7
    amn626572       its name contains `ber` (UTF-8, in hexadecimal)
    amp33 amq33x2   its number of weights: octave, quarter of that octave
    ams             is one of the eighth that stands for all where counting all would take too long

Two characters of padding at the end of a name make a prefix of these words find shorter texts too.
"""

from collections.abc import Iterable, Sequence

from hubkeep.accounts import Actor, readable
from hubkeep.repos import Kind
from hubkeep.search.types import Document

GRAM = 3
SAMPLED = "s"  # the word of the sample: one block of numbers in `SAMPLE_OF`, so that old and new ones are in it alike
SAMPLE_BITS, SAMPLE_OF = 14, 8
_PADDING = "\0" * (GRAM - 1)
_LETTERS = {Kind.MODEL: "m", Kind.DATASET: "d", Kind.SPACE: "s", Kind.KERNEL: "k"}
_TOP_OCTAVE = 62


def scope(kind: Kind, *, private: bool) -> str:
    """Return the letters before every word of such repositories."""
    return ("b" if private else "a") + _LETTERS[kind]


def words_of(document: Document, features: Iterable[int]) -> str:
    """Return the document's words in one line, sorted, without repeats; `features` are the numbers of its features."""
    own = {f"f{number}" for number in features}
    own |= {"", f"o{document.owner_id}", *grams(document.name), *_weights(document.parameters)}
    own |= {reader(document.owner_id, document.resource_group_id)} if document.private else set()
    own |= {SAMPLED} if in_sample(document.repo_id) else set()
    before = scope(document.kind, private=document.private)
    return " ".join(sorted(before + word for word in own))


def in_sample(repo_id: int) -> bool:
    """Tell whether a repository is one of the sample."""
    return (repo_id >> SAMPLE_BITS) % SAMPLE_OF == 0


def reader(owner_id: int, resource_group_id: int | None) -> str:
    """Return the word that says who reads a private repository."""
    return f"r{owner_id}" if resource_group_id is None else f"g{resource_group_id}"


def readers_of(actor: Actor) -> list[str] | None:
    """Return the words of the private repositories that `actor` may see, one of which they must have; None means all.

    Who reads everything of a namespace need not be in its groups.
    """
    if actor.is_admin:
        return None
    reach = readable(actor)
    whole = [f"o{owner}" for owner in reach.whole]
    return [*whole, *(f"r{owner}" for owner in reach.plain), *(f"g{group}" for group in reach.groups)]


def features_in(text: str) -> set[int]:
    """Return the numbers of the features among a document's words."""
    return {int(word[3:]) for word in text.split() if word[2:3] == "f"}


def is_public(text: str) -> bool:
    """Tell whether these are the words of a public repository."""
    return text.startswith("a")


def as_line(words: str) -> str:
    """Return words as they were put in: PostgreSQL gives them back between quotes, in an order of its own."""
    return " ".join(sorted(words.replace("'", "").split())) if "'" in words else words


def grams(name: str) -> set[str]:
    """Return the words for every piece of the lines of `name`."""
    return {
        _gram(padded[start : start + GRAM])
        for line in name.split("\n")
        for padded in (line + _PADDING,)
        for start in range(len(line))
    }


def grams_to_find(text: str) -> list[str]:
    """Return words that a name containing `text` must have: pieces side by side, the last one flush with the end.

    Matches are to be checked again. A text under three characters is one prefix.
    """
    if len(text) < GRAM:
        return [_gram(text) + "*"]
    last = len(text) - GRAM
    return [_gram(text[start : start + GRAM]) for start in sorted({*range(0, last, GRAM), last})]


def weights_to_find(least: int, most: int) -> Sequence[str]:
    """Return the words of which a number of weights from `least` to `most` has one; the ends are to be checked again."""
    found = []
    for octave in range(max(least, 1).bit_length(), min(most.bit_length(), _TOP_OCTAVE) + 1):
        low, high = 1 << (octave - 1), (1 << octave) - 1
        if (least <= low and high <= most) or octave < GRAM:
            found.append(f"p{octave}")
        else:
            found += [
                f"q{octave}x{quarter}" for quarter in range(4) if _overlaps(octave, quarter, least, most)
            ]
    return found


def _overlaps(octave: int, quarter: int, least: int, most: int) -> bool:
    step = 1 << (octave - 3)
    low = (4 + quarter) * step
    return low <= most and least <= low + step - 1


def _weights(number: int) -> list[str]:
    if number <= 0:
        return []
    octave = min(number.bit_length(), _TOP_OCTAVE)
    if octave < GRAM:
        return [f"p{octave}"]
    return [f"p{octave}", f"q{octave}x{number >> (octave - 3) & 3}"]


def _gram(text: str) -> str:
    return "n" + text.encode("utf-8", "surrogatepass").hex()
