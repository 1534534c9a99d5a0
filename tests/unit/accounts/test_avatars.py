"""Pictures of people and organizations: whatever is sent, pixels are what is kept."""

import io
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice

import pytest
import sqlalchemy as sa
from PIL import Image, PngImagePlugin

from hubkeep import accounts
from hubkeep.accounts import Role
from hubkeep.accounts import avatars as room
from hubkeep.accounts.redraw import MAX_PICTURE_BYTES, SIDE, BadPicture, TooManyPictures, redraw
from hubkeep.accounts.tables import owners
from hubkeep.kit import Bus, Database, TooLarge
from hubkeep.storage import LocalBlobs

SCRIPT = b"<script>alert(1)</script>"


def picture(form="PNG", size=(300, 200), colour=(200, 30, 30), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **options)
    return out.getvalue()


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png(width, height, body=b""):
    """Write a PNG whose header says what it likes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_form_becomes_a_square_of_one_size(form):
    made = opened(redraw(picture(form)))
    assert (made.format, made.size) == ("WEBP", (SIDE, SIDE))
    red, green, blue = made.convert("RGB").getpixel((SIDE // 2, SIDE // 2))
    assert red > 180
    assert green < 60
    assert blue < 60


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_depth_are_read(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(redraw(picture(form, mode=mode, colour=0))).size == (SIDE, SIDE)


def test_what_is_clear_stays_clear():
    clear = picture("PNG", mode="RGBA", colour=(0, 0, 0, 0))
    assert opened(redraw(clear)).convert("RGBA").getpixel((5, 5))[3] == 0


def test_what_a_camera_wrote_is_gone_but_the_picture_is_upright():
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    exif[0x0112] = 6  # turned by a quarter
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "a secret note")
    image = Image.new("RGB", (200, 100), (255, 255, 255))
    image.paste((0, 0, 255), (0, 0, 100, 100))  # its left half is blue: upright, the upper one
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"a secret word", quality=95)
    made = redraw(out.getvalue())
    assert b"secret" not in made
    assert not opened(made).getexif()
    shown = opened(made).convert("RGB")
    assert shown.getpixel((SIDE // 2, 20))[0] < 60
    assert shown.getpixel((SIDE // 2, SIDE - 20))[0] > 200
    assert b"secret" not in redraw(picture("PNG", pnginfo=notes))


def test_of_a_moving_picture_the_first_one_is_kept():
    frames = [Image.new("RGB", (64, 64), colour) for colour in ((0, 255, 0), (255, 0, 0))]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    made = opened(redraw(out.getvalue()))
    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("RGB").getpixel((32, 32))[1] > 200


def test_a_picture_that_is_also_a_page_is_only_a_picture():
    for data in (
        picture("GIF") + SCRIPT,
        picture("PNG") + SCRIPT,
        picture("JPEG", comment=SCRIPT),
        picture("PNG") + b"PK\x05\x06" + bytes(18),
    ):
        made = redraw(data)
        assert opened(made).format == "WEBP"
        assert SCRIPT not in made
        assert b"PK\x05\x06" not in made


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg onload="alert(1)"/>',
        b"GIF89a" + SCRIPT,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"\xff\xd8\xff" + SCRIPT,
        b"RIFF\x10\x00\x00\x00WEBPVP8 " + SCRIPT,
        b"%PDF-1.4",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        png(64, 64),
        png(0, 0),
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(BadPicture):
        redraw(data)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_that_was_cut_off_is_refused_wherever_it_ends(form):
    noise = Image.effect_noise((120, 120), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, form)
    whole = out.getvalue()
    for kept in (10, 40, len(whole) // 3, len(whole) // 2):
        with pytest.raises(BadPicture):
            redraw(whole[:kept])


def test_a_picture_whose_notes_are_of_the_wrong_kind_is_refused_not_failed_at():
    # It has to be turned, so its notes are written down anew: among them a byte, which is read as text, where a number belongs.
    turned, width = struct.pack("<HHII", 0x0112, 3, 1, 6), struct.pack("<HHII", 0x0100, 1, 1, 7)
    notes = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + turned + width + bytes(4)
    with pytest.raises(BadPicture, match="broken"):
        redraw(picture("JPEG", exif=notes))


@pytest.mark.parametrize("size", [(30_000, 30_000), (60_000, 20), (8_000, 3_001), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_says_it_is_huge_is_refused_before_it_is_read(size):
    if size == (60_000, 20):  # long and thin is not large
        with pytest.raises(BadPicture, match="broken"):
            redraw(png(*size))
        return
    with pytest.raises(BadPicture, match="pixels"):
        redraw(png(*size))


def test_small_and_heavy_pictures_are_refused():
    with pytest.raises(BadPicture, match="16 by 16 at least"):
        redraw(picture(size=(15, 400)))
    with pytest.raises(TooLarge, match="4 MiB"):
        redraw(bytes(MAX_PICTURE_BYTES + 1))


@pytest.fixture
def hub(tmp_path):
    db = Database(f"sqlite:///{tmp_path}/hub.db", Bus())
    db.create_all()
    with db.write() as tx:
        people = {name: accounts.add_user(tx, name, f"{name}@example.org") for name in ("ada", "eve")}
        accounts.add_org(tx, "acme", {"ada": Role.ADMIN, "eve": Role.WRITE})
    with db.read() as tx:
        actors = {name: accounts.actor_of(tx, user.id, True) for name, user in people.items()}
    yield db, LocalBlobs(tmp_path / "blobs"), actors
    db.close()


def kept(blobs):
    return [stat.key.rpartition("/")[2] for stat in blobs.list("avatars/")]


def test_who_sends_many_pictures_at_once_does_not_hold_every_thread(monkeypatch):
    drawing, go_on = threading.Event(), threading.Event()
    real = Image.open

    def slow(*args, **options):
        drawing.set()
        go_on.wait(60)
        return real(*args, **options)

    monkeypatch.setattr(Image, "open", slow)
    with ThreadPoolExecutor(12) as pool:
        first = pool.submit(redraw, picture())
        assert drawing.wait(60)
        others = [pool.submit(redraw, picture()) for _ in range(11)]
        refused = sum(
            isinstance(done.exception(), TooManyPictures) for done in islice(as_completed(others), 8)
        )
        go_on.set()
        assert opened(first.result()).size == (SIDE, SIDE)
    assert refused == 8
    monkeypatch.undo()
    assert redraw(picture())


def test_a_new_picture_takes_the_place_of_the_old_one(hub):
    db, blobs, actors = hub
    first = accounts.keep_avatar(db, blobs, actors["ada"], None, picture())
    second = accounts.keep_avatar(db, blobs, actors["ada"], None, picture())
    assert first != second
    assert kept(blobs) == [second]
    with db.read() as tx:
        assert accounts.owner_named(tx, "ada").avatar == second
        assert accounts.user_named(tx, "ada").avatar == second
        assert accounts.pictures_of(tx, ["ADA", "eve", "nobody"]) == {"ada": second}
        assert accounts.find_picture(tx, second).endswith(second)
        for gone in (first, "../../secret.webp", "", "x.webp"):
            with pytest.raises(accounts.PictureNotFound):
                accounts.find_picture(tx, gone)
    accounts.remove_avatar(db, blobs, actors["ada"], None)
    assert kept(blobs) == []
    with db.read() as tx:
        assert accounts.owner_named(tx, "ada").avatar == ""


def test_only_administrators_choose_an_organizations_picture(hub):
    db, blobs, actors = hub
    with pytest.raises(accounts.NotAllowed):
        accounts.keep_avatar(db, blobs, actors["eve"], "acme", picture())
    with pytest.raises(accounts.NotSignedIn):
        accounts.keep_avatar(db, blobs, accounts.STRANGER, None, picture())
    assert kept(blobs) == []
    name = accounts.keep_avatar(db, blobs, actors["ada"], "acme", picture())
    with db.read() as tx:
        assert accounts.orgs_of(tx, actors["eve"].user_id)[0].org_avatar == name
    with pytest.raises(accounts.NotAllowed):
        accounts.remove_avatar(db, blobs, actors["eve"], "acme")


def test_a_refused_picture_changes_nothing(hub):
    db, blobs, actors = hub
    name = accounts.keep_avatar(db, blobs, actors["ada"], None, picture())
    with pytest.raises(BadPicture):
        accounts.keep_avatar(db, blobs, actors["ada"], None, b"<svg/>")
    assert kept(blobs) == [name]


def test_pictures_that_nobody_has_are_swept_when_they_are_old_enough(hub, monkeypatch):
    db, blobs, actors = hub
    name = accounts.keep_avatar(db, blobs, actors["ada"], None, picture())
    accounts.keep_avatar(db, blobs, actors["eve"], None, picture())
    with db.write() as tx:
        tx.sql.execute(sa.update(owners).where(owners.c.name == "eve").values(avatar=""))
    assert accounts.sweep_avatars(db, blobs) == 0
    monkeypatch.setattr(room, "_GRACE", timedelta(seconds=-60))
    assert accounts.sweep_avatars(db, blobs) == 1
    assert kept(blobs) == [name]
