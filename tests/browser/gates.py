"""Gated repositories to look at: one of ada's with requests, two of hopper's that she stands before."""

from tests.unit.web.furniture import Furniture

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.repos import AccessStatus, Changes, Kind, Repo, Whose

CARD = b"""---
license: other
extra_gated_heading: Before you open these orders
extra_gated_description: We keep a list of everybody who reads them.
extra_gated_prompt: |-
  ### Terms

  You agree **not** to race ships, and to:

  1. keep a proper look-out,
  2. tell us of [what you find](https://example.org).
extra_gated_fields:
  Company: text
  Country: country
  Sailing on: date_picker
  I want to use this for:
    type: select
    options: [Research, {label: Work, value: work}, Other]
  I am over eighteen and agree to the terms above: checkbox
extra_gated_button_content: Send my request
---
# Sealed orders

Everybody may read this page. The orders themselves are for those whom we let in.
"""
ANSWERS = {
    "Company": "Tidewater Institute",
    "Country": "NL",
    "Sailing on": "2026-05-01",
    "I want to use this for": "Research",
    "I am over eighteen and agree to the terms above": "true",
}


def gate(furniture: Furniture, password_hash: str) -> None:
    """Make them, and people who ask."""
    stores, ada = furniture.stores, furniture.actor
    with stores.db.write() as tx:
        for name, fullname in (("hopper", "Grace Hopper"), ("noether", "Emmy Noether")):
            accounts.add_user(tx, name, f"{name}@example.org", fullname=fullname, password_hash=password_hash)
    with stores.db.read() as tx:
        people = {
            name: accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=True)
            for name in ("eve", "hopper", "noether")
        }
    orders = _gated(furniture, "ada/sealed-orders", Kind.MODEL)
    hoppers = Furniture(stores, people["hopper"])
    soundings = _gated(hoppers, "hopper/soundings", Kind.DATASET)
    _gated(hoppers, "hopper/depths", Kind.DATASET)
    with stores.db.write() as tx:
        for asker in (people["eve"], people["noether"]):
            repos.ask_access(tx, asker, orders.kind, orders.full_name, ANSWERS)
        answer = (Whose("noether"), AccessStatus.REJECTED, "Please ask with the address of your institute.")
        repos.handle_access_request(tx, ada, orders.kind, orders.full_name, *answer)
        repos.ask_access(tx, ada, soundings.kind, soundings.full_name, ANSWERS)


def _gated(furniture: Furniture, name: str, kind: Kind) -> Repo:
    files = {"README.md": CARD, "orders.txt": b"Sail at dawn.\n", "data/log.csv": b"day,depth\n1,20\n"}
    repo = furniture.repo(name, kind, files)
    owner: Actor = furniture.actor
    with furniture.stores.db.write() as tx:
        return repos.update_settings(tx, owner, repo.kind, repo.full_name, Changes(gated="manual"))
