"""The newest client: what the hub tells about repositories, cards, people."""

import json
import struct
import typing
from pathlib import Path

import pytest
from tests.unit.repos.ggufs import llama

CARD = """---
license: apache-2.0
language:
- de
- en
tags:
- tiny
datasets:
- ada/corpus
base_model: ada/parent
pipeline_tag: fill-mask
library_name: transformers
model-index:
- name: tiny
  results:
  - task:
      type: fill-mask
    dataset:
      name: Corpus
      type: ada/corpus
    metrics:
    - type: accuracy
      value: 0.5
---

# Tiny
"""


def safetensors(tensors: dict[str, tuple[str, list[int]]]) -> bytes:
    """Return a file in the safetensors format: dtype and shape per tensor, zeros as values."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (dtype, shape) in tensors.items():
        size = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}[dtype]
        for length in shape:
            size *= length
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(at)


WEIGHTS = safetensors({"a": ("F32", [10, 20]), "b": ("F16", [30])})


@pytest.fixture
def model(ada, repo):
    """A model with a card, a configuration and weights."""

    def story(hf, api):
        api.create_repo(repo)
        files = {
            "README.md": CARD.encode(),
            "config.json": json.dumps({"model_type": "bert", "architectures": ["BertForMaskedLM"]}).encode(),
            "tokenizer_config.json": json.dumps({"mask_token": "[MASK]"}).encode(),
            "model.safetensors": WEIGHTS,
        }
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, data) for name, data in files.items()], commit_message="model"
        )

    ada.run(story)
    return repo


def test_a_model_is_described_by_its_files(model, nobody):
    def story(hf, api):
        info = api.model_info(model, files_metadata=True)
        assert (info.id, info.author, info.private, info.gated, info.disabled) == (
            model,
            "ada",
            False,
            False,
            False,
        )
        assert (info.pipeline_tag, info.library_name, info.mask_token) == (
            "fill-mask",
            "transformers",
            "[MASK]",
        )
        assert {
            "license:apache-2.0",
            "de",
            "en",
            "tiny",
            "dataset:ada/corpus",
            "transformers",
            "fill-mask",
            "safetensors",
            "bert",
        } <= set(info.tags)
        assert any(tag.startswith("base_model:") and tag.endswith("ada/parent") for tag in info.tags)
        assert (info.card_data.license, info.card_data.language) == ("apache-2.0", ["de", "en"])
        assert info.card_data.eval_results[0].metric_value == 0.5
        assert (info.safetensors.parameters, info.safetensors.total) == ({"F32": 200, "F16": 30}, 230)
        assert info.transformers_info.auto_model == "AutoModelForMaskedLM"
        assert info.config["model_type"] == "bert"
        assert (info.downloads, info.likes) == (0, 0)
        assert info.created_at <= info.last_modified
        files = {file.rfilename: file for file in info.siblings}
        assert files["model.safetensors"].size == len(WEIGHTS) == files["model.safetensors"].lfs.size
        assert files["README.md"].size == len(CARD.encode())
        assert len(files["README.md"].blob_id) == 40
        # At a revision it is told as it was then.
        first = api.list_repo_commits(model)[-1].commit_id
        then = api.model_info(model, revision=first)
        assert (then.sha, [file.rfilename for file in then.siblings]) == (first, [".gitattributes"])

    nobody.run(story)


def test_results_and_the_header_of_a_gguf_reach_the_client(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        result = "- dataset: {id: ada/bench, task_id: arc}\n  value: 61.25\n  source: {url: 'https://example.org'}\n"
        files = {"m.gguf": llama(), ".eval_results/a.yaml": result.encode(), ".eval_results/b.yaml": b"- x\n"}
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, data) for name, data in files.items()], commit_message="model"
        )
        info = api.model_info(repo, expand=["evalResults", "gguf", "childrenModelCount", "tags"])
        assert info.gguf["context_length"] == 8192
        assert info.children_model_count == 0
        assert {"gguf", "conversational"} <= set(info.tags)
        [found] = info.eval_results
        assert (found.dataset_id, found.task_id, found.value) == ("ada/bench", "arc", 61.25)
        api.create_repo("ada/bench", repo_type="dataset", exist_ok=True)
        [first] = api.get_dataset_leaderboard("ada/bench")
        assert (first.rank, first.model_id, first.value, first.verified) == (1, repo, 61.25, False)

    ada.run(story)


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_every_property_can_be_asked_for_alone_and_all_together(ada, repo, kind):
    def story(hf, api):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "static"} if kind == "space" else {}))
        api.upload_file(
            path_or_fileobj=CARD.encode(), path_in_repo="README.md", repo_id=repo, repo_type=kind
        ) if kind != "space" else None
        wanted = getattr(hf.hf_api, f"Expand{kind.capitalize()}Property_T")
        values = typing.get_args(wanted)
        assert len(values) >= 18
        together = api.repo_info(repo, repo_type=kind, expand=list(values))
        assert together.author == "ada"
        for value in values:
            found = api.repo_info(repo, repo_type=kind, expand=[value])
            assert found.id == repo
        # Only what was asked for comes back.
        alone = api.repo_info(repo, repo_type=kind, expand=["private"])
        assert (alone.private, alone.sha, alone.tags, alone.author) == (False, None, None, None)
        lister = getattr(api, f"list_{kind}s")
        [listed] = lister(author="ada", search=repo.partition("/")[2], expand=list(values))
        assert listed.id == repo

    ada.run(story)


def test_the_headers_of_weights_are_read_by_range(model, fresh, ada):
    shards = {
        "model-1.safetensors": safetensors({"x": ("F32", [7])}),
        "model-2.safetensors": safetensors({"y": ("BF16", [5, 5])}),
    }
    index = {
        "metadata": {"total_size": 78},
        "weight_map": {"x": "model-1.safetensors", "y": "model-2.safetensors"},
    }

    def single(api):
        found = api.get_safetensors_metadata(model)
        assert found.sharded is False
        assert found.parameter_count == {"F32": 200, "F16": 30}
        assert found.files_metadata["model.safetensors"].tensors["a"].shape == [10, 20]

    def sharded(hf, api):
        there = f"{model}-sharded"
        api.create_repo(there)
        files = shards | {"model.safetensors.index.json": json.dumps(index).encode()}
        api.create_commit(
            there,
            [hf.CommitOperationAdd(name, data) for name, data in files.items()],
            commit_message="shards",
        )
        for found in (api.get_safetensors_metadata(there), api.get_sharded_safetensors_metadata(there)):
            assert found.sharded is True
            assert found.parameter_count == {"F32": 7, "BF16": 25}
            assert found.weight_map == index["weight_map"]
        assert api.model_info(there).safetensors.total == 32
        name = there.partition("/")[2]
        assert [found.id for found in api.list_models(search=name, num_parameters="min:30,max:1K")] == [there]
        assert list(api.list_models(search=name, num_parameters="min:1K")) == []
        with pytest.raises(hf.errors.NotASafetensorsRepoError):
            api.get_safetensors_metadata(api.create_repo(f"{model}-none").repo_id)

    fresh("eve").run(single)
    ada.run(sharded)


def test_lists_filter_sort_limit_and_page(ada, nobody, repo):
    mark = f"mark-{repo.partition('/')[2].split('-')[0]}"
    names = [f"{repo}-{letter}" for letter in "abcde"]

    def create(hf, api):
        for n, name in enumerate(names):
            api.create_repo(name, private=n == 4)
            card = f"---\ntags: [{mark}, {'even' if n % 2 == 0 else 'odd'}-{mark}]\npipeline_tag: {'fill-mask' if n < 2 else 'text-generation'}\nlanguage: de\n---\n# {n}\n"
            api.upload_file(path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id=name)

    def look(api, signed_in):
        def ids(**asked):
            return [model.id for model in api.list_models(**asked)]

        def sorted_ids(**asked):
            return sorted(ids(**asked))

        visible = names if signed_in else names[:4]
        assert sorted_ids(filter=mark) == visible
        assert sorted_ids(filter=[mark, f"odd-{mark}"]) == [names[1], names[3]]
        assert sorted_ids(filter=mark, pipeline_tag="fill-mask") == names[:2]
        assert sorted_ids(search=repo) == visible
        assert sorted_ids(search=repo.upper(), author="ADA") == visible
        assert ids(search=repo, author="eve") == []
        assert ids(filter=mark, sort="created_at") == list(reversed(visible))
        assert ids(filter=mark, sort="last_modified") == list(reversed(visible))
        for sort in ("downloads", "likes", "trending_score"):
            assert sorted_ids(filter=mark, sort=sort) == visible
        assert ids(filter=mark, sort="created_at", limit=2) == list(reversed(visible))[:2]
        assert ids(filter=mark, gated=True) == []
        assert sorted_ids(filter=mark, gated=False) == visible
        full = next(iter(api.list_models(filter=mark, sort="created_at", full=True, cardData=True)))
        assert full.sha
        assert {file.rfilename for file in full.siblings} == {".gitattributes", "README.md"}
        assert full.card_data["language"] == "de"
        assert ids(filter=f"none-{mark}") == []
        assert ids(filter=mark, inference="warm") == []
        assert ids(filter=mark, num_parameters="min:1K") == []

    ada.run(create)
    ada.run(look, signed_in=True)
    nobody.run(look, signed_in=False)


def test_a_long_list_comes_page_by_page(ada, nobody, hub, repo):
    """The client asks for no page size, so pages are cut small by `limit`, the way the Link header carries it on."""
    count = 23

    def create(api):
        for n in range(count):
            api.create_repo(f"{repo}-{n:02}", repo_type="dataset")

    def walk(hf):
        from huggingface_hub.utils import paginate

        found = list(
            paginate(
                f"{hf.constants.ENDPOINT}/api/datasets",
                params={"search": repo, "limit": 5, "sort": "createdAt"},
                headers={},
            )
        )
        return [item["id"] for item in found]

    ada.run(create)
    assert nobody.run(walk) == [f"{repo}-{n:02}" for n in reversed(range(count))]


@pytest.mark.parametrize("kind", ["dataset", "space"])
def test_datasets_and_spaces_are_listed_by_what_their_cards_say(ada, nobody, repo, kind):
    card = {
        "dataset": "---\nlanguage: [ga]\ntask_categories: [text-classification]\nsize_categories: [n<1K]\nlicense: cc0-1.0\n---\n# d\n",
        "space": "---\nsdk: gradio\ntitle: S\nemoji: 🗝️\ncolorFrom: red\ncolorTo: gray\ntags: [mine]\nmodels: [ada/m]\n---\n# s\n",
    }[kind]

    def create(api):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "gradio"} if kind == "space" else {}))
        api.upload_file(path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id=repo, repo_type=kind)

    def look(api):
        if kind == "dataset":
            asked = [
                api.list_datasets(
                    search=repo, language="ga", task_categories="text-classification", size_categories="n<1K"
                ),
                api.list_datasets(
                    dataset_name=repo.partition("/")[2], filter="license:cc0-1.0", author="ada"
                ),
                api.list_datasets(search=repo, sort="downloads", full=True),
            ]
            assert not list(api.list_datasets(search=repo, language="en"))
        else:
            asked = [
                api.list_spaces(search=repo, filter="mine"),
                api.list_spaces(search=repo, sort="likes", full=True),
                api.list_spaces(author="ada", search=repo, filter="gradio"),
            ]
        return [[item.id for item in found] for found in asked]

    ada.run(create)
    assert nobody.run(look) == [[repo]] * 3


def test_tags_that_may_be_filtered_by_are_listed_by_type(model, nobody):
    def story(api):
        tags = api.get_model_tags()
        return {
            kind: [tag["id"] for tag in tags[kind]]
            for kind in ("license", "language", "library", "pipeline_tag")
        }

    found = nobody.run(story)
    assert "license:apache-2.0" in found["license"]
    assert "de" in found["language"]
    assert "transformers" in found["library"]
    assert "fill-mask" in found["pipeline_tag"]


def test_whoami_tells_name_organizations_and_role_of_the_token(ada, client, nobody):
    def story(api):
        me = api.whoami()
        return (
            me["name"],
            me["type"],
            [(org["name"], org["roleInOrg"]) for org in me["orgs"]],
            me["auth"]["accessToken"]["role"],
        )

    def refused(hf, api):
        with pytest.raises((hf.errors.LocalTokenNotFoundError, hf.errors.HfHubHTTPError)):
            api.whoami()

    assert ada.run(story) == ("ada", "user", [("lab", "admin")], "write")
    assert client("hub-2.4.0", "ada-reads").run(story) == ("ada", "user", [("lab", "admin")], "read")
    nobody.run(refused)


def test_auth_check_answers_for_reading_and_writing(ada, eve, nobody, repo):
    def setup(api):
        api.create_repo(repo)
        api.create_repo(f"{repo}-shut", private=True)
        api.auth_check(repo, write=True)
        api.auth_check(f"{repo}-shut", write=True)

    def stranger(hf, api):
        api.auth_check(repo)
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.auth_check(repo, write=True)
        assert not isinstance(refused.value, hf.errors.RepositoryNotFoundError)
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.auth_check(f"{repo}-shut")

    ada.run(setup)
    eve.run(stranger)
    nobody.run(stranger)


def test_cards_are_validated_pushed_loaded_and_updated(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        card = hf.ModelCard(CARD)
        card.validate()
        card.push_to_hub(repo)
        assert hf.ModelCard.load(repo).data.to_dict() == card.data.to_dict()
        hf.metadata_update(repo, {"license": "mit", "tags": ["tiny", "new"]}, overwrite=True)
        assert hf.ModelCard.load(repo).data.license == "mit"
        assert "license:mit" in api.model_info(repo).tags
        assert "license:apache-2.0" not in api.model_info(repo).tags
        with pytest.raises(ValueError, match="license"):
            hf.ModelCard("---\nlicense:\n  a: b\n---\nx").validate()

    ada.run(story)


def test_a_model_is_pushed_by_its_mixin(ada, fresh, repo):
    def push(hf):
        mixin = hf.ModelHubMixin

        class Line(mixin, library_name="lines", tags=["line"]):  # type: ignore[misc, call-arg, valid-type]  # Any here
            def __init__(self, slope: float, shift: float = 0.0):
                self.slope, self.shift = slope, shift

            def _save_pretrained(self, save_directory):
                (save_directory / "weights.bin").write_bytes(b"\0" + str(self.slope).encode())

        Line(slope=2.5, shift=1.0).push_to_hub(repo)

    def pull(hf, api):
        info = api.model_info(repo)
        assert (info.library_name, "line" in info.tags, "model_hub_mixin" in info.tags) == (
            "lines",
            True,
            True,
        )

        mixin = hf.ModelHubMixin

        class Line(mixin):  # type: ignore[misc, valid-type]  # Any here
            def __init__(self, slope: float, shift: float = 0.0):
                self.slope, self.shift = slope, shift

            @classmethod
            def _from_pretrained(cls, *, model_id, revision, slope, shift, **_):
                made = cls(slope, shift)
                made.weights = Path(
                    hf.hf_hub_download(model_id, "weights.bin", revision=revision)
                ).read_bytes()
                return made

        line = Line.from_pretrained(repo)
        return line.weights, line.slope, line.shift

    ada.run(push)
    assert fresh("eve").run(pull) == (b"\x002.5", 2.5, 1.0)


def test_what_this_hub_does_not_do_is_said_aloud(ada, repo):
    """A feature that is not there answers 501 with a sentence, never with silence, and changes nothing."""

    def story(hf, api):
        for asked in (
            {"visibility": "protected"},
            {"space_hardware": "t4-small"},
        ):
            with pytest.raises(hf.errors.HfHubHTTPError, match="not available on this hub") as refused:
                api.create_repo(repo, repo_type="space", space_sdk="static", **asked)
            assert refused.value.response.status_code == 501
        assert not api.repo_exists(repo, repo_type="space")

    ada.run(story)
