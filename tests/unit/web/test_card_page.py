import json

import pytest
from tests.unit.repos.ggufs import llama
from tests.unit.web.hostile import CORPUS

from hubkeep import search
from hubkeep.community import pulls
from hubkeep.repos import Kind
from hubkeep.web.charts import bar, sparkline
from hubkeep.web.static import scripts


def card(text: str, body: str = "# Title\n") -> bytes:
    return f"---\n{text}\n---\n{body}".encode()


def test_downloads_are_drawn_day_by_day_and_told_in_words(site):
    repo = site.repo()
    with site.stores.db.write() as tx:
        search.add_downloads(tx, {repo.id: 5})
    html = site.browser().page("/ada/bert")
    assert 'role="img" aria-label="Downloads, day by day for 30 days: 0, ' in html
    assert html.count(", 0") >= 28
    assert "<b>5</b><span>downloads in 30 days</span>" in html
    assert 'class="spark"' not in site.browser().page(f"/{site.repo('ada/none').full_name}")


def test_weights_say_how_many_of_what(site):
    header = json.dumps(
        {
            name: {"dtype": dtype, "shape": [10, n], "data_offsets": [0, 1]}
            for name, dtype, n in (("a", "BF16", 300), ("b", "F32", 2))
        }
    ).encode()
    tokenizer = json.dumps({"chat_template": "{{ '<b>' }}"}).encode()
    files = {
        "model.safetensors": len(header).to_bytes(8, "little") + header,
        "tokenizer_config.json": tokenizer,
    }
    site.repo(files=files | {"config.json": b'{"model_type": "bert"}'})
    html = site.browser().page("/ada/bert")
    assert "<b>3k</b><span>parameters</span>" in html
    assert "<dt>BF16</dt><dd>3k</dd>" in html
    assert "<dt>Architecture</dt><dd>bert</dd>" in html
    assert "{{ &#39;&lt;b&gt;&#39; }}" in html


def test_a_gguf_says_its_architecture_context_and_how_to_run_it(site):
    site.repo(
        files={
            "README.md": card("pipeline_tag: text-generation"),
            "m.Q4_K_M.gguf": llama(),
            "m.Q8_0.gguf": llama(),
        }
    )
    html = site.browser().page("/ada/bert")
    assert "<dt>Context</dt><dd>8,192 tokens</dd>" in html
    assert 'filename=<span class="s">&quot;m.Q4_K_M.gguf&quot;</span>' in html or "m.Q4_K_M.gguf" in html
    assert "llama-server -hf ada/bert" in html
    assert "ollama create bert" in html


def test_the_model_tree_goes_up_the_line_and_counts_what_is_below(site):
    site.repo("ada/base")
    site.repo("ada/mid", files={"README.md": card("base_model: ada/base")})
    site.repo("ada/leaf", files={"README.md": card("base_model: ada/mid"), "adapter_config.json": b"{}"})
    site.repo("ada/hidden", files={"README.md": card("base_model: ada/mid")}, private=True)
    browser = site.browser()
    leaf = browser.page("/ada/leaf").partition('class="tree')[2].partition("</ol>")[0]
    assert leaf.index('href="/ada/base"') < leaf.index('href="/ada/mid"') < leaf.index("<b>leaf</b>")
    assert "Adapter" in leaf
    mid = browser.page("/ada/mid")
    assert 'href="/models?filter=base_model:adapter:ada/mid">Adapters</a><span class="soft">1<' in mid
    assert "Fine-tunes" not in mid  # the private one is not counted
    assert "ada/leaf" in browser.page("/models?filter=base_model:adapter:ada/mid")


def test_models_that_name_each_other_have_pages_all_the_same(site):
    site.repo("ada/self", files={"README.md": card("base_model: ada/self\nnew_version: ada/self")})
    site.repo("ada/a", files={"README.md": card("base_model: ada/b\nnew_version: ada/b")})
    site.repo("ada/b", files={"README.md": card("base_model: ada/c\nnew_version: ada/c")})
    site.repo("ada/c", files={"README.md": card("base_model: ada/a\nnew_version: ada/a")})
    browser = site.browser()
    for name in ("self", "a", "b", "c"):
        html = browser.page(f"/ada/{name}")
        assert html.partition('class="tree')[2].partition("</ol>")[0].count("<li>") <= 3
    assert "There is a newer version" not in browser.page("/ada/self")
    assert 'newer version: <a href="/ada/c"' in browser.page("/ada/a")


def test_a_base_model_that_the_viewer_may_not_see_is_only_a_name(site):
    site.repo("ada/secret", private=True)
    site.repo("ada/child", files={"README.md": card("base_model: [ada/secret, ada/none, '<b>/x']")})
    stranger, owner = site.browser().page("/ada/child"), site.browser("ada").page("/ada/child")
    assert 'href="/ada/secret"' not in stranger
    assert 'href="/ada/secret"' in owner
    assert 'href="/ada/none"' not in owner
    assert "<b>/x" not in owner
    assert "from 3 models" in owner


def test_what_uses_a_repository_is_named_and_listed(site):
    site.repo("ada/tides", Kind.DATASET)
    site.repo(
        "ada/tool", Kind.SPACE, {"README.md": card("sdk: static\nmodels: [ada/bert]\ndatasets: [ada/tides]")}
    )
    site.repo(files={"README.md": card("datasets: [ada/tides]")})
    browser = site.browser()
    data = browser.page("/datasets/ada/tides")
    assert "Models trained on it" in data
    assert 'href="/ada/bert"' in data
    assert 'href="/spaces/ada/tool"' in data
    assert 'href="/spaces/ada/tool"' in browser.page("/ada/bert")
    assert "tool" in browser.page("/spaces?models=ada/bert")
    assert "Nothing fits" in browser.page("/spaces?models=ada/other")


RESULTS = b"""
- dataset: {id: ada/bench, task_id: arc}
  value: 61.25
  source: {url: "javascript:alert(1)"}
- dataset: {id: "<b>", task_id: "<script>"}
  value: "<img src=x>"
"""


def test_results_are_a_table_with_bars(site):
    index = (
        "model-index:\n- results:\n  - task: {type: x}\n    dataset: {type: ada/other, name: Other}\n"
        "    metrics:\n    - {type: acc, value: 0.5, verified: true}\n    - {type: ppl, value: 1234.5}\n    - {type: bad, value: .nan}\n"
    )
    site.repo(files={"README.md": card(index), ".eval_results/a.yaml": RESULTS})
    html = site.browser().page("/ada/bert")
    table = html.partition('id="hk-results"')[2].partition("</section>")[0]
    assert '<th scope="row">arc</th>' in table
    assert 'class="bar-part" width="61.' in table  # the bar; 61.25 beside it
    assert ">61.25</td>" in table
    assert 'width="50"' in table
    assert "verified" in table
    assert ">1,234</td>" in table or ">1234" in table
    for bad in ("javascript:", "<script", "<img", "<b>"):
        assert bad not in table


def test_results_that_a_pull_request_proposes_are_shown_with_the_way_to_it(site):
    repo = site.repo()
    lines = [
        {"key": "header", "value": {"summary": "Measured it"}},
        {
            "key": "file",
            "value": {"path": ".eval_results/a.yaml", "content": RESULTS.decode(), "encoding": "utf-8"},
        },
    ]
    body = site.stores.scratch / "proposal"
    body.write_text("".join(json.dumps(line) + "\n" for line in lines))
    pulls.open_with_commit(site.stores, site.eve, repo.kind, repo.full_name, "main", body)
    assert "proposed in" not in site.browser().page(f"/{repo.full_name}")
    site.work()
    assert f'class="badge" href="/{repo.full_name}/discussions/1"' in site.browser().page(
        f"/{repo.full_name}"
    )
    assert "proposed in #1" in site.browser().page(f"/{repo.full_name}")


@pytest.mark.parametrize("text", CORPUS)
def test_a_hostile_word_in_metadata_stays_a_word(site, text):
    data = {
        "license": "other",
        "license_name": text,
        "license_link": text,
        "library_name": text,
        "pipeline_tag": text,
        "tags": [text],
        "datasets": [text],
        "base_model": [text],
        "new_version": text,
        "citation": text,
        "model-index": [
            {
                "results": [
                    {
                        "task": {"type": text},
                        "dataset": {"name": text, "type": text},
                        "metrics": [{"type": text, "value": text}],
                    }
                ]
            }
        ],
    }
    site.repo(
        files={"README.md": b"---\n" + json.dumps(data).replace("\\u0000", "").encode() + b"\n---\n# x\n"}
    )
    html = site.browser().page("/ada/bert")
    assert html.count("<script") == len(scripts())
    side = html.partition('<aside class="side"')[2].partition("</aside>")[0]
    assert "<img" not in side
    assert "javascript:" not in side.replace("&#", "") or 'href="javascript' not in side


def test_a_licence_leads_to_its_text(site):
    site.repo(
        files={
            "README.md": card("license: other\nlicense_name: keep-1\nlicense_link: LICENSE"),
            "LICENSE": b"x",
        }
    )
    assert 'href="/ada/bert/blob/main/LICENSE">keep-1</a>' in site.browser().page("/ada/bert")


def test_code_follows_the_library_and_the_files(site):
    site.repo(files={"README.md": card("library_name: timm")})
    site.repo("ada/tides", Kind.DATASET, {"data/a.jsonl": b"{}", "data/b'; DROP.csv": b""})
    browser = site.browser()
    assert "hf-hub:ada/bert" in browser.page("/ada/bert")
    html = browser.page("/datasets/ada/tides")
    assert "hf://datasets/ada/tides/data/a.jsonl" in html
    assert "DROP" not in html
    assert (
        f"FROM &#39;{site.stores.settings.url}/datasets/ada/tides/resolve/main/data/a.jsonl&#39; LIMIT"
        in html
        or "LIMIT" in html
    )


def test_a_card_too_long_to_show_says_so(site):
    site.furniture().commit_entries(site.repo(), {"README.md": (0o100644, b"# x\n" * (2 << 20))}, "Long")
    browser = site.browser()
    for page in ("", "/blob/main/README.md"):
        assert "too long to show" in browser.page(f"/ada/bert{page}")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 52428800\n"
    site.furniture().commit_entries(site.repo("ada/large"), {"README.md": (0o100644, pointer)}, "Larger")
    assert "too long to show" in browser.page("/ada/large")


def test_a_card_not_for_everybody_is_folded(site):
    site.repo(files={"README.md": card("tags: [not-for-all-audiences]")})
    html = site.browser().page("/ada/bert")
    assert "not for all audiences" in html
    assert '<details class="panel hidden-card">' in html


def test_a_diagram_loads_its_script_and_a_frame_that_may_load_nothing(site):
    site.repo(files={"README.md": b"```mermaid\ngraph LR\n a-->b\n```\n"})
    browser = site.browser()
    assert "page/diagrams.js" in browser.page("/ada/bert")
    assert "page/diagrams.js" not in browser.page(
        f"/{site.repo('ada/other', files={'README.md': b'# x'}).full_name}"
    )
    frame = browser.get("/-/diagram")
    policy = frame.headers["content-security-policy"]
    assert "sandbox allow-scripts;" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy


def test_charts_hold_any_number():
    for value in (float("nan"), float("inf"), -1.0, 1e300, 0.0):
        assert 0 <= float(str(bar(value, 1.0)).split('bar-part" width="')[1].split('"')[0]) <= 100
        assert "nan" not in bar(value, 1.0)
    assert "nan" not in sparkline([], "x")
    assert sparkline([0, 0], "<b>").count("<b>") == 0


def test_info_says_what_the_page_shows(site):
    site.repo("ada/child", files={"README.md": card("base_model: ada/bert")})
    site.repo()
    with site.stores.db.read() as tx:
        found = search.linked(tx, site.eve, Kind.MODEL, "Ada/BERT")
    assert found.children == {"finetune": 1}


def test_a_card_of_nothing_but_metadata_says_how_to_write_one(site):
    site.repo(files={"README.md": card("license: mit", "")})
    html = site.browser().page("/ada/bert")
    assert "No card yet" in html
    assert "MIT" in html


def test_a_dataset_shows_the_models_that_did_best_on_it(site):
    site.repo("ada/bench", Kind.DATASET)
    site.repo(files={".eval_results/a.yaml": RESULTS})
    board = (
        site.browser()
        .page("/datasets/ada/bench")
        .partition('id="hk-leaderboard"')[2]
        .partition("</section>")[0]
    )
    assert 'href="/ada/bert"' in board
    assert "1. ada/bert" in board
    assert "61.25" in board
    assert "hk-leaderboard" not in site.browser().page("/ada/bert")
