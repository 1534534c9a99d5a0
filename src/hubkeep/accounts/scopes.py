"""What a fine-grained token may do: permissions on namespaces, repositories and collections, written down as JSON.

Source: hub-platform contract 1.1 (`auth.accessToken.fineGrained` of whoami) and the Hub's list of permissions.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from hubkeep.kit import BadInput

MAX_ENTITIES = 100


class EntityType(StrEnum):
    """What a permission can be about."""

    USER = "user"
    ORG = "org"
    MODEL = "model"
    DATASET = "dataset"
    SPACE = "space"
    KERNEL = "kernel"
    BUCKET = "bucket"
    COLLECTION = "collection"
    RESOURCE_GROUP = "resource-group"
    OAUTH_APP = "oauth-app"


class Permission(StrEnum):
    """What a fine-grained token may do. The Hub's own words, but for `repo.content.write`."""

    REPO_READ = "repo.content.read"
    REPO_ACCESS_READ = "repo.access.read"  # see who asked for access to gated repositories
    REPO_CONTENT_WRITE = "repo.content.write"  # ours: commit and push, but change no setting
    REPO_WRITE = "repo.write"  # contents and settings, create and delete
    DISCUSSION_WRITE = "discussion.write"
    POST_WRITE = "post.write"
    COLLECTION_READ = "collection.read"
    COLLECTION_WRITE = "collection.write"
    WEBHOOKS_READ = "user.webhooks.read"
    WEBHOOKS_WRITE = "user.webhooks.write"
    BILLING_READ = "user.billing.read"
    ORG_READ = "org.read"
    ORG_WRITE = "org.write"
    GROUP_WRITE = "resourceGroup.write"
    SERVICE_READ = "org.serviceAccounts.read"
    SERVICE_WRITE = "org.serviceAccounts.write"
    INFERENCE = "inference.serverless.write"
    ENDPOINTS_INFER = "inference.endpoints.infer.write"
    ENDPOINTS_WRITE = "inference.endpoints.write"
    JOB_WRITE = "job.write"


_P = Permission
_REPO = (_P.REPO_READ, _P.REPO_ACCESS_READ, _P.REPO_CONTENT_WRITE, _P.REPO_WRITE, _P.DISCUSSION_WRITE)
_COLLECTION = (_P.COLLECTION_READ, _P.COLLECTION_WRITE)
_MACHINES = (_P.INFERENCE, _P.ENDPOINTS_INFER, _P.ENDPOINTS_WRITE, _P.JOB_WRITE)
_ORG = (_P.ORG_READ, _P.ORG_WRITE, _P.GROUP_WRITE, _P.SERVICE_READ, _P.SERVICE_WRITE)
# Which permissions mean anything about which kind of thing.
APPLIES: Mapping[EntityType, tuple[Permission, ...]] = {
    EntityType.USER: (*_REPO, *_COLLECTION, _P.WEBHOOKS_READ, _P.WEBHOOKS_WRITE, _P.BILLING_READ, *_MACHINES),
    EntityType.ORG: (*_REPO, *_COLLECTION, *_ORG, *_MACHINES),
    EntityType.MODEL: _REPO,
    EntityType.DATASET: _REPO,
    EntityType.SPACE: _REPO,
    EntityType.KERNEL: _REPO,
    EntityType.BUCKET: _REPO,
    EntityType.COLLECTION: _COLLECTION,
    EntityType.RESOURCE_GROUP: (*_REPO, _P.GROUP_WRITE),
    EntityType.OAUTH_APP: (),
}
EVERYWHERE = frozenset((_P.DISCUSSION_WRITE, _P.POST_WRITE))  # what can be given for the whole hub


@dataclass(frozen=True, order=True)
class Entity:
    """One thing that permissions are about, by its number."""

    type: EntityType
    id: int


@dataclass(frozen=True)
class Scopes:
    """Everything a fine-grained token may do. `gated`: read public gated repositories that its owner was let into."""

    on: Mapping[Entity, frozenset[Permission]] = field(default_factory=dict)
    everywhere: frozenset[Permission] = frozenset()
    gated: bool = False

    def allow(self, permissions: Iterable[Permission], entities: Iterable[Entity]) -> bool:
        """Return whether one of `permissions` is given on one of `entities`, or everywhere."""
        wanted = frozenset(permissions)
        if wanted & self.everywhere:
            return True
        return any(wanted & self.on.get(entity, frozenset()) for entity in entities)

    def ids(self, permissions: Iterable[Permission], types: Iterable[EntityType]) -> list[int]:
        """Return the numbers of all things of `types` with one of `permissions`."""
        wanted, kinds = frozenset(permissions), frozenset(types)
        return sorted(
            entity.id for entity, given in self.on.items() if entity.type in kinds and wanted & given
        )

    @cached_property
    def text(self) -> str:
        """What is stored."""
        rows = [[entity.type.value, entity.id, sorted(given)] for entity, given in sorted(self.on.items())]
        return json.dumps([rows, sorted(self.everywhere), self.gated], separators=(",", ":"))


def read_scopes(text: str) -> Scopes:
    """Return what `Scopes.text` was made from."""
    rows, everywhere, gated = json.loads(text)
    on = {Entity(EntityType(kind), number): frozenset(map(Permission, given)) for kind, number, given in rows}
    return Scopes(on, frozenset(map(Permission, everywhere)), gated)


def check_scopes(scopes: Scopes) -> Scopes:
    """Return `scopes` if every permission means something where it is given. Raises BadInput."""
    if len(scopes.on) > MAX_ENTITIES:
        raise BadInput(field="scopes", reason=f"at most {MAX_ENTITIES} things, not {len(scopes.on)}")
    for entity, given in scopes.on.items():
        if odd := given.difference(APPLIES[entity.type]):
            raise BadInput(field="scopes", reason=f"{min(odd)} cannot be given on a {entity.type}")
    if odd := scopes.everywhere - EVERYWHERE:
        raise BadInput(field="scopes", reason=f"{min(odd)} cannot be given for everything")
    return Scopes(
        {entity: given for entity, given in scopes.on.items() if given}, scopes.everywhere, scopes.gated
    )
