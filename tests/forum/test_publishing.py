"""Asking, replying and editing: where it is refused, what is counted and shown of it at once, what an edit keeps."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Theme, Topic
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines", "pole-emploi")


def line_of(person: Person, slug: str = "pairs") -> str:
    """A section's line on the index."""
    return read(person, "/rubriques").split(f'data-section="{slug}"')[1].split("</li>")[0]


def test_a_section_shows_what_was_written_in_it_and_where_the_last_word_is(
    lite: Site, maud: Person, ines: Person
) -> None:
    first, second = maud.asks("Premier sujet"), maud.asks("Second sujet")
    assert f"/sujets/{second}-" in line_of(maud)

    ines.answers(first, "Un mot")

    line = line_of(maud)
    assert "<b>2</b> sujets · <b>3</b> messages" in line
    assert f"/sujets/{first}-" in line
    assert "<b>0</b>" in line_of(maud, "hors-pairs")
    assert "Pas encore de sujet" in line_of(maud, "hors-pairs")


def test_ones_own_words_are_not_new_to_oneself(maud: Person, ines: Person) -> None:
    topic = maud.asks("Un sujet")
    assert str(topic) not in read(maud, "/non-lus")
    assert str(topic) in read(ines, "/non-lus")

    ines.answers(topic, "Un mot")

    assert str(topic) not in read(ines, "/non-lus")
    assert str(topic) in read(maud, "/non-lus")


@pytest.mark.parametrize("anonymous", ["", "1"])
def test_a_question_waits_from_the_start(maud: Person, ines: Person, anonymous: str) -> None:
    topic = maud.asks("Un sujet", anonymous=anonymous)

    assert str(topic) in read(ines, "/sans-reponse")


def test_nobody_replies_where_they_may_only_read_nor_in_what_is_hidden(lite: Site, maud: Person) -> None:
    lise = lite.animator()
    public, hidden = lise.asks("Pour tous", section="publique"), maud.asks("À masquer")
    lise.post(f"/messages/{first_post(maud, hidden)}/masquage", reason="Motif")

    for person, topic in ((maud, public), (lise, hidden)):
        answer = person.post(f"/sujets/{topic}/messages", body="Un mot gardé")
        assert answer.status_code == 403
        with lite.app.app_context():
            assert "Un mot gardé" not in set(db.session.scalars(select(Post.source)))


@pytest.mark.parametrize("what", ["topic", "section"])
def test_nobody_replies_where_topic_or_section_is_closed(lite: Site, maud: Person, ines: Person, what: str) -> None:
    topic = maud.asks("Un sujet")
    with lite.app.app_context():
        db.session.execute(update(Topic if what == "topic" else Section).values(closed_at=now()))
        db.session.commit()

    answer = ines.post(f"/sujets/{topic}/messages", body="Un mot gardé")

    assert answer.status_code == 409
    assert "Un mot gardé" in answer.text
    with lite.app.app_context():
        assert lite.topic(topic).posts_count == 1


def test_a_topic_bears_the_themes_it_was_given(lite: Site, maud: Person) -> None:
    topic = maud.asks("Un outil", kind="resource", themes=["jeunes", "certifications"])

    page = read(maud, f"/sujets/{topic}")

    with lite.app.app_context():
        shown = {theme.slug for theme in db.session.scalars(select(Theme)) if f'"badge">{theme.label}<' in page}
    assert shown == {"jeunes", "certifications"}
    assert 'data-state="open"' not in page


@pytest.mark.parametrize("is_first", [True, False])
def test_an_edit_is_dated_and_keeps_what_was_said(maud: Person, is_first: bool) -> None:
    topic = maud.asks("Titre d'avant", "Texte d'avant")
    post = first_post(maud, topic) if is_first else maud.answers(topic, "Texte d'avant")
    assert "modifié" not in read(maud, f"/sujets/{topic}")

    fields = {"title": "Titre d'après", "body": "Texte d'après", "version": "1"}
    assert maud.post(f"/messages/{post}/modifier", **fields).status_code == 302

    page = read(maud, f"/sujets/{topic}")
    assert "modifié <time" in page
    assert ("Titre d'après" in page) == is_first
    history = read(maud, f"/messages/{post}/historique")
    assert "Version 1" in history
    assert "Texte d'avant" in history
    assert ("<b>Titre d'avant</b>" in history) == is_first


def test_each_version_is_edited_once(maud: Person) -> None:
    post = first_post(maud, maud.asks("Titre", "Un"))

    statuses = [
        maud.post(f"/messages/{post}/modifier", title="Titre", body=body, version=version).status_code
        for body, version in (("Deux", "1"), ("Deux bis", "1"), ("Trois", "2"), ("Quatre", "3"))
    ]

    assert statuses == [302, 409, 302, 302]
    history = read(maud, f"/messages/{post}/historique")
    assert [number for number in (1, 2, 3, 4) if f"Version {number}<" in history] == [1, 2, 3]


def test_an_edit_with_personal_data_is_shown_to_animators_for_the_first_time(lite: Site, maud: Person) -> None:
    lise = lite.animator()
    post = first_post(maud, maud.asks("Titre", "Rien à dire"))
    assert str(post) not in read(lise, "/animation").split("malgré un avertissement")[1]

    edit = {"title": "Titre", "body": "Appelez-moi au 06 12 34 56 78.", "version": "1", "confirm": "1"}
    maud.post(f"/messages/{post}/modifier", **edit)

    assert str(post) in read(lise, "/animation").split("malgré un avertissement")[1]


def test_a_topic_is_as_old_as_its_last_message_whatever_is_done_to_it(lite: Site, maud: Person, ines: Person) -> None:
    topic = maud.asks("Titre")
    answer = ines.answers(topic, "Une réponse")
    last = ines.answers(topic, "Une autre")
    asked, answered, old = (now() - timedelta(days=days) for days in (22, 21, 20))
    with lite.app.app_context():
        for post, moment in ((first_post(maud, topic), asked), (answer, answered), (last, old)):
            db.session.execute(update(Post).where(Post.public_id == post).values(created_at=moment))
        db.session.commit()

    maud.solves(topic, answer)

    with lite.app.app_context():
        row = lite.topic(topic)
        assert (row.last_post_at, row.first_answer_at, row.posts_count) == (old, answered, 3)
        assert (row.last_post_id, row.first_answer_id) == (lite.post(last).id, lite.post(answer).id)


def test_what_is_hidden_counts_for_nothing_and_comes_back_whole(lite: Site, maud: Person, ines: Person) -> None:
    lise = lite.animator()
    elsewhere = maud.asks("Un autre sujet")
    topic = maud.asks("Titre")
    first, answer = first_post(maud, topic), ines.answers(topic, "Une réponse")
    for post in (answer, first):
        lise.post(f"/messages/{post}/masquage", reason="Motif")
    assert "<b>1</b> sujet · <b>1</b> message<" in line_of(maud)
    assert f"/sujets/{elsewhere}-" in line_of(maud)
    with lite.app.app_context():
        row = lite.topic(topic)
        assert (row.posts_count, row.state, row.first_answer_id) == (0, "open", None)
        assert row.first_post_id == row.last_post_id == lite.post(first).id

    for post in (first, answer):
        lise.post(f"/messages/{post}/masquage", undo="1")

    assert "<b>2</b> sujets · <b>3</b> messages" in line_of(maud)
    assert f"/sujets/{topic}-" in line_of(maud)
    assert "Une réponse" in read(maud, f"/sujets/{topic}")
    with lite.app.app_context():
        assert lite.topic(topic).first_post_id == lite.post(first).id
