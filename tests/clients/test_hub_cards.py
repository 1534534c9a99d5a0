"""Cards by the newest client: loaded, checked, pushed, changed; and the page of the repository says the same."""

import time
import typing
from urllib.parse import unquote

import pytest
from tests.clients.harness.pages import Element, page

CARD = """---
license: apache-2.0
language:
- de
- en
tags:
- harbour
datasets:
- ada/corpus
base_model: ada/parent
pipeline_tag: fill-mask
library_name: transformers
---

# Tides

Reads the tides of the harbour, slowly and well.
"""
RESULT = {
    "task_type": "fill-mask",
    "dataset_type": "ada/corpus",
    "dataset_name": "Corpus",
    "metric_type": "accuracy",
    "metric_name": "Accuracy",
    "metric_value": 0.5,
}


def chips(shown: Element) -> dict[str, str]:
    """Return the tags of a repository's page: what each chip asks for, and what it says."""
    found = shown.one("ul", "chips", aria_label="Tags").all("a", "chip")
    return {unquote(chip.attributes["href"].partition("filter=")[2]): chip.text for chip in found}


def words_of(shown: Element) -> dict[str, str]:
    """Return the pairs beside a card."""
    pairs: dict[str, str] = {}
    for listed in shown.all("dl", "pairs"):
        words, answers = listed.all("dt"), listed.all("dd")
        pairs |= {word.text: answer.text for word, answer in zip(words, answers, strict=True)}
    return pairs


def test_a_card_that_is_pushed_is_what_is_loaded_and_what_the_page_shows(ada, hub, repo):
    def story(hf, api):
        api.create_repo("ada/parent", exist_ok=True)
        api.create_repo("ada/corpus", repo_type="dataset", exist_ok=True)
        api.create_repo(repo)
        card = hf.ModelCard(CARD)
        card.validate()
        commit = card.push_to_hub(repo)
        again = hf.ModelCard.load(repo)
        assert again.text == card.text
        assert again.data.to_dict() == card.data.to_dict()
        info = api.model_info(repo)
        assert info.sha == commit.oid
        return info.tags, info.card_data.to_dict(), info.pipeline_tag, info.library_name

    tags, data, task, library = ada.run(story)
    shown = page(f"{hub.url}/{repo}")
    assert "Reads the tides of the harbour, slowly and well." in shown.one("article", "prose").text
    assert {"fill-mask", "transformers", "harbour", "license:apache-2.0", "de", "en"} <= chips(shown).keys()
    assert chips(shown).keys() <= {*tags, task, library}
    links = {link.attributes["href"] for link in shown.all("a")}
    assert {f"/{data['base_model']}", f"/datasets/{data['datasets'][0]}"} <= links
    assert shown.one("meta", property="og:title").attributes["content"] == repo
    about = shown.one("meta", name="description").attributes["content"]
    assert about == "Reads the tides of the harbour, slowly and well."


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("dataset", "---\nlanguage: [ga]\nlicense: cc0-1.0\nsize_categories: [n<1K]\n---\n# Words\n"),
        (
            "space",
            "---\ntitle: Tides\nemoji: 🌊\ncolorFrom: blue\ncolorTo: green\nsdk: static\n---\n# Tides\n",
        ),
    ],
)
def test_cards_of_datasets_and_spaces_go_up_and_come_down(ada, hub, repo, kind, made):
    def story(hf, api):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "static"} if kind == "space" else {}))
        maker = {"dataset": hf.DatasetCard, "space": hf.SpaceCard}[kind]
        card = maker(made)
        card.validate()
        card.push_to_hub(repo)
        again = maker.load(repo)
        assert again.data.to_dict() == card.data.to_dict()
        return api.repo_info(repo, repo_type=kind).tags

    tags = ada.run(story)
    shown = page(f"{hub.url}/{kind}s/{repo}")
    assert chips(shown).keys() <= set(tags)
    assert ("license:cc0-1.0" in chips(shown)) is (kind == "dataset")
    data = shown.all("script", type="application/ld+json")
    assert len(data) == (1 if kind == "dataset" else 0)


@pytest.mark.parametrize(
    ("kind", "wrong", "named"),
    [
        ("Model", "---\nlicense: [unclosed\n---\n# x\n", "YAML"),
        ("Model", "---\nlicense: {name: mit}\n---\n# x\n", "license"),
        ("Model", "---\nbase_model: 7\n---\n# x\n", "base_model"),
        ("Space", "---\ntitle: x\nsdk: cobol\n---\n# x\n", "sdk"),
        ("Dataset", "---\nlanguage: 7\n---\n# x\n", "language"),
    ],
)
def test_a_wrong_card_is_refused_with_a_word_about_what_is_wrong(ada, repo, kind, wrong, named):
    def story(hf, api):
        api.create_repo(repo, repo_type=kind.lower(), **({"space_sdk": "static"} if kind == "Space" else {}))
        before = api.repo_info(repo, repo_type=kind.lower()).sha
        maker = getattr(hf, f"{kind}Card")
        card = maker("---\nlicense: mit\n---\n# x\n", ignore_metadata_errors=True)
        type(card).content = property(lambda _: wrong)  # the client refuses to hold some of these itself
        try:
            with pytest.raises(ValueError) as refused:
                card.validate()
            with pytest.raises(ValueError):
                card.push_to_hub(repo)
        finally:
            del type(card).content
        assert api.repo_info(repo, repo_type=kind.lower()).sha == before
        return str(refused.value)

    assert named.lower() in ada.run(story).lower()


def test_metadata_is_added_to_and_never_overwritten_unasked(ada, hub, repo):
    def story(hf, api):
        api.create_repo(repo)
        hf.ModelCard(CARD).push_to_hub(repo)
        hf.metadata_update(repo, {"tags": ["harbour", "night"], "new_version": "ada/next"}, overwrite=True)
        with pytest.raises(ValueError, match="license"):
            hf.metadata_update(repo, {"license": "mit"})
        hf.metadata_update(repo, {"license": "mit"}, overwrite=True)
        card = hf.ModelCard.load(repo)
        assert card.data.license == "mit"
        assert card.text.strip().endswith("slowly and well.")
        return api.model_info(repo).tags

    tags = ada.run(story)
    assert {"license:mit", "night", "harbour"} <= set(tags)
    assert "license:apache-2.0" not in tags
    shown = chips(page(f"{hub.url}/{repo}"))
    assert "license:mit" in shown
    assert "license:apache-2.0" not in shown


def test_results_of_an_evaluation_are_written_and_shown(ada, hub, repo):
    def story(hf, api):
        from huggingface_hub.repocard import metadata_eval_result

        api.create_repo(repo)
        hf.ModelCard(CARD).push_to_hub(repo)
        results = metadata_eval_result(
            model_pretty_name="Tides",
            task_pretty_name="Fill mask",
            task_id=RESULT["task_type"],
            metrics_pretty_name=RESULT["metric_name"],
            metrics_id=RESULT["metric_type"],
            metrics_value=RESULT["metric_value"],
            dataset_pretty_name=RESULT["dataset_name"],
            dataset_id=RESULT["dataset_type"],
        )
        hf.metadata_update(repo, results)
        (read,) = api.model_info(repo).card_data.eval_results
        (indexed,) = api.model_info(repo, expand=["model-index"]).model_index
        (expected,) = hf.ModelCard.load(repo).data.eval_results
        assert (read.metric_value, read.dataset_name) == (expected.metric_value, expected.dataset_name)
        assert indexed["results"][0]["metrics"][0]["value"] == RESULT["metric_value"]
        # The same result again with another value is refused unless it is asked for.
        results["model-index"][0]["results"][0]["metrics"][0]["value"] = 0.75
        with pytest.raises(ValueError, match="overwrite"):
            hf.metadata_update(repo, results)
        hf.metadata_update(repo, results, overwrite=True)
        return api.model_info(repo).card_data.eval_results[0].metric_value

    assert ada.run(story) == 0.75
    aside = page(f"{hub.url}/{repo}").one("aside", "side").text
    assert "Corpus" in aside
    assert "0.75" in aside


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_every_fact_asked_for_alone_is_the_one_told_together_and_shown(ada, nobody, hub, repo, kind):
    def create(hf, api):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "static"} if kind == "space" else {}))
        card = CARD if kind != "space" else "---\ntitle: T\nsdk: static\ntags: [harbour]\n---\n# T\n"
        maker = getattr(hf, f"{kind.capitalize()}Card")
        maker(card).push_to_hub(repo, repo_type=kind)

    def ask(hf, api):
        names = typing.get_args(getattr(hf.hf_api, f"Expand{kind.capitalize()}Property_T"))
        snake = {
            name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name).replace("-", "_")
            for name in names
        }
        # The size of the main branch is measured by a job after the push.
        size = sum(
            getattr(one, "size", 0) for one in api.list_repo_tree(repo, repo_type=kind, recursive=True)
        )
        deadline = time.monotonic() + 60
        while (
            "mainSize" in names and api.repo_info(repo, repo_type=kind, expand=["mainSize"]).main_size != size
        ):
            assert time.monotonic() < deadline, "nobody measures the size"
            time.sleep(0.05)
        together = vars(api.repo_info(repo, repo_type=kind, expand=list(names)))
        for name in names:
            alone = vars(api.repo_info(repo, repo_type=kind, expand=[name]))
            field = next((f for f in (snake[name], name) if f in together), None)
            assert field, name
            assert str(alone[field]) == str(together[field]), name
        plain = api.repo_info(repo, repo_type=kind)
        told = ["tags", "author", "sha", "private", "likes", "created_at", "last_modified"]
        told += [] if kind == "space" else ["gated", "downloads"]
        assert {name: together[name] for name in told} == {name: getattr(plain, name) for name in told}
        (listed,) = getattr(api, f"list_{kind}s")(search=repo, expand=list(names))
        assert {name: getattr(listed, name) for name in told} == {name: together[name] for name in told}
        return {name: together.get(name) for name in ("tags", "likes", "downloads", "pipeline_tag")} | {
            "modified": f"{together['last_modified']:%Y-%m-%dT%H:%M:%SZ}",
            "created": f"{together['created_at']:%Y-%m-%dT%H:%M:%SZ}",
        }

    ada.run(create)
    told = nobody.run(ask)
    shown = page(f"{hub.url}/{repo if kind == 'model' else f'{kind}s/{repo}'}")
    assert chips(shown).keys() <= {*told["tags"], told["pipeline_tag"]}
    figures = {
        figure.one("span").text: figure.one("b").text
        for figure in shown.all("p", "figure")
        if figure.all("b")
    }
    assert figures["likes"] == str(told["likes"])
    assert figures.get("downloads in 30 days", "None") in (str(told["downloads"]), "None")
    times = {moment.attributes["datetime"] for moment in shown.one("aside", "side").all("time")}
    assert {told["modified"], told["created"]} <= times
