import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tools.growth import assert_in_proportion
from tests.unit.web.hostile import CORPUS
from tests.unit.web.policy import breaches

from hubkeep.web.markdown import Place, render
from hubkeep.web.markdown.links import link_target

PLACE = Place("/ada/bert/blob/main/", "/ada/bert/tree/main/", "/ada/bert/resolve/c0ffee/")


def shown(text, folder=""):
    return PLACE.complete(render(text, folder).html)


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_content_is_reduced_to_what_can_only_be_read(text):
    assert breaches(render(text).html) == []


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(CORPUS)
        | st.text(max_size=20)
        | st.sampled_from(["\n\n", "<div>", "</div>", "> ", "- ", "`", "\\"]),
        max_size=8,
    )
)
def test_no_mixture_of_hostile_pieces_breaks_the_policy(pieces):
    assert breaches(render("".join(pieces)).html) == []


@settings(max_examples=300)
@given(st.text(alphabet="<>/\"'=&;:# \n\t`*_[]()!-javscriptonerimgdhf\x00\\", max_size=80))
def test_no_text_breaks_the_policy(text):
    assert breaches(render(text).html) == []


@settings(max_examples=300)
@given(st.text(max_size=60), st.sampled_from(["", "docs", "a/b"]))
def test_a_relative_link_never_leaves_the_repository(url, folder):
    target = link_target(url, folder)
    if target is None or target.startswith(("http://", "https://", "mailto:", "#")):
        return
    full = PLACE.complete(target)
    assert full.startswith("/")
    assert not full.startswith("//")
    assert "/../" not in full + "/"


@pytest.mark.parametrize(
    ("written", "leads_to"),
    [
        ("[a](docs/guide.md)", 'href="/ada/bert/blob/main/docs/guide.md"'),
        ("[a](docs/guide.md#setup)", 'href="/ada/bert/blob/main/docs/guide.md#setup"'),
        ("[a](./docs/)", 'href="/ada/bert/tree/main/docs"'),
        ("[a](../../x.md)", 'href="/ada/bert/blob/main/x.md"'),
        ("[a](<a b.md>)", 'href="/ada/bert/blob/main/a%20b.md"'),
        ("[a](#setup)", 'href="#setup"'),
        ("[a](/datasets/ada/squad)", 'href="/datasets/ada/squad"'),
        ("[a](https://x.example/y?z=1)", 'href="https://x.example/y?z=1"'),
        ("<a href='docs/guide.md'>a</a>", 'href="/ada/bert/blob/main/docs/guide.md"'),
        ("![a](fig/one.png)", 'src="/ada/bert/resolve/c0ffee/fig/one.png"'),
        ("<img src='fig/one.png' width='50%'>", 'src="/ada/bert/resolve/c0ffee/fig/one.png" width="50%"'),
        ("<img src='data:image/png;base64,iVBORw0='>", 'src="data:image/png;base64,iVBORw0="'),
        ("<video src='demo.mp4'></video>", 'src="/ada/bert/resolve/c0ffee/demo.mp4"'),
        (
            "<source srcset='a.png 1x, b.png 2x'>",
            'srcset="/ada/bert/resolve/c0ffee/a.png 1x, /ada/bert/resolve/c0ffee/b.png 2x"',
        ),
    ],
)
def test_relative_addresses_lead_into_the_repository(written, leads_to):
    assert leads_to in shown(written)


def test_links_of_a_file_in_a_folder_start_there():
    assert 'href="/ada/bert/blob/main/docs/b.md"' in shown("[b](b.md)", "docs")
    assert 'href="/ada/bert/blob/main/b.md"' in shown("[b](../b.md)", "docs")


def test_outside_links_and_images_tell_nothing_about_the_reader():
    html = shown("[x](https://x.example) ![i](https://x.example/i.png)")
    assert 'rel="nofollow noopener ugc"' in html
    assert 'referrerpolicy="no-referrer"' in html


def test_github_flavours_are_understood():
    html = shown(
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n- [ ] open\n- [x] done\n\n> [!WARNING]\n> hot\n\n~~gone~~\n\nsee[^1]\n\n[^1]: note\n"
    )
    assert '<th align="right">b</th>' in html
    assert html.count('type="checkbox"') == 2
    assert 'class="markdown-alert markdown-alert-warning"' in html
    assert "<s>gone</s>" in html
    assert 'class="footnotes"' in html


def test_html_that_authors_use_in_cards_stays():
    text = "<p align='center'><img src='a.png' width=200 height=100></p>\n<details><summary>More</summary>\n\n**in**\n\n</details>\n<kbd>Ctrl</kbd> H<sub>2</sub>O<sup>2</sup>"
    html = shown(text)
    for part in (
        '<p align="center">',
        'width="200" height="100"',
        "<details><summary>More</summary>",
        "<strong>in</strong>",
        "<kbd>",
        "<sub>",
        "<sup>",
    ):
        assert part in html


def test_headings_get_ids_and_repeats_are_numbered():
    found = render("# Use it\n\n## Set *up* `now`!\n\n## Use it\n\n# ???\n\n# hk-main")
    assert [(h.level, h.id, h.text) for h in found.headings] == [
        (1, "use-it", "Use it"),
        (2, "set-up-now", "Set up now!"),
        (2, "use-it-1", "Use it"),
        (1, "section", "???"),
        (1, "-hk-main", "hk-main"),
    ]
    assert '<h2 id="set-up-now">' in found.html


def test_code_is_coloured_with_classes_only():
    html = shown("```python\ndef f():\n    return 1\n```")
    assert '<span class="k">def</span>' in html
    assert "style=" not in html


def test_mathematics_becomes_mathml_with_its_source():
    html = shown("It costs $5 or $6, and $a_1*b*c_2$.\n\n$$\n\\frac{a}{b}\n$$\n\nAlso \\\\(x < y\\\\).\n")
    assert "costs $5 or $6" in html
    assert "<msub><mi>a</mi><mn>1</mn></msub>" in html
    assert '<annotation encoding="application/x-tex">a_1*b*c_2</annotation>' in html
    assert '<div class="formula-block"><math display="block">' in html
    assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>" in html
    assert "<mi>x</mi><mo>&lt;</mo><mi>y</mi>" in html


@pytest.mark.parametrize("tex", [r"\frac", "{" * 3000, "x" * 5000, r"\left("])
def test_a_formula_that_cannot_be_read_stays_as_it_was_written(tex):
    html = shown(f"$${tex}$$")
    assert tex[:50] in html
    assert "<math" not in html


def test_formulas_of_a_card_are_bounded_together():
    def show(count: int) -> None:
        html = shown(" ".join(f"$x_{{{n}}}+y_{{{n}}}$" for n in range(count)))
        assert html.count("<math") * len("x_{1}+y_{1}") <= 60_000
        assert "\\frac" not in html

    assert_in_proportion(show, 8_000)


def test_a_card_cannot_ask_for_the_formula_of_another():
    assert "<math" not in shown("hk0123456789abcdef01234567m0/")


def test_a_diagram_is_text_until_it_is_drawn():
    found = render("```mermaid\ngraph LR\n  a --> b\n```\n")
    assert found.diagrams
    assert '<pre class="diagram"><code>graph LR\n  a --&gt; b\n</code></pre>' in found.html
    assert not render("```python\nmermaid\n```").diagrams


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "]",
        "*a **a ",
        "`a ``",
        "> ",
        "- ",
        "<",
        "<a ",
        "<!--",
        "|a",
        "&",
        "$a ",
        "[^a]",
        "a@b.c ",
        "www.",
        "~",
        "\\",
        "<div>",
        "# a\n",
        "[a][",
        "http://a ",
    ],
)
def test_no_repetition_makes_rendering_slow(piece):
    def show(length: int) -> None:
        assert breaches(render(piece * (length // len(piece))).html) == []

    assert_in_proportion(show, 30_000)


def test_a_card_over_the_limit_is_cut():
    found = render("word " * 100_000)
    assert found.cut
    assert len(found.html) < 500_000
