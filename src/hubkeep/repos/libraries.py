"""The libraries that models are made for: which the Hub knows by name, and which a repository's files give away."""

import json
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

# A file of this name at the root decides the library. Source: hub-features 2.7.
_BY_FILE = {
    "model_index.json": "diffusers",
    "config_sentence_transformers.json": "sentence-transformers",
    "adapter_config.json": "peft",
    "config_setfit.json": "setfit",
    "open_clip_config.json": "open_clip",
}
_BY_ENDING = {".nemo": "nemo", ".mlmodel": "coreml", ".keras": "keras", ".mlpackage": "coreml"}

# A file of this name or ending makes a format tag. Source: hub-features 2.7.
_FORMAT_FILES = {
    "pytorch_model.bin": "pytorch",
    "pytorch_model.bin.index.json": "pytorch",
    "tf_model.h5": "tf",
    "flax_model.msgpack": "jax",
    "openvino_model.xml": "openvino",
}
_FORMAT_ENDINGS = {
    ".safetensors": "safetensors",
    ".gguf": "gguf",
    ".onnx": "onnx",
    ".tflite": "tflite",
    ".mlmodel": "coreml",
    ".mlpackage": "coreml",
    ".nemo": "nemo",
    ".keras": "keras",
    ".pt": "pytorch",
    ".pth": "pytorch",
}

_ONLY_FORMATS = {"pytorch", "tf", "jax", "safetensors", "gguf", "onnx", "openvino", "tflite", "tensorboard"}


@cache
def known_libraries() -> Mapping[str, Mapping[str, Any]]:
    """Return what is known of each library by its id: its label, and the files whose requests are downloads."""
    found: dict[str, dict[str, Any]] = json.loads(
        (files("hubkeep.repos") / "data" / "libraries.json").read_text("utf-8")
    )
    return found


def formats_in(names: Collection[str]) -> list[str]:
    """Return the format tags that file names add up to, in a stable order."""
    found = {_FORMAT_FILES[name] for name in names if name in _FORMAT_FILES}
    found |= {_FORMAT_ENDINGS[end] for name in names if (end := _ending(name)) in _FORMAT_ENDINGS}
    if any("tfevents" in name for name in names):
        found.add("tensorboard")
    return sorted(found)


def library_of(card: Mapping[str, Any], config: Mapping[str, Any], names: Collection[str]) -> str | None:
    """Return the library: the one that the card names, one among its tags, or the one that files are made by."""
    named = card.get("library_name")
    if isinstance(named, str) and named:
        return named
    tags = card.get("tags")
    told = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    if among := next((tag for tag in told if tag in known_libraries() and tag not in _ONLY_FORMATS), None):
        return among
    if by_file := next((library for name, library in _BY_FILE.items() if name in names), None):
        return by_file
    if config.get("model_type") or config.get("architectures"):
        return "transformers"
    return next((_BY_ENDING[_ending(name)] for name in names if _ending(name) in _BY_ENDING), None)


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return dot + ending.lower() if stem else ""
