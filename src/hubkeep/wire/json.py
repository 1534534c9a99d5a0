"""JSON out, by orjson."""

from typing import Any

import orjson
from starlette.responses import Response


class Json(Response):
    """A JSON response encoded once, by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode dicts, lists, dataclasses, enums."""
        return orjson.dumps(content)
