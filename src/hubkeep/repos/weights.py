"""How large a model is, from the headers of its weights: read when a commit arrives, the weights themselves never."""

import re
from collections.abc import Collection
from typing import Any

from hubkeep.git import Reader
from hubkeep.kit import ReadTx
from hubkeep.repos.errors import EntryNotFound
from hubkeep.repos.files import File, describe, read_bytes
from hubkeep.repos.gguf import Gguf, read_gguf
from hubkeep.repos.safetensors import MAX_COUNT, count_parameters, file_header, shard_headers
from hubkeep.repos.types import Stores

_SINGLE = ("model.safetensors", "adapter_model.safetensors", "diffusion_pytorch_model.safetensors")
_INDEX = ("model.safetensors.index.json", "diffusion_pytorch_model.safetensors.index.json")
_SHARD = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf")
MAX_SHARDS = 64


def read_safetensors(
    tx: ReadTx, stores: Stores, repo_id: int, reader: Reader, commit_oid: str, names: Collection[str]
) -> dict[str, int] | None:
    """Return the parameters per dtype of the weights at the root, None when there are none that can be read."""
    index = next((name for name in _INDEX if name in names), None)
    if index is not None:
        try:
            _, headers = shard_headers(tx, stores, repo_id, reader, commit_oid, index)
        except EntryNotFound:
            return None
        return count_parameters(list(headers.values())) or None
    single = next((name for name in _SINGLE if name in names), None)
    if single is None:
        only = [name for name in names if name.endswith(".safetensors")]
        single = only[0] if len(only) == 1 else None
    file = _file(tx, repo_id, reader, commit_oid, single) if single else None
    header = file_header(stores, reader, file) if file else None
    return (count_parameters([header]) or None) if header else None


def read_ggufs(
    tx: ReadTx, stores: Stores, repo_id: int, reader: Reader, commit_oid: str, paths: Collection[str]
) -> dict[str, Any] | None:
    """Return what repo info says of the first model among GGUF files, None when none can be read.

    A repository holds one model in several quantisations: all have the same number of parameters.
    Source: hub-core contract 6.1, `gguf`.
    """
    model = [path for path in paths if path.endswith(".gguf") and "mmproj" not in path.lower()]
    if not model:
        return None
    first = min(model, key=lambda path: ("-00001-of-" in path, path.count("/"), path))
    headers = [_header(tx, stores, repo_id, reader, commit_oid, path) for path in _shards(first, model)]
    if headers[0] is None:
        return None
    total = sum(header.total for header in headers if header is not None)
    return _shown(headers[0], total) if total <= MAX_COUNT else None


def _shards(first: str, paths: Collection[str]) -> list[str]:
    found = _SHARD.fullmatch(first)
    if found is None:
        return [first]
    count = min(int(found[3]), MAX_SHARDS)
    named = [f"{found[1]}-{number:05}-of-{found[3]}.gguf" for number in range(1, count + 1)]
    return [path for path in named if path in paths] or [first]


def _shown(header: Gguf, total: int) -> dict[str, Any]:
    architecture = header.text("general.architecture")
    length = header.values.get(f"{architecture}.context_length")
    shown = {
        "total": total,
        "architecture": architecture,
        "context_length": length if isinstance(length, int) else None,
        "quantize_imatrix_file": header.text("quantize.imatrix.file"),
        "chat_template": header.text("tokenizer.chat_template"),
        "bos_token": header.tokens.get("bos"),
        "eos_token": header.tokens.get("eos"),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _header(
    tx: ReadTx, stores: Stores, repo_id: int, reader: Reader, commit_oid: str, path: str
) -> Gguf | None:
    file = _file(tx, repo_id, reader, commit_oid, path)
    if file is None or (file.pointer is not None and file.stored is None):
        return None
    return read_gguf(lambda start, length: read_bytes(stores, reader, file, start, length), file.size)


def _file(tx: ReadTx, repo_id: int, reader: Reader, commit_oid: str, path: str) -> File | None:
    entry = reader.entry(commit_oid, path)
    return describe(tx, repo_id, reader, [entry])[0] if entry is not None and entry.kind == "file" else None
