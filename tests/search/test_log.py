"""The log of searches: what it keeps, for how long, who is shown what."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.search import log
from comcep.search.models import Searched, SearchKey
from tests.community import Person, Site


@pytest.fixture
def peers(site: Site) -> list[Person]:
    return [site.adviser(f"Pair{number}") for number in range(6)]


def rows(site: Site) -> list[Searched]:
    with site.app.app_context():
        return list(db.session.scalars(select(Searched).order_by(Searched.id)))


def search(person: Person, query: str) -> str:
    return person.get("/recherche", query_string={"q": query}).text


def in_vain(site: Site) -> str:
    animator = site.people.get("Lise") or site.animator()
    return animator.get("/animation/recherches").text


def test_a_search_is_kept_without_who_searched(site: Site, peers: list[Person]) -> None:
    site.works()
    search(peers[0], "télescope martien")
    search(peers[0], "Martiens, télescopes")

    (row,) = rows(site)
    assert (row.words, row.hits, row.opened_rank) == ("télescope martien", 0, None)
    assert str(peers[0].member_id) not in (row.searcher, row.words)
    assert re.fullmatch(r"[0-9a-f]{32}", row.searcher)


def test_what_points_at_a_person_is_not_kept(site: Site, peers: list[Person]) -> None:
    site.works()
    search(peers[0], "dossier de jean.dupont@exemple.fr au 06 12 34 56 78 auteur:Pair1")

    (row,) = rows(site)
    assert row.words == "dossier de … au …"


def test_only_peers_are_kept_and_their_first_page_only(site: Site, peers: list[Person]) -> None:
    site.works()
    search(site.hors_pair(), "télescope")
    search(site.anonymous(), "télescope")
    peers[0].get("/recherche?q=")
    peers[0].get("/recherche?q=le+la")
    assert rows(site) == []


def test_five_members_make_a_line_and_four_do_not(site: Site, peers: list[Person]) -> None:
    site.works()
    for peer in peers[:4]:
        search(peer, "télescope martien")
        search(peer, "télescope martien")
    assert "télescope" not in in_vain(site)

    search(peers[4], "un telescope martien")
    page = in_vain(site)
    assert "télescope martien" in page or "telescope martien" in page
    assert "5 conseillers" in page
    assert "aucun résultat" in page


def test_what_somebody_opened_was_found(site: Site, peers: list[Person]) -> None:
    peers[0].asks("Question sur la VAE")
    site.works()
    pages = [search(peer, "vae") for peer in peers[:5]]
    assert "des résultats, aucun ouvert" in in_vain(site)

    found = re.search(r'data-search="(\d+)"', pages[0])
    assert found is not None
    assert peers[1].post("/recherche/ouverture", search=found[1], rank="1").status_code == 204
    assert "aucun ouvert" in in_vain(site), "somebody else's search is not theirs to close"
    peers[0].post("/recherche/ouverture", search=found[1], rank="1")
    assert [row.opened_rank for row in rows(site)].count(1) == 1
    assert "aucun ouvert" not in in_vain(site)


@pytest.mark.parametrize("fields", [{}, {"search": "x"}, {"search": "123456789012345", "rank": "-1"}, {"rank": "²"}])
def test_a_forged_opening_changes_nothing(site: Site, peers: list[Person], fields: dict[str, str]) -> None:
    site.works()
    search(peers[0], "vae")
    assert peers[0].post("/recherche/ouverture", **fields).status_code == 204
    assert [row.opened_rank for row in rows(site)] == [None]


def test_the_key_of_a_month_is_destroyed_and_old_searches_forgotten(site: Site, peers: list[Person]) -> None:
    site.works()
    search(peers[0], "vae")
    with site.app.app_context():
        db.session.execute(update(SearchKey).values(month="2016-12"))
        db.session.execute(update(Searched).values(searched_on=now().date() - log.KEPT - timedelta(days=1)))
        db.session.commit()
    search(peers[0], "cif")
    site.works()

    with site.app.app_context():
        assert list(db.session.scalars(select(SearchKey.month))) == [now().date().isoformat()[:7]]
        assert db.session.scalar(select(func.count(Searched.id))) == 1


def test_members_of_two_months_are_not_added_up(site: Site, peers: list[Person]) -> None:
    site.works()
    for peer in peers[:3]:
        search(peer, "télescope")
    with site.app.app_context():
        db.session.execute(update(Searched).values(month="2017-01"))
        db.session.commit()
    for peer in peers[3:]:
        search(peer, "télescope")

    assert "télescope" not in in_vain(site)


def test_a_search_is_answered_when_it_cannot_be_written_down(
    site: Site, peers: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    topic = peers[0].asks("Question sur la VAE")
    site.works()

    def full(*_args: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(log, "log", full)
    assert str(topic) in search(peers[1], "vae")
