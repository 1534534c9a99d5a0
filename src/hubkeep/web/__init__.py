"""Shows pages to people: templates, browser sign-in, forms, static files."""

from starlette.routing import BaseRoute

from hubkeep.web import (
    api_page,
    card,
    commit,
    commits,
    file,
    folder,
    home,
    join,
    lists,
    new_repo,
    profile,
    repo_settings,
    search,
    sign_in,
    small,
    static,
    tokens,
)
from hubkeep.web.error_page import error_page as error_page
from hubkeep.web.error_page import or_page as or_page

# Fixed addresses first: `/{owner}` and `/{owner}/{name}` would take them.
_MODULES = (
    *(static, small, api_page, home, search, lists, sign_in, join, new_repo, tokens),
    *(folder, file, commits, commit, repo_settings, card, profile),
)
routes: list[BaseRoute] = [route for module in _MODULES for route in module.routes] + small.last_routes
