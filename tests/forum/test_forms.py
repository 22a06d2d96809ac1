"""What the forum's forms take and what they refuse, to the character, and when they warn of personal data."""

import pytest
from sqlalchemy import func, select

from comcep.extensions import db
from comcep.forum.models import Post
from tests.community import Person, Site
from tests.moderation.deciding import first_post

PHONE = "Appelez-moi au 06 12 34 56 78."
ASKED = {"title": "Un titre", "body": "Un message", "section": "pairs", "kind": "question"}


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


def posts(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count(Post.id))) or 0


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"title": "x" * 200}, 302),
        ({"title": "x" * 201}, 422),
        ({"body": "x" * 100_000}, 302),
        ({"body": "x" * 100_001}, 422),
        ({"themes": ["jeunes", "certifications", "vae-et-bilan"]}, 302),
        ({"themes": ["jeunes", "certifications", "vae-et-bilan", "vae-et-bilan"]}, 302),
        ({"themes": ["jeunes", "certifications", "vae-et-bilan", "indemnisation"]}, 422),
    ],
)
def test_a_limit_is_the_last_that_passes(lite: Site, maud: Person, fields: dict, status: int) -> None:  # type: ignore[type-arg]
    assert maud.post("/poser", **{**ASKED, **fields}).status_code == status
    assert posts(lite) == (status == 302)


@pytest.mark.parametrize("missing", ["title", "body"])
def test_a_field_left_out_is_an_empty_one(lite: Site, maud: Person, missing: str) -> None:
    answer = maud.post("/poser", **{name: typed for name, typed in ASKED.items() if name != missing})

    assert answer.status_code == 422
    assert {"title": "Donnez un titre", "body": "Écrivez votre message"}[missing] in answer.text
    assert posts(lite) == 0


@pytest.mark.parametrize("where", ["title", "body"])
def test_personal_data_is_shown_wherever_it_is_written_until_it_is_confirmed(
    lite: Site, maud: Person, where: str
) -> None:
    warned = maud.post("/poser", **{**ASKED, where: PHONE})
    assert warned.status_code == 422
    assert "<strong>06 12 34 56 78</strong>" in warned.text
    assert "<title>Erreur :" in warned.text
    assert posts(lite) == 0

    maud.asks(**{**ASKED, where: PHONE}, confirm="1")
    assert posts(lite) == 1


def test_what_holds_no_personal_data_needs_no_word_to_be_published(lite: Site, maud: Person) -> None:
    topic = maud.asks("Un titre", "Un message")
    assert 'name="confirm"' not in maud.get("/poser").text

    maud.answers(topic, "Une réponse")

    with lite.app.app_context():
        assert set(db.session.scalars(select(Post.despite_warning))) == {False}


def test_a_title_is_corrected_with_the_question_only(lite: Site, maud: Person) -> None:
    topic = maud.asks("Un titre", "Un message")
    reply = maud.answers(topic, "Une réponse")

    untitled = maud.post(f"/messages/{first_post(maud, topic)}/modifier", title="", body="Autre", version="1")
    assert untitled.status_code == 422
    assert "Donnez un titre" in untitled.text
    assert maud.post(f"/messages/{reply}/modifier", title="", body="Autre", version="1").status_code == 302


@pytest.mark.parametrize(("who", "reason", "status"), [("Maud", "", 302), ("Lise", "", 422), ("Lise", "Motif", 302)])
def test_only_who_corrects_anothers_message_says_why(
    lite: Site, maud: Person, who: str, reason: str, status: int
) -> None:
    lite.animator()
    reply = maud.answers(maud.asks("Un titre", "Un message"), "Une réponse")

    answer = lite.people[who].post(f"/messages/{reply}/modifier", body="Autre", version="1", reason=reason)

    assert answer.status_code == status
    assert ("Écrivez le motif" in answer.text) == (status == 422)
