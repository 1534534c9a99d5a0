"""How to use a repository: the lines to paste, for the libraries that people have."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from hubkeep.repos import Info, Kind
from hubkeep.web import commands
from hubkeep.web.highlight import highlight_fence

# What a card says ends up in code that people paste: nothing but plain words may.
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,96}(?:/[A-Za-z0-9_.-]{1,96})?")


@dataclass(frozen=True)
class Use:
    """One way to use a repository: the tool's name, and the code."""

    name: str
    code: str
    language: str = "python"

    @property
    def shown(self) -> Markup:
        """The code, coloured."""
        return Markup(_coloured(self.code, self.language))  # noqa: S704  the highlighter escapes


@lru_cache(maxsize=512)
def _coloured(code: str, language: str) -> str:
    return highlight_fence(code, language)


def uses(info: Info, hub_url: str) -> list[Use]:
    """Return the ways that fit, the most fitting first. Every one assumes `HF_ENDPOINT`, told in the last."""
    kind, name = info.repo.kind, info.repo.full_name
    found: list[Use] = []
    if kind is Kind.MODEL:
        library = _LIBRARIES.get(info.metadata.library_name or "")
        found += [Use(info.metadata.library_name or "", library(info))] if library else []
    if kind is Kind.DATASET:
        found.append(Use("datasets", f'from datasets import load_dataset\n\ndata = load_dataset("{name}")'))
    found.append(Use("huggingface_hub", _snapshot(info)))
    found.append(Use("command line", commands.download(hub_url, kind, name), "bash"))
    return found


def _snapshot(info: Info) -> str:
    kind = info.repo.kind
    option = "" if kind is Kind.MODEL else f', repo_type="{kind.value}"'
    return f'from huggingface_hub import snapshot_download\n\nfolder = snapshot_download("{info.repo.full_name}"{option})'


def _transformers(info: Info) -> str:
    name, facts = info.repo.full_name, info.metadata.transformers_info or {}
    task = _plain(_WORD, info.metadata.pipeline_tag)
    if task and "auto_model" not in facts:
        return f'from transformers import pipeline\n\npipe = pipeline("{task}", model="{name}")'
    model, processor = (
        _plain(_WORD, facts.get("auto_model")) or "AutoModel",
        _plain(_WORD, facts.get("processor")),
    )
    lines = [f"from transformers import {', '.join(filter(None, (model, processor)))}", ""]
    if processor:
        lines.append(
            f'{"tokenizer" if processor == "AutoTokenizer" else "processor"} = {processor}.from_pretrained("{name}")'
        )
    lines.append(f'model = {model}.from_pretrained("{name}")')
    return "\n".join(lines)


def _diffusers(info: Info) -> str:
    name = info.repo.full_name
    return f'from diffusers import DiffusionPipeline\n\npipe = DiffusionPipeline.from_pretrained("{name}")\nimage = pipe("a keep on a hill").images[0]'


def _sentences(info: Info) -> str:
    name = info.repo.full_name
    return f'from sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer("{name}")\nvectors = model.encode(["a first sentence", "a second one"])'


def _peft(info: Info) -> str:
    name = info.repo.full_name
    base = info.metadata.card_data.get("base_model")
    base = _plain(_ID, base[0] if isinstance(base, list) and base else base)
    if not base:
        return f'from peft import AutoPeftModel\n\nmodel = AutoPeftModel.from_pretrained("{name}")'
    return f'from peft import PeftModel\nfrom transformers import AutoModel\n\nbase = AutoModel.from_pretrained("{base}")\nmodel = PeftModel.from_pretrained(base, "{name}")'


def _plain(pattern: re.Pattern[str], value: Any) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


_LIBRARIES: dict[str, Callable[[Info], str]] = {
    "transformers": _transformers,
    "diffusers": _diffusers,
    "sentence-transformers": _sentences,
    "peft": _peft,
}
