"""Revisions: what may name a commit."""

import pytest
from tests.unit.repos.conftest import add

from hubkeep import repos
from hubkeep.repos import RevisionNotFound


def test_head_is_the_default_branch(house):
    """@huggingface/hub asks for `/revision/HEAD` when the caller named none."""
    repo = house.make_repo()
    tip = house.commit(repo, add("a.txt")).oid
    with house.stores.db.read() as tx:
        for revision in (None, "HEAD", "main", "refs/heads/main", tip, tip[:8]):
            found = repos.info(
                tx, house.ada, house.stores, repo.kind, repo.full_name, revision, siblings=False, blobs=False
            )
            assert found.oid == tip


@pytest.mark.parametrize(
    "revision", ["head", "HEAD~1", "HEAD^", "main:", "@", "0" * 40, "abcde", "refs/heads/HEAD"]
)
def test_what_is_no_ref_and_no_commit_is_not_found(house, revision):
    repo = house.make_repo()
    with house.stores.db.read() as tx, pytest.raises(RevisionNotFound):
        repos.info(
            tx, house.ada, house.stores, repo.kind, repo.full_name, revision, siblings=False, blobs=False
        )
