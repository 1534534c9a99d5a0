"""How to use a repository: the lines to paste, for the libraries that people have."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from hubkeep import search
from hubkeep.repos import Info, Kind, base_models
from hubkeep.web import commands
from hubkeep.web.highlight import highlight_fence
from hubkeep.web.library_code import CODE, LANGUAGES
from hubkeep.web.run_space import run_space

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


def uses(info: Info, hub_url: str, paths: Sequence[str] = ()) -> list[Use]:
    """Return the ways that fit, the most fitting first; `paths` are some of its files.

    Every one assumes `HF_ENDPOINT`, told in the last.
    """
    kind, name = info.repo.kind, info.repo.full_name
    found: list[Use] = []
    if kind is Kind.MODEL:
        found += _libraries(info, hub_url, paths)
    if kind is Kind.DATASET:
        found.append(Use("datasets", f'from datasets import load_dataset\n\ndata = load_dataset("{name}")'))
        found += _frames(info, hub_url, paths)
    if kind is Kind.KERNEL:
        found.append(Use("kernels", CODE["kernels"].replace("NAME", name)))
    if kind is Kind.SPACE and (commands_to_run := run_space(info, hub_url, paths)):
        found.append(Use("on your machine", commands_to_run, "bash"))
    found.append(Use("huggingface_hub", _snapshot(info)))
    found.append(Use("command line", commands.download(hub_url, kind, name), "bash"))
    return found


def apps(info: Info, hub_url: str, paths: Sequence[str] = ()) -> list[Use]:
    """Return the programs on one's own machine that run a model, with the commands that start it there."""
    name, file = info.repo.full_name, next(iter(_ggufs(paths)), "")
    first = commands.endpoint(hub_url)
    found: list[Use] = []
    for app in search.apps_for(info):
        command = _APPS.get(app)
        if command is None or ("FILE" in command and not file):
            continue
        text = command.replace("NAME", name).replace("SHORT", info.repo.name.lower()).replace("FILE", file)
        found.append(Use(search.APPS[app][0], f"{first}\n{text}", "bash"))
    return found


# Programs with a command that a hub of one's own can serve; others only know one address.
_APPS = {
    "llama.cpp": "llama-server -hf NAME",
    "vllm": 'vllm serve "NAME"',
    "sglang": 'python -m sglang.launch_server --model-path "NAME"',
    "mlx-lm": 'mlx_lm.chat --model "NAME"',
    "tgi": "docker run --gpus all -p 8080:80 -e HF_ENDPOINT ghcr.io/huggingface/text-generation-inference --model-id NAME",
    "ollama": 'hf download NAME FILE --local-dir .\necho "FROM ./FILE" > Modelfile\nollama create SHORT -f Modelfile\nollama run SHORT',
    "lmstudio": "hf download NAME FILE --local-dir .\nlms import ./FILE",
    "node-llama-cpp": "hf download NAME FILE --local-dir .\nnpx node-llama-cpp chat ./FILE",
    "localai": "hf download NAME FILE --local-dir ./models\nlocal-ai run --models-path ./models",
}


def _libraries(info: Info, hub_url: str, paths: Sequence[str]) -> Iterator[Use]:
    """Yield the code of the library, of those among the tags, and of GGUF files."""
    named = [name for name in (info.metadata.library_name, *info.metadata.tags) if name]
    for library in list(dict.fromkeys(named))[:40]:
        if library in _LIBRARIES:
            yield Use(library, _LIBRARIES[library](info))
        elif library == info.metadata.library_name or library not in _ONLY_NAMED:
            code = _filled(CODE.get(library, ""), info, hub_url, paths)
            if code:
                yield Use(library, code, LANGUAGES.get(library, "python"))
    if file := next(iter(_ggufs(paths)), ""):
        code = f'from llama_cpp import Llama\n\nmodel = Llama.from_pretrained("{info.repo.full_name}", filename="{file}")'
        yield Use("llama-cpp-python", code)


# A tag alone does not mean that such code loads the model.
_ONLY_NAMED = {"trl", "vllm", "kernels", "joblib", "bitsandbytes", "sklearn", "keras", "unsloth", "mlx"}


def _filled(code: str, info: Info, hub_url: str, paths: Sequence[str]) -> str:
    """Fill in what the code leaves open; "" when the repository does not say it."""
    base = next(iter(base_models(info.metadata.card_data)), "")
    given = {
        "BASE": _plain(_ID, base),
        "TASK": _plain(_WORD, info.metadata.pipeline_tag),
        "FILE": next((path for path in paths if path.endswith(_PICKLED) and _PATH.fullmatch(path)), ""),
        "HUB": hub_url,
        "SHORT": info.repo.name,
        "NAME": info.repo.full_name,
    }
    for word, value in given.items():
        if word in code and not value:
            return ""
        code = code.replace(word, value)
    return code


_PICKLED = (".skops", ".joblib", ".pkl")
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


def _ggufs(paths: Sequence[str]) -> list[str]:
    """Return the GGUF files, one of four bits first: what most people's machines can hold."""
    found = [
        path for path in paths if path.endswith(".gguf") and "mmproj" not in path and _PATH.fullmatch(path)
    ]
    return sorted(found, key=lambda path: ("q4_k_m" not in path.lower(), "q4" not in path.lower()))


_FRAMES = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json", ".json": "json"}


def _frames(info: Info, hub_url: str, paths: Sequence[str]) -> Iterator[Use]:
    """Yield what reads the first file of data by itself."""
    data = [path for path in paths if path.endswith(tuple(_FRAMES)) and _PATH.fullmatch(path)]
    if not data:
        return
    first, name = data[0], info.repo.full_name
    way = _FRAMES["." + first.rpartition(".")[2]]
    lines = ", lines=True" if first.endswith(".jsonl") else ""
    inside = f"hf://datasets/{name}/{first}"
    yield Use("pandas", f'import pandas as pd\n\nframe = pd.read_{way}("{inside}"{lines})')
    if len(data) > 1 and way != "json":
        yield Use(
            "Dask", f'import dask.dataframe as dd\n\nframe = dd.read_{way}("hf://datasets/{name}/**/*.{way}")'
        )
    url = f"{hub_url}/datasets/{name}/resolve/{info.repo.default_branch}/{first}"
    reader = "ndjson" if first.endswith(".jsonl") else way
    yield Use("Polars", f'import polars as pl\n\nframe = pl.read_{reader}("{url}")')
    yield Use("DuckDB", f"FROM '{url}' LIMIT 10", "sql")


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
    base = _plain(_ID, next(iter(base_models(info.metadata.card_data)), ""))
    if info.metadata.relation == "adapter" and base:
        return f'from diffusers import DiffusionPipeline\n\npipe = DiffusionPipeline.from_pretrained("{base}")\npipe.load_lora_weights("{name}")\nimage = pipe("a keep on a hill").images[0]'
    return f'from diffusers import DiffusionPipeline\n\npipe = DiffusionPipeline.from_pretrained("{name}")\nimage = pipe("a keep on a hill").images[0]'


def _peft(info: Info) -> str:
    name = info.repo.full_name
    base = _plain(_ID, next(iter(base_models(info.metadata.card_data)), ""))
    if not base:
        return f'from peft import AutoPeftModel\n\nmodel = AutoPeftModel.from_pretrained("{name}")'
    return f'from peft import PeftModel\nfrom transformers import AutoModel\n\nbase = AutoModel.from_pretrained("{base}")\nmodel = PeftModel.from_pretrained(base, "{name}")'


def _plain(pattern: re.Pattern[str], value: Any) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


_LIBRARIES: dict[str, Callable[[Info], str]] = {
    "transformers": _transformers,
    "diffusers": _diffusers,
    "peft": _peft,
}
