"""A request as the pages see it: who brought it, what they ask for, what they filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection

from hubkeep.accounts import ANONYMOUS, NOWHERE, Credentials, Origin
from hubkeep.hub import SESSION_COOKIE, Hub
from hubkeep.repos import Kind

THEME_COOKIE = "hubkeep_theme"


@dataclass(frozen=True)
class Asked:
    """One request. `path` is undecoded; `form` is what was posted; `problem` is a refusal to show above a form."""

    hub: Hub
    path: str
    params: Mapping[str, Any]
    query: QueryParams
    session: str = field(default="", repr=False)
    visit: str = field(default="", repr=False)  # binds forms to a browser that is not signed in
    theme: str = ""
    origin: Origin = NOWHERE
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # of forms that take some
    problem: str = ""
    again: bool = False  # shown again because of `problem`

    @classmethod
    def of(cls, request: HTTPConnection, visit: str) -> "Asked":
        """Read a request."""
        cookies = request.cookies
        return cls(
            hub=request.app.state.hub,
            path=request.scope["path"],
            params=request.path_params,
            query=request.query_params,
            session=cookies.get(SESSION_COOKIE, ""),
            visit=visit,
            theme=cookies.get(THEME_COOKIE, ""),
            origin=Origin(
                request.client.host if request.client else "", request.headers.get("user-agent", "")
            ),
        )

    @property
    def caller(self) -> Credentials:
        """What the browser brought to prove who it is: pages know the cookie only."""
        return Credentials("session", self.session, self.origin) if self.session else ANONYMOUS

    @property
    def kind(self) -> Kind:
        """The kind of repository in the path."""
        kind: Kind = self.params["kind"]
        return kind

    @property
    def full_name(self) -> str:
        """`owner/name` in the path."""
        return f"{self.params['ns']}/{self.params['name']}"

    @property
    def here(self) -> str:
        """Path and query, to come back to."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def value(self, name: str) -> str:
        """Return a field of the form, "" when it was left out."""
        return self.form.get(name, "")

    def with_problem(self, problem: str) -> "Asked":
        """Return the same request, to be shown again with a refusal."""
        return replace(self, problem=problem, again=True)
