"""Moving a topic: never to people it was not written for, with a reason, told, and undone."""

import re

import pytest
from sqlalchemy import select

from comcep.accounts.models import Group, GroupMember
from comcep.extensions import db
from comcep.forum.models import Category, Section
from tests.community import Person, Site

GROUPS = ("groupe", "autre-groupe")
PLACES = ("publique", "hors-pairs", "pairs", "animateurs", *GROUPS)
# By hand, from product.md: where a topic of each section may go when its author is in both groups, and in none.
MAY_GO = {
    "publique": {"hors-pairs", "pairs", "animateurs", *GROUPS},
    "hors-pairs": {"pairs", "animateurs", *GROUPS},
    "pairs": {"animateurs", *GROUPS},
    "animateurs": set(),
    "groupe": set(),
    "autre-groupe": set(),
}


@pytest.fixture
def world(lite: Site) -> Site:
    """Two groups; an animator in both who moves, and one who writes everywhere."""
    with lite.app.app_context():
        group = Group(name="Autre groupe")
        category = db.session.scalar(select(Category).where(Category.name == "Essais"))
        section = Section(slug="autre-groupe", name="Autre groupe", category=category, audience="group", group=group)
        db.session.add(section)
        db.session.commit()
    for name in ("Lise", "Noa"):
        _join(lite, lite.person(name, is_animator=True, in_group=True), "Autre groupe")
    return lite


def _join(site: Site, person: Person, name: str) -> None:
    with site.app.app_context():
        group = db.session.scalar(select(Group.id).where(Group.name == name))
        db.session.add(GroupMember(group_id=group, member_id=person.member_id))
        db.session.commit()


def offered(person: Person, topic: int) -> set[str]:
    page = person.get(f"/sujets/{topic}", follow_redirects=True).text
    found = re.search(r'<select id="destination".*?</select>', page, re.DOTALL)
    return set(re.findall(r'value="([^"]+)"', found[0])) & set(PLACES) if found else set()


@pytest.mark.parametrize("origin", PLACES)
def test_a_topic_moves_along_the_table_and_nowhere_else(world: Site, origin: str) -> None:
    lise, author = world.people["Lise"], world.people["Noa"]
    topic = author.asks("Titre", section=origin)

    assert offered(lise, topic) == MAY_GO[origin]
    for place in set(PLACES) - MAY_GO[origin] - {origin}:
        answer = lise.post(f"/sujets/{topic}/deplacement", section=place, reason="Motif")
        assert answer.status_code == 409, (origin, place)
    for place in MAY_GO[origin]:
        other = author.asks(f"Vers {place}", section=origin)
        assert lise.post(f"/sujets/{other}/deplacement", section=place, reason="Motif").status_code == 302


def test_a_topic_does_not_move_into_a_group_without_its_author(world: Site) -> None:
    topic = world.adviser("Maud", in_group=True).asks("Titre")
    lise = world.people["Lise"]

    assert offered(lise, topic) == {"animateurs", "groupe"}
    assert lise.post(f"/sujets/{topic}/deplacement", section="autre-groupe", reason="Motif").status_code == 409


def test_a_topic_without_name_moves_into_no_group_or_the_offer_would_tell_who_wrote_it(world: Site) -> None:
    topic = world.adviser("Maud", in_group=True).asks("Titre", anonymous="1")
    lise = world.people["Lise"]

    assert offered(lise, topic) == {"animateurs"}
    assert lise.post(f"/sujets/{topic}/deplacement", section="groupe", reason="Motif").status_code == 409


def test_moving_takes_a_reason(world: Site) -> None:
    lise, topic = world.people["Lise"], world.adviser("Maud").asks("Titre")

    assert lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason=" ").status_code == 422
    assert f"/sujets/{topic}" in lise.get("/rubriques/pairs").text


def test_the_author_is_told_of_a_move_and_why(world: Site) -> None:
    lise, maud = world.people["Lise"], world.adviser("Maud")
    topic = maud.asks("Titre")

    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Une question pour nous.")
    world.works()

    link = maud.mails()[-1].split("/decisions/")[1].split()[0]
    page = maud.get(f"/decisions/{link}").text
    assert "Une question pour nous." in page
    assert "déplacé" in page
    assert "Rubrique animateurs" not in page  # a place the author cannot see


@pytest.mark.parametrize("place", ["animateurs", "groupe"])
def test_a_move_is_undone_to_the_audience_it_was_written_for(world: Site, place: str) -> None:
    lise, maud = world.people["Lise"], world.adviser("Maud", in_group=True)
    topic = maud.asks("Titre")
    lise.post(f"/sujets/{topic}/deplacement", section=place, reason="Motif")

    assert lise.post(f"/sujets/{topic}/deplacement", undo="1").status_code == 302

    assert maud.get(f"/sujets/{topic}", follow_redirects=True).status_code == 200
    assert f"/sujets/{topic}" in maud.get("/rubriques/pairs").text


def test_a_topic_moved_twice_may_go_back_to_whom_it_was_written_for(world: Site) -> None:
    lise, topic = world.people["Lise"], world.adviser("Maud").asks("Titre", section="hors-pairs")
    lise.post(f"/sujets/{topic}/deplacement", section="pairs", reason="Motif")
    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")

    assert lise.post(f"/sujets/{topic}/deplacement", section="hors-pairs", reason="Motif").status_code == 302


@pytest.mark.parametrize("how", ["reply", "edit"])
def test_what_was_written_for_fewer_people_holds_a_topic_where_it_is(world: Site, how: str) -> None:
    lise, noa = world.people["Lise"], world.people["Noa"]
    topic = noa.asks("Titre")
    before = noa.answers(topic, "Écrit pour les pairs")
    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")
    if how == "reply":
        noa.answers(topic, "Écrit entre animateurs")
    else:
        noa.post(f"/messages/{before}/modifier", body="Écrit entre animateurs", version="1")

    assert lise.post(f"/sujets/{topic}/deplacement", undo="1").status_code == 409
    assert lise.post(f"/sujets/{topic}/deplacement", section="pairs", reason="Motif").status_code == 409
    assert offered(lise, topic) == set()


def test_what_is_written_elsewhere_meanwhile_holds_no_topic(world: Site) -> None:
    lise, maud = world.people["Lise"], world.adviser("Maud")
    topic, other = maud.asks("Titre"), maud.asks("Autre")
    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")
    maud.answers(other, "Écrit ailleurs")

    assert offered(lise, topic) == {"pairs"}
    assert lise.post(f"/sujets/{topic}/deplacement", undo="1").status_code == 302


def test_a_moved_topic_is_offered_the_place_it_came_from_and_one_that_was_not_moved_none(world: Site) -> None:
    lise, topic = world.people["Lise"], world.adviser("Maud").asks("Titre", section="hors-pairs")

    def back() -> list[str]:
        page = lise.get(f"/sujets/{topic}", follow_redirects=True).text
        return re.findall(r"Remettre dans « ([^»]*) »", page)

    assert back() == []
    lise.post(f"/sujets/{topic}/deplacement", section="pairs", reason="Motif")
    assert back() == ["Rubrique hors-pairs"]
    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")
    assert back() == ["Rubrique pairs"]
    lise.post(f"/sujets/{topic}/deplacement", undo="1")
    assert back() == []


def test_undoing_a_move_that_was_not_made_changes_nothing(world: Site) -> None:
    lise, topic = world.people["Lise"], world.adviser("Maud").asks("Titre")

    assert lise.post(f"/sujets/{topic}/deplacement", undo="1").status_code == 409
    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")
    lise.post(f"/sujets/{topic}/deplacement", undo="1")
    assert lise.post(f"/sujets/{topic}/deplacement", undo="1").status_code == 409


def test_a_hidden_solution_shown_again_solves_again(world: Site) -> None:
    lise, maud = world.people["Lise"], world.adviser("Maud")
    topic = maud.asks("Titre")
    answer = lise.answers(topic, "La réponse")
    maud.solves(topic, answer)

    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    assert 'data-state="solved"' not in maud.get(f"/sujets/{topic}", follow_redirects=True).text
    lise.post(f"/messages/{answer}/masquage", undo="1")

    assert 'data-state="solved"' in maud.get(f"/sujets/{topic}", follow_redirects=True).text
    assert f"/sujets/{topic}" in maud.get("/").text


@pytest.mark.parametrize("meanwhile", ["reopened", "solved otherwise"])
def test_a_hidden_solution_shown_again_does_not_undo_what_was_decided_meanwhile(world: Site, meanwhile: str) -> None:
    lise, maud = world.people["Lise"], world.adviser("Maud")
    topic = maud.asks("Titre")
    answer, other = lise.answers(topic, "La réponse"), lise.answers(topic, "Une autre")
    maud.solves(topic, answer)
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    if meanwhile == "reopened":
        maud.post(f"/sujets/{topic}/resolution", reopen="1")
    else:
        maud.solves(topic, other)

    lise.post(f"/messages/{answer}/masquage", undo="1")

    page = maud.get(f"/sujets/{topic}", follow_redirects=True).text
    assert ('data-state="solved"' in page) == (meanwhile == "solved otherwise")
    with world.app.app_context():
        expected = world.post(other).id if meanwhile == "solved otherwise" else None
        assert world.topic(topic).solving_post_id == expected
