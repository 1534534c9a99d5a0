"""Fill a hub from a bundle: what is there already is left alone, what is broken is not used."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from hubkeep import repos, search
from hubkeep.accounts import COMMAND_LINE
from hubkeep.cli import bundle_format as form
from hubkeep.cli.bundle_people import names_in, read, read_all
from hubkeep.cli.bundle_records import RepoEntry, RepoFacts
from hubkeep.cli.import_around import import_around
from hubkeep.cli.import_bytes import keep_blob, keep_upload
from hubkeep.cli.import_state import Authors, Bundle, Imported, is_here
from hubkeep.community import attachments, discussions, likes, notifications
from hubkeep.community.attachments import CarriedFile
from hubkeep.community.discussions import Said, Talk
from hubkeep.community.likes import CarriedLike
from hubkeep.community.notifications import CarriedWatch, Target, Watched
from hubkeep.kit import HubError, WriteTx
from hubkeep.repos import Arrival, CarriedAccess, Repo, Stores
from hubkeep.search import CarriedDay


def import_bundle(
    stores: Stores,
    folder: Path,
    *,
    authors: Authors = Authors.KEEP,
    tell: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Take every repository of the bundle in; one that is refused stops nobody else. Run it again to go on.

    Raises:
        NotABundle: the manifest cannot be read.
    """
    bundle = Bundle.of(folder, form.read_manifest(folder), authors)
    done = Imported()
    for entry in bundle.manifest.repos:
        tell(f"{entry.full_name} …")
        with stores.db.read() as tx:
            known = is_here(tx, entry.kind, entry.owner, entry.name)
        if known:
            done.known.append(entry.full_name)
            continue
        try:
            _one(stores, bundle, entry)
        except HubError as error:
            done.refused[entry.full_name] = str(error)
        else:
            done.made.append(entry.full_name)
    tell("collections and webhooks …")
    import_around(stores, bundle, done)
    return done


def _one(stores: Stores, bundle: Bundle, entry: RepoEntry) -> None:
    """Take one in: bytes first, then people, then the repository with all that belongs to it in one transaction."""
    facts = form.read_facts(bundle.folder, entry)
    talks = form.read_talks(bundle.folder, entry)
    for sha256, size in facts.large.items():
        keep_blob(stores, bundle.folder, sha256, size)
    for attached in facts.attachments:
        keep_upload(stores, bundle.folder, attached)
    numbers = bundle.people(stores, facts.owner, names_in(facts, *facts.attachments, *talks))
    source = {"source": bundle.manifest.source, "made_at": f"{bundle.manifest.made_at:%Y-%m-%dT%H:%M:%SZ}"}
    arrival = read(Arrival, facts, numbers, large=list(facts.large.items()), facts=source)
    show = partial(_shown_here, stores.settings.url, bundle.manifest.source, facts)
    then = partial(_more, facts, [_with_texts(read(Talk, one, numbers), show) for one in talks], numbers)
    if form.HISTORY not in entry.files:
        repos.adopt(stores, COMMAND_LINE, arrival, None, then)
        return
    parts = (form.REPOS, entry.folder, form.HISTORY)
    with form.checked(bundle.folder, parts, entry.files[form.HISTORY]) as history:
        repos.adopt(stores, COMMAND_LINE, arrival, history, then)


def _more(
    facts: RepoFacts, talks: Sequence[Talk], numbers: Mapping[str, int], tx: WriteTx, repo: Repo
) -> None:
    """Bring in what stands around the files."""
    discussions.carry_in(tx, repo, talks, disabled=facts.discussions_off, sorting=facts.discussions_sorting)
    asked = read_all(CarriedAccess, facts.access, numbers)
    repos.access_in(tx, repo, asked, members_gated=facts.members_gated)
    watches = read_all(CarriedWatch, facts.watches, numbers)
    notifications.carry_in(tx, Target(Watched.REPO, repo.id), watches)
    attachments.carry_in(tx, read_all(CarriedFile, facts.attachments, numbers))
    repos.names_in(tx, repo, facts.former_names)
    liked = likes.carry_in(tx, repo, read_all(CarriedLike, facts.likes, numbers))
    days = [read(CarriedDay, one, numbers) for one in facts.days]
    search.counts_in(tx, repo, days, downloads_all_time=facts.downloads_all_time, likes=liked)


def _shown_here(own_url: str, source: str, facts: RepoFacts, text: str) -> str:
    """Let pictures that came along be shown by this hub, not by the one that they came from."""
    names = {one.name for one in facts.attachments}
    there = re.compile(re.escape(f"{source.rstrip('/')}/uploads/") + r"([0-9a-f]{32}\.[a-z0-9]{2,4})\b")
    return there.sub(lambda at: f"{own_url}/uploads/{at[1]}" if at[1] in names else at[0], text)


def _with_texts(talk: Talk, change: Callable[[str], str]) -> Talk:
    """Return a discussion with every text changed."""

    def changed(said: Said) -> Said:
        older = [replace(text, raw=change(text.raw)) for text in said.before]
        return replace(said, now=replace(said.now, raw=change(said.now.raw)), before=older)

    return replace(
        talk, deeds=[replace(deed, said=changed(deed.said)) if deed.said else deed for deed in talk.deeds]
    )
