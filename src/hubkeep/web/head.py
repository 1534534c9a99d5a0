"""What every page of a repository needs: the repository under its own name, and what the viewer may do there."""

from dataclasses import dataclass

from hubkeep import accounts
from hubkeep.accounts import Action, Actor
from hubkeep.repos import Repo, RepoMoved
from hubkeep.web import commands, urls
from hubkeep.web.asked import Asked


@dataclass(frozen=True)
class Head:
    """The repository, the viewer's rights, which tab is open, and the commands that get its files."""

    repo: Repo
    tab: str
    may_write: bool
    may_manage: bool
    url: str
    hub_url: str
    known: bool = False  # somebody is signed in
    ssh_url: str = ""  # what stands before the repository's path for git over SSH, if the hub speaks it

    @property
    def git_url(self) -> str:
        """Address for `git clone`."""
        return self.hub_url + self.url

    @property
    def download(self) -> str:
        """Command that downloads everything."""
        return commands.download(self.hub_url, self.repo.kind, self.repo.full_name)

    @property
    def clone(self) -> str:
        """Command that clones with large files."""
        return f"git lfs install\ngit clone {self.git_url}"

    @property
    def clone_ssh(self) -> str:
        """Command that clones by SSH, "" when this hub does not speak it."""
        return f"git clone {self.ssh_url}{self.url}" if self.ssh_url else ""

    @property
    def clone_light(self) -> str:
        """Command that clones without large files."""
        return f"GIT_LFS_SKIP_SMUDGE=1 git clone {self.git_url}"


def head_of(asked: Asked, actor: Actor, repo: Repo, tab: str) -> Head:
    """Return the head of a page about `repo`.

    Raises:
        RepoMoved: the address names it in other capitals, or with `models/`: there is one address for one thing.
    """
    url = urls.repo_url(repo)
    if not (asked.path + "/").startswith(url + "/"):
        raise RepoMoved(kind=repo.kind, name=asked.full_name, to=repo.full_name)
    return Head(
        repo=repo,
        tab=tab,
        may_write=accounts.may(actor, Action.WRITE, repo),
        may_manage=accounts.may(actor, Action.MANAGE, repo),
        url=url,
        hub_url=asked.hub.url,
        known=not actor.anonymous,
        ssh_url=asked.hub.settings.ssh_url,
    )
