"""From a view to a route: one hop into a thread that finds out who asks, gathers the facts and renders the page."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hubkeep.accounts import Actor, NotSignedIn, OwnerMoved, path_under, pictures_of
from hubkeep.hub import SESSION_COOKIE
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos import GatedRepo, RepoMoved, Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.around import Around, around
from hubkeep.web.asked import Asked
from hubkeep.web.failure import failure
from hubkeep.web.forms import MAX_BYTES, VISIT_COOKIE, new_visit, read_files, read_form
from hubkeep.web.headers import page_headers
from hubkeep.web.local_path import local_path
from hubkeep.web.portraits import Pictures
from hubkeep.web.render import render

Endpoint = Callable[[Request], Awaitable[Response]]
View = Callable[[ReadTx, Actor, Asked], Answer]
SlowView = Callable[[Stores, Actor, Asked], Answer]
Act = Callable[[Asked], Awaitable[Redirect | Page]]
Rendered = tuple[Answer, str]


def shows(view: View) -> Endpoint:
    """Serve a page that reads: one hop, one transaction."""

    async def endpoint(request: Request) -> Response:
        asked = ask(request)
        return respond(asked, *await asked.hub.read(read_page, asked.caller, asked, view))

    return endpoint


def shows_slowly(view: SlowView) -> Endpoint:
    """Serve a page whose facts come from outside the database, as differences from git do: the pool for slow work."""

    async def endpoint(request: Request) -> Response:
        asked = ask(request)
        return respond(asked, *await asked.hub.work(_work, asked.caller, asked, view))

    return endpoint


def form(view: View, act: Act, limit: int = MAX_BYTES) -> Endpoint:
    """Serve a form: GET shows it, POST acts; a refusal shows it again with the sentence and what was filled in.

    `limit` is for what is posted, in bytes.
    """
    return _form(lambda asked: asked.hub.read(read_page, asked.caller, asked, view), act, limit)


def form_with_file(view: View, act: Act, limit: int) -> Endpoint:
    """Serve a form that carries a file of at most `limit` bytes, as `form` does."""
    return _form(lambda asked: asked.hub.read(read_page, asked.caller, asked, view), act, limit, files=True)


def form_slowly(view: SlowView, act: Act, limit: int = MAX_BYTES) -> Endpoint:
    """Serve a form on a page whose facts come from outside the database, as `form` does."""
    return _form(lambda asked: asked.hub.work(_work, asked.caller, asked, view), act, limit)


def _form(
    look: Callable[[Asked], Awaitable[Rendered]], act: Act, limit: int, *, files: bool = False
) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        asked = ask(request)
        status = 200
        if request.method == "POST":
            try:
                asked = await (posted_files if files else posted)(request, asked, limit)
                answer = await act(asked)
                if isinstance(answer, Redirect):
                    return respond(asked, answer, "")
                return respond(
                    asked, *await asked.hub.read(read_page, asked.caller, asked, lambda *_: answer)
                )
            except HubError as error:
                asked, status = asked.with_problem(str(error)), error.status
        answer, html = await look(asked)
        if status != 200 and isinstance(answer, Page) and answer.status == 200:
            answer = replace(answer, status=status)
        return respond(asked, answer, html)

    return endpoint


def acts(act: Act) -> Endpoint:
    """Serve a button: a POST that does one thing; a refusal is an error page."""

    async def endpoint(request: Request) -> Response:
        asked = ask(request)
        try:
            asked = await posted(request, asked)
            answer = await act(asked)
        except HubError as error:
            refused = error
        else:
            return respond(asked, *await asked.hub.read(read_page, asked.caller, asked, lambda *_: answer))
        return respond(asked, *await asked.hub.read(read_page, asked.caller, asked, partial(_fail, refused)))

    return endpoint


def ask(request: Request) -> Asked:
    """Read a request; a browser that never filled a form gets a name for its first one."""
    return Asked.of(request, request.cookies.get(VISIT_COOKIE) or new_visit())


async def posted(request: Request, asked: Asked, limit: int = MAX_BYTES) -> Asked:
    """Read the form of a request. Raises what `read_form` raises."""
    binding = asked.session or request.cookies.get(VISIT_COOKIE, "")
    fields = await read_form(request, asked.hub.stores.signer, binding, asked.hub.url, limit)
    return replace(asked, form=fields)


async def posted_files(request: Request, asked: Asked, limit: int) -> Asked:
    """Read a form that carries a file of at most `limit` bytes. Raises what `read_files` raises."""
    binding = asked.session or request.cookies.get(VISIT_COOKIE, "")
    most = limit + MAX_BYTES
    fields, files = await read_files(request, asked.hub.stores.signer, binding, asked.hub.url, most)
    return replace(asked, form=fields, files=files)


def respond(asked: Asked, answer: Answer, html: str) -> Response:
    """Build the response, with the headers that keep pages safe."""
    secure = asked.hub.url.startswith("https://")
    if isinstance(answer, Redirect):
        response: Response = RedirectResponse(answer.to, answer.status)
        if answer.session is not None:
            _set_cookie(response, SESSION_COOKIE, answer.session, answer.seconds, secure=secure)
        return response
    response = HTMLResponse(html, answer.status, headers=page_headers(answer.leads_to, answer.sends_to))
    if answer.fills_form and not asked.session:
        _set_cookie(response, VISIT_COOKIE, asked.visit, 7 * 24 * 3600, secure=secure)
    return response


def _set_cookie(response: Response, name: str, value: str, seconds: int, *, secure: bool) -> None:
    if value:
        response.set_cookie(name, value, seconds, path="/", httponly=True, samesite="lax", secure=secure)
    else:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=secure)


def read_page(tx: ReadTx, actor: Actor, asked: Asked, view: View) -> Rendered:
    """Gather a page's facts and render it: what runs in the one hop."""
    return _render(
        asked, actor, partial(view, tx, actor, asked), partial(around, tx, actor), partial(pictures_of, tx)
    )


def _work(stores: Stores, actor: Actor, asked: Asked, view: SlowView) -> Rendered:
    def look_around(page: Page) -> Around:
        with stores.db.read() as tx:
            return around(tx, actor, page)

    def look_up(names: Collection[str]) -> Mapping[str, str]:
        with stores.db.read() as tx:
            return pictures_of(tx, names)

    return _render(asked, actor, partial(view, stores, actor, asked), look_around, look_up)


def _render(
    asked: Asked,
    actor: Actor,
    view: Callable[[], Answer],
    look_around: Callable[[Page], Around],
    look_up: Pictures,
) -> Rendered:
    try:
        answer = view()
    except RepoMoved as moved:
        answer = Redirect(_moved(asked, str(moved.facts["to"])), 307)
    except OwnerMoved as moved:
        answer = _of_owner_now(asked, actor, moved)
    except NotSignedIn:
        answer = Redirect(urls.with_query("/login", next=local_path(asked.here)), 302)
    except GatedRepo as error:
        gate = (f"{urls.named_url(asked.kind, asked.full_name)}/gate", "Ask for access")
        instead = None if actor.anonymous else gate
        answer = failure(error.status, str(error), asked.here, anonymous=actor.anonymous, instead=instead)
    except HubError as error:
        answer = failure(error.status, str(error), asked.here, anonymous=actor.anonymous)
    if isinstance(answer, Redirect):
        return answer, ""
    return answer, render(answer, asked, actor, look_around(answer), look_up)


def _moved(asked: Asked, to: str) -> str:
    """Return the same page of the repository under its present name."""
    here = urls.renamed(asked.path, asked.kind, to)
    return f"{here}?{asked.query}" if asked.query else here


def _of_owner_now(asked: Asked, actor: Actor, moved: OwnerMoved) -> Answer:
    """Lead to the same page of whoever has another name now, where the address names them."""
    here = path_under(asked.path, str(moved.facts["name"]), str(moved.facts["to"]))
    if here is None:
        return failure(moved.status, str(moved), asked.here, anonymous=actor.anonymous)
    return Redirect(f"{here}?{asked.query}" if asked.query else here, 307)


def _fail(error: HubError, tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    del tx
    return failure(error.status, str(error), asked.here, anonymous=actor.anonymous)
