"""Keys for git over SSH, on their page."""

import re

import asyncssh


def test_a_key_is_added_shown_and_deleted(site):
    browser = site.browser("ada")
    key = asyncssh.generate_private_key("ssh-ed25519", comment="<b>laptop</b>")
    text = key.export_public_key().decode()
    assert browser.send("/settings/keys", {"do": "add", "name": "", "key": text}).status_code == 303
    page = browser.page("/settings/keys")
    assert key.get_fingerprint().replace("+", "&#43;") in page.replace("+", "&#43;")
    assert "&lt;b&gt;laptop" in page
    (number,) = re.findall(r'name="id" value="(\d+)"', page)
    for wrong in ("", "x", "9" * 30):
        assert browser.send("/settings/keys", {"do": "delete", "id": wrong}).status_code == 400
    assert browser.send("/settings/keys", {"do": "delete", "id": number}).status_code == 303
    assert key.get_fingerprint() not in browser.page("/settings/keys")


def test_what_is_no_key_is_refused_and_kept_in_the_form(site):
    answer = site.browser("ada").send("/settings/keys", {"do": "add", "name": "mine", "key": "nonsense"})
    assert (answer.status_code, "nonsense" in answer.text) == (400, True)
