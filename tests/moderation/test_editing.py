"""An animator who rewrites another's message says why; the author is told, shown both texts, and the journal keeps it."""

import pytest
from sqlalchemy import select

from comcep.extensions import db
from comcep.forum.models import Post
from tests.community import Person, Site
from tests.moderation.deciding import decision, first_post, lines, read, told

EDIT = {
    "title": "Titre d'après",
    "body": "Texte d'après",
    "version": "1",
    "reason": "Une personne était reconnaissable.",
}


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


@pytest.fixture
def lise(site: Site) -> Person:
    return site.animator()


@pytest.fixture
def message(maud: Person) -> int:
    return first_post(maud, maud.asks("Titre d'avant", "Texte d'avant"))


def test_the_journal_has_a_line_with_the_reason_and_no_word_of_the_message(
    site: Site, lise: Person, message: int
) -> None:
    lise.post(f"/messages/{message}/modifier", **EDIT)

    assert lines(site) == [("edit", EDIT["reason"])]
    page = read(lise, "/animation/journal").split("<tbody>")[1]
    assert "modifié" in page
    assert "Titre d'" not in page
    assert "Texte d'" not in page


def test_the_author_reads_the_reason_and_both_texts(site: Site, maud: Person, lise: Person, message: int) -> None:
    lise.post(f"/messages/{message}/modifier", **EDIT)

    statement = decision(site, maud)
    page = read(maud, statement)
    for words in (EDIT["reason"], "Titre d'avant", "Texte d'avant", "Titre d'après", "Texte d'après"):
        assert words in page
    assert f"/messages/{message}" in page
    assert "d'avant" not in maud.mails()[-1] + maud.mails()[-1].replace("&#39;", "'")
    assert "reconnaissable" not in maud.mails()[-1]
    assert "Une décision de l'animation" in read(maud, "/notifications")


def test_the_texts_stay_those_of_the_decision_whatever_is_written_since(
    site: Site, maud: Person, lise: Person, message: int
) -> None:
    lise.post(f"/messages/{message}/modifier", **EDIT)
    maud.post(f"/messages/{message}/modifier", title="Titre", body="Texte de maintenant", version="2")

    page = read(maud, decision(site, maud))
    assert "Texte d'avant" in page
    assert "Texte d'après" in page
    assert "Texte de maintenant" not in page


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_without_a_reason_nothing_is_rewritten_and_the_text_is_kept_in_the_form(
    site: Site, maud: Person, lise: Person, message: int, reason: str
) -> None:
    answer = lise.post(f"/messages/{message}/modifier", **{**EDIT, "reason": reason})

    assert answer.status_code == 422
    assert "Texte d&#39;après" in answer.text
    assert lines(site) == []
    assert told(site, maud) == []
    with site.app.app_context():
        assert db.session.scalar(select(Post.version)) == 1


def test_the_function_itself_refuses_an_edit_without_a_reason(site: Site, lise: Person, message: int) -> None:
    from comcep.forum import publishing
    from comcep.forum.publishing import Writing
    from comcep.forum.reading import posts
    from comcep.moderation.recording import ReasonMissing

    with site.app.app_context():
        post = posts.post_or_404(lise.viewer, message)
        with pytest.raises(ReasonMissing):
            publishing.edit(lise.viewer, post.topic, post, Writing(body="Texte d'après"), 1, reason=" ")
        assert db.session.scalar(select(Post.source)) == "Texte d'avant"


def test_ones_own_message_takes_no_reason_and_leaves_no_line(site: Site, maud: Person, lise: Person) -> None:
    own = first_post(lise, lise.asks("Titre", "Texte"))

    assert 'name="reason"' not in lise.get(f"/messages/{own}/modifier").text
    assert lise.post(f"/messages/{own}/modifier", title="Titre", body="Autre", version="1").status_code == 302
    assert lines(site) == []
    assert told(site, lise) == []


def test_an_edit_that_comes_too_late_is_neither_written_down_nor_told(
    site: Site, maud: Person, lise: Person, message: int
) -> None:
    maud.post(f"/messages/{message}/modifier", title="Titre", body="Texte de Maud", version="1")

    answer = lise.post(f"/messages/{message}/modifier", **EDIT)

    assert answer.status_code == 409
    assert EDIT["reason"] in answer.text
    assert lines(site) == []
    assert told(site, maud) == []


def test_edits_one_after_the_other_are_told_one_by_one(site: Site, maud: Person, lise: Person, message: int) -> None:
    lise.post(f"/messages/{message}/modifier", **EDIT)
    lise.post(f"/messages/{message}/modifier", **{**EDIT, "body": "Encore", "version": "2", "reason": "Une coquille."})

    assert lines(site) == [("edit", EDIT["reason"]), ("edit", "Une coquille.")]
    page = read(maud, decision(site, maud))
    assert "Une coquille." in page
    assert "Texte d'après" in page
    assert "Encore" in page
    assert "Texte d'avant" not in page


def test_whoever_is_not_the_author_reads_no_statement(site: Site, maud: Person, lise: Person, message: int) -> None:
    lise.post(f"/messages/{message}/modifier", **EDIT)
    statement = decision(site, maud)

    for other in (lise, site.adviser("Ines"), site.anonymous(), site.person("Admin", "none", is_admin=True)):
        assert other.get(statement).status_code == 404
        assert other.post(f"{statement}/contestation", reason="Non").status_code == 404


def test_the_mark_of_animation_shows_until_the_author_writes_again(
    site: Site, maud: Person, lise: Person, message: int
) -> None:
    lise.post(f"/messages/{message}/modifier", **EDIT)
    page = read(site.adviser("Ines"), f"/messages/{message}")
    assert "modifié par l'animation" in page

    maud.post(f"/messages/{message}/modifier", title="Titre", body="De Maud", version="2")
    page = read(site.adviser("Lea"), f"/messages/{message}")
    assert "modifié par l'animation" not in page
    assert "modifié" in page
