"""Upload files and folders from a browser.

The page itself only says where to. Its script speaks the same API as the clients: preupload, git-lfs in parts, one commit.
Parts go straight to the bucket where there is one: that is the one page whose policy lets a script talk to another host.
"""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind
from hubkeep.web import commands, urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.desk import HEADS, Desk, desk_at, is_open, not_a_branch
from hubkeep.web.draft import box_facts
from hubkeep.web.endpoint import shows


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show where files can be dropped."""
    folder = asked.params.get("path", "").strip("/")
    with repos.snapshot(tx, actor, asked.hub.stores, asked.kind, asked.full_name, asked.params["rev"]) as at:
        if not is_open(at):
            return not_a_branch(at, asked, "upload", folder)
        desk = desk_at(tx, actor, asked, at)
        assert at.ref is not None
        bucket = repos.parts_origin(asked.hub.stores)
        facts = {
            "folder": folder,
            "addresses": _addresses(desk, asked.kind, at.ref.name) | {"bucket": bucket},
            "most": asked.hub.settings.commit_max_bytes,
            "command": commands.upload(asked.hub.url, asked.kind, at.repo.full_name, "./my-folder"),
        }
        return Page("pages/upload.html", box_facts(desk, asked) | facts, sends_to=bucket)


def _addresses(desk: Desk, kind: Kind, ref: str) -> dict[str, str]:
    """Return where the script asks what; every address is on this host, whatever name the browser knows it by."""
    name, revision = urls.path_part(desk.repo.full_name), urls.segment(desk.revision.name)
    api = f"/api/{kind.plural}/{name}"
    return {
        "preupload": f"{api}/preupload/{revision}",
        "batch": f"{urls.repo_url(desk.repo)}.git/info/lfs/objects/batch",
        "commit": f"{api}/commit/{revision}",
        "ref": ref if ref.startswith(HEADS) or desk.may_commit else "",
        "tree": urls.at_url(desk.repo, "tree", desk.revision.name),
        "discussions": f"{urls.repo_url(desk.repo)}/discussions",
    }


_UPLOAD = "/{kind:prefix}{ns:seg}/{name:seg}/upload/{rev:rev}"
routes = [
    Route(_UPLOAD, shows(show), methods=["GET"]),
    Route(_UPLOAD + "/{path:rest}", shows(show), methods=["GET"]),
]
