"""What git is told first when it fetches."""

import pytest

from hubkeep.git import advertisement, make_bare


@pytest.mark.parametrize("protocol", ["", "version=0", "version=1", "nonsense"])
def test_old_protocols_are_told_which_service_answers(tmp_path, protocol):
    make_bare(tmp_path / "x.git")
    assert advertisement(tmp_path / "x.git", protocol).startswith(b"001e# service=git-upload-pack\n0000")


def test_protocol_2_begins_with_its_version(tmp_path):
    make_bare(tmp_path / "x.git")
    assert advertisement(tmp_path / "x.git", "version=2").startswith(b"000eversion 2\n")
