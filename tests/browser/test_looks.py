"""Every page, light and dark, wide and narrow: reachable by everybody, nothing broken, nothing sticking out."""

import re
from pathlib import Path

import pytest
from tests.browser.conftest import NARROW, WIDE

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
REPO = "/tidewater/harbour-7b"
PAGES = {
    "home": "/",
    "models": "/models",
    "models-narrowed": "/models?filter=license:apache-2.0&search=harbour",
    "nothing-fits": "/datasets?search=zzz",
    "search": "/search?q=ada",
    "search-cards": "/search?q=tides&in=cards",
    "card": REPO,
    "no-card": "/ada/empty",
    "files": f"{REPO}/tree/main",
    "many-files": "/datasets/ada/many/tree/main",
    "source": f"{REPO}/blob/main/train.py",
    "markdown": f"{REPO}/blob/main/README.md",
    "picture": f"{REPO}/blob/main/figures/loss.png",
    "tensors": f"{REPO}/blob/main/model.safetensors",
    "table": "/datasets/tidewater/tide-tables/blob/main/data/train.csv",
    "card-full": "/tidewater/lighthouse-chat",
    "card-quantised": "/tidewater/lighthouse-chat-GGUF",
    "card-dataset": "/datasets/tidewater/tide-tables",
    "notebook": "/tidewater/cabinet/blob/main/notes.ipynb",
    "document": "/tidewater/cabinet/blob/main/paper.pdf",
    "sound": "/tidewater/cabinet/blob/main/talk.wav",
    "binary": "/tidewater/cabinet/blob/main/bytes.bin",
    "gguf": "/tidewater/lighthouse-chat-GGUF/blob/main/chat.Q4_K_M.gguf",
    "blame": "/tidewater/cabinet/blame/main/notes.txt",
    "file-history": "/tidewater/cabinet/commits/main/notes.txt",
    "compare": "/tidewater/cabinet/compare/v1...main",
    "compare-form": "/tidewater/cabinet/compare",
    "history": f"{REPO}/commits/main",
    "refs": f"{REPO}/refs",
    "gated": "/ada/sealed-orders",
    "gated-files": "/ada/sealed-orders/tree/main",
    "organization": "/tidewater",
    "organization-card": "/harbour-office",
    "person": "/ada",
    "sign-in": "/login",
    "forgotten": "/login/reset",
    "api": "/docs",
    "join": "/join",
    "community": f"{REPO}/discussions",
    "discussion": f"{REPO}/discussions/1",
    "pull-request": f"{REPO}/discussions/2",
    "pull-files": f"{REPO}/discussions/2/files",
    "pull-commits": f"{REPO}/discussions/2/commits",
    "merged": f"{REPO}/discussions/3",
    "no-discussions": "/ada/empty/discussions",
    "likers": f"{REPO}/likers",
    "deeds": "/ada/activity",
    "likes": "/ada/likes",
    "followers": "/ada/followers",
    "following": "/ada/following",
    "members": "/tidewater/members",
    "collections": "/collections",
    "organizations": "/organizations",
    "people": "/users?sort=newest",
    "nobody": "/users?q=nobody-is-called-that",
    "owned-collections": "/ada/collections",
    "activity": "/activity",
    "missing": "/ada/none",
}
SIGNED_IN = {
    "security-log": "/settings/security-log",
    "storage-of-mine": "/settings/storage",
    "organization-storage": "/organizations/tidewater/settings/storage",
    "organization-audit": "/organizations/tidewater/settings/audit-log",
    "home-signed-in": "/",
    "tokens": "/settings/tokens",
    "tokens-fine": "/settings/tokens?tokenType=fineGrained",
    "profile-settings": "/settings/profile",
    "account-settings": "/settings/account",
    "sign-in-settings": "/settings/authentication",
    "second-factor": "/settings/authentication/app",
    "keys": "/settings/keys",
    "applications": "/settings/applications",
    "my-publishers": "/settings/publishers",
    "device": "/oauth/device",
    "new": "/new",
    "organizations": "/settings/organizations",
    "new-organization": "/organizations/new",
    "organization-profile": "/organizations/harbour-office/settings/profile",
    "organization-members": "/organizations/harbour-office/settings/members",
    "organization-groups": "/organizations/harbour-office/settings/resource-groups",
    "organization-group": f"/organizations/harbour-office/settings/resource-groups/{1:024x}",
    "organization-programs": "/organizations/harbour-office/settings/service-accounts",
    "organization-tokens": "/organizations/harbour-office/settings/tokens",
    "grouped": "/harbour-office/lamp/settings",
    "settings": f"{REPO}/settings",
    "storage": f"{REPO}/settings/storage",
    "publishers": f"{REPO}/settings/publishers",
    "editor": f"{REPO}/edit/main/README.md",
    "editor-code": f"{REPO}/edit/main/train.py",
    "no-editor": f"{REPO}/edit/main/model.safetensors",
    "new-file": f"{REPO}/new/main/docs",
    "rename": f"{REPO}/rename/main/train.py",
    "rename-folder": f"{REPO}/rename/main/figures",
    "delete-folder": f"{REPO}/delete/main/figures",
    "upload": f"{REPO}/upload/main",
    "refs-writer": f"{REPO}/refs",
    "private": "/ada/secret-plans",
    "talking": f"{REPO}/discussions/1",
    "conflict": f"{REPO}/discussions/4",
    "draft": f"{REPO}/discussions/5",
    "long-talk": "/datasets/ada/many/discussions/1",
    "new-discussion": f"{REPO}/discussions/new",
    "new-pull-request": f"{REPO}/discussions/new?type=pull_request",
    "collect": f"{REPO}/collect",
    "duplicate": f"{REPO}/duplicate",
    "new-collection": "/collections/new",
    "notifications": "/notifications?show=all",
    "notification-settings": "/settings/notifications",
    "webhooks": "/settings/webhooks",
    "feed": "/activity",
    "gate-form": "/datasets/hopper/depths",
    "gate-kept": "/ada/sealed-orders",
    "gate-waiting": "/datasets/hopper/soundings",
    "access-requests": "/ada/sealed-orders/settings/access-requests",
    "access-rejected": "/ada/sealed-orders/settings/access-requests?status=rejected",
    "gated-repos": "/settings/gated-repos",
}
OPERATING = {
    "operating": "/-/",
    "operating-people": "/-/users",
    "operating-organizations": "/-/organizations",
    "operating-person": "/-/owners/ada",
    "operating-repositories": "/-/repos?q=tidewater/",
    "operating-jobs": "/-/jobs",
    "operating-storage": "/-/storage",
    "operating-settings": "/-/settings",
    "operating-audit": "/-/audit",
}
LOOKS = [
    pytest.param({"viewport": WIDE, "color_scheme": "light"}, id="wide-light"),
    pytest.param({"viewport": WIDE, "color_scheme": "dark"}, id="wide-dark"),
    pytest.param({"viewport": NARROW, "color_scheme": "light"}, id="narrow-light"),
    pytest.param({"viewport": NARROW, "color_scheme": "dark"}, id="narrow-dark"),
]
PARTS = 4  # of each list: one test must not take for ever on a slow machine
STATUS = {"missing": 401}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("who", "pages"), [("", PAGES), ("ada", SIGNED_IN), ("keeper", OPERATING)])
def test_pages_are_accessible_whole_and_stay_within_the_screen(visit, look, part, who, pages, shots, request):
    faults = []
    visitor = visit(**look)
    if who:
        visitor.sign_in(who)
    for name, path in list(pages.items())[part::PARTS]:
        faults += looked_at(visitor, name, path, shots, "-".join(request.node.callspec.id.split("-")[-2:]))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", LOOKS[:1])
def test_a_commit_with_all_its_differences_is_accessible(visit, look, shots):
    visitor = visit(**look)
    html = visitor.open(f"{REPO}/commits/main").content()
    for oid in dict.fromkeys(re.findall(r"/commit/([0-9a-f]{40})", html)):
        assert looked_at(visitor, f"commit-{oid[:6]}", f"{REPO}/commit/{oid}", shots, "wide-light") == []


@pytest.mark.parametrize("look", LOOKS)
def test_pages_with_numbers_of_their_own_are_accessible(visit, look, shots, request):
    visitor = visit(**look).sign_in()
    faults = []
    for name, listed, link in (
        ("collection", "/ada/collections", ".collection-title a"),
        ("webhook", "/settings/webhooks", ".line a"),
        ("comment-history", f"{REPO}/discussions/1", "a[title='What it said before']"),
    ):
        path = visitor.open(listed).locator(link).first.get_attribute("href")
        faults += looked_at(visitor, name, path, shots, request.node.callspec.id)
    assert faults == []


@pytest.mark.parametrize("look", LOOKS)
def test_letting_a_program_in_is_accessible(visit, look, shots, request):
    visitor = visit(**look).sign_in()
    page = visitor.open("/settings/applications")
    page.get_by_label("Name", exact=True).fill("Harbour bell")
    page.get_by_label("Its page").fill("https://bell.example.org")
    page.get_by_label("Addresses to return to").fill("https://bell.example.org/back")
    page.get_by_role("button", name="Register").click()
    number = page.locator("#hk-own + .lines code").first.inner_text()
    asked = f"client_id={number}&redirect_uri=https://bell.example.org/back&response_type=code&scope=openid+profile"
    look_id = request.node.callspec.id
    assert looked_at(visitor, "consent", f"/oauth/authorize?{asked}", shots, look_id) == []


def looked_at(visitor, name, path, shots, look):
    """Return what is wrong with a page: axe's serious findings, and content wider than the screen."""
    page = visitor.open(path, STATUS.get(name, 200))
    page.wait_for_load_state("networkidle")
    if shots:
        page.screenshot(path=shots / f"{name}-{look}.png", full_page=True)
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    wrong = [
        f"{name}: {violation['id']} at {violation['nodes'][0]['target']} {violation['nodes'][0]['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wrong + ([f"{name}: {wider} px wider than the screen"] if wider > 0 else [])
