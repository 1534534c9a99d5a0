"""A text in the making: what its form shows, and the two looks at it before it is committed."""

from hubkeep import repos
from hubkeep.git import diff_texts
from hubkeep.repos import Stores
from hubkeep.web import urls
from hubkeep.web.asked import Asked
from hubkeep.web.card_faults import card_faults
from hubkeep.web.desk import Desk
from hubkeep.web.markdown import Place, render
from hubkeep.web.metadata import is_card, metadata_form
from hubkeep.web.plain_text import MAX_BYTES
from hubkeep.web.preview.diff import read_diff

MARKDOWN = (".md", ".markdown", ".mdx")


def box_facts(desk: Desk, asked: Asked) -> dict[str, object]:
    """Return what the box with the message shows."""
    return {
        "desk": desk,
        "head": desk.head,
        "section": desk.repo.kind,
        "summary": asked.value("summary"),
        "description": asked.value("description"),
        "propose": asked.value("way") == "propose" or not desk.may_commit,
    }


def draft_facts(desk: Desk, asked: Asked, path: str, text: str) -> dict[str, object]:
    """Return what the form shows: the text, what is wrong with it, and the message."""
    card = is_card(asked, path)
    faults = card_faults(text, desk.repo.kind) if asked.form and card else []
    return box_facts(desk, asked) | {
        "text": text,
        "faults": faults,
        "metadata": metadata_form(asked, desk.repo.kind, text, faults) if card else None,
        "preview": None,
        "changes": None,
        "max_bytes": MAX_BYTES,
        "base_url": urls.repo_url(desk.repo),
    }


def preview_facts(asked: Asked, path: str, text: str) -> dict[str, object]:
    """Render a text as the page of its file would show it."""
    if not path.lower().endswith(MARKDOWN):
        return {"preview": "", "preview_of": "other"}
    text = text.replace("\r\n", "\n")
    folder = path.rpartition("/")[0]
    here = urls.named_url(asked.kind, asked.full_name)
    revision = urls.segment(asked.params["rev"])
    place = Place(
        blob=f"{here}/blob/{revision}/",
        tree=f"{here}/tree/{revision}/",
        resolve=f"{here}/resolve/{revision}/",
    )
    return {"preview": place.complete(render(repos.body_of(text), folder).html), "preview_of": "markdown"}


def changes_facts(stores: Stores, old: str, new: str) -> dict[str, object]:
    """Compare a text with what it was."""
    diff = read_diff([diff_texts(stores.scratch, old.encode(), new.encode())])
    return {"changes": diff.files[0] if diff.files else "same"}
