import pytest

from hubkeep.wire.media import media_headers

TEXT, DATA = "text/plain; charset=utf-8", "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("config.json", TEXT),
        ("a/b/README.md", TEXT),
        ("LICENSE", TEXT),
        (".gitattributes", TEXT),
        ("model.yaml", TEXT),
        ("train.py", TEXT),
        ("app.js", TEXT),
        ("page.xhtml", DATA),
        ("index.html", "text/html"),
        ("logo.SVG", "image/svg+xml"),
        ("logo.svg.gz", DATA),
        ("photo.PNG", "image/png"),
        ("clip.mp4", "video/mp4"),
        ("paper.pdf", "application/pdf"),
        ("model.safetensors", DATA),
        ("data.parquet", DATA),
        ("weights", DATA),
        ("x.swf", DATA),
    ],
)
def test_a_type_by_name_and_nothing_that_runs_but_in_a_sandbox(name, kind):
    headers = media_headers(name, download=False)
    assert headers["Content-Type"] == kind
    assert headers["X-Content-Type-Options"] == "nosniff"
    sealed = "sandbox" in headers["Content-Security-Policy"]
    assert sealed is (kind != "application/pdf")
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("attachment" if kind == DATA else "inline")


def test_any_name_fits_into_the_disposition():
    shown = media_headers('d/ü "x"\\\r\n%.bin', download=True)["Content-Disposition"]
    assert (
        shown == "attachment; filename=\"_ _x_____.bin\"; filename*=UTF-8''%C3%BC%20%22x%22%5C%0D%0A%25.bin"
    )


def test_a_download_is_an_attachment_whatever_it_is():
    assert media_headers("a.png", download=True)["Content-Disposition"].startswith("attachment; ")
