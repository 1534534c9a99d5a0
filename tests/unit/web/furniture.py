"""Repositories with something in them, made through the same verbs as everybody's uploads."""

import base64
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.cas import keep_whole, link_whole
from hubkeep.git import PackWriter, Put, edit_tree
from hubkeep.kit import now
from hubkeep.repos import Kind, NewRepo, RefUpdate, Repo, Stores

_number = itertools.count()


@dataclass
class Furniture:
    """A hub's stores, and a person in whose name they are filled."""

    stores: Stores
    actor: Actor

    def repo(
        self, name: str, kind: Kind = Kind.MODEL, files: Mapping[str, bytes] | None = None, **over: Any
    ) -> Repo:
        owner, _, short = name.partition("/")
        if kind is Kind.SPACE:
            over.setdefault("sdk", "static")
        made = repos.create(self.stores, self.actor, NewRepo(kind, owner, short, **over))
        if files:
            self.commit(made, files)
        return made

    def commit(
        self, repo: Repo, files: Mapping[str, bytes], summary: str = "a change", description: str = ""
    ) -> str:
        return self.commit_lines(
            repo, [_file(path, data) for path, data in files.items()], summary, description
        )

    def commit_lines(
        self, repo: Repo, lines: list[dict[str, Any]], summary: str = "a change", description: str = ""
    ) -> str:
        body = self.stores.scratch / f"body{next(_number)}"
        header = {"key": "header", "value": {"summary": summary, "description": description}}
        body.write_text("".join(json.dumps(line) + "\n" for line in [header, *lines]))
        return repos.commit(self.stores, self.actor, repo.kind, repo.full_name, "main", body).oid

    def commit_entries(self, repo: Repo, entries: Mapping[str, tuple[int, bytes | str]], summary: str) -> str:
        """Commit entries with any mode, as only git can: content, or the id of another repository's commit."""
        stores = self.stores
        with stores.db.read() as tx:
            names = repos.pack_names(tx, repo.id)
            ref = repos.first_ref(tx, repo.id, [f"refs/heads/{repo.default_branch}"])
        assert ref is not None
        with stores.git.reader(repo.id, ref.commit_oid, lambda: names) as reader:
            tree = reader.commit(ref.commit_oid).tree
            with PackWriter(stores.scratch, reader.contains) as writer:
                edits = {
                    path: Put(content if isinstance(content, str) else writer.add("blob", content), mode)
                    for path, (mode, content) in entries.items()
                }
                made = edit_tree(reader, writer, tree, edits)
                signed = repos.signature(self.actor, stores.settings)
                oid = writer.add_commit(made, [ref.commit_oid], signed, summary, now())
                written = writer.finish()
                assert written is not None
                pack = stores.git.store(repo.id, *written)
        repos.publish(stores, self.actor, repo, [pack], [RefUpdate(ref.name, ref.oid, oid)])
        return oid

    def large(self, repo: Repo, path: str, content: bytes) -> dict[str, Any]:
        """Keep a large file and return the line of a commit that names it."""
        aside = self.stores.scratch / f"large{next(_number)}"
        aside.write_bytes(content)
        sha256, size = keep_whole(self.stores.blobs, aside)
        with self.stores.db.write() as tx:
            link_whole(tx, self.stores.blobs, repo.id, self.actor.user_id, sha256, size)
        return {"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": sha256, "size": size}}


def _file(path: str, content: bytes) -> dict[str, Any]:
    text = base64.b64encode(content).decode()
    return {"key": "file", "value": {"path": path, "content": text, "encoding": "base64"}}
