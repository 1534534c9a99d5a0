"""`.gitignore`: which paths git would leave out, by git's own rules."""

from dataclasses import dataclass

from hubkeep.git.wildmatch import Pattern, compile_pattern
from hubkeep.kit import TooLarge

MAX_PATTERNS = 5000


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: Pattern
    ignores: bool
    folders_only: bool


class Ignore:
    """The rules of one `.gitignore`, at the root."""

    def __init__(self, rules: list[_Rule]) -> None:
        """Keep the rules, the last one first: it wins."""
        self._rules = rules[::-1]

    @staticmethod
    def parse(text: str) -> "Ignore":
        """Read the file's text. Raises TooLarge."""
        lines = text.removeprefix("\ufeff").encode("utf-8", "replace").split(b"\n")
        rules = [rule for line in lines if (rule := _rule(line)) is not None]
        if len(rules) > MAX_PATTERNS:
            raise TooLarge(field=".gitignore", limit=f"{MAX_PATTERNS} patterns")
        return Ignore(rules)

    def matches(self, path: str) -> bool:
        """Tell whether the file at `path` is ignored; below an ignored folder everything is, come what may."""
        if not self._rules:
            return False
        parts = path.encode("utf-8", "replace").split(b"/")
        folders = (b"/".join(parts[:depth]) for depth in range(1, len(parts)))
        return any(self._ignored(folder, folder=True) for folder in folders) or self._ignored(
            b"/".join(parts), folder=False
        )

    def _ignored(self, path: bytes, *, folder: bool) -> bool:
        for rule in self._rules:
            if (folder or not rule.folders_only) and rule.pattern.matches(path):
                return rule.ignores
        return False


def _rule(line: bytes) -> _Rule | None:
    line = _without_trailing_spaces(line.removesuffix(b"\r"))
    if not line or line.startswith(b"#"):
        return None
    negated = line.startswith(b"!")
    text = line.removeprefix(b"!")
    folders_only = text.endswith(b"/")
    pattern = compile_pattern(text.removesuffix(b"/")) if text.removesuffix(b"/") else None
    return None if pattern is None else _Rule(pattern, not negated, folders_only)


def _without_trailing_spaces(line: bytes) -> bytes:
    r"""Drop spaces at the end, except the first after a backslash (`name\ `)."""
    kept = line.rstrip(b" ")
    escapes = len(kept) - len(kept.rstrip(b"\\"))
    return kept + b" " if escapes % 2 and len(kept) < len(line) else kept
