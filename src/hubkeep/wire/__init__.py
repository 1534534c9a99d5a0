"""Speaks Hugging Face: URLs, JSON shapes, headers, git smart HTTP, LFS, Xet, and nothing else."""

from hubkeep.wire import raw_path as raw_path  # first: it teaches the router the words of our paths
