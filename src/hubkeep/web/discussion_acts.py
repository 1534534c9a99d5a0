"""The buttons of a discussion's page: each posts `do`, and what it needs."""

from collections.abc import Awaitable, Callable

from hubkeep.community import discussions, pulls
from hubkeep.community.discussions import Happened, HideReason, Reaction, Status
from hubkeep.kit import BadInput
from hubkeep.repos import Repo
from hubkeep.web.answer import Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.ids import hex_id, number_in
from hubkeep.web.said import talk_url
from hubkeep.web.urls import repo_url


async def act(asked: Asked) -> Redirect:
    """Do what the pressed button says. Raises BadInput for a button that is none of ours, and what the verb raises."""
    found = _ACTS.get(asked.value("do"))
    if found is None:
        raise BadInput(field="do", reason=f"must be one of {', '.join(_ACTS)}")
    return await found(asked)


def _where(asked: Asked) -> tuple[object, str, int]:
    return asked.kind, asked.full_name, asked.params["num"]


async def _write(asked: Asked, verb: Callable[..., object], *args: object, **more: object) -> object:
    return await asked.hub.write(verb, asked.caller, *_where(asked), *args, **more)


def _at(happened: object) -> Redirect:
    """Lead to what just happened."""
    assert isinstance(happened, Happened)
    event = hex_id(happened.event.id, happened.event.at)
    return Redirect(f"{talk_url(happened.repo, happened.discussion.num)}?at={event}#{event}")


def _back(asked: Asked, event: str = "") -> Redirect:
    """Lead back to where the button was."""
    place = f"?at={event}#{event}" if number_in(event) else ""
    return Redirect(asked.path + place)


async def _comment(asked: Asked) -> Redirect:
    made = await _write(asked, discussions.comment, asked.value("comment"))
    assert isinstance(made, Happened)
    event = hex_id(made.event.id, made.event.at)
    return Redirect(f"{talk_url(made.repo, made.discussion.num)}?last=1#{event}")


async def _status(asked: Asked, status: Status) -> Redirect:
    comment = asked.value("comment") or None
    await _write(asked, discussions.change_status, status, comment)
    return Redirect(f"{asked.path}?last=1")


async def _merge(asked: Asked) -> Redirect:
    kind, name, num = asked.kind, asked.full_name, asked.params["num"]
    await asked.hub.work(pulls.merge, asked.caller, kind, name, num, asked.value("comment") or None)
    return Redirect(f"{asked.path}?last=1")


async def _rename(asked: Asked) -> Redirect:
    await _write(asked, discussions.rename, asked.value("title"))
    return _back(asked)


async def _edit(asked: Asked) -> Redirect:
    return _at(
        await _write(asked, discussions.edit_comment, number_in(asked.value("event")), asked.value("content"))
    )


async def _hide(asked: Asked) -> Redirect:
    reason = asked.value("reason")
    if reason and reason not in set(HideReason):
        raise BadInput(field="reason", reason=f"must be one of {', '.join(HideReason)}")
    await _write(
        asked,
        discussions.hide_comment,
        number_in(asked.value("event")),
        HideReason(reason) if reason else None,
    )
    return _back(asked, asked.value("event"))


async def _react(asked: Asked) -> Redirect:
    sign = asked.value("reaction")
    if sign not in set(Reaction):
        raise BadInput(field="reaction", reason=f"must be one of {', '.join(Reaction)}")
    event, on = asked.value("event"), asked.value("on") == "1"
    await _write(asked, discussions.react, number_in(event), Reaction(sign), on=on)
    return _back(asked, event)


async def _pin(asked: Asked) -> Redirect:
    await _write(asked, discussions.pin, pinned=asked.value("on") == "1")
    return _back(asked)


async def _lock(asked: Asked) -> Redirect:
    await _write(asked, discussions.lock, locked=asked.value("on") == "1")
    return _back(asked)


async def _mute(asked: Asked) -> Redirect:
    await _write(asked, discussions.mute, muted=asked.value("on") == "1")
    return _back(asked)


async def _delete_ref(asked: Asked) -> Redirect:
    kind, name, num = asked.kind, asked.full_name, asked.params["num"]
    await asked.hub.write(pulls.delete_ref, asked.caller, asked.hub.stores, kind, name, num)
    return Redirect(f"{asked.path}?last=1")


async def _delete(asked: Asked) -> Redirect:
    found = await _write(asked, discussions.delete)
    repo = getattr(found, "repo", None)
    assert isinstance(repo, Repo)
    return Redirect(f"{repo_url(repo)}/discussions")


async def _close(asked: Asked) -> Redirect:
    return await _status(asked, Status.CLOSED)


async def _open(asked: Asked) -> Redirect:
    return await _status(asked, Status.OPEN)


_ACTS: dict[str, Callable[[Asked], Awaitable[Redirect]]] = {
    "comment": _comment,
    "close": _close,
    "open": _open,
    "merge": _merge,
    "rename": _rename,
    "edit": _edit,
    "hide": _hide,
    "react": _react,
    "pin": _pin,
    "lock": _lock,
    "mute": _mute,
    "delete-ref": _delete_ref,
    "delete": _delete,
}
