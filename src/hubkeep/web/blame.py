"""Who wrote each line of a file."""

from dataclasses import dataclass

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.git import Commit
from hubkeep.repos import Blamed, Stores
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows_slowly
from hubkeep.web.head import head_of
from hubkeep.web.highlight import highlight_file
from hubkeep.web.revision import revision_in


@dataclass(frozen=True)
class Group:
    """Lines that follow each other and come from one commit: (number, HTML) of each."""

    commit: Commit
    lines: list[tuple[int, str]]


def show(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show the file with the commit of each line beside it."""
    path = asked.params["path"].strip("/")
    found = repos.blame_file(stores, actor, asked.kind, asked.full_name, asked.params["rev"], path)
    groups = _groups(found, path)
    facts = {
        "head": head_of(asked, actor, found.repo, "files"),
        "section": found.repo.kind,
        "revision": revision_in(stores, found.repo, found.oid, asked),
        "path": path,
        "name": path.rpartition("/")[2],
        "groups": groups,
        "lines": sum(len(group.lines) for group in groups),
        "writers": len(found.commits),
        "why_not": found.why_not,
    }
    return Page("pages/blame.html", facts)


def _groups(found: Blamed, path: str) -> list[Group]:
    shown = highlight_file(found.text, path) if found.lines else []
    return [
        Group(
            found.commits[one.commit],
            [
                (number, shown[number - 1])
                for number in range(one.first, one.first + one.count)
                if number <= len(shown)
            ],
        )
        for one in found.lines
    ]


routes = [
    Route(
        "/{kind:prefix}{ns:seg}/{name:seg}/blame/{rev:rev}/{path:rest}", shows_slowly(show), methods=["GET"]
    )
]
