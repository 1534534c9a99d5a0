"""What a repository's files say about it: card, configuration, weights, results, and the tags they add up to."""

import json
from typing import Any

import msgspec

from hubkeep.git import Entry, Reader, Tree
from hubkeep.kit import ReadTx
from hubkeep.repos.config import config_tags, digest_of, is_quantized, mask_token, task_of, transformers_info
from hubkeep.repos.dataset_tags import dataset_tags
from hubkeep.repos.eval_results import FOLDER, MAX_BYTES, MAX_FILES, read_results
from hubkeep.repos.front_matter import body_of, parse_front_matter
from hubkeep.repos.libraries import formats_in, library_of
from hubkeep.repos.lineage import relation_to_base
from hubkeep.repos.tags import papers_in, tags_of
from hubkeep.repos.types import Kind, Stores
from hubkeep.repos.weights import read_ggufs, read_safetensors

MAX_JSON = 4 << 20
MAX_NAMES = 10_000  # names of the root that are looked at
MAX_WALKED = 1000  # files below it, where those count


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """Metadata of one commit, in the Hub's terms. Everything is optional: files may say nothing."""

    card_data: dict[str, Any] = {}
    tags: list[str] = []
    library_name: str | None = None
    pipeline_tag: str | None = None
    mask_token: str | None = None
    config: dict[str, Any] | None = None
    transformers_info: dict[str, str] | None = None
    safetensors: dict[str, int] | None = None  # parameters per dtype
    sdk: str | None = None
    gguf: dict[str, Any] | None = None
    eval_results: list[dict[str, Any]] = []
    relation: str | None = None  # to its base models, one of RELATIONS

    def to_json(self) -> str:
        """Encode for keeping."""
        return msgspec.json.encode(self).decode()

    @staticmethod
    def from_json(text: str) -> "Metadata":
        """Decode what was kept."""
        return msgspec.json.decode(text, type=Metadata)

    @property
    def parameters(self) -> int:
        """How many parameters its weights have; 0 when nobody knows."""
        if self.safetensors:
            return sum(self.safetensors.values())
        total = (self.gguf or {}).get("total")
        return total if isinstance(total, int) else 0


def read_metadata(
    tx: ReadTx, stores: Stores, repo_id: int, kind: Kind, reader: Reader, commit_oid: str
) -> Metadata:
    """Read it all from one commit. Never raises for what the files say; what cannot be read says nothing."""
    files = _Root(reader, commit_oid)
    text = files.text("README.md")
    card = parse_front_matter(text).data
    papers = papers_in(body_of(text))
    if kind is Kind.DATASET:
        found = dataset_tags(card, files.below(MAX_WALKED))
        return Metadata(card, tags_of(kind, card, papers=papers, computed=found))
    if kind is not Kind.MODEL:
        sdk = card.get("sdk")
        return Metadata(card, tags_of(kind, card, papers=papers), sdk=sdk if isinstance(sdk, str) else None)
    return _model(tx, stores, repo_id, files, card, papers)


def results_beside(reader: Reader, head: str, base: str) -> list[dict[str, Any]]:
    """Return the results that one commit of a model has and another has not, as repo info tells them."""
    there = _Root(reader, base).texts_in(FOLDER, MAX_FILES, MAX_BYTES)
    added = [one for one in _Root(reader, head).texts_in(FOLDER, MAX_FILES, MAX_BYTES) if one not in there]
    known = [one.get("data") for one in read_results(there)]
    return [one for one in read_results(added) if one.get("data") not in known or "error" in one]


def _model(
    tx: ReadTx, stores: Stores, repo_id: int, files: "_Root", card: dict[str, Any], papers: list[str]
) -> Metadata:
    config = files.json("config.json")
    library = library_of(card, config, files.names)
    named = card.get("pipeline_tag")
    task = named if isinstance(named, str) and named else task_of(config)
    digest = digest_of(files.names, files.json, files.text)
    weights = read_safetensors(tx, stores, repo_id, files.reader, files.commit, files.names)
    gguf = read_ggufs(tx, stores, repo_id, files.reader, files.commit, files.below(MAX_WALKED))
    relation = (
        relation_to_base(card, files.names, quantized=bool(gguf) or is_quantized(config))
        if card.get("base_model")
        else None
    )
    formats = formats_in(files.names) + (["gguf"] if gguf else []) + (["safetensors"] if weights else [])
    model_type = config.get("model_type")
    first = [library, *formats, model_type if isinstance(model_type, str) else None, task]
    chats = ["conversational"] if gguf and gguf.get("chat_template") else []
    return Metadata(
        card_data=card,
        tags=tags_of(
            kind=Kind.MODEL,
            card=card,
            first=[tag for tag in first if tag],
            papers=papers,
            computed=config_tags(config, digest) + chats,
            relation=relation,
        ),
        library_name=library,
        pipeline_tag=task,
        mask_token=mask_token(files.json("tokenizer_config.json")),
        config=digest or None,
        transformers_info=transformers_info(config, task) if library == "transformers" else None,
        safetensors=weights,
        gguf=gguf,
        eval_results=read_results(files.texts_in(FOLDER, MAX_FILES, MAX_BYTES)),
        relation=relation,
    )


class _Root:
    """The files of a commit: names at the root, and the content of small ones."""

    def __init__(self, reader: Reader, commit: str) -> None:
        self.reader, self.commit = reader, commit
        self._tree: Tree = reader.tree(reader.commit(commit).tree)
        found = (
            name.decode("utf-8", "replace") for name, _ in zip(self._tree, range(MAX_NAMES), strict=False)
        )
        self.names = frozenset(found)
        self._below: list[Entry] | None = None

    def text(self, path: str, most: int = MAX_JSON) -> str:
        """Return a file's text, "" for one that is not there or too long."""
        if "/" not in path and path.encode() not in self._tree:
            return ""
        entry = self.reader.entry(self.commit, path)
        if entry is None or entry.kind != "file" or self.reader.size(entry.oid) > most:
            return ""
        return self.reader.blob(entry.oid).decode("utf-8", "replace")

    def json(self, path: str) -> dict[str, Any]:
        """Return the object in a JSON file, {} when there is none."""
        try:
            found = json.loads(self.text(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def below(self, limit: int) -> list[str]:
        """Return the paths of the first files, in git's order."""
        if self._below is None:
            self._below = self.reader.walk(self.commit, "", recursive=True, after=None, limit=limit)
        return [entry.path for entry in self._below if entry.kind == "file"]

    def texts_in(self, folder: str, limit: int, most: int) -> list[tuple[str, str | None]]:
        """Return (path, text) of the YAML files right inside a folder; None for a text that is too long."""
        if folder not in self.names:
            return []
        entry = self.reader.entry(self.commit, folder)
        if entry is None or entry.kind != "directory":
            return []
        found = self.reader.walk(self.commit, folder, recursive=False, after=None, limit=limit)
        files = [one for one in found if one.kind == "file" and one.path.endswith((".yaml", ".yml"))]
        return [
            (one.path, self.text(one.path) if self.reader.size(one.oid) <= most else None) for one in files
        ]
