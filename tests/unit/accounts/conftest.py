"""A database with two people and an organization."""

from dataclasses import dataclass

import pytest
from tests.tools.schema import with_tables

from hubkeep import accounts
from hubkeep.accounts import Actor, Credentials, Role, TokenRole, User
from hubkeep.kit import Database

ADAS_PASSWORD = accounts.hash_password("correct horse")  # slow on purpose, so once


@dataclass
class People:
    """A database and who is in it."""

    db: Database
    ada: User
    eve: User

    def token(self, user: User, role: TokenRole = TokenRole.WRITE, name: str = "t") -> str:
        with self.db.write() as tx:
            return accounts.add_token(tx, user.id, name, role)[1]

    def actor(self, scheme: str, secret: str) -> Actor:
        with self.db.read() as tx:
            return accounts.authenticate(tx, Credentials(scheme, secret))


@pytest.fixture
def people(tmp_path):
    db = Database(with_tables(f"sqlite:///{tmp_path}/hub.sqlite3"))
    with db.write() as tx:
        ada = accounts.add_user(tx, "Ada", "ada@example.org", password_hash=ADAS_PASSWORD)
        eve = accounts.add_user(tx, "eve")
        accounts.add_org(tx, "acme", {"ada": Role.WRITE, "eve": Role.READ})
    yield People(db, ada, eve)
    db.close()
