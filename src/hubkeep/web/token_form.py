"""The form of a token: what it may do, until when. Boxes are named by what they give: `on:org:12:repo.write`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, Entity, EntityType, Permission, Role, Scopes, Token, TokenRole
from hubkeep.kit import BadInput, ReadTx, now
from hubkeep.repos import Kind, Repo, RepoMoved, RepoNotFound
from hubkeep.web.asked import Asked

P = Permission
EACH, EVERYWHERE, GATED = "each", "everywhere", "gated"
# What a box says, and what the words below it add.
WORDS: Mapping[Permission, tuple[str, str]] = {
    P.REPO_READ: ("Read repositories", "Download, private ones too."),
    P.REPO_CONTENT_WRITE: ("Commit and push", "Change contents, but no settings."),
    P.REPO_WRITE: ("Manage repositories", "Contents and settings, create and delete."),
    P.REPO_ACCESS_READ: ("See access requests", "Who asked for gated repositories."),
    P.DISCUSSION_WRITE: ("Take part in discussions", "Comment, and open pull requests."),
    P.COLLECTION_READ: ("Read collections", "Private ones too."),
    P.COLLECTION_WRITE: ("Change collections", "Create, edit and delete them."),
    P.WEBHOOKS_READ: ("See webhooks", "With their delivery logs."),
    P.WEBHOOKS_WRITE: ("Change webhooks", "Create, edit and delete them."),
    P.ORG_READ: ("Read settings", "Members, roles and the audit log."),
    P.ORG_WRITE: ("Change settings", "Members and roles, too."),
    P.GROUP_WRITE: ("Change resource groups", "Who may do what with which repositories."),
}
_REPO = (P.REPO_READ, P.REPO_CONTENT_WRITE, P.REPO_WRITE, P.REPO_ACCESS_READ, P.DISCUSSION_WRITE)
_COLLECTION = (P.COLLECTION_READ, P.COLLECTION_WRITE)
_AT_HOME = (*_REPO, *_COLLECTION, P.WEBHOOKS_READ, P.WEBHOOKS_WRITE)
_IN_ORG = (*_REPO, *_COLLECTION, P.ORG_READ, P.ORG_WRITE, P.GROUP_WRITE)
_KINDS = {EntityType(kind.value): kind for kind in Kind}


@dataclass(frozen=True)
class Box:
    """One permission to tick: the field's name, its words, and whether it is ticked."""

    name: str
    label: str
    help: str
    ticked: bool


@dataclass(frozen=True)
class Group:
    """Boxes about one thing."""

    title: str
    boxes: Sequence[Box]


@dataclass(frozen=True)
class Wish:
    """What the form asks for."""

    name: str
    role: TokenRole
    scopes: Scopes | None
    expires_at: datetime | None


def facts_of(tx: ReadTx, actor: Actor, asked: Asked, token: Token | None = None) -> dict[str, object]:
    """Return what the form shows: what was typed, else what `token` may do now."""
    scopes = (token.scopes if token else None) or Scopes()
    ones, each = _ones(tx, actor, scopes)
    ticked = _typed(asked.form) if asked.again else _given(scopes, each)
    shown = "\n".join(f"{repo.kind.prefix}{repo.full_name}" for repo in ones)
    names = asked.value("repos") if asked.again else shown
    expires = asked.value("expires") if asked.again else _day(token.expires_at if token else None)
    role = asked.value("role") or (token.role.value if token else asked.query.get("tokenType", ""))
    return {
        "name": asked.value("name"),
        "role": role if role in list(TokenRole) else TokenRole.READ.value,
        "groups": [_group(*about, ticked) for about in _places(tx, actor)],
        "each": _boxes(EACH, _REPO, ticked),
        "everywhere": Box(
            f"{EVERYWHERE}:{P.DISCUSSION_WRITE}",
            "Take part in every discussion",
            "Comment, and open pull requests, wherever you can read.",
            f"{EVERYWHERE}:{P.DISCUSSION_WRITE}" in ticked,
        ),
        "gated": Box(GATED, "Read gated repositories", "Those that let you in.", GATED in ticked),
        "repos": names,
        "kept": _words_of(tx, actor, _kept(tx, actor, scopes)),
        "drop": "drop" in asked.form,
        "expires": expires,
        "soonest": _day(now() + timedelta(days=1)),
    }


def wish_of(tx: ReadTx, actor: Actor, form: Mapping[str, str], before: Scopes | None = None) -> Wish:
    """Read the form. What `before` says and the form cannot show stays, unless the form says to drop it.

    Raises BadInput: a field that does not belong, a repository that is not there for the actor.
    """
    try:
        role = TokenRole(form.get("role", ""))
    except ValueError:
        raise BadInput(field="role", reason=f"must be one of {', '.join(TokenRole)}") from None
    scopes = _scopes(tx, actor, form) if role is TokenRole.FINE_GRAINED else None
    if scopes is not None and before is not None and "drop" not in form:
        scopes = _with(scopes, _kept(tx, actor, before))
    return Wish(form.get("name", "").strip(), role, scopes, _end(form.get("expires", "")))


def _scopes(tx: ReadTx, actor: Actor, form: Mapping[str, str]) -> Scopes:
    on: dict[Entity, frozenset[Permission]] = {}
    allowed = {entity for entity, _, _ in _places(tx, actor)}
    for field in form:
        if field.startswith("on:"):
            entity, permission = _box(field)
            if entity not in allowed:
                raise BadInput(field=field[:60], reason="is none of your namespaces")
            on[entity] = on.get(entity, frozenset()) | {permission}
    each = frozenset(_permission(field, EACH) for field in form if field.startswith(f"{EACH}:"))
    for entity in _repos_named(tx, actor, form.get("repos", "")):
        on[entity] = on.get(entity, frozenset()) | each
    everywhere = frozenset(
        _permission(field, EVERYWHERE) for field in form if field.startswith(f"{EVERYWHERE}:")
    )
    if not each and form.get("repos", "").strip():
        raise BadInput(field="repos", reason="tick what the token may do with these repositories")
    return Scopes(on, everywhere, GATED in form)


def _box(field: str) -> tuple[Entity, Permission]:
    parts = field.split(":", 3)
    try:
        return Entity(EntityType(parts[1]), int(parts[2])), Permission(parts[3])
    except (IndexError, ValueError):
        raise BadInput(field=field[:60], reason="is no permission") from None


def _permission(field: str, prefix: str) -> Permission:
    try:
        return Permission(field.removeprefix(f"{prefix}:"))
    except ValueError:
        raise BadInput(field=field[:60], reason="is no permission") from None


def _repos_named(tx: ReadTx, actor: Actor, text: str) -> list[Entity]:
    """Find the repositories that the box names, one a line: `owner/name`, `datasets/owner/name`."""
    found = []
    for line in dict.fromkeys(text.split()):
        first, _, rest = line.strip("/").partition("/")
        kind = next((kind for kind in Kind if kind.plural == first and rest.count("/") == 1), Kind.MODEL)
        name = rest if kind.plural == first else line.strip("/")
        try:
            repo = repos.get(tx, actor, kind, name)
        except RepoMoved as moved:
            repo = repos.get(tx, actor, kind, str(moved.facts["to"]))
        except RepoNotFound:
            raise BadInput(
                field="repos", reason=f"there is no {kind} {name[:200]!r} that you can see"
            ) from None
        found.append(repo.entity)
    return found


def _places(tx: ReadTx, actor: Actor) -> list[tuple[Entity, str, tuple[Permission, ...]]]:
    """Return the viewer's namespaces, with what can be given there."""
    me = accounts.whoami(tx, actor)
    home = (Entity(EntityType.USER, me.user.id), f"Yours: {me.user.name}", _AT_HOME)
    orgs = [
        (Entity(EntityType.ORG, org.org_id), f"Organization {org.org_name}", _IN_ORG)
        for org in me.orgs
        if org.role is not Role.NO_ACCESS
    ]
    return [home, *orgs]


def _group(entity: Entity, title: str, offered: Iterable[Permission], ticked: frozenset[str]) -> Group:
    return Group(title, _boxes(f"on:{entity.type}:{entity.id}", offered, ticked))


def _boxes(prefix: str, offered: Iterable[Permission], ticked: frozenset[str]) -> list[Box]:
    return [Box(f"{prefix}:{one}", *WORDS[one], f"{prefix}:{one}" in ticked) for one in offered]


def _typed(form: Mapping[str, str]) -> frozenset[str]:
    return frozenset(field for field in form if ":" in field or field == GATED)


def _given(scopes: Scopes, each: frozenset[Permission]) -> frozenset[str]:
    """Return the names of the boxes that say what `scopes` says; `each` is for the single repositories shown."""
    ticked = {GATED} if scopes.gated else set()
    ticked |= {f"{EVERYWHERE}:{one}" for one in scopes.everywhere} | {f"{EACH}:{one}" for one in each}
    for entity, given in scopes.on.items():
        ticked |= {f"on:{entity.type}:{entity.id}:{one}" for one in given}
    return frozenset(ticked)


def _ones(tx: ReadTx, actor: Actor, scopes: Scopes) -> tuple[list[Repo], frozenset[Permission]]:
    """Return the single repositories that the form shows, and what the token may do with each of them.

    The form has one set of boxes for all: shown are those that share the most common set. The others are kept as they are.
    """
    ids = [entity.id for entity in scopes.on if entity.type in _KINDS]
    seen = [repo for repo in repos.repos_by_id(tx, ids) if accounts.may(actor, accounts.Action.READ, repo)]
    if not seen:
        return [], frozenset()
    ((common, _),) = Counter(scopes.on[repo.entity] for repo in seen).most_common(1)
    return [repo for repo in seen if scopes.on[repo.entity] == common], common


def _kept(tx: ReadTx, actor: Actor, scopes: Scopes) -> Scopes:
    """Return what a token may do and the form cannot show: groups, collections, jobs, and whatever is not the actor's any more."""
    shown = {entity: frozenset(offered) for entity, _, offered in _places(tx, actor)}
    shown |= {repo.entity: scopes.on[repo.entity] for repo in _ones(tx, actor, scopes)[0]}
    rest = {entity: given - shown.get(entity, frozenset()) for entity, given in scopes.on.items()}
    here = {entity: given for entity, given in rest.items() if given}
    return Scopes(here, scopes.everywhere - {P.DISCUSSION_WRITE})


def _with(scopes: Scopes, kept: Scopes) -> Scopes:
    """Put together what the form says and what it could not show; a repository that it names is as it says."""
    on = dict(scopes.on)
    for entity, given in kept.on.items():
        if entity.type not in _KINDS or entity not in on:
            on[entity] = on.get(entity, frozenset()) | given
    return Scopes(on, scopes.everywhere | kept.everywhere, scopes.gated)


def _words_of(tx: ReadTx, actor: Actor, kept: Scopes) -> list[str]:
    """Say what is kept, a line each."""
    ids = [entity.id for entity in kept.on if entity.type in _KINDS]
    seen = [repo for repo in repos.repos_by_id(tx, ids) if accounts.may(actor, accounts.Action.READ, repo)]
    names = {repo.entity: f"{repo.kind.prefix}{repo.full_name}" for repo in seen}
    names |= {entity: title for entity, title, _ in _places(tx, actor)}
    lines = [
        f"{names.get(entity, f'{entity.type} {entity.id}')}: {', '.join(sorted(given))}"
        for entity, given in sorted(kept.on.items())
    ]
    return [*lines, *([f"everywhere: {', '.join(sorted(kept.everywhere))}"] if kept.everywhere else [])]


def _end(text: str) -> datetime | None:
    """Return the end of that day; None when no day was chosen."""
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(field="expires", reason="must be a day, as in 2030-12-31") from None
    return day + timedelta(days=1) - timedelta(seconds=1)


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d") if moment else ""
