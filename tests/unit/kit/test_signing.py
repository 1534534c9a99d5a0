import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubkeep.kit import BadSignature, Signer

SIGNER = Signer("secret")


@given(
    st.dictionaries(
        st.text(max_size=10), st.integers() | st.text(max_size=20) | st.lists(st.booleans()), max_size=5
    )
)
def test_what_was_signed_comes_back(facts):
    text, expires = SIGNER.sign("lfs", facts, 60)
    assert SIGNER.verify("lfs", text) == facts
    assert 0 < expires - time.time() <= 60


def test_a_link_for_one_purpose_is_no_link_for_another():
    text, _ = SIGNER.sign("download", {"a": 1}, 60)
    with pytest.raises(BadSignature):
        SIGNER.verify("upload", text)


def test_another_installation_signs_otherwise():
    text, _ = Signer("other").sign("lfs", {"a": 1}, 60)
    with pytest.raises(BadSignature):
        SIGNER.verify("lfs", text)


def test_an_expired_link_is_refused():
    text, _ = SIGNER.sign("lfs", {"a": 1}, -1)
    with pytest.raises(BadSignature):
        SIGNER.verify("lfs", text)


@given(st.text(max_size=50))
def test_nonsense_is_refused(text):
    with pytest.raises(BadSignature):
        SIGNER.verify("lfs", text)


def test_a_changed_link_is_refused():
    text, _ = SIGNER.sign("lfs", {"repo": 1}, 60)
    for at in range(0, len(text), 7):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        with pytest.raises(BadSignature):
            SIGNER.verify("lfs", changed)
