"""Repositories, for operators: find them, close them, open them again, delete them."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind, Looked, Repo
from hubkeep.web import urls
from hubkeep.web.admin_desk import PAGE, operating, operators
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE = "/-/repos"
MAX_DIGITS = 18


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List repositories, private ones too."""
    looked = _looked(asked)
    after = _after(asked.query.get("after", ""))
    found = repos.every_repo(tx, actor, looked, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    facts = {
        "looked": looked,
        "all_kinds": list(Kind),
        "found": shown,
        "first": _here(looked) if after else "",
        "next": _here(looked, shown[-1]) if len(found) > PAGE else "",
        "here": asked.here,
        "did": asked.query.get("done", ""),
    }
    return Page("pages/admin_repos.html", facts)


async def act(asked: Asked) -> Redirect:
    """Close, open or delete a repository."""
    do, full_name = asked.value("do"), asked.value("repo")
    try:
        kind = Kind(asked.value("kind"))
    except ValueError:
        raise BadInput(field="kind", reason=f"must be one of {', '.join(Kind)}") from None
    if do in ("disable", "enable"):
        reason = asked.value("reason").strip()
        await asked.hub.write(
            repos.set_repo_disabled, asked.caller, kind, full_name, disabled=do == "disable", reason=reason
        )
    elif do == "delete":
        if asked.value("confirm").strip() != full_name:
            raise BadInput(field="confirm", reason=f"type {full_name} to delete it")
        await asked.hub.write(repos.delete, asked.caller, kind, full_name)
    else:
        raise BadInput(field="do", reason="must be disable, enable or delete")
    return Redirect(urls.with_query(HERE, q=full_name.partition("/")[0] + "/", done=do))


def _looked(asked: Asked) -> Looked:
    kind = asked.query.get("kind", "")
    known = kind in {one.value for one in Kind}
    return Looked(
        text=asked.query.get("q", "")[:200],
        kind=Kind(kind) if known else None,
        disabled=asked.query.get("disabled") == "1",
        largest=asked.query.get("sort") == "storage",
    )


def _here(looked: Looked, last: Repo | None = None) -> str:
    return urls.with_query(
        HERE,
        q=looked.text,
        kind=looked.kind.value if looked.kind else None,
        disabled="1" if looked.disabled else None,
        sort="storage" if looked.largest else None,
        after=f"{last.used_storage}-{last.id}" if last else None,
    )


def _after(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    storage, _, number = text.partition("-")
    if any(not part.isascii() or not part.isdigit() or len(part) > MAX_DIGITS for part in (storage, number)):
        raise BadInput(field="after", reason="must be a page that this list offered")
    return int(storage), int(number)


routes = [Route(HERE, form(operators(show), operating(act)), methods=["GET", "POST"])]
