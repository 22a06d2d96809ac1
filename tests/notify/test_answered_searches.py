"""A search that members keep tells each of them of each case solved since, once, whatever happens around it."""

import re
from datetime import timedelta

from sqlalchemy import select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Topic
from comcep.notify import notifying
from comcep.search.models import SavedSearch
from tests.community import Person, Site
from tests.notify.test_once import notices


def solved(asker: Person, peer: Person, title: str) -> tuple[int, int]:
    """A case asked and solved: its topic and its solution."""
    topic = asker.asks(title)
    solution = peer.answers(topic, "Voici la solution.")
    asker.solves(topic, solution)
    return topic, solution


def told(person: Person) -> list[str]:
    """The topics that the mails of kept searches lead to, oldest first."""
    return re.findall(r"une recherche que vous gardez :\s+\S+/sujets/(\d+)", "\n".join(person.mails()))


def people(site: Site) -> tuple[Person, Person, Person]:
    maud, lea, ines = site.adviser("Maud"), site.adviser("Lea", "apec"), site.adviser("Ines", "pole-emploi")
    for person in (maud, lea):
        person.post("/recherches", address="q=vae")
    return maud, lea, ines


def test_each_who_keeps_a_search_is_told_once_of_each_case_and_led_to_its_solution(lite: Site) -> None:
    maud, lea, ines = people(lite)
    (first, one), (second, two) = (solved(ines, lite.animator(f"Lise{n}"), f"Un cas de VAE {n}") for n in (1, 2))

    for _ in range(2):
        lite.works()
    third, three = solved(ines, lite.animator("Rose"), "Un troisième cas de VAE")
    for _ in range(2):
        lite.works()

    for person in (maud, lea):
        assert sorted(told(person)[:2]) == sorted([str(first), str(second)])
        assert told(person)[2:] == [str(third)]
        assert set(notices(person)) == {f"/messages/{post}" for post in (one, two, three)}


def test_who_was_told_of_the_reply_is_told_that_it_solves_a_case_they_look_for(lite: Site) -> None:
    maud, lea, ines = people(lite)
    topic = ines.asks("Un cas de VAE")
    maud.post(f"/sujets/{topic}/suivi")
    solution = lea.answers(topic, "Voici la solution.")
    lite.works()

    ines.solves(topic, solution)
    lite.works()

    assert told(maud) == [str(topic)]


def test_a_case_solved_anew_by_the_same_message_is_no_news_and_silences_no_other(lite: Site) -> None:
    maud, lea, ines = people(lite)
    topic, solution = solved(ines, lea, "Un cas de VAE")
    lite.works()
    ines.post(f"/sujets/{topic}/resolution", reopen="1")
    ines.solves(topic, solution)
    other, _ = solved(ines, lea, "Une autre VAE")

    lite.works()

    assert told(maud) == [str(topic), str(other)]


def test_what_comes_to_fit_a_search_after_it_was_solved_is_no_news(lite: Site) -> None:
    maud, lea, ines = people(lite)
    topic, _ = solved(ines, lea, "Tout autre chose")
    lite.works()
    question = re.findall(r'data-post-id="(\d+)"', ines.get(f"/sujets/{topic}", follow_redirects=True).text)[0]

    ines.post(f"/messages/{question}/modifier", title="Un cas de VAE", body="VAE", version="1")
    lite.works()

    assert maud.searches("vae") == [topic]
    assert told(maud) == []


def test_a_case_is_told_only_when_search_has_seen_it(lite: Site) -> None:
    maud, lea, ines = people(lite)
    topic, _ = solved(ines, lea, "Un cas de VAE")

    with lite.app.app_context():
        notifying.announce_answers_to_searches()
    assert notices(maud) == []
    lite.works()

    assert told(maud) == [str(topic)]


def test_a_case_told_before_that_search_has_to_see_again_delays_no_newer_one(lite: Site) -> None:
    maud, lea, ines = people(lite)
    before, _ = solved(ines, lea, "Un cas de VAE")
    lite.works()
    topic, solution = solved(ines, lea, "Une autre VAE")
    with lite.app.app_context():
        db.session.execute(update(Topic).values(indexed_at=now()))
        db.session.execute(update(Topic).where(Topic.public_id == before).values(indexed_at=None))
        db.session.commit()
        behind = set(db.session.scalars(select(SavedSearch.seen_up_to)))

        notifying.announce_answers_to_searches()

        assert min(db.session.scalars(select(SavedSearch.seen_up_to))) > max(behind)


def test_a_case_dated_ahead_silences_none_of_those_before_it(lite: Site) -> None:
    maud, lea, ines = people(lite)
    ahead, _ = solved(ines, lea, "Un cas de VAE dit de demain")
    with lite.app.app_context():
        moment = now() + timedelta(days=1)
        db.session.execute(update(Topic).where(Topic.public_id == ahead).values(solved_at=moment))
        db.session.commit()
    lite.works()
    assert told(maud) == []

    topic, _ = solved(ines, lea, "Un cas de VAE d'aujourd'hui")
    lite.works()

    assert told(maud) == [str(topic)]


def test_a_case_that_is_solved_no_more_is_not_told(lite: Site) -> None:
    maud, lea, ines = people(lite)
    topic, solution = solved(ines, lea, "Un cas de VAE")
    lite.animator().post(f"/messages/{solution}/masquage", reason="Motif")
    other, _ = solved(ines, lea, "Une VAE rouverte")
    ines.post(f"/sujets/{other}/resolution", reopen="1")

    lite.works()

    assert told(maud) == []
