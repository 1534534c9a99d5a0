"""What each kind of background work does, in words of whoever operates the hub."""

from collections.abc import Mapping

JOB_TITLES: Mapping[str, str] = {
    "accounts.confirm": "Ask by mail whether an address is somebody's own",
    "accounts.invite": "Mail an invitation to an organization",
    "accounts.invite_link": "Mail a link to join an organization",
    "accounts.link": "Mail a link to choose a new password",
    "accounts.prune": "Forget sessions, tokens and counters that are over",
    "accounts.reset": "Find who asked for a new password",
    "accounts.tell": "Mail somebody what changed about their account",
    "cas.convert": "Prepare a large file for download by Xet",
    "community.deliver": "Call the receiver of a webhook",
    "community.gate_asker": "Mail somebody what was decided about their access",
    "community.gate_keepers": "Mail those who decide about access what waits for them",
    "community.gate_notice": "Tell those who decide about access who waits",
    "community.mail": "Mail a notification",
    "community.prune": "Forget old notifications",
    "community.prune_activity": "Forget old activity",
    "community.prune_deliveries": "Forget old deliveries of webhooks",
    "community.pull_results": "Read the results that a pull request proposes",
    "community.tell": "Notify everybody whom something concerns",
    "community.trigger": "Find the webhooks that something concerns",
    "repos.drop_lfs_parts": "Remove an upload that was never finished",
    "repos.drop_packs": "Remove git packs that were merged into one",
    "repos.gc": "Collect garbage, as every day",
    "repos.gc_now": "Collect garbage, as an operator asked",
    "repos.purge": "Remove the git packs of a deleted repository",
    "repos.tell_moved": "Tell indexes and webhooks that an owner has another name",
    "repos.repack": "Merge the git packs of a repository",
    "search.read_card": "Read a card for the search",
    "search.rebuild": "Build the search index anew",
    "search.roll": "Let the trending scores fade, as every day",
}


def job_title(kind: str) -> str:
    """Return what that kind of job does; the kind itself, where nobody said."""
    return JOB_TITLES.get(kind, kind)
