"""Names, tags and cards that a large hub could have, drawn with the frequencies that a real one has: few are everywhere."""

import random
from importlib.resources import files
from typing import Any

from hubkeep.repos import Kind, Metadata, Repo

_ADJECTIVES, _NOUNS = (
    part.split() for part in (files("hubkeep.demo") / "words.txt").read_text("utf-8").split("\n\n")
)
# What a model is made from: name, library, task, format tags, sizes in millions of weights.
_BASES: list[tuple[str, str, str, tuple[str, ...], tuple[int, ...]]] = [
    (
        "llama",
        "transformers",
        "text-generation",
        ("safetensors", "conversational"),
        (1_000, 3_000, 8_000, 70_000),
    ),
    (
        "qwen",
        "transformers",
        "text-generation",
        ("safetensors", "conversational"),
        (500, 1_500, 7_000, 32_000),
    ),
    (
        "mistral",
        "transformers",
        "text-generation",
        ("safetensors", "conversational"),
        (7_000, 12_000, 24_000),
    ),
    ("bert", "transformers", "text-classification", ("pytorch", "safetensors"), (14, 110, 340)),
    ("stable-diffusion", "diffusers", "text-to-image", ("safetensors", "lora"), (860, 2_600)),
    ("gemma", "transformers", "text-generation", ("safetensors",), (2_000, 9_000, 27_000)),
    ("roberta", "transformers", "fill-mask", ("pytorch",), (125, 355)),
    ("wav2vec2", "transformers", "automatic-speech-recognition", ("pytorch", "tensorboard"), (95, 317)),
    ("whisper", "transformers", "automatic-speech-recognition", ("safetensors",), (39, 244, 1_550)),
    ("t5", "transformers", "translation", ("pytorch", "tf"), (60, 220, 770)),
    ("distilbert", "transformers", "token-classification", ("pytorch", "onnx"), (66,)),
    ("minilm", "sentence-transformers", "sentence-similarity", ("pytorch", "onnx"), (22, 33)),
    ("flux", "diffusers", "text-to-image", ("lora",), (12_000,)),
    ("vit", "transformers", "image-classification", ("pytorch", "safetensors"), (86, 304)),
    ("gpt2", "transformers", "text-generation", ("pytorch", "tf", "jax"), (124, 355, 774)),
    ("phi", "transformers", "text-generation", ("safetensors", "conversational"), (2_700, 3_800, 14_000)),
    ("ppo", "stable-baselines3", "reinforcement-learning", ("tensorboard",), ()),
    ("yolo", "ultralytics", "object-detection", ("pytorch",), (3, 25, 68)),
    ("xlm-roberta", "transformers", "zero-shot-classification", ("pytorch",), (278, 560)),
    ("resnet", "timm", "image-classification", ("safetensors",), (11, 25, 60)),
    ("clip", "transformers", "zero-shot-image-classification", ("pytorch",), (150, 428)),
    ("bark", "transformers", "text-to-speech", ("pytorch",), (400,)),
    ("segformer", "transformers", "image-segmentation", ("pytorch",), (4, 84)),
    ("xgboost", "sklearn", "tabular-classification", (), ()),
]
_VARIANTS = (
    "base",
    "large",
    "small",
    "instruct",
    "chat",
    "finetuned",
    "lora",
    "gguf",
    "awq",
    "gptq",
    "mlx",
    "distilled",
    "merged",
    "multilingual",
    "v2",
    "v3",
    "uncased",
    "cased",
    "sft",
    "dpo",
    "reward",
    "onnx",
)
_FORMATS = {"gguf": "gguf", "lora": "lora", "awq": "awq", "gptq": "gptq", "mlx": "mlx", "onnx": "onnx"}
_TOPICS = (
    "sentiment",
    "emotion",
    "news",
    "legal",
    "medical",
    "code",
    "math",
    "poetry",
    "anime",
    "faces",
    "birds",
    "whales",
    "maps",
    "reviews",
    "tweets",
    "chess",
    "music",
    "speech",
    "traffic",
    "weather",
    "recipes",
    "finance",
    "patents",
    "jobs",
    "chemistry",
    "proteins",
    "genes",
    "satellite",
    "handwriting",
    "invoices",
)
_SIZES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M")
_DATASET_TASKS = (
    "text-classification",
    "text-generation",
    "question-answering",
    "image-classification",
    "automatic-speech-recognition",
    "translation",
    "summarization",
    "object-detection",
    "tabular-regression",
)
_LANGUAGES = ("en", "zh", "fr", "de", "es", "ja", "ko", "ru", "pt", "it", "ar", "hi", "nl", "pl", "tr", "vi")
_LICENSES = (
    "apache-2.0",
    "mit",
    "openrail",
    "cc-by-4.0",
    "other",
    "llama3",
    "cc-by-nc-4.0",
    "gemma",
    "cc-by-sa-4.0",
    "gpl-3.0",
)
_EMOJI = ("🚀", "🐋", "🌊", "🔥", "🎨", "📚", "🧪", "🗺️", "🎧", "🦜")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def owner_names(dice: random.Random, count: int) -> list[str]:
    """Return different names of users and organizations."""
    names: dict[str, None] = {}
    while len(names) < count:
        name = f"{dice.choice(_ADJECTIVES)}-{dice.choice(_NOUNS)}"
        names[f"{name}-{len(names)}" if name in names else name] = None
    return list(names)


def describe(dice: random.Random, kind: Kind, number: int) -> tuple[Metadata, str]:
    """Return what a repository's card says, and its name, which no other number gets."""
    if kind is Kind.MODEL:
        return _model(dice, number)
    return _dataset(dice, number) if kind is Kind.DATASET else _space(dice, number)


def card(repo: Repo, metadata: Metadata) -> str:
    """Return a README that says the same as the metadata."""
    lines = [f"{key}: {_yaml(value)}" for key, value in metadata.card_data.items()]
    about = metadata.pipeline_tag or metadata.sdk or "data"
    return (
        "---\n"
        + "\n".join(lines)
        + f"\n---\n\n# {repo.name}\n\nA {repo.kind.value} for {about}, made up for a demo of a "
        f"large hub.\n\n## Use\n\nIt has {len(metadata.tags)} tags, among them {', '.join(metadata.tags[:5])}.\n"
    )


def _model(dice: random.Random, number: int) -> tuple[Metadata, str]:
    base, library, task, formats, sizes = _BASES[_often(dice, len(_BASES))]
    variant, topic = dice.choice(_VARIANTS), _TOPICS[_often(dice, len(_TOPICS))]
    size = dice.choice(sizes) * 1_000_000 if sizes else 0
    label = f"{size // 10**9}b" if size >= 10**9 else f"{size // 10**6}m" if size else "rl"
    about = _about(dice, f"{base}-{label}")
    data: dict[str, Any] = {"license": _LICENSES[_often(dice, len(_LICENSES))], "tags": about}
    tags = [library, *dict.fromkeys((*formats, _FORMATS.get(variant, "safetensors"))), base, task, *about]
    if library in ("transformers", "sentence-transformers"):
        data["language"] = [_LANGUAGES[_often(dice, len(_LANGUAGES))]]
        tags += data["language"]
    if dice.random() < 0.3:
        data["datasets"] = [f"{topic}-{dice.randrange(200)}"]
        tags.append(f"dataset:{data['datasets'][0]}")
    tags += [f"license:{data['license']}", "region:us"]
    weights = {"F16": size} if size and "safetensors" in tags else None
    found = Metadata(
        card_data=data,
        tags=list(dict.fromkeys(tags)),
        library_name=library,
        pipeline_tag=task,
        config={"model_type": base} if library == "transformers" else None,
        safetensors=weights,
    )
    return found, f"{base}-{label}-{variant}-{topic}-{_short(number)}"


def _dataset(dice: random.Random, number: int) -> tuple[Metadata, str]:
    topic = _TOPICS[_often(dice, len(_TOPICS))]
    data: dict[str, Any] = {
        "license": _LICENSES[_often(dice, len(_LICENSES))],
        "language": [_LANGUAGES[_often(dice, len(_LANGUAGES))]],
        "task_categories": [_DATASET_TASKS[_often(dice, len(_DATASET_TASKS))]],
        "size_categories": [dice.choice(_SIZES)],
        "tags": _about(dice, topic),
    }
    tags = [*data["tags"]]
    tags += [f"{key}:{data[key][0]}" for key in ("language", "task_categories", "size_categories")]
    tags += [f"license:{data['license']}", "format:parquet", "modality:text", "library:datasets", "region:us"]
    return Metadata(card_data=data, tags=tags), f"{topic}-{dice.choice(_NOUNS)}-{_short(number)}"


def _space(dice: random.Random, number: int) -> tuple[Metadata, str]:
    topic, noun = dice.choice(_TOPICS), dice.choice(_NOUNS)
    sdk = dice.choices(("gradio", "docker", "static", "streamlit"), (60, 15, 15, 10))[0]
    data: dict[str, Any] = {
        "title": f"{topic.title()} {noun}",
        "emoji": dice.choice(_EMOJI),
        "colorFrom": "blue",
        "colorTo": "green",
        "sdk": sdk,
        "tags": _about(dice, topic),
    }
    return Metadata(
        card_data=data, tags=[sdk, *data["tags"], "region:us"], sdk=sdk
    ), f"{topic}-{noun}-{_short(number)}"


def _about(dice: random.Random, first: str) -> list[str]:
    """Return free tags: one that many share, and some of a long tail of a hundred thousand."""
    tail = [f"{dice.choice(_TOPICS)}-{int(100_000 * dice.random() ** 4)}" for _ in range(dice.randint(0, 2))]
    return list(dict.fromkeys([first, *tail]))


def _often(dice: random.Random, count: int) -> int:
    """Draw a number below `count`: the small ones often, the large ones seldom."""
    return int(count * dice.random() ** 2.5)


def _short(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


def _yaml(value: Any) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
