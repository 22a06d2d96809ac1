"""Named, unnamed or refused: one rule, and what its users notice when a topic, a section or a standing changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from comcep.access.naming import CHOICE, NAMED, REFUSED, UNNAMED, naming, offered
from comcep.access.viewer import ADVISER, HORS_PAIR, NONE, Viewer
from comcep.access.visibility import AUDIENCES
from comcep.accounts.models import Member
from comcep.extensions import db
from tests.community import Person, Site


class Section:
    def __init__(self, audience: str) -> None:
        self.audience, self.group_id = audience, 1 if audience == "group" else None


viewers = st.builds(
    Viewer,
    member_id=st.just(1),
    standing=st.sampled_from([ADVISER, HORS_PAIR, NONE]),
    animator=st.booleans(),
    committee=st.booleans(),
    groups=st.sampled_from([frozenset(), frozenset({1})]),
)
sections = st.sampled_from(AUDIENCES).map(Section)


@given(viewers, sections, st.booleans())
def test_whoever_once_was_without_name_stays_so_whatever_changed(viewer: Viewer, section: Section, asks: bool) -> None:
    assert naming(viewer, section, asks, was_unnamed=True) == UNNAMED
    assert offered(viewer, section, was_unnamed=True) == UNNAMED


@given(viewers, sections)
def test_without_name_is_granted_or_refused_and_never_dropped_in_silence(viewer: Viewer, section: Section) -> None:
    word = naming(viewer, section, asks_no_name=True)

    assert word == (UNNAMED if viewer.standing == ADVISER and section.audience in ("peers", "members") else REFUSED)
    assert naming(viewer, section, asks_no_name=False) == NAMED
    assert offered(viewer, section) == (CHOICE if word == UNNAMED else NAMED)


@pytest.mark.parametrize("section", ["groupe", "animateurs", "publique"])
def test_a_question_without_name_where_names_are_needed_comes_back_and_says_so(lite: Site, section: str) -> None:
    lise = lite.person("Lise", is_animator=True, in_group=True)

    answer = lise.post("/poser", title="Sans nom", body="Mot gardé", section=section, kind="question", anonymous="1")

    assert answer.status_code == 422
    assert "les messages portent le nom de leur auteur" in answer.text
    assert "Mot gardé" in answer.text
    assert "Sans nom" not in lise.get(f"/rubriques/{section}").text


def test_a_reply_without_name_in_a_group_comes_back_and_says_so(lite: Site) -> None:
    lise, maud = lite.adviser("Lise", in_group=True), lite.adviser("Maud", in_group=True)
    topic = lise.asks("Sujet du groupe", section="groupe")

    answer = maud.post(f"/sujets/{topic}/messages", body="Mot gardé", anonymous="1")

    assert answer.status_code == 422
    assert "chaque message porte le nom" in answer.text
    assert "Mot gardé" in answer.text
    assert "Maud Essai" not in lise.get(f"/sujets/{topic}", follow_redirects=True).text


def test_the_next_reply_of_an_unnamed_author_is_unnamed_where_the_topic_was_moved(lite: Site) -> None:
    maud = lite.person("Maud", is_animator=True)
    lise = lite.animator()
    topic = maud.asks("Sans nom", anonymous="1")
    lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="À voir entre nous.")

    maud.answers(topic, "Une précision")

    page = lise.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Une précision" in page
    assert "Maud" not in page


def test_who_answered_without_name_stays_so_where_the_topic_was_moved(lite: Site) -> None:
    lise = lite.person("Lise", is_animator=True, in_group=True)
    ines, maud = lite.adviser("Ines", in_group=True), lite.adviser("Maud", in_group=True)
    topic = ines.asks("Sous mon nom")
    maud.answers(topic, "Sans nom", anonymous="1")
    lise.post(f"/sujets/{topic}/deplacement", section="groupe", reason="Pour le groupe.")

    maud.answers(topic, "Une précision")

    page = lise.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Une précision" in page
    assert "Maud" not in page


def test_the_next_reply_of_an_unnamed_author_is_unnamed_when_their_standing_changed(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Sans nom", section="hors-pairs", anonymous="1")
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == maud.member_id).values(standing="hors_pair"))
        db.session.commit()
    maud.signs_in()

    maud.answers(topic, "Une précision")

    page = ines.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Une précision" in page
    assert "Maud" not in page


def test_the_reply_box_says_that_the_next_message_bears_no_name_either(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Sans nom", anonymous="1")

    assert "vous avez déjà écrit sans nom dans ce sujet" in maud.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "vous avez déjà écrit sans nom" not in ines.get(f"/sujets/{topic}", follow_redirects=True).text


def test_the_form_to_ask_says_where_a_name_is_needed(
    lite: Site,
) -> None:
    ines = lite.adviser("Ines", in_group=True)
    agnes = lite.hors_pair()

    assert "Pas dans : Rubrique groupe." in ines.get("/poser").text
    assert 'name="anonymous"' not in agnes.get("/poser").text


@pytest.fixture
def waiting(lite: Site) -> tuple[Person, Person, int]:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    return maud, ines, maud.asks("Sans nom", anonymous="1")


def state(person: Person, topic: int) -> str:
    page = person.get(f"/sujets/{topic}", follow_redirects=True).text
    return page.split('data-state="')[1].split('"')[0]


@pytest.mark.parametrize("author", ["asker", "peer"])
def test_a_message_without_name_answers_whoever_wrote_it(waiting: tuple[Person, Person, int], author: str) -> None:
    maud, ines, topic = waiting

    (maud if author == "asker" else ines).answers(topic, "Une précision", anonymous="1")

    assert state(ines, topic) == "answered"


def test_who_asked_can_say_that_no_reply_is_an_answer_yet(waiting: tuple[Person, Person, int]) -> None:
    maud, ines, topic = waiting
    maud.answers(topic, "Une précision")

    maud.post(f"/sujets/{topic}/resolution", waits="1")

    assert state(ines, topic) == "open"
    assert f"/sujets/{topic}" in ines.get("/sans-reponse").text
    ines.answers(topic, "La réponse")
    assert state(ines, topic) == "answered"


def test_nobody_else_says_that_a_question_still_waits(waiting: tuple[Person, Person, int]) -> None:
    maud, ines, topic = waiting
    ines.answers(topic, "Une réponse")

    assert ines.post(f"/sujets/{topic}/resolution", waits="1").status_code == 403
    assert maud.post(f"/sujets/{topic}/resolution", waits="1").status_code == 302
    assert maud.post(f"/sujets/{topic}/resolution", waits="1").status_code == 409
    assert state(ines, topic) == "open"


def test_a_named_askers_own_word_is_no_answer(lite: Site) -> None:
    maud = lite.adviser("Maud")
    topic = maud.asks("Sous mon nom")

    maud.answers(topic, "Une précision")

    assert state(maud, topic) == "open"
