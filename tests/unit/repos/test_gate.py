from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.unit.repos.conftest import add

from hubkeep import accounts, repos
from hubkeep.accounts import STRANGER, NotAllowed, NotSignedIn, Role
from hubkeep.kit import BadInput, TooLarge
from hubkeep.repos import AccessStatus, Changes, GatedRepo, Kind, Whose, gate_form
from hubkeep.repos.gate_form import check_answers, gate_errors

CARD = b"""---
extra_gated_prompt: "You agree **not** to race ships."
extra_gated_fields:
  Company: text
  Country: country
  Launch: date_picker
  I want to use this for:
    type: select
    options: [Research, {label: Work, value: work}, Other]
  I agree: checkbox
---
# Gated
"""
FINE = {
    "Company": "Tidewater",
    "Country": "fr",
    "Launch": "2026-02-03",
    "I want to use this for": "work",
    "I agree": True,
}
KEPT = FINE | {"Country": "France", "I agree": "true"}


@pytest.fixture
def gate(house):
    """A gated model of ada's, and what people do at its gate."""
    return Gate(house, house.make_repo(), "manual")


class Gate:
    def __init__(self, house, repo, gated, keeper=None, **settings):
        self.house, self.repo = house, repo
        self.change(keeper, gated=gated, **settings)

    def change(self, actor=None, **settings):
        who = actor or self.house.ada
        self.repo = self.write(repos.update_settings, who, Changes(**settings))

    def write(self, verb, actor, *more, **named):
        with self.house.stores.db.write() as tx:
            return verb(tx, actor, self.repo.kind, self.repo.full_name, *more, **named)

    def ask(self, actor=None, **answers):
        return self.write(repos.ask_access, actor or self.house.eve, answers)

    def handle(self, status, who="eve", actor=None, reason=None):
        return self.write(
            repos.handle_access_request, actor or self.house.ada, Whose(who), AccessStatus(status), reason
        )

    def grant(self, who="eve", actor=None):
        return self.write(repos.grant_access, actor or self.house.ada, Whose(who))

    def opens(self, actor):
        with self.house.stores.db.read() as tx:
            open_ = repos.may_read_content(tx, actor, self.repo)
            listed = self.repo.id in tx.sql.execute(repos.content_ids(actor)).scalars().all()
        assert open_ == listed
        return open_

    def listed(self, status, **named):
        with self.house.stores.db.read() as tx:
            page = repos.list_access_requests(
                tx, self.house.ada, self.repo.kind, self.repo.full_name, AccessStatus(status), **named
            )
        return [one.user.name for one in page.requests]


@pytest.fixture
def org(house):
    """An organization with a member of every role; returns actors by role, and a function that makes a gate in it."""
    actors = {}
    with house.stores.db.write() as tx:
        for role in Role:
            accounts.add_user(tx, f"m-{role.value.replace('_', '-')}", f"{role}@example.org")
        roles = {f"m-{role.value.replace('_', '-')}": role for role in Role}
        accounts.add_org(tx, "tidewater", roles)
    with house.stores.db.read() as tx:
        for role in Role:
            user = accounts.user_named(tx, f"m-{role.value.replace('_', '-')}")
            actors[role] = accounts.actor_of(tx, user.id, True)
    return actors


def made_by(house, actor):
    """Make a repository of the organization."""
    return repos.create(house.stores, actor, repos.NewRepo(Kind.MODEL, "tidewater", "harbour"))


@pytest.mark.parametrize("gated", ["auto", "manual"])
def test_a_gate_is_shut_for_all_but_the_owner(house, gate, gated):
    gate.change(gated=gated)
    assert gate.opens(house.ada)
    assert not gate.opens(house.eve)
    assert not gate.opens(STRANGER)
    assert gate.opens(replace(house.eve, is_admin=True))


@pytest.mark.parametrize(
    ("role", "open_", "members_gated"),
    [
        (Role.ADMIN, True, True),
        (Role.WRITE, True, False),
        (Role.CONTRIBUTOR, True, False),
        (Role.READ, True, False),
        (Role.NO_ACCESS, False, False),
    ],
)
def test_members_pass_the_gate_unless_it_holds_for_them_too(house, org, role, open_, members_gated):
    gate = Gate(house, made_by(house, org[Role.ADMIN]), "manual", org[Role.ADMIN])
    assert gate.opens(org[role]) is open_
    gate.change(org[Role.ADMIN], members_gated=True)
    assert gate.opens(org[role]) is members_gated


def test_whoever_made_a_repository_passes_a_gate_that_holds_for_members(house, org):
    maker = org[Role.CONTRIBUTOR]
    gate = Gate(house, made_by(house, maker), "auto", org[Role.ADMIN], members_gated=True)
    assert gate.opens(maker)
    assert not gate.opens(replace(maker, roles={maker.user_id: Role.ADMIN}))  # they left


def test_no_member_lets_themselves_in_where_the_gate_holds_for_members(house, org):
    writer = org[Role.WRITE]
    gate = Gate(house, made_by(house, org[Role.ADMIN]), "manual", org[Role.ADMIN], members_gated=True)
    gate.ask(writer)
    for attempt in (
        lambda: gate.handle("accepted", "m-write", writer),
        lambda: gate.grant("m-write", writer),
        lambda: gate.change(writer, gated=""),
        lambda: gate.change(writer, members_gated=False),
        lambda: gate.write(repos.move, writer, "m-write/mine"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert not gate.opens(writer)
    gate.handle("accepted", "m-write", org[Role.ADMIN])
    assert gate.opens(writer)


def test_an_automatic_gate_opens_when_asked(house, gate):
    gate.change(gated="auto")
    assert gate.ask().status is AccessStatus.ACCEPTED
    assert gate.opens(house.eve)


def test_the_life_of_a_request(house, gate):
    assert gate.ask().status is AccessStatus.PENDING
    assert not gate.opens(house.eve)
    assert gate.listed("pending") == ["eve"]
    gate.handle("accepted")
    assert gate.opens(house.eve)
    gate.handle("pending")
    assert not gate.opens(house.eve)
    assert gate.handle("rejected", reason="no sailors").reason == "no sailors"
    assert not gate.opens(house.eve)
    assert (gate.listed("pending"), gate.listed("accepted"), gate.listed("rejected")) == ([], [], ["eve"])
    with pytest.raises(repos.AccessRejected):
        gate.ask()
    with pytest.raises(repos.AccessRejected):
        gate.write(repos.cancel_my_access_request, house.eve)
    assert gate.handle("accepted").reason == ""
    assert gate.opens(house.eve)


def test_a_request_that_waits_can_be_taken_back_and_made_again(house, gate):
    gate.ask()
    with pytest.raises(repos.AlreadyAsked):
        gate.ask()
    gate.write(repos.cancel_my_access_request, house.eve)
    assert gate.listed("pending") == []
    gate.ask()
    gate.handle("accepted")
    with pytest.raises(repos.HasAccess):
        gate.write(repos.cancel_my_access_request, house.eve)
    with pytest.raises(repos.AccessRequestNotFound):
        gate.write(repos.cancel_my_access_request, house.ada)


def test_whoever_is_granted_access_did_not_have_to_ask(house, gate):
    assert gate.grant().granted
    assert gate.opens(house.eve)
    for name in ("eve", "ada"):
        with pytest.raises(repos.HasAccess):
            gate.grant(name)
    with pytest.raises(accounts.OwnerNotFound):
        gate.grant("nobody")


def test_a_grant_accepts_the_request_that_waits(gate):
    gate.ask()
    assert not gate.grant().granted
    assert gate.listed("accepted") == ["eve"]


@pytest.mark.parametrize("status", ["accepted", "rejected", "pending"])
def test_a_decision_is_taken_once(gate, status):
    gate.ask()
    if status != "pending":
        gate.handle(status)
    with pytest.raises(repos.AccessUnchanged):
        gate.handle(status)


def test_decisions_that_cannot_be_taken(house, gate):
    with pytest.raises(accounts.OwnerNotFound):
        gate.handle("accepted", "nobody")
    with pytest.raises(repos.AccessRequestNotFound):
        gate.handle("accepted")
    gate.ask()
    with pytest.raises(BadInput, match="at most 200"):
        gate.handle("rejected", reason="x" * 201)
    with pytest.raises(BadInput, match="for rejections only"):
        gate.handle("accepted", reason="welcome")
    for actor, error in (
        (house.eve, NotAllowed),
        (replace(house.ada, can_write=False), NotAllowed),
        (STRANGER, NotSignedIn),
    ):
        with pytest.raises(error):
            gate.handle("accepted", actor=actor)
    gate.change(gated="")
    with pytest.raises(repos.NotGated):
        gate.handle("accepted")
    with pytest.raises(repos.NotGated):
        gate.ask()


def test_a_request_of_another_repository_is_not_found_by_its_number(house, gate):
    request = gate.ask()
    other = Gate(house, house.make_repo(), "manual")
    with pytest.raises(repos.AccessRequestNotFound):
        other.write(
            repos.handle_access_request, house.ada, Whose(request_id=request.id), AccessStatus.ACCEPTED
        )
    gate.write(repos.handle_access_request, house.ada, Whose(request_id=request.id), AccessStatus.ACCEPTED)
    assert gate.opens(house.eve)


def test_many_are_answered_at_once(house, gate):
    gate.ask()
    many = [Whose("eve"), Whose("ada"), Whose("nobody"), Whose(user_id=999)]
    told = gate.write(repos.handle_access_requests, house.ada, many, AccessStatus.ACCEPTED)
    assert told == [None, "request_not_found", "user_not_found", "user_not_found"]
    with pytest.raises(TooLarge):
        gate.write(repos.handle_access_requests, house.ada, many * 26, AccessStatus.ACCEPTED)


def test_a_list_goes_on_where_it_stopped(house, gate):
    with house.stores.db.write() as tx:
        people = [accounts.add_user(tx, f"p{n}", f"p{n}@example.org") for n in range(5)]
    for user in people:
        gate.grant(user.name)
    seen, start = [], None
    with house.stores.db.read() as tx:
        for _ in range(3):
            page = repos.list_access_requests(
                tx,
                house.ada,
                gate.repo.kind,
                gate.repo.full_name,
                AccessStatus.ACCEPTED,
                start=start,
                limit=2,
            )
            seen += [one.user.name for one in page.requests]
            start = page.next
    assert start is None
    assert seen == ["p4", "p3", "p2", "p1", "p0"]


def test_requests_survive_a_gate_that_was_open_for_a_while(house, gate):
    gate.grant()
    gate.change(gated="")
    assert gate.opens(STRANGER)
    gate.change(gated="auto")
    assert not gate.opens(STRANGER)
    assert gate.opens(house.eve)


def test_what_happens_at_a_gate_is_written_into_the_audit_log(house, gate):
    gate.ask()
    gate.handle("accepted")
    gate.handle("rejected", reason="no sailors")
    gate.handle("pending")
    gate.write(repos.cancel_my_access_request, house.eve)
    gate.grant()
    with house.stores.db.read() as tx:
        log = tx.sql.execute(sa.text("SELECT type FROM audit_log ORDER BY id")).scalars().all()
    assert [act.removeprefix("repo.") for act in log if "access" in act or "gated" in act] == [
        "update_gated_settings",
        "access_request.create",
        "access_request.accept",
        "access_request.reject",
        "access_request.reset",
        "access_request.cancel",
        "access_request.grant",
    ]


def test_the_address_for_mail_is_checked(gate):
    for address in ("no", "a@b@c", "a b@c", "<a@b>", "a@b, c@d", "x" * 70 + "@y"):
        with pytest.raises(BadInput, match="gatedNotificationsEmail"):
            gate.change(gate_email=address)
    gate.change(gate_email=" gate@example.org ")


def test_one_decision_costs_at_most_one_query(house, gate):
    gate.grant()
    asked = []
    sa.event.listen(house.stores.db._reader, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    for actor, cost in ((house.ada, 0), (STRANGER, 0), (house.eve, 1)):
        with house.stores.db.read() as tx:
            asked.clear()
            repos.may_read_content(tx, actor, gate.repo)
            assert len([sql for sql in asked if "access_requests" in sql]) <= cost
    with house.stores.db.read() as tx:
        plan = tx.sql.execute(
            sa.text("EXPLAIN QUERY PLAN SELECT status FROM access_requests WHERE repo_id = 1 AND user_id = 1")
        ).all()
    assert "USING INDEX" in str(plan)


def test_the_gate_asks_what_the_card_says(house):
    gate = Gate(house, house.make_repo(), "manual")
    house.commit(gate.repo, add("README.md", CARD))
    with pytest.raises(BadInput, match="Company: must be filled in"):
        gate.ask()
    assert gate.ask(**FINE).answers == KEPT


FORM = gate_form(
    {
        "extra_gated_fields": {
            "Company": "text",
            "Country": "country",
            "Launch": "date_picker",
            "I want to use this for": {
                "type": "select",
                "options": ["Research", {"label": "Work", "value": "work"}, "Other"],
            },
            "I agree": "checkbox",
        }
    }
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Company": ""}, "Company: must be filled in"),
        ({"Company": " \n "}, "Company: must be filled in"),
        ({"Company": 7}, "Company: must be a text"),
        ({"Company": "x" * 1001}, "Company: at most 1,000"),
        ({"I agree": False}, "I agree: must be ticked"),
        ({"I agree": "no"}, "I agree: must be ticked"),
        ({"I agree": None}, "I agree: must be ticked"),
        ({"Country": "Atlantis"}, "Country: 'Atlantis' is no country"),
        ({"Launch": "tomorrow"}, "Launch: must be a date"),
        ({"Launch": "2026-02-30"}, "Launch: must be a date"),
        ({"I want to use this for": "Evil"}, "'Evil' is none of its options"),
        ({"Age": "7"}, "Age: the form has no such field"),
    ],
)
def test_answers_that_break_a_rule_name_the_field(change, reason):
    with pytest.raises(BadInput, match=reason):
        check_answers(FORM, FINE | change)


def test_people_of_the_european_union_can_be_kept_out():
    form = gate_form({"extra_gated_eu_disallowed": True})
    assert [one.label for one in form.fields] == ["Country"]
    assert check_answers(form, {"Country": "CH"}) == {"Country": "Switzerland"}
    with pytest.raises(BadInput, match="European Union"):
        check_answers(form, {"Country": "Germany"})


@pytest.mark.parametrize(
    "card",
    [
        {"extra_gated_fields": ["Company"]},
        {"extra_gated_fields": {"Company": "colour"}},
        {"extra_gated_fields": {"Company": "select"}},
        {"extra_gated_fields": {"Use": {"type": "select"}}},
        {"extra_gated_fields": {"Use": {"type": "select", "options": []}}},
        {"extra_gated_fields": {"Use": {"type": "select", "options": [["x"]]}}},
        {"extra_gated_fields": {"x" * 301: "text"}},
        {"extra_gated_fields": {str(n): "text" for n in range(31)}},
        {"extra_gated_prompt": 7},
        {"extra_gated_heading": ["x"]},
        {"extra_gated_eu_disallowed": "yes"},
    ],
)
def test_a_form_that_breaks_a_rule_is_refused_with_the_card(card):
    assert len(list(gate_errors(card))) == 1
    gate_form(card)  # and what was pushed before the rule is no reason to fail


def test_a_card_with_a_bad_form_is_not_committed(house):
    repo = house.make_repo()
    with pytest.raises(repos.InvalidCommit, match=r"extra_gated_fields\.Company"):
        house.commit(repo, add("README.md", b"---\nextra_gated_fields:\n  Company: colour\n---\n"))


def test_only_those_whom_the_gate_let_in_duplicate(house, gate):
    new = repos.NewRepo(Kind.MODEL, "eve", "copy")
    with pytest.raises(GatedRepo):
        repos.duplicate(house.stores, house.eve, gate.repo.kind, gate.repo.full_name, new)
    gate.grant()
    repos.duplicate(house.stores, house.eve, gate.repo.kind, gate.repo.full_name, new)
