"""Settings of an organization: what it says of itself, and its end."""

from dataclasses import asdict

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import MAX_PICTURE_BYTES, Actor, Owner, Role, orgs
from hubkeep.accounts.orgs import OrgChanges
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form, form_with_file, shows
from hubkeep.web.picture import picture_sent

BASE = "/organizations/{org:seg}/settings"
TEXTS = ("fullname", "details", "website", "github", "twitter", "linkedin")


def settings_url(org: str, page: str) -> str:
    """Return the address of a page of an organization's settings."""
    return f"/organizations/{urls.segment(org)}/settings/{page}"


def org_for(tx: ReadTx, actor: Actor, asked: Asked) -> Owner:
    """Return the organization, to those who may change it. Raises OrgNotFound, NotSignedIn, NotAllowed."""
    return orgs.org_for_admin(tx, actor, asked.params["org"], "change this organization's settings")


def chosen_role(asked: Asked) -> Role:
    """Read the role that a form of ours posted. Raises BadInput."""
    try:
        return Role(asked.value("role"))
    except ValueError:
        raise BadInput(field="role", reason=f"must be one of {', '.join(Role)}") from None


def first(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Go to the first page of the settings."""
    return Redirect(settings_url(org_for(tx, actor, asked).name, "profile"), 302)


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the profile to be changed."""
    org = org_for(tx, actor, asked)
    said = asdict(orgs.org_profile(tx, org.id)) | {"fullname": org.fullname}
    if asked.again:
        said |= {name: asked.value(name) for name in TEXTS if name in asked.form}
    return Page(
        "pages/org_profile.html",
        {"org": org, "said": said, "name": asked.value("name"), "did": asked.query.get("done", "")},
    )


async def change(asked: Asked) -> Redirect:
    """Carry out the part of the page whose button was pressed."""
    do, name = asked.value("do"), asked.params["org"]
    if do == "profile":
        hidden = asked.value("members_hidden") == "yes"
        said = OrgChanges(**{field: asked.value(field) for field in TEXTS}, members_hidden=hidden)
        org = await asked.hub.write(orgs.update_org, asked.caller, name, said)
        return Redirect(settings_url(org.name, "profile") + "?done=profile")
    if do == "rename":
        org = await asked.hub.write(accounts.rename_org, asked.caller, name, asked.value("name").strip())
        return Redirect(settings_url(org.name, "profile") + "?done=rename")
    if do == "delete":
        if asked.value("confirm").strip() != name:
            raise BadInput(field="confirm", reason=f"type {name} to delete it")
        await asked.hub.write(orgs.delete_org, asked.caller, name)
        return Redirect("/settings/organizations?done=deleted")
    raise BadInput(field="do", reason="must be profile, rename or delete")


async def change_picture(asked: Asked) -> Redirect:
    """Keep the picture that was sent, or take the one there is away."""
    name = asked.params["org"]
    return Redirect(f"{settings_url(name, 'profile')}?done={await picture_sent(asked, name)}")


routes = [
    Route(BASE, shows(first), methods=["GET"]),
    Route(f"{BASE}/profile", form(show, change), methods=["GET", "POST"]),
    Route(
        f"{BASE}/profile/picture", form_with_file(show, change_picture, MAX_PICTURE_BYTES), methods=["POST"]
    ),
]
