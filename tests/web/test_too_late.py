"""What one sends after somebody else was first, or from a second tab: what happened is said, and no word is lost."""

import html
import re

from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from tests.access.test_matrix import rows_behind
from tests.community import Person, Site
from tests.web.test_two_at_once import draft_of


def says_too_late(answer, *said: str) -> None:  # type: ignore[no-untyped-def]
    page = html.unescape(answer.text)
    assert answer.status_code == 409
    assert "<title>Erreur :" in page
    assert page.count("autofocus") == 1
    for words in said:
        assert words in page, words


def test_a_reason_to_refuse_comes_back_when_somebody_had_decided(lite: Site) -> None:
    lite.person("Demandeur", "none")
    maud, lise = lite.adviser("Maud"), lite.animator()
    lise.post(f"/messages/{maud.answers(maud.asks('Un sujet'), 'À masquer')}/masquage", reason="Motif")
    first, second = (lite.person(name, "none", referent_of="fongecif") for name in ("Rose", "Rachel"))
    request = rows_behind(lite, maud)["request"]
    first.post(f"/demandes/{request}/decision", decision="accept")

    answer = second.post(f"/demandes/{request}/decision", decision="refuse", reason="Un motif de refus, en une phrase")

    says_too_late(answer, "avait déjà été acceptée", "n'a rien changé", "Un motif de refus, en une phrase")
    with lite.app.app_context():
        states = db.session.execute(db.select(MembershipRequest.state)).scalars().all()
    assert states == ["accepted"]


def contest_of(site: Site) -> tuple[Person, str]:
    maud, lise = site.adviser("Maud"), site.animator()
    lise.post(f"/messages/{maud.answers(maud.asks('Un sujet'), 'À masquer')}/masquage", reason="Motif")
    site.works()
    return maud, re.findall(r"/decisions/\d+", "".join(maud.mails()))[-1]


def test_a_second_contest_is_said_to_be_one_and_its_words_come_back(lite: Site) -> None:
    maud, statement = contest_of(lite)
    maud.post(f"{statement}/contestation", reason="La première raison")

    answer = maud.post(f"{statement}/contestation", reason="Une autre raison, plus longue")

    says_too_late(
        answer, "Vous aviez déjà contesté cette décision", "La première raison", "Une autre raison, plus longue"
    )
    assert "Une autre raison" not in maud.get(statement).text


def test_a_second_answer_to_a_contest_is_said_to_be_one_and_its_words_come_back(lite: Site) -> None:
    maud, statement = contest_of(lite)
    maud.post(f"{statement}/contestation", reason="Une raison")
    odile, rose = lite.animator("Odile"), lite.animator("Rose")
    place = statement.replace("/decisions", "/animation/contestations")
    odile.post(place, decision="keep", reason="La réponse d'Odile")

    answer = rose.post(place, decision="take-back", reason="La réponse de Rose")

    says_too_late(answer, "a reçu une réponse entre-temps", "La réponse d'Odile", "La réponse de Rose")


def test_words_for_a_digest_that_was_published_meanwhile_come_back_above_it(lite: Site) -> None:
    lise, odile = lite.animator(), lite.animator("Odile")
    draft = draft_of(lite, lise)
    lite.works()
    published = lise.post(draft, title="Titre de Lise", words="Mots de Lise", version="1", publish="1")
    assert published.status_code == 302, published.text

    for fields in ({}, {"publish": "1"}, {"title": ""}):
        own = {"title": "Titre d'Odile", "words": "Mots d'Odile", "version": "1", "theme-jeunes": "Thème d'Odile"}
        answer = odile.post(draft, **{**own, **fields})
        says_too_late(answer, "a été publiée entre-temps", "Mots d'Odile", "Thème d'Odile", "Mots de Lise")
    assert odile.get(draft).location == published.location
    assert "Mots d'Odile" not in html.unescape(odile.get(published.location).text)
