"""`hubkeep serve`: a whole hub in one command."""

import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel

from hubkeep import accounts, demo
from hubkeep.cli.options import Data, hand_down, settings_of
from hubkeep.kit import Settings
from hubkeep.kit.log import configure
from hubkeep.opening import open_stores, prepare
from hubkeep.repos import Stores

START_SECONDS = (
    60  # a server process on a busy machine needs seconds to load; one that is silent longer is replaced
)
SHUTDOWN_SECONDS = 30  # how long a transfer in flight may still take when the server is told to stop


def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Server processes.")] = None,
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="URL under which clients reach the hub.")
    ] = None,
    *,
    with_demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Fill a new hub with a small demo.")
    ] = False,
) -> None:
    """Start the hub. The first start creates the data folder, the schema and an operator called `admin`."""
    import uvicorn  # noqa: PLC0415  here and below: other commands start faster without the web framework

    from hubkeep.wire.server import PROTOCOL, tune_malloc  # noqa: PLC0415

    settings = settings_of(data=data, host=host, port=port, workers=workers, public_url=public_url)
    configure(settings.log_level, settings.log_format)
    prepare(settings)
    _first_people(settings, with_demo=with_demo)
    hand_down(settings)
    tune_malloc()
    uvicorn.run(
        "hubkeep.app:create",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=PROTOCOL,
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_worker_healthcheck=START_SECONDS,
    )


def _first_people(settings: Settings, *, with_demo: bool) -> None:
    """Create `admin` on a hub without people, seed the demo when asked, and tell how to begin."""
    console = Console()
    stores = open_stores(settings)
    try:
        password = _first_admin(stores)
        if password:
            told = f"user [bold]admin[/]   password [bold]{password}[/]\nIt is shown this once."
            console.print(Panel(told, title="an operator was created", expand=False))
        token = demo.seed(stores) if with_demo else None
    finally:
        stores.db.close()
    console.print(_how_to_use(settings, token), highlight=False, soft_wrap=True)


def _first_admin(stores: Stores) -> str | None:
    with stores.db.read() as tx:
        if accounts.list_users(tx):
            return None
    password = secrets.token_urlsafe(12)
    hashed = accounts.hash_password(password)
    try:
        with stores.db.write() as tx:
            accounts.add_user(tx, "admin", password_hash=hashed, is_admin=True)
    except accounts.NameTaken:  # another node started at the same time, and told its password
        return None
    return password


def _how_to_use(settings: Settings, token: str | None) -> str:
    owner = "demo" if token else "YOU"
    return (
        f"\nhubkeep serves [bold]{settings.url}[/] from {_short(settings.data)}. Use it with the clients you have:\n\n"
        f"  export HF_ENDPOINT={settings.url} HF_TOKEN={token or f'… # make one at {settings.url}/settings/tokens'}\n"
        f"  hf upload {owner}/my-model ./my-folder\n"
        f"  hf download {'demo/tiny-llama' if token else f'{owner}/my-model'}\n"
    )


def _short(path: Path) -> str:
    return str(path) if path.is_absolute() else f"./{path}"
