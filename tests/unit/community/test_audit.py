"""What is taken away from what people said is written down."""

from hubkeep import accounts
from hubkeep.accounts import AuditFilter
from hubkeep.community import discussions
from hubkeep.community.discussions import HideReason


def log(house, repo):
    found = house.ask(accounts.audit_entries, accounts.COMMAND_LINE, AuditFilter(repo_id=repo.id))
    return {entry.type: entry for entry in found}


def test_deleting_a_discussion_and_switching_discussions_off_are_written_down(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve, "A question of hers")
    house.on(discussions.delete, house.ada, repo, 1)
    house.on(discussions.update_settings, house.ada, repo, disabled=True, sorting=None)
    entries = log(house, repo)
    gone = entries["repo.delete_discussion"]
    assert (gone.actor_name, gone.owner_id) == ("ada", repo.owner_id)
    assert gone.data["discussion"] == 1
    assert gone.data["title"] == "A question of hers"
    assert gone.data["author_id"] == house.eve.user_id
    off = entries["repo.update_settings"].data
    assert (off["before"], off["after"]) == (
        {"discussions_disabled": False},
        {"discussions_disabled": True},
    )


def test_hiding_somebody_else_s_words_is_written_down_without_them_and_one_s_own_is_not(house):
    repo = house.make_repo()
    said = house.discuss(repo, house.eve, text="rude words").event
    house.on(discussions.hide_comment, house.ada, repo, 1, said.id, HideReason.SPAM)
    entry = log(house, repo)["repo.hide_comment"]
    assert (entry.data["author_id"], entry.data["reason"]) == (house.eve.user_id, "Spam")
    assert "rude words" not in str(entry.data)
    other = house.make_repo()
    mine = house.discuss(other, house.eve).event
    house.on(discussions.hide_comment, house.eve, other, 1, mine.id)
    assert "repo.hide_comment" not in log(house, other)
