"""The commit that every repository starts with."""

from hubkeep.accounts import Actor
from hubkeep.git import Pack, PackWriter, Put, default_attributes, edit_tree
from hubkeep.kit import now
from hubkeep.repos.author import signature
from hubkeep.repos.types import Kind, NewRepo, Stores

MESSAGE = "initial commit"  # Source: hub-core contract section 5

_SPACE_CARD = """---
title: {title}
emoji: 🗝️
colorFrom: indigo
colorTo: gray
sdk: {sdk}
{more}pinned: false
{license}---

# {title}

Edit this card and push your app: see the documentation of `{sdk}` for the files it expects.
"""
_APP_FILES = {"gradio": "app.py", "streamlit": "app.py"}
_INDEX = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>{title}</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <main>
      <h1>{title}</h1>
      <p>This page is <code>index.html</code>. Push another one to change it.</p>
    </main>
  </body>
</html>
"""
_STYLE = """body { font-family: system-ui, sans-serif; margin: 2rem; }
main { max-width: 40rem; margin: 0 auto; }
"""


def first_commit(stores: Stores, repo_id: int, actor: Actor, new: NewRepo, owner: str) -> tuple[Pack, str]:
    """Store a pack with the first commit; return it and the commit's id."""
    del owner
    with PackWriter(stores.scratch) as writer:
        edits = {path: Put(writer.add("blob", text.encode())) for path, text in first_files(new).items()}
        tree = edit_tree(None, writer, None, edits)
        oid = writer.add_commit(tree, [], signature(actor, stores.settings), MESSAGE, now())
        written = writer.finish()
        assert written is not None
        return stores.git.store(repo_id, *written), oid


def first_files(new: NewRepo) -> dict[str, str]:
    """Return path to text: git attributes, and for a Space a card and starter files."""
    files = {".gitattributes": default_attributes("dataset" if new.kind is Kind.DATASET else "model")}
    license_line = f"license: {new.license}\n" if new.license else ""
    if license_line:
        files["README.md"] = f"---\n{license_line}---\n"
    if new.kind is Kind.SPACE:
        sdk = new.sdk or "static"
        more = f"app_file: {_APP_FILES[sdk]}\n" if sdk in _APP_FILES else ""
        files["README.md"] = _SPACE_CARD.format(title=new.name, sdk=sdk, more=more, license=license_line)
        if sdk == "static":
            files |= {"index.html": _INDEX.format(title=new.name), "style.css": _STYLE}
    return files
