"""What a model was made from, and how. Source: hub-platform contract section 10, «Model tree»."""

from collections.abc import Collection, Mapping
from typing import Any

RELATIONS = ("adapter", "finetune", "merge", "quantized")
MAX_BASES = 32


def base_models(card: Mapping[str, Any]) -> list[str]:
    """Return the names of the models that this one says it was made from."""
    value = card.get("base_model")
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item][:MAX_BASES]


def relation_to_base(card: Mapping[str, Any], names: Collection[str] = (), *, quantized: bool = False) -> str:
    """Return how it was made from them: as the card says, else what the files at the root (`names`) tell."""
    told = card.get("base_model_relation")
    if isinstance(told, str) and told in RELATIONS:
        return told
    if len(base_models(card)) > 1:
        return "merge"
    if "adapter_config.json" in names or card.get("library_name") == "peft":
        return "adapter"
    tags = card.get("tags")
    if isinstance(tags, list) and "lora" in tags:
        return "adapter"
    if quantized or any(name.endswith(".gguf") for name in names):
        return "quantized"
    return "finetune"
