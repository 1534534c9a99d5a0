"""Lists of organizations and of people."""

import re

import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import Order, OwnerKind, Role, list_owners
from hubkeep.accounts.org_tables import orgs
from hubkeep.accounts.tables import owners


def names(html):
    return re.findall(r'class="person" href="/([^"]+)"', html)


def add_people(site, *given):
    with site.stores.db.write() as tx:
        for name in given:
            accounts.add_user(tx, name, f"{name}@example.org")


def test_organizations_are_listed_by_name_with_what_they_keep(site):
    with site.stores.db.write() as tx:
        accounts.add_org(tx, "Zeta", {"ada": Role.ADMIN})
        accounts.add_org(tx, "beta", {}, fullname="The Beta")
    site.repo("tidewater/one")
    site.repo("tidewater/two", private=True)
    shown = site.browser().page("/organizations")
    assert names(shown) == ["beta", "tidewater", "Zeta"]
    assert "1 repository · 2 members" in shown
    assert "no repositories · 1 member<" in shown
    assert "The Beta" in shown
    assert "2 repositories · 2 members" in site.browser("ada").page("/organizations")


def test_people_are_listed_the_newest_first_and_pages_lead_on(site):
    add_people(site, *(f"p{number:03}" for number in range(40)))
    first = site.browser().page("/users?sort=newest")
    assert names(first)[:2] == ["p039", "p038"]
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    rest = site.browser().page(following[1].replace("&amp;", "&"))
    assert not set(names(first)) & set(names(rest))
    assert "First page" in rest


def test_names_are_walked_page_by_page_without_gaps(site):
    add_people(site, *(f"p{number:03}" for number in range(12)))
    seen, after = [], None
    with site.stores.db.read() as tx:
        while True:
            page = list_owners(tx, OwnerKind.USER, Order.NAME, after=after, limit=5)
            seen += [owner.name for owner in page.items]
            if (after := page.next) is None:
                break
    assert seen == sorted(seen, key=str.lower)
    assert len(seen) == len(set(seen)) >= 12


def test_who_is_locked_out_is_not_listed_nor_found(site):
    add_people(site, "gone")
    with site.stores.db.write() as tx:
        accounts.set_disabled(tx, "gone", disabled=True)
    assert "gone" not in names(site.browser().page("/users"))
    assert names(site.browser().page("/users?q=gone")) == []


def test_a_piece_of_a_name_finds_people_and_nothing_found_says_so(site):
    add_people(site, "margaret", "marge")
    assert set(names(site.browser().page("/users?q=marg"))) == {"margaret", "marge"}
    assert "Nobody is called that" in site.browser().page("/users?q=zzzz")
    assert names(site.browser().page("/organizations?q=marg")) == []


def test_without_organizations_their_list_teaches(site):
    with site.stores.db.write() as tx:
        tx.sql.execute(sa.delete(owners).where(owners.c.kind == "org"))
    assert "No organizations yet" in site.browser().page("/organizations")


def test_an_organization_that_hides_its_members_does_not_count_them(site):
    with site.stores.db.write() as tx:
        org = accounts.owner_named(tx, "tidewater")
        tx.sql.execute(sa.insert(orgs).values(id=org.id, members_hidden=True))
    assert "member" not in site.browser().page("/organizations").partition("persons")[2].partition("</ul>")[0]
    assert "2 members" in site.browser("ada").page("/organizations")


@pytest.mark.parametrize("query", ["sort=rank", "sort=newest&after=x", "sort=newest&after=-1"])
def test_a_place_or_an_order_that_was_not_offered_is_refused(site, query):
    assert site.browser().get(f"/users?{query}").status_code == 400


def test_hostile_names_in_the_search_are_text(site):
    assert "<script>alert" not in site.browser().page("/users?q=%3Cscript%3Ealert(1)%3C/script%3E")
