"""What a repository's files say about it: card, configuration, weights, and the tags they add up to."""

import json
import re
from typing import Any

import msgspec

from hubkeep.git import Entry, Reader
from hubkeep.kit import ReadTx
from hubkeep.repos.errors import EntryNotFound
from hubkeep.repos.files import describe
from hubkeep.repos.front_matter import parse_front_matter
from hubkeep.repos.safetensors import count_parameters, file_header, shard_headers
from hubkeep.repos.tags import tags_of
from hubkeep.repos.types import Kind, Stores

MAX_JSON = 4 << 20
_LIBRARY_FILES = {
    "model_index.json": "diffusers",
    "config_sentence_transformers.json": "sentence-transformers",
    "adapter_config.json": "peft",
}
_TASK_OF_CLASS = {
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForMaskedLM": "fill-mask",
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForImageClassification": "image-classification",
    "ForSpeechSeq2Seq": "automatic-speech-recognition",
    "ForObjectDetection": "object-detection",
}


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

    def to_json(self) -> str:
        """Encode for keeping."""
        return msgspec.json.encode(self).decode()

    @staticmethod
    def from_json(text: str) -> "Metadata":
        """Decode what was kept."""
        return msgspec.json.decode(text, type=Metadata)


def read_metadata(
    tx: ReadTx, stores: Stores, repo_id: int, kind: Kind, reader: Reader, commit_oid: str
) -> Metadata:
    """Read it all from one commit. Never raises for what the files say; what cannot be read says nothing."""
    root = {
        entry.path: entry for entry in reader.walk(commit_oid, "", recursive=False, after=None, limit=100_000)
    }
    card = parse_front_matter(_text(reader, root.get("README.md"))).data
    if kind is not Kind.MODEL:
        sdk = card.get("sdk")
        return Metadata(card, tags_of(kind, card), sdk=sdk if isinstance(sdk, str) else None)
    config = _json(reader, root.get("config.json"))
    tokenizer = _json(reader, root.get("tokenizer_config.json"))
    library = _library(card, config, root)
    task = _first_text(card.get("pipeline_tag")) or _task(config)
    info = _transformers_info(config, task) if library == "transformers" else None
    weights = _weights(tx, stores, repo_id, reader, commit_oid, root)
    extra = [tag for tag in (library, "safetensors" if weights else None, _model_type(config), task) if tag]
    return Metadata(
        card_data=card,
        tags=tags_of(kind, card, extra),
        library_name=library,
        pipeline_tag=task,
        mask_token=_mask_token(tokenizer),
        config=_digest(config, tokenizer),
        transformers_info=info,
        safetensors=weights,
    )


def _text(reader: Reader, entry: Entry | None) -> str:
    if entry is None or entry.kind != "file" or reader.size(entry.oid) > MAX_JSON:
        return ""
    return reader.blob(entry.oid).decode("utf-8", "replace")


def _json(reader: Reader, entry: Entry | None) -> dict[str, Any]:
    try:
        found = json.loads(_text(reader, entry) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _first_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _library(card: dict[str, Any], config: dict[str, Any], root: dict[str, Entry]) -> str | None:
    if named := _first_text(card.get("library_name")):
        return named
    if by_file := next((library for name, library in _LIBRARY_FILES.items() if name in root), None):
        return by_file
    return "transformers" if _model_type(config) or _architecture(config) else None


def _architecture(config: dict[str, Any]) -> str | None:
    names = config.get("architectures")
    return names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None


def _model_type(config: dict[str, Any]) -> str | None:
    return _first_text(config.get("model_type"))


def _task(config: dict[str, Any]) -> str | None:
    architecture = _architecture(config) or ""
    return next((task for suffix, task in _TASK_OF_CLASS.items() if architecture.endswith(suffix)), None)


def _transformers_info(config: dict[str, Any], task: str | None) -> dict[str, str] | None:
    """Build the four keys the client accepts, no more. Source: hub-core contract 6.1."""
    architecture = _architecture(config)
    if architecture is None:
        return None
    head = re.search(r"(For[A-Z]\w*|LMHeadModel|Model)$", architecture)
    auto = (
        "AutoModelForCausalLM"
        if architecture.endswith("LMHeadModel")
        else f"AutoModel{head.group(1).removesuffix('Model')}"
        if head
        else "AutoModel"
    )
    info = {"auto_model": auto}
    if task:
        info["pipeline_tag"] = task
        info["processor"] = (
            "AutoTokenizer" if "image" not in task and "speech" not in task else "AutoProcessor"
        )
    return info


def _mask_token(tokenizer: dict[str, Any]) -> str | None:
    token = tokenizer.get("mask_token")
    return _first_text(token.get("content") if isinstance(token, dict) else token)


def _digest(config: dict[str, Any], tokenizer: dict[str, Any]) -> dict[str, Any] | None:
    """Keep the part of config.json that lists show."""
    kept: dict[str, Any] = {
        key: config[key]
        for key in ("architectures", "model_type", "auto_map", "quantization_config")
        if key in config
    }
    special = {
        key: tokenizer[key]
        for key in ("bos_token", "eos_token", "pad_token", "unk_token", "mask_token", "chat_template")
        if key in tokenizer
    }
    if special:
        kept["tokenizer_config"] = special
    return kept or None


def _weights(
    tx: ReadTx, stores: Stores, repo_id: int, reader: Reader, commit_oid: str, root: dict[str, Entry]
) -> dict[str, int] | None:
    if "model.safetensors.index.json" in root:
        try:
            _, headers = shard_headers(
                tx, stores, repo_id, reader, commit_oid, "model.safetensors.index.json"
            )
        except EntryNotFound:
            return None
        return count_parameters(list(headers.values())) or None
    names = ("model.safetensors", "adapter_model.safetensors", "diffusion_pytorch_model.safetensors")
    entry = next((root[name] for name in names if name in root), None)
    if entry is None:
        return None
    header = file_header(stores, reader, describe(tx, repo_id, reader, [entry])[0])
    return (count_parameters([header]) or None) if header else None
