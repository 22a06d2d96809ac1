"""Searches members keep, and being told of newly solved cases."""

import re

import pytest
from sqlalchemy import update

from comcep.accounts.models import Member
from comcep.extensions import db
from tests.community import Person, Site


def solve(asker: Person, peer: Person, title: str, **fields: str) -> int:
    topic = asker.asks(title, **fields)
    asker.solves(topic, peer.answers(topic, "Voici la solution."))
    return topic


def told(person: Person) -> int:
    return person.get("/notifications").text.count("répond à une recherche que vous gardez")


def test_a_kept_search_tells_of_a_newly_solved_case_once(site: Site, maud: Person, ines: Person) -> None:
    solve(ines, maud, "Ancien cas de permis de conduire")
    site.works()
    maud.post("/recherches", address="q=permis de conduire")
    site.works()
    assert told(maud) == 0, "what was solved before is no news"

    solve(ines, maud, "Nouveau cas : permis de conduire et CPF")
    solve(ines, maud, "Tout autre chose")
    open_question = ines.asks("Permis de conduire, encore ouvert")
    site.works()
    site.works()
    assert told(maud) == 1
    mails = [mail for mail in maud.mails() if "répond à une de vos recherches" in mail]
    assert len(mails) == 1
    assert "permis" not in mails[0].lower()
    assert str(open_question) not in mails[0]


def test_narrowed_searches_tell_of_what_they_narrow_to(site: Site, maud: Person, ines: Person) -> None:
    maud.post("/recherches", address="q=vae&rubrique=hors-pairs")
    solve(ines, maud, "VAE entre pairs")
    site.works()
    assert told(maud) == 0
    solve(ines, maud, "VAE ouverte", section="hors-pairs")
    site.works()
    assert told(maud) == 1


def test_nobody_is_told_of_what_they_may_not_see(site: Site, maud: Person, ines: Person) -> None:
    agnes = site.hors_pair()
    agnes.post("/recherches", address="q=vae")
    topic = ines.asks("VAE entre pairs")
    ines.solves(topic, maud.answers(topic, "Voici."))
    site.works()

    assert told(agnes) == 0
    assert agnes.mails() == []


def test_who_is_suspended_is_told_of_nothing_not_even_of_public_cases(site: Site, maud: Person, ines: Person) -> None:
    lise = site.animator()
    maud.post("/recherches", address="q=vae")
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.id == maud.member_id).values(state="suspended"))
        db.session.commit()
    topic = lise.asks("VAE pour tous", section="publique")
    lise.solves(topic, lise.answers(topic, "Voici."))
    site.works()

    assert maud.mails() == []


def test_ones_own_case_is_no_news(site: Site, maud: Person, ines: Person) -> None:
    maud.post("/recherches", address="q=vae")
    solve(maud, ines, "Mon cas de VAE")
    site.works()
    assert told(maud) == 0


def test_kept_searches_are_listed_and_forgotten_by_their_member_only(maud: Person, ines: Person) -> None:
    maud.post("/recherches", address="q=vae&etat=solved&tri=recents&nimporte=quoi")
    maud.post("/recherches", address="q=vae&etat=solved")
    page = maud.get("/recherches").text
    (number,) = re.findall(r'data-id="(\d+)"', page)
    assert "/recherche?q=vae&amp;etat=solved" in page
    assert "vae" not in ines.get("/recherches").text

    assert ines.post(f"/recherches/{number}/oubli").status_code == 404
    assert maud.post(f"/recherches/{number}/oubli").status_code == 302
    assert maud.post(f"/recherches/{number}/oubli").status_code == 404
    assert "data-id" not in maud.get("/recherches").text


@pytest.mark.parametrize("address", ["", "q=", "q=" + "x" * 1200, "nimporte"])
def test_what_cannot_be_kept_is_said(maud: Person, address: str) -> None:
    answer = maud.client.post("/recherches", data={"address": address}, follow_redirects=True)
    assert "ne peut pas être gardée" in answer.text


def test_thirty_are_kept_and_no_more(maud: Person) -> None:
    for number in range(31):
        maud.post("/recherches", address=f"q=vae{number}")
    assert maud.get("/recherches").text.count("data-id") == 30


def test_a_kept_filter_that_is_no_more_stops_nothing(site: Site, maud: Person, ines: Person) -> None:
    maud.post("/recherches", address="q=vae&rubrique=disparue")
    maud.post("/recherches", address="q=vae")
    solve(ines, maud, "Cas de VAE")
    site.works()
    assert told(maud) == 1
