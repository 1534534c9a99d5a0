"""The words of the Hub: its tasks, libraries, licenses, languages and apps, and which of them a tag is."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hubkeep.repos import Info, Kind


@dataclass(frozen=True)
class Vocabulary:
    """Id to label of everything known by name, and the modality of every task."""

    tasks: dict[str, str]
    groups: dict[str, str]
    libraries: dict[str, str]
    licenses: dict[str, str]
    languages: dict[str, str]


# Sources: hub-platform contract section 8 (types of tags), the Hub's lists of tasks, licenses and libraries.
MODEL_PREFIXES = ("dataset", "bucket", "license", "arxiv", "doi", "region", "deploy")
DATASET_PREFIXES = (
    "benchmark",
    "task_categories",
    "size_categories",
    "modality",
    "format",
    "library",
    "language",
    "license",
    "arxiv",
    "doi",
    "region",
    "task_ids",
    "annotations_creators",
    "language_creators",
    "multilinguality",
    "source_datasets",
)
TYPES: dict[Kind, tuple[str, ...]] = {
    Kind.MODEL: ("pipeline_tag", "library", "language", *MODEL_PREFIXES, "other"),
    Kind.DATASET: (*DATASET_PREFIXES, "other"),
    Kind.SPACE: ("sdk", "dataset", "license", "arxiv", "region", "other"),
    Kind.KERNEL: ("license", "arxiv", "region", "other"),
}
SDKS = {"gradio": "Gradio", "streamlit": "Streamlit", "docker": "Docker", "static": "Static"}


@cache
def vocabulary() -> Vocabulary:
    """Return what the package's data files say."""
    tasks = _read("tasks")
    return Vocabulary(
        tasks={task["id"]: task["label"] for task in tasks},
        groups={task["id"]: task["group"] for task in tasks},
        libraries={name: library["label"] for name, library in _read("libraries").items()},
        licenses=_read("licenses"),
        languages=_read("languages"),
    )


@cache
def counted_files() -> dict[str, list[str]]:
    """Return, for libraries with a rule of their own, the patterns of the files whose requests are downloads."""
    return {name: library["counts"] for name, library in _read("libraries").items() if "counts" in library}


def type_of(kind: Kind, tag: str) -> str:
    """Return the type of a tag, one of `TYPES[kind]`."""
    prefix, colon, _ = tag.partition(":")
    if colon and prefix in TYPES[kind]:
        return prefix
    known = vocabulary()
    if kind is Kind.MODEL:
        for name, words in (
            ("pipeline_tag", known.tasks),
            ("library", known.libraries),
            ("language", known.languages),
        ):
            if tag in words:
                return name
    return "sdk" if kind is Kind.SPACE and tag in SDKS else "other"


def label_of(group: str, value: str) -> str:
    """Return what people read for a value of a group: a tag, a task, an app."""
    known = vocabulary()
    plain = value.partition(":")[2] if value.startswith(f"{group}:") else value
    if group == "app":
        return APPS[value][0] if value in APPS else value
    if group == "gated":
        return "Gated"
    words: dict[str, dict[str, str]] = {
        "task": known.tasks,
        "pipeline_tag": known.tasks,
        "task_categories": known.tasks,
        "library": known.libraries,
        "language": known.languages,
        "sdk": SDKS,
    }
    return words.get(group, {}).get(plain, plain)


def _tags(*tags: str) -> Callable[[Info], bool]:
    return lambda info: any(tag in info.metadata.tags for tag in tags)


def _chats(info: Info) -> bool:
    return info.metadata.pipeline_tag in ("text-generation", "image-text-to-text")


def _quantized(info: Info) -> bool:
    quantization = (info.metadata.config or {}).get("quantization_config")
    method = quantization.get("quant_method") if isinstance(quantization, dict) else None
    return method in ("awq", "gptq", "aqlm", "marlin")


def _diffuses(info: Info) -> bool:
    return info.metadata.library_name == "diffusers"


def _draws(info: Info) -> bool:
    return info.metadata.pipeline_tag == "text-to-image"


def _calls_tools(info: Info) -> bool:
    tokenizer = (info.metadata.config or {}).get("tokenizer_config")
    template = tokenizer.get("chat_template") if isinstance(tokenizer, dict) else None
    return (_GGUF(info) or _MLX(info)) and _tags("conversational")(info) and "tools" in str(template)


_GGUF, _MLX, _LORA = _tags("gguf"), _tags("mlx"), _tags("lora")


def _serves(info: Info) -> bool:
    return _chats(info) and (_tags("transformers")(info) or _quantized(info))


# Which programs on one's own machine run a model: id, label, and when. Source: hub-features section 2.7.
APPS: dict[str, tuple[str, Callable[[Info], bool]]] = {
    "llama.cpp": ("llama.cpp", _GGUF),
    "node-llama-cpp": ("node-llama-cpp", _GGUF),
    "vllm": ("vLLM", lambda i: _serves(i) or (_chats(i) and _GGUF(i))),
    "sglang": ("SGLang", _serves),
    "mlx-lm": ("MLX LM", lambda i: _MLX(i) and i.metadata.pipeline_tag == "text-generation"),
    "tgi": ("TGI", _tags("text-generation-inference")),
    "lmstudio": ("LM Studio", lambda i: _GGUF(i) or _MLX(i)),
    "localai": ("LocalAI", _GGUF),
    "jan": ("Jan", _GGUF),
    "atomic-chat": ("Atomic Chat", lambda i: _GGUF(i) or _MLX(i)),
    "backyard": ("Backyard AI", _GGUF),
    "sanctum": ("Sanctum", _GGUF),
    "jellybox": ("Jellybox", lambda i: _GGUF(i) or (_diffuses(i) and (_draws(i) or _LORA(i)))),
    "msty": ("Msty", _GGUF),
    "recursechat": ("RecurseChat", _GGUF),
    "drawthings": ("Draw Things", lambda i: _diffuses(i) and (_draws(i) or _LORA(i))),
    "diffusionbee": ("DiffusionBee", lambda i: _diffuses(i) and _draws(i)),
    "joyfusion": ("JoyFusion", lambda i: _draws(i) and _tags("coreml")(i) and _tags("joyfusion")(i)),
    "ollama": ("Ollama", _GGUF),
    "unsloth": ("Unsloth", lambda i: _GGUF(i) or _tags("unsloth")(i)),
    "docker-model-runner": ("Docker Model Runner", lambda i: _GGUF(i) or _serves(i)),
    "lemonade": ("Lemonade", lambda i: _GGUF(i) or _tags("ryzenai-hybrid", "ryzenai-npu")(i)),
    "pi": ("Pi", _calls_tools),
    "hermes-agent": ("Hermes Agent", _calls_tools),
    "openclaw": ("OpenClaw", _calls_tools),
}


def _read(name: str) -> Any:
    return json.loads((files("hubkeep.search") / "data" / f"{name}.json").read_text("utf-8"))
