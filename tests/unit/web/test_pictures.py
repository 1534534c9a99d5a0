"""Choosing a picture, and where it is seen."""

import io
import re

import pytest
from PIL import Image
from tests.unit.web.conftest import form_token

from hubkeep import accounts

PROFILE = "/settings/profile"
ORG = "/organizations/tidewater/settings/profile"
SHOWN = re.compile(r'<img class="avatar[^"]*" src="/avatars/([0-9a-f]{32}\.webp)"')


def png(colour=(10, 120, 200)):
    out = io.BytesIO()
    Image.new("RGB", (90, 90), colour).save(out, "PNG")
    return out.getvalue()


def send(browser, page, data, do="keep", name="cat.png"):
    fields = {"form_token": form_token(browser.page(page)), "do": do}
    return browser.post(f"{page}/picture", data=fields, files={"picture": (name, data, "image/png")})


def test_a_picture_is_chosen_seen_and_taken_away(site):
    browser = site.browser("ada")
    assert SHOWN.search(browser.page("/ada")) is None
    answer = send(browser, PROFILE, png())
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PROFILE}?done=picture")
    page = browser.page(answer.headers["location"])
    assert "This is the picture now." in page
    (name,) = dict.fromkeys(SHOWN.findall(page))
    for place in ("/ada", "/"):
        assert name in browser.page(place)
    assert name in site.browser().page("/ada")
    answer = browser.send(f"{PROFILE}/picture", {"do": "remove"}, at=PROFILE)
    assert answer.headers["location"] == f"{PROFILE}?done=drawn"
    assert name not in browser.page("/ada")


def test_a_page_looks_pictures_up_once_whoever_is_on_it(site):
    send(site.browser("ada"), PROFILE, png())
    page = site.browser().page("/tidewater")
    assert len(SHOWN.findall(page)) == 1  # of ada, not of eve
    assert 'class="avatar shade-' in page
    assert not re.search(r"hk[0-9a-f]{24}p", page)


def test_git_authors_have_no_picture_for_anybody_may_write_their_name(site):
    send(site.browser("ada"), PROFILE, png())
    site.repo("ada/bert", files={"README.md": b"# Bert"})
    page = site.browser().page("/ada/bert/commits/main")
    assert 'class="avatar' in page
    assert SHOWN.search(page.partition("<main")[2]) is None


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 400, "choose a file"),
        (b'<svg onload="alert(1)"/>', 422, "must be PNG, JPEG, WebP or GIF"),
        (png()[:60], 422, "cut off or broken"),
        (bytes(5 << 20), 413, "over the limit"),
    ],
)
def test_a_refusal_says_why_and_keeps_the_profile_as_it_was(site, data, status, said):
    browser = site.browser("ada")
    answer = send(browser, PROFILE, data)
    assert answer.status_code == status
    assert said in answer.text
    assert 'value="Ada Lovelace"' in answer.text


def test_administrators_choose_the_picture_of_their_organization(site):
    answer = send(site.browser("ada"), ORG, png())
    assert answer.headers["location"] == f"{ORG}?done=picture"
    assert SHOWN.search(site.browser().page("/tidewater"))
    with site.stores.db.read() as tx:
        before = accounts.owner_named(tx, "tidewater").avatar
    eve = site.browser("eve")
    fields = {"form_token": form_token(eve.page(PROFILE)), "do": "keep"}
    answer = eve.post(
        f"{ORG}/picture", data=fields, files={"picture": ("a.png", png((1, 2, 3)), "image/png")}
    )
    assert answer.status_code == 403
    with site.stores.db.read() as tx:
        assert accounts.owner_named(tx, "tidewater").avatar == before


def test_a_form_without_its_token_is_refused(site):
    browser = site.browser("ada")
    token = form_token(site.browser("eve").page(PROFILE))
    for fields in ({}, {"form_token": "x"}, {"form_token": token}):
        files = {"picture": ("a.png", png(), "image/png")}
        assert (
            browser.post(f"{PROFILE}/picture", data=fields | {"do": "keep"}, files=files).status_code == 403
        )
    answer = browser.post(
        f"{PROFILE}/picture",
        content=b"--x\r\nbroken",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code in (400, 403)
    many = [("picture", (f"{number}.png", png(), "image/png")) for number in range(3)]
    fields = {"form_token": form_token(browser.page(PROFILE)), "do": "keep"}
    assert browser.post(f"{PROFILE}/picture", data=fields, files=many).status_code == 400
    assert SHOWN.search(browser.page("/ada")) is None
