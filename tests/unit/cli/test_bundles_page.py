"""docs/bundles.md says of every table whether it travels: whoever adds one decides it there."""

import re
from collections import Counter
from pathlib import Path

from hubkeep.cli.bundle_format import FORMAT
from hubkeep.kit.tables import metadata

PAGE = (Path(__file__).parents[3] / "docs" / "bundles.md").read_text()
PART = PAGE.partition("## What travels")[2].partition("\n## ")[0]
LAST = [line.removesuffix(" |").rpartition(" | ")[2] for line in PART.splitlines() if line.startswith("| ")]
TOLD = Counter(re.findall(r"`([a-z0-9_]+)`", " ".join(LAST)))


def test_every_table_is_told_once():
    tables = set(metadata.tables)
    assert sorted(tables - set(TOLD)) == [], "say on docs/bundles.md whether these travel, and let them"
    assert [name for name, times in TOLD.items() if name in tables and times > 1] == []


def test_no_table_is_told_that_is_not_there():
    assert sorted(set(TOLD) - set(metadata.tables)) == []


def test_the_format_is_the_one_that_is_written():
    assert f"The format is {FORMAT}." in PAGE
