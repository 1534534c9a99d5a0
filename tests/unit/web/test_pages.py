import json

import pytest
from tests.unit.web.hostile import CORPUS

from hubkeep import repos, search
from hubkeep.repos import Kind
from hubkeep.web.static import scripts

CARD = b"""---
license: mit
library_name: transformers
pipeline_tag: text-generation
tags:
- harbour
base_model: tidewater/base
---
# Bert of the harbour

See [the config](config.json), ![loss](figures/loss.png) and **tides**.
"""


def test_the_front_page_of_an_empty_hub_teaches_the_first_three_steps(site):
    html = site.browser().page("/")
    assert "Nothing is kept here yet" in html
    assert f"export HF_ENDPOINT={site.stores.settings.url}" in html
    assert "hf upload YOUR-NAME/my-model" in html


def test_the_front_page_lists_what_changed_last_and_hides_what_is_private(site):
    site.repo("ada/open")
    site.repo("ada/shut", private=True)
    assert 'href="/ada/open"' in site.browser().page("/")
    assert "ada/shut" not in site.browser().page("/")
    assert 'href="/ada/shut"' in site.browser("ada").page("/")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_list_and_its_empty_state_teaches(site, kind):
    html = site.browser().page(f"/{kind.plural}")
    assert "yet</h2>" in html
    assert "hf upload" in html


def test_a_list_is_narrowed_searched_sorted_and_paged(site):
    for number in range(32):
        site.repo(f"ada/log-{number:02}", Kind.DATASET)
    site.repo("ada/bert", files={"README.md": CARD})
    browser = site.browser()
    first = browser.page("/datasets?sort=created")
    assert first.count('class="repo-line ') == 30
    next_page = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.page(next_page)
    assert second.count('class="repo-line ') == 2
    assert 'href="/ada/log-00"' not in first
    assert "log-31" in browser.page("/datasets?search=log+31")
    assert "log-30" not in browser.page("/datasets?search=log+31")
    assert "ada/" in browser.page("/models?filter=license:mit")
    assert "Nothing fits" in browser.page("/models?filter=license:gpl")
    assert "ada/" in browser.page("/models?pipeline_tag=text-generation&library=transformers")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("after=xx", "after"),
        ("after=-1", "after"),
        ("after=99999999999999999999", "after"),
        ("sort=worst", "must be one of"),
        ("filter=" + ",".join("abcdefghijklmn"), "at most"),
        ("num_parameters=big", "num_parameters"),
        ("num_parameters=min:1B,least:2B", "num_parameters"),
        ("apps=teapot", "apps"),
    ],
)
def test_an_altered_list_address_is_a_400_that_says_why(site, query, says):
    assert says in site.browser().page(f"/models?{query}", 400)


def test_a_list_shows_how_many_fit_what_narrows_it_further(site):
    for name, license_ in (("a", "mit"), ("b", "mit"), ("c", "apache-2.0")):
        card = (
            f"---\nlicense: {license_}\npipeline_tag: fill-mask\nlibrary_name: transformers\n---\n".encode()
        )
        site.repo(f"ada/{name}", files={"README.md": card})
    browser = site.browser()
    html = browser.page("/models")
    assert (
        'href="/models?pipeline_tag=fill-mask" rel="nofollow"><span>Fill-Mask</span><span class="facet-number">3'
        in html
    )
    narrowed = browser.page("/models?filter=license:mit")
    assert '<span>Fill-Mask</span><span class="facet-number">2' in narrowed
    assert 'href="/models" rel="nofollow" aria-current="true"><span>mit</span>' in narrowed
    assert 'class="chip chip-on" href="/models"' in narrowed
    both = browser.page("/models?filter=license:mit&pipeline_tag=fill-mask&sort=likes")
    assert 'href="/models?filter=license:mit&amp;sort=likes"' in both


def test_models_are_narrowed_by_size_and_ordered_by_it(site):
    for name, count in (("small", 100), ("large", 3000)):
        header = json.dumps({"w": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}}).encode()
        content = len(header).to_bytes(8, "little") + header + bytes(count)
        furniture, repo = site.furniture(), site.repo(f"ada/{name}")
        furniture.commit_lines(repo, [furniture.large(repo, "model.safetensors", content)])
    browser = site.browser()
    html = browser.page("/models?sort=parameters")
    assert html.index("/ada/large") < html.index("/ada/small")
    assert "/ada/large" not in browser.page("/models?num_parameters=max:1K")


def test_a_card_is_rendered_with_links_into_the_repository(site):
    repo = site.repo("ada/bert", files={"README.md": CARD, "config.json": b"{}"})
    html = site.browser().page("/ada/bert")
    oid = html.split("/ada/bert/resolve/")[1].partition("/")[0]
    assert "<h1" in html
    assert "<strong>tides</strong>" in html
    assert 'href="/ada/bert/blob/main/config.json"' in html
    assert len(oid) == 40
    assert "license: mit" not in html  # front matter becomes facts
    assert 'href="/models?filter=license:mit"' in html
    assert "tidewater/base" in html  # it is not on this hub, so nothing leads there
    assert "pipeline(" in html
    assert repo.full_name in html


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind.MODEL, "/ada/x"),
        (Kind.DATASET, "/datasets/ada/x"),
        (Kind.SPACE, "/spaces/ada/x"),
        (Kind.KERNEL, "/kernels/ada/x"),
    ],
)
def test_every_kind_of_repository_has_its_pages(site, kind, path):
    site.repo("ada/x", kind, {"a.txt": b"hello\n"})
    browser = site.browser("ada")
    for page in ("", "/tree/main", "/blob/main/a.txt", "/commits/main", "/settings"):
        assert "/ada/x" in browser.page(path + page)


def test_a_repository_without_a_card_says_how_to_add_one(site):
    site.repo("ada/bare")
    assert "hf upload ada/bare README.md" in site.browser("ada").page("/ada/bare")
    assert "No card yet" in (html := site.browser().page("/ada/bare"))
    assert "hf upload ada/bare README.md" not in html


def test_a_folder_shows_sizes_marks_and_last_commits(site):
    repo = site.repo("ada/bert", files={"config.json": b"{}\n", "docs/guide.md": b"# Guide\n"})
    line = site.furniture().large(repo, "model.bin", b"\0" * 1500)
    site.furniture().commit_lines(repo, [line], "Add weights")
    html = site.browser().page("/ada/bert/tree/main")
    assert html.index(">docs<") < html.index("config.json")  # folders first
    assert "1.5 kB" in html
    assert "LFS" in html
    assert "Add weights" in html
    assert 'href="/ada/bert/resolve/main/model.bin?download=true"' in html
    assert 'href="/ada/bert/blob/main/docs/guide.md"' in site.browser().page("/ada/bert/tree/main/docs")


def test_a_large_folder_comes_in_pages_and_every_entry_once(site):
    names = [f"f{number:03}.txt" for number in range(230)]
    site.repo("ada/many", files=dict.fromkeys(names, b"x"))
    browser, path, seen = site.browser(), "/ada/many/tree/main", []
    while path:
        html = browser.page(path)
        seen += [name for name in names if f">{name}<" in html]
        path = (
            html.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
            if 'rel="next"' in html
            else ""
        )
    assert seen == names


def test_a_file_is_shown_as_source_with_lines_to_link_to(site):
    site.repo("ada/bert", files={"train.py": b"import os\n\nprint('<b>')\n"})
    html = site.browser().page("/ada/bert/blob/main/train.py")
    assert '<span class="l" id="L3"><a href="#L3">3</a>' in html
    assert "&lt;b&gt;" in html
    assert '<span class="k">import</span>' in html
    assert "3 lines · Python" in html


def test_markdown_files_are_rendered_and_their_source_is_one_click_away(site):
    site.repo("ada/bert", files={"docs/a.md": b"---\nx: 1\n---\n# Title\n\n[b](b.md)\n", "docs/b.md": b"b"})
    browser = site.browser()
    assert 'href="/ada/bert/blob/main/docs/b.md"' in browser.page("/ada/bert/blob/main/docs/a.md")
    plain = browser.page("/ada/bert/blob/main/docs/a.md?plain=1")
    assert 'id="L1"' in plain
    assert "<h1 id=" not in plain


@pytest.mark.parametrize(
    ("path", "content", "shown"),
    [
        ("a.csv", b"name,height\nlow,1.5\nhigh,4\n", '<td class="is-number">1.5</td>'),
        ("a.tsv", b"name\theight\nlow\t1.5\n", "<td>low</td>"),
        ("a.jsonl", b'{"a": 1, "b": "<i>"}\n{"a": 2, "c": [1]}\n', "<td>&lt;i&gt;</td>"),
        ("broken.jsonl", b"{\n", 'id="L1"'),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0", '<img src="/ada/x/resolve/main/a.png"'),
        ("a.svg", b"<svg onload='alert(1)'/>", '<img src="/ada/x/resolve/main/a.svg"'),
        ("a.wav", b"RIFF\0\0", "<audio src="),
        ("a.mp4", b"\0\0", "<video src="),
        ("empty.txt", b"", "This file is empty."),
        ("a.bin", b"\0\1\2", "This file is not text"),
        ("latin.txt", "ümlaut".encode("latin-1"), "This file is not text"),
        ("a.html", b"<script>alert(1)</script>", "alert"),
    ],
)
def test_files_are_shown_for_what_they_are(site, path, content, shown):
    site.repo("ada/x", files={path: content})
    html = site.browser().page(f"/ada/x/blob/main/{path}")
    assert shown in html
    assert "<script>alert" not in html


def test_the_tensors_of_a_safetensors_file_are_listed(site):
    repo = site.repo("ada/bert")
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    line = site.furniture().large(
        repo, "model.safetensors", len(header).to_bytes(8, "little") + header + bytes(24)
    )
    site.furniture().commit_lines(repo, [line])
    html = site.browser().page("/ada/bert/blob/main/model.safetensors")
    assert "2 \u00d7 3" in html
    assert "<b>6</b>" in html
    assert line["value"]["oid"] in html


def test_a_file_over_the_limit_is_cut_at_a_line(site):
    site.repo("ada/bert", files={"big.txt": b"a line of text\n" * 60_000})
    html = site.browser().page("/ada/bert/blob/main/big.txt")
    assert "The rest is not shown" in html
    assert len(html) < 1_500_000


def test_a_folder_where_a_file_was_asked_for_and_the_other_way_round_lead_there(site):
    site.repo("ada/bert", files={"docs/a.md": b"a"})
    browser = site.browser()
    assert browser.get("/ada/bert/blob/main/docs").headers["location"] == "/ada/bert/tree/main/docs"
    assert browser.get("/ada/bert/tree/main/docs/a.md").headers["location"] == "/ada/bert/blob/main/docs/a.md"


def test_history_and_commits_are_shown_with_their_differences(site):
    repo = site.repo("ada/bert", files={"a.txt": b"one\ntwo\n"})
    oid = site.commit(repo, {"a.txt": b"one\nthree\n", "b.txt": b"new\n"}, "Change a word", "because")
    browser = site.browser()
    assert "3 commits" in browser.page("/ada/bert/commits/main")
    html = browser.page(f"/ada/bert/commit/{oid}")
    assert "because" in html
    assert '<td class="text">two</td>' in html
    assert '<td class="text">three</td>' in html
    assert ">added<" in html
    first = browser.page(f"/ada/bert/commits/{oid}").rpartition("/ada/bert/commit/")[2][:40]
    assert ".gitattributes" in browser.page(f"/ada/bert/commit/{first}")
    assert browser.get(f"/ada/bert/commit/{oid[:8]}").headers["location"] == f"/ada/bert/commit/{oid}"


def test_branches_with_a_slash_and_special_names_have_pages(site):
    repo = site.repo("ada/bert", files={"dir/ü & #?.txt": b"hello\n"})
    repos.create_branch(site.stores, site.ada, repo.kind, repo.full_name, "feature/x", None)
    repos.create_tag(site.stores, site.ada, repo.kind, repo.full_name, "v1.0", "main", None)
    browser = site.browser()
    html = browser.page("/ada/bert/tree/feature%2Fx/dir")
    path = "/ada/bert/blob/feature%2Fx/dir/%C3%BC%20&amp;%20%23%3F.txt"
    assert path in html
    assert "hello" in browser.page(path.replace("&amp;", "&"))
    assert 'href="/ada/bert/tree/v1.0/dir"' in html


def test_profiles_show_people_organizations_and_what_the_viewer_may_see(site):
    site.repo("tidewater/open")
    site.repo("tidewater/shut", private=True)
    html = site.browser().page("/tidewater")
    assert "Tidewater Institute" in html
    assert 'href="/ada"' in html
    assert "tidewater/shut" not in html.replace("</span>", "")
    assert "shut" in site.browser("eve").page("/tidewater")
    assert 'href="/tidewater"' in site.browser().page("/ada")
    assert "ada@example.org" not in site.browser("eve").page("/ada")


def test_search_finds_every_kind_by_words_of_the_name(site):
    site.repo("ada/harbour-model")
    site.repo("ada/harbour-data", Kind.DATASET)
    html = site.browser().page("/search?q=harbour+ada")
    assert "/ada/harbour-model" in html
    assert "/datasets/ada/harbour-data" in html
    assert "Nothing is called that" in site.browser().page("/search?q=%3Cscript%3Ealert(1)")
    assert 'href="/tidewater"' in site.browser().page("/search?q=tide")


def test_search_says_how_many_there_are_where_all_were_counted(site, monkeypatch):
    for number in range(7):
        site.repo(f"ada/harbour-{number}")
    assert ">All 7</a>" in site.browser().page("/search?q=harbour")
    monkeypatch.setattr(search, "COUNTED", 7)
    assert ">All that fit</a>" in site.browser().page("/search?q=harbour")


def test_search_inside_cards_marks_the_words_and_hides_what_is_private(site):
    card = b"# Tides\n\nAbout <b>spring</b> tides & neap tides.\n\n`<script>alert(1)</script>` spring"
    site.repo("ada/open", files={"README.md": card})
    site.repo("ada/shut", files={"README.md": card}, private=True)
    site.work()
    html = site.browser().page("/search?q=spring&in=cards")
    assert "<mark>spring</mark>" in html
    assert "/ada/open" in html
    assert "/ada/shut" not in html
    assert "<script>alert" not in html
    assert "/ada/shut" in site.browser("ada").page("/search?q=spring&in=cards")
    assert "No card says that" in site.browser().page("/search?q=zebra&in=cards")
    site.browser().page("/search?q=spring&in=cards&p=99", 400)


SIGNS = (
    *(
        "onerror=alert(1)>",
        "<iframe",
        "<object",
        "<embed",
        "<base",
        "<svg onload",
        "<form action=https",
        "<style",
    ),
    *(
        'href="javascript',
        'src="javascript',
        "<plaintext",
        "<xss",
        "<marquee",
        "<body onload",
        'href="//',
        'class="top skip',
    ),
)


def test_no_hostile_text_leaves_its_place_on_a_page(site):
    texts = {f"{number:03}": text for number, text in enumerate(CORPUS)}
    files = {f"{name}.md": text.encode() for name, text in texts.items()}
    files |= {f"{name}.csv": json.dumps({"a": text}).encode() for name, text in texts.items()}
    files |= {"README.md": "\n\n".join(CORPUS[:20]).encode(), "<b onclick=alert(1)>.txt": b"x"}
    oid = site.commit(
        site.repo("ada/x"), files, "<script>alert(1)</script>", "\n".join(CORPUS).replace("\0", "")
    )
    browser = site.browser()
    pages = ["/ada/x", "/ada/x/tree/main", "/ada/x/commits/main", f"/ada/x/commit/{oid}"]
    pages += [f"/ada/x/blob/main/{name}.{end}" for name in texts for end in ("md", "md?plain=1", "csv")]
    for page in pages:
        html = browser.page(page)
        ours = len(scripts()) + html.count("page/diagrams.js")
        assert html.count("<script") == ours, page
        for sign in SIGNS:
            assert sign not in html, (page, sign)
