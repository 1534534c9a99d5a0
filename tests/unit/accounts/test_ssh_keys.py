"""Keys for git over SSH: what is taken for one, whose it is, when it ends."""

import asyncssh
import pytest

from hubkeep import accounts
from hubkeep.accounts import BadCredentials, NotAllowed, SshKeyNotFound, SshKeyTaken
from hubkeep.kit import BadInput


def public(kind="ssh-ed25519", comment="ada@laptop", **options):
    key = asyncssh.generate_private_key(kind, comment=comment, **options)
    return key.export_public_key().decode(), key.get_fingerprint()


def add(people, user, text, name=""):
    with people.db.write() as tx:
        return accounts.add_ssh_key(tx, accounts.actor_of(tx, user.id, can_write=True), name, text)


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521"])
def test_a_key_makes_its_holder_known(people, kind):
    text, fingerprint = public(kind)
    key = add(people, people.ada, text)
    assert (key.name, key.algorithm, key.fingerprint) == ("ada@laptop", kind, fingerprint)
    actor = people.actor("ssh", fingerprint)
    assert (actor.user_id, actor.can_write, actor.token) == (people.ada.id, True, None)


def test_a_key_that_was_deleted_opens_nothing(people):
    text, fingerprint = public()
    key = add(people, people.ada, text, "laptop")
    with people.db.write() as tx:
        accounts.delete_ssh_key(tx, accounts.actor_of(tx, people.ada.id, can_write=True), key.id)
    with pytest.raises(BadCredentials):
        people.actor("ssh", fingerprint)


def test_a_disabled_user_s_key_opens_nothing(people):
    text, fingerprint = public()
    add(people, people.ada, text)
    with people.db.write() as tx:
        accounts.set_disabled(tx, "ada", disabled=True)
    with pytest.raises(BadCredentials):
        people.actor("ssh", fingerprint)


def test_one_key_is_one_person_s(people):
    text, _ = public()
    add(people, people.ada, text)
    with pytest.raises(SshKeyTaken):
        add(people, people.eve, text)


def test_nobody_deletes_another_s_key(people):
    key = add(people, people.ada, public()[0])
    with pytest.raises(SshKeyNotFound), people.db.write() as tx:
        accounts.delete_ssh_key(tx, accounts.actor_of(tx, people.eve.id, can_write=True), key.id)


def test_a_token_adds_no_keys(people):
    actor = people.actor("token", people.token(people.ada))
    with pytest.raises(NotAllowed), people.db.write() as tx:
        accounts.add_ssh_key(tx, actor, "", public()[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "one line"),
        ("ssh-ed25519", "no public key"),
        ("ssh-ed25519 AAAAB3NzaC1yc2E=", "no public key"),
        ("<script>alert(1)</script>", "no public key"),
        ("ssh-ed25519 " + "A" * 20_000, "one line"),
        ("a\nb", "one line"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
    ],
)
def test_what_is_no_key_is_refused_with_a_reason(people, text, said):
    with pytest.raises(BadInput, match=said):
        add(people, people.ada, text)


def test_keys_that_are_not_safe_any_more_are_refused(people):
    with pytest.raises(BadInput, match="needs 2048 bits, this one has 1024"):
        add(people, people.ada, public("ssh-rsa", key_size=1024)[0])
    assert add(people, people.ada, public("ssh-rsa", key_size=2048)[0]).algorithm == "ssh-rsa"


def test_use_is_noted_an_hour_exactly(people):
    text, fingerprint = public()
    add(people, people.ada, text)
    for _ in range(2):
        with people.db.write() as tx:
            actor = accounts.actor_of(tx, people.ada.id, can_write=True)
            assert accounts.greet_ssh_key(tx, actor, fingerprint) == "Ada"
    with people.db.read() as tx:
        (key,) = accounts.list_ssh_keys(tx, accounts.actor_of(tx, people.ada.id, can_write=True))
    assert key.last_used_at is not None
