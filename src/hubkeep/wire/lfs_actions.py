"""The addresses that a batch hands out, as git-lfs and the official client expect them."""

from dataclasses import replace
from typing import Any

from hubkeep import repos
from hubkeep.cas import Plan
from hubkeep.hub import Hub
from hubkeep.repos import LfsTicket, Repo
from hubkeep.wire.contract import XET_ACCESS_TOKEN, XET_CAS_URL, XET_TOKEN_EXPIRATION
from hubkeep.wire.shapes.names import api_url, repo_url


def objects_url(hub: Hub, repo: Repo) -> str:
    """Return the address of a repository's objects."""
    return f"{repo_url(hub.url, repo.kind, repo.full_name)}.git/info/lfs/objects"


def download_actions(hub: Hub, repo: Repo, ticket: LfsTicket) -> dict[str, Any]:
    """Say where an object comes from."""
    seconds = hub.settings.lfs.link_seconds
    text = ticket.sign(hub.stores.signer, seconds)
    href = f"{objects_url(hub, repo)}/{ticket.sha256}?ticket={text}"
    return {"download": {"href": href, "expires_in": seconds}}


def upload_actions(hub: Hub, repo: Repo, ticket: LfsTicket, *, straight: bool = False) -> dict[str, Any]:
    """Say where an object goes, in one piece or, if an upload in parts was begun for it, in parts; and where to confirm it.

    With `straight`, parts go to the bucket if there is one and clients reach it: then this is work for a thread.

    The addresses stand for themselves: the official client sends no header with the bytes. Part keys are padded with zeros, because
    one client takes them in the order in which they come.
    Source: hub-core contract U5 to U8 and T7, traps 14 and 15.
    """
    seconds = hub.settings.lfs.link_seconds
    text = ticket.sign(hub.stores.signer, seconds)
    address = f"{objects_url(hub, repo)}/{ticket.sha256}"
    verify = verify_action(hub, repo, ticket)
    if not ticket.upload:
        return {"upload": {"href": f"{address}?ticket={text}", "expires_in": seconds}, "verify": verify}
    count = Plan(ticket.size, ticket.part_bytes).count
    links = repos.part_links(hub.stores, ticket, seconds) if straight else None
    if links is None:
        links = [f"{address}/parts/{number}?ticket={text}" for number in range(1, count + 1)]
    header = {"chunk_size": str(ticket.part_bytes)}
    header |= {f"{number:05d}": link for number, link in enumerate(links, 1)}
    upload = {"href": f"{address}/parts?ticket={text}", "header": header, "expires_in": seconds}
    return {"upload": upload, "verify": verify}


def verify_action(hub: Hub, repo: Repo, ticket: LfsTicket) -> dict[str, Any]:
    """Say where an upload is confirmed."""
    seconds = hub.settings.lfs.link_seconds
    text = replace(ticket, upload="", part_bytes=0).sign(hub.stores.signer, seconds)
    return {"href": f"{objects_url(hub, repo)}/{ticket.sha256}/verify?ticket={text}", "expires_in": seconds}


def xet_actions(hub: Hub, repo: Repo, ticket: LfsTicket, token: str, ends: int, epoch: str) -> dict[str, Any]:
    """Say where the Xet agent of git-lfs sends an object: it finds the CAS of `epoch` and its token among the headers.

    Source: hub-core contract T8, xet contract 6.5.
    """
    header = {
        XET_CAS_URL: f"{hub.url}/cas/{epoch}",
        XET_ACCESS_TOKEN: token,
        XET_TOKEN_EXPIRATION: str(ends),
    }
    href = f"{api_url(hub.url, repo)}/xet-write-token/{repo.default_branch}"
    upload = {"href": href, "header": header, "expires_in": hub.settings.xet.token_seconds}
    return {"upload": upload, "verify": verify_action(hub, repo, ticket)}
