"""Which keys of a card its form asks for, and what may be chosen there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hubkeep import search
from hubkeep.repos import SPACE_SDKS, Kind

COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")  # Source: hub-features 2.4
RELATIONS = ("finetune", "adapter", "quantized", "merge")  # Source: hub-platform contract section 10
# Source: hub-features 2.3.
SIZES = (
    *("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B"),
    *("1B<n<10B", "10B<n<100B", "100B<n<1T", "n>1T"),
)
MULTILINGUALITY = ("monolingual", "multilingual", "translation", "other")
# What cards measure most; any other name will do.
METRICS = (
    *(
        "accuracy",
        "bertscore",
        "bleu",
        "bleurt",
        "brier_score",
        "cer",
        "character",
        "chrf",
        "code_eval",
        "comet",
    ),
    *("exact_match", "f1", "fid", "google_bleu", "mae", "mape", "matthews_correlation", "mean_iou", "meteor"),
    *(
        "mse",
        "pearsonr",
        "perplexity",
        "precision",
        "recall",
        "roc_auc",
        "rouge",
        "sacrebleu",
        "sari",
        "seqeval",
    ),
    *("spearmanr", "squad", "squad_v2", "ter", "wer"),
)


@dataclass(frozen=True)
class Field:
    """One key: `many` texts or one; `choices` names a list to choose from, `closed` when nothing else will do.

    `asks` is the kind of thing whose names are asked of the hub while one types. `only_with`: shown when another field says so.
    """

    key: str
    label: str
    help: str = ""
    many: bool = False
    choices: str = ""
    closed: bool = False
    asks: str = ""
    only_with: str = ""
    placeholder: str = ""


_LICENSE = (
    Field("license", "License", choices="licenses", placeholder="apache-2.0"),
    Field("license_name", "Name of the license", only_with="license=other"),
    Field(
        "license_link",
        "Where to read it",
        "An address, or LICENSE for a file here",
        only_with="license=other",
    ),
)
_LANGUAGE = Field("language", "Languages", many=True, choices="languages", placeholder="en, de")
_TAGS = Field("tags", "Tags", "Anything else to be found by", many=True, placeholder="biology, fine-tuned")
_DATASETS = Field("datasets", "Datasets", many=True, asks="dataset", placeholder="owner/name")

FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.MODEL: (
        *_LICENSE,
        _LANGUAGE,
        Field("pipeline_tag", "Task", "What it does", choices="tasks", placeholder="text-generation"),
        Field(
            "library_name",
            "Library",
            "What it is loaded with",
            choices="libraries",
            placeholder="transformers",
        ),
        Field(
            "base_model",
            "Base models",
            "What it was made from",
            many=True,
            asks="model",
            placeholder="owner/name",
        ),
        Field("base_model_relation", "Made by", "Left out, the files tell", choices="relations", closed=True),
        Field(
            "datasets",
            "Datasets",
            "What it was trained on",
            many=True,
            asks="dataset",
            placeholder="owner/name",
        ),
        Field("metrics", "Metrics", many=True, choices="metrics", placeholder="accuracy"),
        _TAGS,
        Field(
            "new_version",
            "Newer version",
            "The model that takes its place",
            asks="model",
            placeholder="owner/name",
        ),
    ),
    Kind.DATASET: (
        Field("pretty_name", "Title"),
        *_LICENSE,
        _LANGUAGE,
        Field("task_categories", "Tasks", many=True, choices="tasks", placeholder="question-answering"),
        Field("size_categories", "Size", "How many rows", many=True, choices="sizes"),
        Field("multilinguality", "How many languages", many=True, choices="multilinguality"),
        Field("source_datasets", "Made from", many=True, asks="dataset", placeholder="original, owner/name"),
        _TAGS,
    ),
    Kind.SPACE: (
        Field("title", "Title"),
        Field("emoji", "Emoji"),
        Field("colorFrom", "Colour at the left", choices="colours", closed=True),
        Field("colorTo", "Colour at the right", choices="colours", closed=True),
        Field("short_description", "In one line"),
        Field("sdk", "SDK", choices="sdks", closed=True),
        Field("sdk_version", "Version of the SDK"),
        Field("app_file", "File of the app", placeholder="app.py"),
        *_LICENSE,
        Field("models", "Models", "What it runs", many=True, asks="model", placeholder="owner/name"),
        _DATASETS,
        _TAGS,
    ),
    Kind.KERNEL: (*_LICENSE, _TAGS),
}


@cache
def choices() -> Mapping[str, Mapping[str, str]]:
    """Return every list to choose from: what is written, and what people read."""
    known = search.vocabulary()
    return {
        "licenses": known.licenses,
        "languages": known.languages,
        "tasks": known.tasks,
        "libraries": known.libraries,
        "metrics": dict.fromkeys(METRICS, ""),
        "sizes": dict.fromkeys(SIZES, ""),
        "multilinguality": dict.fromkeys(MULTILINGUALITY, ""),
        "relations": dict.fromkeys(RELATIONS, ""),
        "colours": dict.fromkeys(COLOURS, ""),
        "sdks": dict.fromkeys(SPACE_SDKS, ""),
    }
