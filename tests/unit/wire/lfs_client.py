"""What git-lfs and the official client ask, in the fewest words."""

import hashlib
import random

BODY = random.Random(3).randbytes(3000)  # the same in every process that collects tests
SHA = hashlib.sha256(BODY).hexdigest()
SIZE = len(BODY)
JSON = {"Accept": "application/vnd.git-lfs+json", "Content-Type": "application/vnd.git-lfs+json"}


def batch(house, repo, operation="upload", *, who="ada", oid=SHA, size=SIZE, agent="hf", git=".git", **body):
    objects = [{"oid": oid, "size": size}]
    asked = {
        "operation": operation,
        "transfers": ["basic"],
        "objects": objects,
        "ref": {"name": "main"},
    } | body
    headers = JSON | {"User-Agent": agent} | (house.auth(who) if who else {})
    return house.client.post(
        f"/{repo.kind.prefix}{repo.full_name}{git}/info/lfs/objects/batch", json=asked, headers=headers
    )


def link(answer, action="upload"):
    return answer.json()["objects"][0]["actions"][action]["href"]


def upload(house, repo, body=BODY, **more):
    """Upload by the basic way and return the answer."""
    href = link(batch(house, repo, oid=hashlib.sha256(body).hexdigest(), size=len(body), **more))
    return house.client.put(href, content=body)
