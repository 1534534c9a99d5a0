"""Passwords cost little in these tests: slow hashes are against those who steal a database."""

from argon2 import PasswordHasher

from hubkeep.accounts import passwords

AS_SERVED = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
