"""Rows of pull requests beside those of their discussions. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, metadata

# What open pull requests add to the results of a model: read when they are opened or changed. JSON, as repo info tells them.
pull_results = sa.Table(
    "pull_results",
    metadata,
    sa.Column(
        "discussion_id", BigId, sa.ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("repo_id", BigId, nullable=False),
    sa.Column("num", sa.Integer, nullable=False),
    sa.Column("results", sa.Text, nullable=False),
    sa.Index("ix_pull_results_repo_id_num", "repo_id", "num"),
)  # fmt: skip
