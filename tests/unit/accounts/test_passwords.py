from tests.unit.conftest import AS_SERVED


def test_passwords_are_hashed_as_slowly_as_is_recommended():
    """OWASP asks of argon2id for 19 MiB and two passes at least."""
    assert AS_SERVED.type.name == "ID"
    assert AS_SERVED.memory_cost >= 19 << 10
    assert AS_SERVED.time_cost >= 2
