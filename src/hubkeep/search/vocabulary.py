"""The words of the Hub: its tasks, libraries, licenses, languages and apps, and which of them a tag is."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hubkeep.repos import Info, Kind, known_libraries


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
        libraries={name: library["label"] for name, library in known_libraries().items()},
        licenses=_read("licenses"),
        languages=_read("languages"),
    )


@cache
def counted_files() -> dict[str, list[str]]:
    """Return, for libraries with a rule of their own, the patterns of the files whose requests are downloads."""
    return {name: library["counts"] for name, library in known_libraries().items() if "counts" in library}


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


def apps_for(info: Info) -> list[str]:
    """Return the programs on one's own machine that run a model."""
    traits = _traits(info)
    return [app for app, (_, runs) in APPS.items() if runs & traits]


def _traits(info: Info) -> set[str]:
    """Return what decides which programs run a model."""
    metadata = info.metadata
    config = metadata.config or {}
    quantization, tokenizer = config.get("quantization_config"), config.get("tokenizer_config")
    method = quantization.get("quant_method") if isinstance(quantization, dict) else None
    template = tokenizer.get("chat_template") if isinstance(tokenizer, dict) else None
    traits = set(metadata.tags).intersection(_TELLING)
    draws = metadata.pipeline_tag == "text-to-image"
    local = bool(traits & {"gguf", "mlx"})
    if metadata.pipeline_tag in ("text-generation", "image-text-to-text"):
        traits |= {"served"} if "transformers" in traits or method in _QUANTIZED else set()
        traits |= {"mlx text"} if "mlx" in traits and metadata.pipeline_tag == "text-generation" else set()
        traits |= {"gguf text"} if "gguf" in traits else set()
    if metadata.library_name == "diffusers" and (draws or "lora" in traits):
        traits |= {"diffusion", "drawing"} if draws else {"diffusion"}
    if draws and {"coreml", "joyfusion"} <= traits:
        traits.add("joy")
    if local and "conversational" in traits and "tools" in str(template):
        traits.add("agent")
    return traits


_QUANTIZED = ("awq", "gptq", "aqlm", "marlin")
_TELLING = {
    *("gguf", "mlx", "lora", "transformers", "text-generation-inference", "conversational", "coreml"),
    *("joyfusion", "unsloth", "ryzenai-hybrid", "ryzenai-npu"),
}
# Programs on one's own machine: label, and the traits of which a model needs one. Source: hub-features section 2.7.
APPS: dict[str, tuple[str, set[str]]] = {
    "llama.cpp": ("llama.cpp", {"gguf"}),
    "node-llama-cpp": ("node-llama-cpp", {"gguf"}),
    "vllm": ("vLLM", {"served", "gguf text"}),
    "sglang": ("SGLang", {"served"}),
    "mlx-lm": ("MLX LM", {"mlx text"}),
    "tgi": ("TGI", {"text-generation-inference"}),
    "lmstudio": ("LM Studio", {"gguf", "mlx"}),
    "localai": ("LocalAI", {"gguf"}),
    "jan": ("Jan", {"gguf"}),
    "atomic-chat": ("Atomic Chat", {"gguf", "mlx"}),
    "backyard": ("Backyard AI", {"gguf"}),
    "sanctum": ("Sanctum", {"gguf"}),
    "jellybox": ("Jellybox", {"gguf", "diffusion"}),
    "msty": ("Msty", {"gguf"}),
    "recursechat": ("RecurseChat", {"gguf"}),
    "drawthings": ("Draw Things", {"diffusion"}),
    "diffusionbee": ("DiffusionBee", {"drawing"}),
    "joyfusion": ("JoyFusion", {"joy"}),
    "ollama": ("Ollama", {"gguf"}),
    "unsloth": ("Unsloth", {"gguf", "unsloth"}),
    "docker-model-runner": ("Docker Model Runner", {"gguf", "served"}),
    "lemonade": ("Lemonade", {"gguf", "ryzenai-hybrid", "ryzenai-npu"}),
    "pi": ("Pi", {"agent"}),
    "hermes-agent": ("Hermes Agent", {"agent"}),
    "openclaw": ("OpenClaw", {"agent"}),
}


def _read(name: str) -> Any:
    return json.loads((files("hubkeep.search") / "data" / f"{name}.json").read_text("utf-8"))
