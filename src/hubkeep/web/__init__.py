"""Shows pages to people: templates, browser sign-in, forms, static files."""

from starlette.routing import BaseRoute

from hubkeep.web import (
    access_requests,
    activity,
    api_page,
    applications,
    authorize,
    card,
    collect,
    collection,
    collections,
    commit,
    commits,
    delete_file,
    device,
    diagram,
    discussion,
    discussions,
    edit,
    file,
    folder,
    gate,
    gated_repos,
    home,
    join,
    like,
    lists,
    machines,
    new_discussion,
    new_file,
    new_repo,
    notification_settings,
    notifications,
    preview_text,
    profile,
    pull_tabs,
    refs,
    rename_file,
    repo_settings,
    search,
    sign_in,
    small,
    ssh_keys,
    static,
    storage,
    tokens,
    upload,
    webhooks,
)
from hubkeep.web.error_page import error_page as error_page
from hubkeep.web.error_page import or_page as or_page

# Fixed addresses first: `/{owner}` and `/{owner}/{name}` would take them.
_MODULES = (
    *(static, diagram, small, machines, api_page, home, search, lists, sign_in, join, new_repo, tokens, ssh_keys, authorize, device, applications),
    *(edit, new_file, rename_file, delete_file, upload, refs, storage),
    *(activity, collections, collection, notifications, notification_settings, webhooks),
    *(new_discussion, preview_text, pull_tabs, discussion, discussions, like, collect),
    *(gate, gated_repos, access_requests),
    *(folder, file, commits, commit, repo_settings, profile, card),
)
routes: list[BaseRoute] = [route for module in _MODULES for route in module.routes] + small.last_routes
