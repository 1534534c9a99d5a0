"""Every act that is written down has a sentence for people."""

import ast
import re
from pathlib import Path

import pytest

import hubkeep
from hubkeep import accounts, community, repos, search
from hubkeep.accounts import JOB_TITLES, AuditEntry, audit_pieces, audit_sentence
from hubkeep.accounts.audit_sentences import SENTENCES
from hubkeep.accounts.types import COMMAND_LINE
from hubkeep.kit import now

SOURCES = Path(hubkeep.__file__).parent
# What the callers of `audit` put before the act.
WRITERS = {"audit": "", "audited": "repo.", "_audited": "job.", "_audit": "webhook."}
# Acts that a variable names: file, the variable, and what it can be.
CHOSEN = {
    ("repos/publish.py", "act"): {
        "repo.delete_branch",
        "repo.delete_tag",
        "repo.delete_pull_ref",
        "repo.super_squash",
    },
    ("repos/handle_access.py", "act"): {
        f"repo.access_request.{act}" for act in ("accept", "reject", "reset", "grant")
    },
}
KINDS = ("user", "org")  # of `owner.kind.value` and `carried.kind.value`


def values_of(node, file):
    """Return what an expression that names an act can be."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return values_of(node.body, file) | values_of(node.orelse, file)
    if isinstance(node, ast.FormattedValue):
        return values_of(node.value, file)
    if isinstance(node, ast.JoinedStr):
        found = {""}
        for part in node.values:
            found = {head + tail for head in found for tail in values_of(part, file)}
        return found
    if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(".kind.value"):
        return set(KINDS)
    assert isinstance(node, ast.Name), ast.unparse(node)
    return CHOSEN.get((file, node.id)) or assigned(node.id, file)


def assigned(name, file):
    """Return what a variable is set to, all over a file."""
    found = set()
    for each in ast.walk(ast.parse((SOURCES / file).read_text())):
        if isinstance(each, ast.Assign) and [ast.unparse(target) for target in each.targets] == [name]:
            found |= values_of(each.value, file)
    assert found, f"{file}: say in CHOSEN which acts {name} can be"
    return found


def acts():
    found = set()
    for path in sorted(SOURCES.rglob("*.py")):
        file = path.relative_to(SOURCES).as_posix()
        if file == "repos/audited.py":
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            inner = isinstance(call.args[2], ast.JoinedStr) if len(call.args) > 2 else False
            if name not in WRITERS or len(call.args) < 3 or (inner and "{act}" in ast.unparse(call.args[2])):
                continue
            for act in values_of(call.args[2], file):
                found.add(act if act.startswith(WRITERS[name]) else WRITERS[name] + act)
    return found


def test_every_act_has_a_sentence_and_no_sentence_is_left_over():
    assert acts() == set(SENTENCES)


def test_every_kind_of_job_has_a_title():
    rooms = (accounts, accounts.orgs, repos, search, community)
    assert {kind for room in rooms for kind in room.HANDLERS} == set(JOB_TITLES)


def entry(kind, who="ada", /, **data):
    return AuditEntry(1, now(), kind, 1, who, None, "192.0.2.7", "git", 1, 7, data)


SAID = [
    (entry("repo.access_request.accept", repo="acme/net", user="eve"), "ada let eve into acme/net"),
    (entry("repo.access_request.reject", repo="acme/net", user="eve"), "ada refused eve access to acme/net"),
    (
        entry("repo.access_request.reject", repo="acme/net", user="eve", reason="not [now] {who}"),
        "ada refused eve access to acme/net: not [now] {who}",
    ),
    (
        entry("repo.update_settings", repo="acme/net", before={"private": True}, after={"private": False}),
        "ada made acme/net public",
    ),
    (
        entry(
            "repo.update_settings",
            repo="a/b",
            before={"discussions_on": True},
            after={"discussions_on": False},
        ),
        "ada changed the settings of a/b: discussions on yes → no",
    ),
    (
        entry("org.change_role", org="acme", user="eve", before="no_access", after="write"),
        "ada changed the role of eve in acme: no access → write",
    ),
    (
        entry("user.sign_in_failed", "", step="password", login="eve"),
        "Somebody tried to sign in as eve with a wrong password",
    ),
    (
        entry("user.sign_in_failed", "", step="password", login="9 characters"),
        "Somebody tried to sign in with a name that nobody has",
    ),
    (
        entry("token.create", COMMAND_LINE.name, name="ci", role="read"),
        "An operator, by a command, made the token “ci”, which may read",
    ),
    (entry("job.retry", job=3, kind="repos.gc"), "ada had job 3 tried again: Collect garbage, as every day"),
    (entry("org.update", cut="{…"), "ada changed the profile of something"),
    (entry("moon.land"), "ada: moon land"),
]


@pytest.mark.parametrize(("said", "sentence"), SAID, ids=[said.type for said, _ in SAID])
def test_an_entry_is_a_sentence(said, sentence):
    assert audit_sentence(said) == sentence


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_sentence_is_whole_whatever_is_known(kind):
    """Nothing of the template is left, with no facts and with all of them."""
    full = {
        name: f"x-{name}"
        for name in ("repo", "org", "user", "name", "before", "after", "group", "token", "reason")
    }
    for facts in ({}, full):
        sentence = audit_sentence(entry(kind, **facts))
        assert not re.search(r"[\[\]{}|]|\s\s|\s[:,)]", sentence), sentence
        assert sentence == sentence.strip()


def test_what_is_named_is_marked_so_that_it_can_be_linked_to():
    pieces = audit_pieces(entry("repo.access_request.grant", repo="acme/net", user="eve"))
    assert [(word.text, word.thing) for word in pieces if word.thing] == [
        ("ada", "actor"),
        ("eve", "owner"),
        ("acme/net", "repo"),
    ]
