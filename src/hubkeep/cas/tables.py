"""Rows of the cas room. They never leave it.

Chunk tables, terms and hashes are packed binary columns: nothing here grows by one row per chunk, except the few chunks
that clients may ask for (`xet_dedup`, about one in a thousand).
"""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

# Large content by its sha256. `whole` tells of a blob `lfs/…` with exactly these bytes, `xet_hash` of a recipe in
# `xet_files`; at least one of them is there.
objects = sa.Table(
    "objects",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("xet_hash", sa.String(64)),
    sa.Column("created_at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

# Which repository holds which object: the only way to read one. Repositories are known by number.
repo_objects = sa.Table(
    "repo_objects",
    metadata,
    sa.Column("repo_id", BigId, primary_key=True),
    sa.Column("sha256", sa.String(64), sa.ForeignKey("objects.sha256"), primary_key=True),
    sa.Column("linked_at", UtcTime, nullable=False),
    sa.Column("user_id", BigId),
    sa.Index("ix_repo_objects_sha256", "sha256", "repo_id"),
    sqlite_with_rowid=False,
)

# The name says nothing about how chunks were compressed, so two bodies may share it: the first is kept, as blob
# `xorbs/…/{hash}.{body}`. A xorb cut from a whole blob has no body of its own: `source` is that blob's sha256, `source_at`
# where its content begins there, and its records are made up when it is read, uncompressed.
# `bytes` is the length of the body, `size` that of its content. `ends`: per chunk u32 end in the body and u32 end in the
# content; `hashes`: 32 raw bytes per chunk. Split, because reading a file needs only the ends.
# `idle_since`: when the garbage collector first saw that no recipe names it.
xorbs = sa.Table(
    "xorbs",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("body", sa.String(16)),
    sa.Column("source", sa.String(64), index=True),
    sa.Column("source_at", sa.BigInteger),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("idle_since", UtcTime, index=True),
    sa.Column("ends", sa.LargeBinary, nullable=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Who proved to have a xorb's bytes by sending them.
xorb_uploads = sa.Table(
    "xorb_uploads",
    metadata,
    sa.Column("xorb_id", BigId, sa.ForeignKey("xorbs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", BigId, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

# A file's recipe. `terms`: per term i64 xorb id, u32 first chunk, u32 end chunk, u32 bytes of content. `sha256` was
# computed here from the reconstruction, never taken on trust.
xet_files = sa.Table(
    "xet_files",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("terms", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Which recipes name a xorb: a xorb that is named cannot be deleted.
xorb_uses = sa.Table(
    "xorb_uses",
    metadata,
    sa.Column("xorb_id", BigId, sa.ForeignKey("xorbs.id"), primary_key=True),
    sa.Column(
        "file_id", BigId, sa.ForeignKey("xet_files.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    sqlite_with_rowid=False,
)

# The chunks that clients may ask for, by raw hash, and the xorbs that have them.
xet_dedup = sa.Table(
    "xet_dedup",
    metadata,
    sa.Column("chunk", sa.LargeBinary(32), primary_key=True),
    sa.Column("xorb_id", BigId, sa.ForeignKey("xorbs.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# How often a user's clients were made to forget what they had sent (see `amnesia.py`).
xet_amnesia = sa.Table(
    "xet_amnesia",
    metadata,
    sa.Column("user_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("times", sa.Integer, nullable=False),
)
