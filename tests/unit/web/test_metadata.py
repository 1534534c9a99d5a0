"""The form above a card, as it works without a script: what was changed in it goes into the text, and into the same commit."""

import html
import re

import pytest
from tests.unit.web.conftest import form_token
from tests.unit.web.test_editing import content, fields_of, log

from hubkeep.repos import Kind, parse_front_matter
from hubkeep.web.metadata_fields import FIELDS, choices

CARD = "---\n# ours\nlicense: mit  # since May\nlanguage:\n- en\nwidget:\n- text: hello\n---\n# Bert\n"
PAGE = "/ada/bert/edit/main/README.md"


@pytest.fixture
def bert(site):
    return site.repo("ada/bert", files={"README.md": CARD.encode()})


def text_of(page):
    """Return what stands in the box of the text."""
    (found,) = re.findall(r'<textarea[^>]* name="text"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    return html.unescape(found).replace("\r\n", "\n")


def shown(page):
    """Return what every field of the form shows."""
    found = re.findall(r'<input type="hidden" name="(was\.\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def send(browser, page_url, do="commit", text=None, **typed):
    """Open the editor and send it with some fields of the form changed, the others as they were."""
    page = browser.page(page_url)
    was = shown(page)
    fields = {name.replace("was.", "meta."): value for name, value in was.items()}
    fields |= was | fields_of(page) | {"form_token": form_token(page), "do": do, "path": "README.md"}
    fields["text"] = (text if text is not None else text_of(page)).replace("\n", "\r\n")
    return browser.post(page_url, data=fields | {f"meta.{key}": value for key, value in typed.items()})


def test_what_the_card_says_stands_in_the_form(site, bert):
    found = shown(site.browser("ada").page(PAGE))
    assert found["was.license"] == "mit"
    assert found["was.language"] == "en"
    assert found["was.pipeline_tag"] == ""


def test_changed_fields_go_into_the_same_commit_and_leave_the_rest_alone(site, bert):
    before = len(log(site, bert))
    answer = send(
        site.browser("ada"),
        PAGE,
        license="apache-2.0",
        language="en, de",
        pipeline_tag="fill-mask",
        base_model="eve/big",
    )
    assert answer.status_code == 303
    assert len(log(site, bert)) == before + 1
    assert content(site, bert, "README.md").decode() == (
        "---\n# ours\nlicense: apache-2.0  # since May\nlanguage:\n- en\n- de\nwidget:\n- text: hello\n"
        "pipeline_tag: fill-mask\nbase_model: eve/big\n---\n# Bert\n"
    )


def test_the_text_wins_where_the_form_was_left_as_it_was(site, bert):
    send(site.browser("ada"), PAGE, text=CARD.replace("mit", "bsd"), tags="a, b,, a ")
    data = parse_front_matter(content(site, bert, "README.md").decode()).data
    assert (data["license"], data["tags"]) == ("bsd", ["a", "b"])


def test_a_button_puts_it_into_the_text_without_committing(site, bert):
    before = len(log(site, bert))
    page = send(site.browser("ada"), PAGE, do="metadata", license="", tags="x").text
    assert text_of(page) == CARD.replace("license: mit  # since May\n", "").replace(
        "hello\n---", "hello\ntags:\n- x\n---"
    )
    assert shown(page)["was.tags"] == "x"
    assert len(log(site, bert)) == before
    page = send(site.browser("ada"), PAGE, do="changes", license="bsd").text
    assert "bsd" in page.partition("data-looked")[2]


def test_a_card_that_is_not_there_yet_is_made_of_the_form(site):
    repo = site.repo("ada/empty", files={"a.txt": b"x"})
    answer = send(site.browser("ada"), "/ada/empty/new/main?filename=README.md", license="mit", tags="first")
    assert answer.status_code == 303, answer.text
    text = content(site, repo, "README.md").decode()
    assert text.startswith("---\nlicense: mit\ntags:\n- first\n---\n\n# empty\n")


def test_who_may_only_read_proposes_with_the_same_form(site, bert):
    answer = send(site.browser("eve"), PAGE, license="bsd")
    assert answer.status_code == 403
    page = site.browser("eve")
    was = shown(page.page(PAGE))
    fields = was | fields_of(page.page(PAGE)) | {"form_token": form_token(page.page(PAGE)), "do": "commit"}
    fields |= {"meta.license": "bsd", "way": "propose", "path": "README.md", "text": CARD}
    answer = page.post(PAGE, data=fields)
    assert answer.headers["location"] == "/ada/bert/discussions/1"
    assert b"license: bsd" in content(site, bert, "README.md", "refs/pr/1")


def test_metadata_that_cannot_be_read_closes_the_form_and_nothing_that_was_chosen_is_lost(site, bert):
    browser = site.browser("ada")
    broken = CARD.replace("license: mit", "license: [mit")
    answer = send(browser, PAGE, text=broken, tags="x")
    assert answer.status_code == 400
    assert "is not in the text yet" in answer.text
    assert '<input type="hidden" name="meta.tags" value="x">' in answer.text
    assert text_of(answer.text) == broken
    assert content(site, bert, "README.md").decode() == CARD


def test_what_only_the_text_can_change_is_not_offered(site):
    site.repo(
        "ada/odd", files={"README.md": b"---\nlicense: [mit, bsd]\ntags:\n- a, b\nmetrics:\n- x: 1\n---\n"}
    )
    page = site.browser("ada").page("/ada/odd/edit/main/README.md")
    assert page.count("only the text can change") == 3
    assert "was.license" not in shown(page)


def test_what_the_validator_says_stands_beside_its_field(site, bert):
    site.repo("ada/app", Kind.SPACE, files={"README.md": b"---\nsdk: static\n---\n"})
    url = "/spaces/ada/app/edit/main/README.md"
    answer = send(site.browser("ada"), url, text="---\nsdk: cobol\n---\n")
    assert answer.status_code == 400
    assert 'id="hk-meta-sdk-wrong"' in answer.text
    assert '<option value="cobol" selected>' in answer.text


def test_hostile_values_are_text_in_the_form_and_in_the_card(site, bert):
    evil = '"><script>alert(1)</script>'
    page = send(site.browser("ada"), PAGE, do="metadata", license=evil, tags="a: b\n---\nx, #c").text
    assert "<script>alert" not in page
    data = parse_front_matter(text_of(page)).data
    assert data["license"] == evil
    assert data["tags"] == ["a: b", "---", "x", "#c"]
    assert data["widget"] == [{"text": "hello"}]


def test_other_files_have_no_such_form(site, bert):
    site.commit(bert, {"docs/README.md": b"# x\n"})
    for path in ("/ada/bert/edit/main/docs/README.md", "/ada/bert/new/main"):
        assert "data-metadata" not in site.browser("ada").page(path)


def test_every_list_to_choose_from_is_known():
    for kind in Kind:
        for field in FIELDS[kind]:
            assert not field.choices or choices()[field.choices], field.key
            assert not field.closed or field.choices
