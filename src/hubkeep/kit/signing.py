"""Signed, expiring facts for URLs and tokens that the hub hands out and gets back."""

import time
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from hubkeep.kit.errors import HubError


class BadSignature(HubError):
    """A signed link or token that was altered, made for something else, or has expired."""

    status, text = 403, "This link or token is invalid or has expired."


class Signer:
    """Signs small JSON facts with the installation's secret. `purpose` keeps one kind of link from passing as another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._serializers: dict[str, URLSafeSerializer] = {}

    def sign(self, purpose: str, facts: dict[str, Any], seconds: int) -> tuple[str, int]:
        """Return URL-safe text and the Unix second at which it expires."""
        expires = int(time.time()) + seconds
        return str(self._for(purpose).dumps([expires, facts])), expires

    def verify(self, purpose: str, text: str) -> dict[str, Any]:
        """Return the facts. Raises BadSignature."""
        try:
            expires, facts = self._for(purpose).loads(text)
        except (BadData, ValueError, TypeError):
            raise BadSignature from None
        if expires < time.time():
            raise BadSignature
        return dict(facts)

    def _for(self, purpose: str) -> URLSafeSerializer:
        if purpose not in self._serializers:
            self._serializers[purpose] = URLSafeSerializer(self._secret, salt=f"hubkeep.{purpose}")
        return self._serializers[purpose]
