"""The part of a repository's settings that is about its gate."""

from hubkeep import repos
from hubkeep.kit import BadInput
from hubkeep.repos import Changes, MailMode
from hubkeep.web import urls
from hubkeep.web.answer import Redirect
from hubkeep.web.asked import Asked


async def change_gate(asked: Asked) -> Redirect:
    """Set up the gate, or take it away."""
    gated, mode = asked.value("gated"), asked.value("mode") or MailMode.BULK.value
    if gated not in ("", "auto", "manual"):
        raise BadInput(field="gated", reason="must be auto, manual, or empty for no gate")
    if mode not in {one.value for one in MailMode}:
        raise BadInput(field="mode", reason=f"must be one of {', '.join(MailMode)}")
    changes = Changes(
        gated=gated,
        members_gated=asked.value("members") == "1",
        gate_email=asked.value("email").strip(),
        gate_mode=MailMode(mode),
    )
    repo = await asked.hub.write(repos.update_settings, asked.caller, asked.kind, asked.full_name, changes)
    return Redirect(f"{urls.repo_url(repo)}/settings?done=gate")
