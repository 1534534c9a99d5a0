import json

import pytest
from tests.unit.repos.conftest import add
from tests.unit.repos.ggufs import llama

from hubkeep import repos
from hubkeep.repos import Kind, evaluations


def said(house, *operations, kind=Kind.MODEL):
    """Commit files and return what the hub makes of them."""
    repo = house.make_repo(kind=kind, **({"sdk": "static"} if kind is Kind.SPACE else {}))
    house.commit(repo, *operations)
    with house.stores.db.read() as tx:
        return repos.info(
            tx, house.ada, house.stores, kind, repo.full_name, None, siblings=False, blobs=False
        ).metadata


def tensors(shape):
    """Return a safetensors file that says it has one tensor of that shape."""
    text = json.dumps({"t": {"dtype": "F32", "shape": shape, "data_offsets": [0, 1]}}).encode()
    return len(text).to_bytes(8, "little") + text


def card(text: str, body: str = ""):
    return add("README.md", f"---\n{text}\n---\n{body}".encode())


def file(path: str, **content):
    return add(path, json.dumps(content).encode())


def test_tags_come_in_the_order_of_the_hub(house):
    found = said(
        house,
        card(
            "tags: [mine]\nlanguage: [en, 'no']\nlicense: mit\ndatasets: [a/squad]\nbase_model: a/base",
            "See [the paper](https://arxiv.org/abs/1706.03762) and https://huggingface.co/papers/2005.14165.\n",
        ),
        file("config.json", model_type="bert", architectures=["BertForMaskedLM"]),
        add("model.safetensors", b"\x02\0\0\0\0\0\0\0{}"),
    )
    assert found.tags == [
        *("transformers", "safetensors", "bert", "fill-mask", "mine", "en", "no", "dataset:a/squad"),
        *("arxiv:1706.03762", "arxiv:2005.14165", "base_model:a/base", "base_model:finetune:a/base"),
        *("license:mit", "region:us"),
    ]


@pytest.mark.parametrize(
    ("text", "files", "relation"),
    [
        ("base_model: a/b", {}, "finetune"),
        ("base_model: [a/b, a/c]", {}, "merge"),
        ("base_model: a/b", {"adapter_config.json": b"{}"}, "adapter"),
        ("base_model: a/b\ntags: [lora]", {}, "adapter"),
        ("base_model: a/b", {"m.Q4_K_M.gguf": llama()}, "quantized"),
        ("base_model: a/b", {"config.json": b'{"quantization_config": {"bits": 4}}'}, "quantized"),
        ("base_model: a/b\nbase_model_relation: merge", {"adapter_config.json": b"{}"}, "merge"),
        ("base_model: a/b\nbase_model_relation: [x]", {}, "finetune"),
        ("license: mit", {}, None),
    ],
)
def test_how_a_model_was_made_from_another(house, text, files, relation):
    found = said(house, card(text), *(add(path, data) for path, data in files.items()))
    assert found.relation == relation
    assert [tag.split(":")[1] for tag in found.tags if tag.count(":") == 2] == (
        [relation] * (2 if "a/c" in text else 1) if relation else []
    )


def test_a_gguf_header_tells_size_architecture_and_chat(house):
    found = said(house, add("model.Q4_K_M.gguf", llama()), add("mmproj-f16.gguf", b"GGUF"))
    assert found.gguf == {
        "total": 64 * 40 + 64,
        "architecture": "llama",
        "context_length": 8192,
        "chat_template": "{{ messages }}",
        "bos_token": "<s>",
        "eos_token": "</s>",
    }
    assert {"gguf", "conversational"} <= set(found.tags)
    assert found.parameters == 2624


def test_gguf_files_in_folders_and_in_parts_are_found(house):
    parts = [add(f"q4/big-0000{n}-of-00003.gguf", llama()) for n in (1, 2, 3)]
    assert said(house, *parts).gguf["total"] == 3 * 2624


@pytest.mark.parametrize("lie", [b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 16 + bytes(64), b"not one"])
def test_a_lying_gguf_says_nothing_and_breaks_nothing(house, lie):
    found = said(house, add("model.gguf", lie))
    assert found.gguf is None
    assert "gguf" in found.tags  # by its name


@pytest.mark.parametrize(
    "header",
    [
        b"\xff" * 8 + b"{}",
        b"\x40\0\0\0\0\0\0\0" + b"[" * 64,
        tensors([1 << 62, 1 << 62]),
        tensors([9] * 200_000),
    ],
)
def test_a_lying_safetensors_header_counts_nothing(house, header):
    found = said(house, add("model.safetensors", header))
    assert found.safetensors is None
    assert found.parameters == 0


def test_config_files_tell_class_chat_and_quantisation(house):
    found = said(
        house,
        file(
            "config.json",
            architectures=["MineForCausalLM"],
            model_type="mine",
            auto_map={"AutoConfig": "c.MineConfig", "AutoModelForCausalLM": "m.MineForCausalLM"},
            quantization_config={"bits": 4, "quant_method": "gptq"},
            hidden_size=8,
        ),
        file("tokenizer_config.json", eos_token="</s>", chat_template="{{ x }}", model_max_length=512),
    )
    assert found.transformers_info == {
        "auto_model": "AutoModelForCausalLM",
        "custom_class": "m.MineForCausalLM",
        "pipeline_tag": "text-generation",
        "processor": "AutoTokenizer",
    }
    assert "hidden_size" not in found.config
    assert found.config["tokenizer_config"] == {"eos_token": "</s>", "chat_template": "{{ x }}"}
    assert {"custom_code", "conversational", "4-bit", "gptq"} <= set(found.tags)


def test_a_pipeline_of_diffusers_is_known_by_its_class(house):
    found = said(house, file("model_index.json", _class_name="FluxPipeline"))
    assert found.library_name == "diffusers"
    assert "diffusers:FluxPipeline" in found.tags
    assert found.config == {"diffusers": {"_class_name": "FluxPipeline"}}


def test_a_library_among_the_tags_is_the_library(house):
    assert said(house, card("tags: [pytorch, timm, mine]")).library_name == "timm"


def test_files_of_a_dataset_tell_its_format(house):
    info = (
        "dataset_info:\n  features:\n  - {name: text, dtype: string}\n  - {name: n, dtype: int64}\n"
        "  splits:\n  - {name: train, num_examples: 20000}\n  - {name: test, num_examples: 1}"
    )
    found = said(
        house,
        card(f"license: mit\ntask_categories: [text-generation]\n{info}"),
        *(add(f"data/train-{n}.parquet") for n in range(3)),
        add("notes.csv"),
        kind=Kind.DATASET,
    )
    assert found.tags == [
        *("task_categories:text-generation", "license:mit", "size_categories:10K<n<100K", "format:parquet"),
        *("modality:tabular", "modality:text", "library:datasets", "library:pandas", "library:polars"),
        "region:us",
    ]


RESULT = """
- dataset: {id: a/bench, task_id: gsm8k, revision: main}
  value: 71.5
  date: 2026-01-02
  source: {url: "https://example.org/run", name: a run, secret: x}
- dataset: {id: a/bench, task_id: arc}
  value: "0.5"
"""


def test_results_are_read_from_their_folder_and_from_the_index(house):
    index = (
        "model-index:\n- name: m\n  results:\n  - task: {type: text-generation}\n"
        "    dataset: {type: a/other, name: Other}\n    metrics:\n    - {type: accuracy, value: 0.9, verified: true}\n"
        "    - {type: bad, value: [1]}"
    )
    found = said(house, card(index), add(".eval_results/run.yaml", RESULT.encode()))
    assert found.eval_results[0] == {
        "filename": ".eval_results/run.yaml",
        "data": {
            "dataset": {"id": "a/bench", "task_id": "gsm8k", "revision": "main"},
            "value": 71.5,
            "date": "2026-01-02",
            "source": {"url": "https://example.org/run", "name": "a run"},
        },
    }
    assert "model-index" in found.tags
    listed = evaluations(found.card_data, found.eval_results)
    assert [(e.task, e.dataset_name, e.metric, e.value, e.verified) for e in listed] == [
        ("gsm8k", "a/bench", "", 71.5, False),
        ("arc", "a/bench", "", 0.5, False),
        ("text-generation", "Other", "accuracy", 0.9, True),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: b", "must be a list"),
        ("- x", "`dataset` is missing"),
        ("- dataset: {id: a/b}\n  value: 1", "`dataset.task_id` is missing"),
        ("- dataset: {id: a/b, task_id: t}", "`value` is missing"),
        ("- dataset: {id: a/b, task_id: t}\n  value: yes", "`value` is missing"),
        ("- &a [*a]", "aliases are not allowed"),
        ("- [", "line"),
        ("x: " + "y" * 300_000, "longer than"),
    ],
)
def test_a_bad_file_of_results_says_what_is_wrong_with_it(house, text, says):
    found = said(house, add(".eval_results/bad.yaml", text.encode())).eval_results
    assert found[0]["filename"] == ".eval_results/bad.yaml"
    assert says in found[0]["error"]


@pytest.mark.parametrize(
    "index", ["x", "[1]", "[{results: x}]", "[{results: [{task: 1, dataset: 2, metrics: 3}]}]"]
)
def test_an_index_of_any_shape_breaks_nothing(index):
    assert evaluations(repos.parse_front_matter(f"---\nmodel-index: {index}\n---\n").data, []) == []


def test_a_card_of_fifty_megabytes_is_not_read(house):
    found = said(house, card("license: mit", "x" * (5 << 20)))
    assert found.tags == ["region:us"]
