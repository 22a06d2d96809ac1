"""When the same words are the same message, and when they are another: by place, author, moment, and what was asked with
them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Revision, Theme, TopicTheme
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

NUMBER = "numero-du-formulaire"
WAS_PUBLISHED = "Ce message était déjà publié"
NOT_TWICE = "il n'a pas été publié une seconde fois"
REPLACES = "votre nouveau texte le remplace"


@pytest.fixture
def maud(lite: Site) -> Person:
    lite.app.config["RATELIMIT_ENABLED"] = True
    return lite.adviser("Maud")


@pytest.fixture
def topic(maud: Person) -> int:
    return maud.asks("Une question", "Le cas")


def revisions(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count(Revision.id))) or 0


def test_thanks_in_two_topics_are_two_messages(maud: Person, topic: int) -> None:
    other = maud.asks("Une autre question", "Un autre cas")

    thanks = [maud.answers(place, "Merci.", submission=f"n-{place}") for place in (topic, other)]

    assert f"message-{thanks[1]}" in read(maud, f"/sujets/{other}")
    assert f"message-{thanks[0]}" in read(maud, f"/sujets/{topic}")


def test_thanks_of_two_people_are_two_messages(lite: Site, maud: Person, topic: int) -> None:
    ines = lite.adviser("Ines")

    of_ines = ines.answers(topic, "Merci.", submission="a")

    assert maud.answers(topic, "Merci.", submission="b") != of_ines


def test_after_ten_minutes_the_same_words_are_said_again(lite: Site, maud: Person, topic: int) -> None:
    before = maud.answers(topic, "Merci.", submission="a")
    with lite.app.app_context():
        db.session.execute(update(Post).values(created_at=now() - timedelta(minutes=11)))
        db.session.commit()

    assert maud.answers(topic, "Merci.", submission="b") != before


def test_other_words_are_another_message_at_once(maud: Person, topic: int) -> None:
    assert maud.answers(topic, "Un mot", submission="a") != maud.answers(topic, "Deux mots", submission="b")


def test_what_was_hidden_meanwhile_does_not_swallow_the_same_words(lite: Site, maud: Person, topic: int) -> None:
    hidden = maud.answers(topic, "Un mot", submission="a")
    lite.animator().post(f"/messages/{hidden}/masquage", reason="Motif")

    again = maud.answers(topic, "Un mot", submission="b")

    assert again != hidden
    assert f"message-{again}" in read(maud, f"/sujets/{topic}")


def test_a_reply_in_the_words_of_the_question_is_a_reply(maud: Person, topic: int) -> None:
    reply = maud.answers(topic, "Le cas, précisé", submission="a")

    assert maud.asks("Le cas, précisé", "Le cas, précisé", submission="b") != topic
    assert maud.answers(topic, "Le cas, précisé", submission="c") == reply


def test_without_a_forms_number_the_same_words_are_one_message_only_where_floods_are_held_back(
    lite: Site, maud: Person, topic: int
) -> None:
    lite.app.config["RATELIMIT_ENABLED"] = False

    assert maud.answers(topic, "Merci.") != maud.answers(topic, "Merci.")


def test_a_page_gone_back_to_and_sent_again_is_one_message(maud: Person, topic: int) -> None:
    assert maud.answers(topic, "Un mot", submission="a") == maud.answers(topic, "Un mot", submission="b")
    assert maud.asks("Une question", "Le cas", submission="c") == topic


def test_the_number_of_ones_form_is_nobody_elses(lite: Site, maud: Person, topic: int) -> None:
    of_maud = maud.answers(topic, "De Maud", submission=NUMBER)

    assert lite.adviser("Ines").answers(topic, "D'une autre", submission=NUMBER) != of_maud
    assert lite.people["Ines"].answers(topic, "D'une autre", submission=NUMBER) != of_maud


def test_what_marks_a_form_fits_its_column(lite: Site, maud: Person, topic: int) -> None:
    maud.answers(topic, "Un mot", submission=NUMBER * 9)

    with lite.app.app_context():
        longest = db.session.scalar(select(func.max(func.length(Post.submission))))
    assert longest == Post.submission.type.length


FIRST = {"title": "Titre", "body": "Corps", "section": "pairs", "kind": "question", "themes": "jeunes"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"body": "Corps repris"}, REPLACES),
        ({"title": "Titre repris"}, REPLACES),
        ({"kind": "discussion"}, NOT_TWICE),
        ({"section": "hors-pairs"}, NOT_TWICE),
        ({"themes": "certifications"}, NOT_TWICE),
        ({"anonymous": "1"}, NOT_TWICE),
    ],
)
def test_a_question_sent_again_is_told_of_whatever_differs(
    lite: Site, maud: Person, changed: dict[str, str], said: str
) -> None:
    topic = maud.asks(**FIRST, submission=NUMBER)
    read(maud, f"/sujets/{topic}")

    assert maud.asks(**{**FIRST, **changed}, submission=NUMBER) == topic

    page = read(maud, f"/sujets/{topic}")
    assert WAS_PUBLISHED in page
    assert said in page
    assert revisions(lite) == (said == REPLACES)


def test_a_question_sent_again_as_it_was_is_told_nothing_whatever_else_was_written(lite: Site, maud: Person) -> None:
    other = maud.asks("Autre titre", "Autre corps", themes="certifications")
    edit = {"title": "Autre titre, revu", "body": "Autre corps, revu", "version": "1"}
    maud.post(f"/messages/{first_post(maud, other)}/modifier", **edit)
    topic = maud.asks(**FIRST, submission=NUMBER)
    with lite.app.app_context():
        by_model = select(Theme.id).where(Theme.slug == "certifications").scalar_subquery()
        db.session.add(TopicTheme(topic_id=lite.topic(topic).id, theme_id=by_model, set_by="model"))
        db.session.commit()
    read(maud, f"/sujets/{topic}")

    assert maud.asks(**FIRST, submission=NUMBER) == topic

    page = read(maud, f"/sujets/{topic}")
    assert "Votre sujet est publié." in page
    assert WAS_PUBLISHED not in page
    assert revisions(lite) == 1


def test_the_first_words_of_a_question_sent_late_do_not_undo_the_second(lite: Site, maud: Person) -> None:
    topic = maud.asks(**FIRST, submission=NUMBER)
    maud.asks(**{**FIRST, "title": "Titre repris", "body": "Corps repris"}, submission=NUMBER)

    maud.asks(**{**FIRST, "kind": "discussion"}, submission=NUMBER)

    page = read(maud, f"/sujets/{topic}")
    assert NOT_TWICE in page
    assert "Corps repris" in page
    assert "<h1>Titre repris" in page or "Titre repris</h1>" in page


def test_a_second_question_sent_once_more_changes_nothing(lite: Site, maud: Person) -> None:
    second = {**FIRST, "title": "Titre repris", "body": "Corps repris"}
    topic = maud.asks(**FIRST, submission=NUMBER)
    for _ in range(2):
        maud.asks(**second, submission=NUMBER)

    assert NOT_TWICE in read(maud, f"/sujets/{topic}")
    assert revisions(lite) == 1


def test_what_an_animator_made_of_a_message_is_not_written_over(lite: Site, maud: Person, topic: int) -> None:
    reply = maud.answers(topic, "Premier texte", submission=NUMBER)
    lite.animator().post(f"/messages/{reply}/modifier", body="Corrigé par Lise", version="1", reason="Motif")

    answer = maud.post(f"/sujets/{topic}/messages", body="Second texte", submission=NUMBER)

    assert answer.status_code == 409
    assert 'name="version" value="2"' in answer.text
    assert "Corrigé par Lise" in read(maud, f"/sujets/{topic}")


def test_a_second_text_sent_once_more_changes_nothing(lite: Site, maud: Person, topic: int) -> None:
    for words in ("Premier texte", "Second texte"):
        maud.answers(topic, words, submission=NUMBER)
    read(maud, f"/sujets/{topic}")

    maud.answers(topic, "Second texte", submission=NUMBER)

    assert NOT_TWICE in read(maud, f"/sujets/{topic}")
    assert revisions(lite) == 1


@pytest.mark.parametrize("anonymous", ["", "1"])
def test_the_first_text_sent_once_more_does_not_undo_those_that_came_after(
    lite: Site, maud: Person, topic: int, anonymous: str
) -> None:
    for words in ("Premier texte", "Second texte", "Troisième texte"):
        maud.answers(topic, words, submission=NUMBER)

    maud.answers(topic, "Premier texte", submission=NUMBER, anonymous=anonymous)

    page = read(maud, f"/sujets/{topic}")
    assert "Troisième texte" in page
    assert "Premier texte" not in page
    assert revisions(lite) == 2


def test_who_stays_without_name_is_told_nothing_when_a_reply_is_sent_twice(maud: Person, topic: int) -> None:
    maud.answers(topic, "Sans mon nom", anonymous="1")
    reply = maud.answers(topic, "La suite", submission=NUMBER)
    read(maud, f"/sujets/{topic}")

    assert maud.answers(topic, "La suite", submission=NUMBER) == reply

    page = read(maud, f"/sujets/{topic}")
    assert "Votre réponse est publiée." in page
    assert WAS_PUBLISHED not in page
