import pytest

from hubkeep import accounts, repos
from hubkeep.community.attachments import Media, require_uploader

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def upload(doors, content=PNG, kind="image/png", who="eve"):
    return doors("POST", "/uploads", who, content=content, headers={"Content-Type": kind})


def test_an_upload_answers_with_its_address_as_plain_text(doors):
    answer = upload(doors)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.startswith("http://hub.test/uploads/")
    shown = doors("GET", answer.text.removeprefix("http://hub.test"), None)
    assert (shown.content, shown.headers["Content-Type"]) == (PNG, "image/png")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    part = doors("GET", answer.text.removeprefix("http://hub.test"), None, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")


@pytest.mark.parametrize(
    ("content", "kind", "who", "status"),
    [
        (PNG, "image/png", None, 401),
        (PNG, "image/png", "reader", 403),
        (b"<svg onload=alert(1)>", "image/svg+xml", "eve", 415),
        (b"<html>", "text/html", "eve", 415),
        (b"<html>" * 10, "image/png", "eve", 415),
        (b"", "image/png", "eve", 415),
        (PNG, "", "eve", 415),
        (PNG + b"x" * (10 << 20), "image/png", "eve", 413),
    ],
)
def test_what_cannot_be_attached_is_refused_and_leaves_nothing(doors, content, kind, who, status):
    answer = upload(doors, content, kind, who)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    assert list(doors.house.stores.blobs.list("uploads/")) == []
    assert [path for path in doors.house.stores.scratch.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["nope.png", "..%2f..%2fetc%2fpasswd", "0" * 32, "%00"])
def test_an_unknown_name_is_not_found(doors, name):
    assert doors("GET", f"/uploads/{name}", None).status_code in (400, 404)


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/gif", b"GIF89a"),
        ("image/webp", b"RIFF\0\0\0\0WEBP"),
        ("video/mp4", b"\0\0\0\x18ftypmp42"),
        ("video/quicktime", b"\0\0\0\x14ftypqt  "),
        ("video/webm", b"\x1a\x45\xdf\xa3"),
        ("audio/mpeg", b"ID3\x04"),
        ("audio/mpeg", b"\xff\xfb\x90\x00"),
        ("audio/wav", b"RIFF\0\0\0\0WAVE"),
    ],
)
def test_each_kind_is_told_by_its_first_bytes(doors, kind, head):
    answer = upload(doors, head + b"\0" * 50, kind)
    assert answer.text.endswith("." + Media(kind).ending)
    assert not any(other.begins(head) for other in Media if other.value.split("/")[0] != kind.split("/")[0])


def test_one_person_cannot_fill_the_disk(doors, monkeypatch):
    monkeypatch.setitem(require_uploader.__globals__, "PER_DAY", 2)
    assert [upload(doors).status_code for _ in range(3)] == [200, 200, 429]
    assert upload(doors, who="ada").status_code == 200


def test_what_is_attached_counts_towards_what_one_may_store(doors):
    stores, size = doors.house.stores, len(PNG)
    assert upload(doors).status_code == 200
    with stores.db.write() as tx:
        eve = accounts.user_named(tx, "eve")
        assert repos.usage_of(tx, eve.id).bytes == size
        accounts.set_quota(tx, accounts.COMMAND_LINE, "eve", accounts.OwnQuota(size * 2 - 1, None))
    refused = upload(doors)
    assert (refused.status_code, "Storage limit reached" in refused.json()["error"]) == (403, True)
    with stores.db.read() as tx:
        assert repos.usage_of(tx, eve.id).bytes == size
    assert upload(doors, who="ada").status_code == 200
