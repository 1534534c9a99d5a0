"""Speaks Hugging Face: URLs, JSON shapes, headers, git smart HTTP, LFS, Xet, and nothing else."""
