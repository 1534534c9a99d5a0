"""A new password in a form: typed twice."""

from hubkeep.kit import BadInput
from hubkeep.web.asked import Asked


def new_password(asked: Asked) -> str:
    """Return what was typed twice. Raises BadInput."""
    password = asked.value("password")
    if password != asked.value("again"):
        raise BadInput(field="password", reason="the two are not the same")
    return password
