"""Two people who write in the same place at once: the second sees the first one's words, keeps their own, and goes on."""

import html
import re
from datetime import timedelta

import pytest

from comcep.clock import now
from tests.community import Person, Site
from tests.web.test_forms_that_come_back import hidden


@pytest.fixture
def two(site: Site) -> tuple[Person, Person]:
    return site.animator("Lise"), site.animator("Odile")


def draft_of(site: Site, lise: Person) -> str:
    """A draft in which one theme may have words."""
    for number in range(8):
        site.adviser(f"Pair{number}", ("fongecif", "pole-emploi", "apec")[number % 3]).asks(
            f"Sujet {number}", "Un cas", themes="jeunes"
        )
    today = now().date()
    return str(lise.post("/animation/syntheses", starts_on=str(today - timedelta(days=30)),
                         ends_on=str(today - timedelta(days=5))).location)  # fmt: skip


def test_a_draft_of_a_digest_keeps_all_fields_of_both(site: Site, two: tuple[Person, Person]) -> None:
    lise, odile = two
    draft = draft_of(site, lise)
    site.works()
    lise.post(draft, title="Titre de Lise", words="Mots de Lise", version="1", **{"theme-jeunes": "Thème de Lise"})

    second = odile.post(
        draft, title="Titre d'Odile", words="Mots d'Odile", version="1", **{"theme-jeunes": "Thème d'Odile"}
    )
    page = html.unescape(second.text)

    assert second.status_code == 409
    for own in ('value="Titre d\'Odile"', ">\nMots d'Odile</textarea>"):
        assert own in page
    for others in ("Titre de Lise", "Mots de Lise", "Thème de Lise"):
        assert f"readonly>\n{others}</textarea>" in page
    assert "<title>Erreur :" in page
    again = odile.post(draft, title="Titre des deux", words="Mots des deux", version=hidden(second.text)["version"])
    assert again.status_code == 302
    assert "Mots des deux" in lise.get(draft).text


def test_words_on_a_theme_that_were_taken_out_stay_out_when_the_form_comes_back(lite: Site) -> None:
    lise = lite.animator()
    draft = draft_of(lite, lise)
    lite.works()
    lise.post(draft, title="Titre", words="Mots", version="1", **{"theme-jeunes": "Mots sur les jeunes"})

    back = lise.post(draft, title="", words="Mots", version="2", **{"theme-jeunes": ""})

    assert back.status_code == 422
    assert "Mots sur les jeunes" not in back.text


def test_a_national_theme_keeps_what_both_wrote(site: Site, two: tuple[Person, Person]) -> None:
    lise, odile = two
    site.hors_pair(is_committee=True).post("/thematiques", title="Une thématique", reason="Elle revient")
    page = odile.get("/thematiques").text
    number = re.findall(r'data-kind="national-theme" data-id="(\d+)"', page)[0]
    version = hidden(page)["version"]
    lise.post(f"/thematiques/{number}/etat", step="under way", outcome="Une fiche de Lise", version=version)

    second = odile.post(f"/thematiques/{number}/etat", step="done", outcome="Une fiche d'Odile", version=version)
    page = html.unescape(second.text)

    assert second.status_code == 409
    assert 'readonly aria-label="Ce qui est enregistré">\nUne fiche de Lise</textarea>' in page
    assert ">\nUne fiche d'Odile</textarea>" in page
    assert 'value="done" selected' in page
    assert "Une fiche de Lise" in lise.get("/thematiques").text
    again = odile.post(
        f"/thematiques/{number}/etat", step="done", outcome="Les deux", version=hidden(second.text)["version"]
    )
    assert again.status_code == 302
    assert "Les deux" in lise.get("/thematiques").text


def test_an_edit_keeps_title_and_text_of_both(site: Site, two: tuple[Person, Person]) -> None:
    lise, odile = two
    topic = lise.asks("Un titre", "Un texte")
    post = re.findall(r'data-post-id="(\d+)"', lise.get(f"/sujets/{topic}", follow_redirects=True).text)[0]
    lise.post(f"/messages/{post}/modifier", title="Titre de Lise", body="Texte de Lise", version="1")

    own = {"title": "Titre d'Odile", "body": "Texte d'Odile", "reason": "Pourquoi Odile"}
    second = odile.post(f"/messages/{post}/modifier", **own, version="1")
    page = html.unescape(second.text)

    assert second.status_code == 409
    assert "<b>Titre de Lise</b>" in page
    assert "Texte de Lise" in page
    assert 'value="Titre d\'Odile"' in page
    assert ">\nPourquoi Odile</textarea>" in page
    assert "<title>Erreur :" in page
    again = odile.post(
        f"/messages/{post}/modifier", **{**own, "body": "Des deux"}, version=hidden(second.text)["version"]
    )
    assert again.status_code == 302


def test_the_others_text_stays_in_sight_through_a_preview_and_a_warning(lite: Site) -> None:
    lise, odile = lite.animator("Lise"), lite.animator("Odile")
    topic = lise.asks("Un titre", "Un texte")
    post = re.findall(r'data-post-id="(\d+)"', lise.get(f"/sujets/{topic}", follow_redirects=True).text)[0]
    address = f"/messages/{post}/modifier"
    lise.post(address, title="Titre de Lise", body="Texte de Lise", version="1")
    page = odile.post(address, title="T", body="Texte d'Odile", reason="Motif", version="1")

    for changed in ({"preview": "1"}, {"body": "Joindre au 06 12 34 56 78"}, {"title": ""}):
        fields = {"title": "T", "body": "Texte d'Odile", "reason": "Motif", **changed}
        page = odile.post(address, **{**hidden(page.text), **fields})
        assert "Texte de Lise</textarea>" in page.text, changed
        assert page.text.count("autofocus") == 1, changed
    assert odile.post(address, **{**hidden(page.text), **fields, "title": "T"}).status_code == 302


def test_the_others_words_stay_in_sight_while_a_draft_or_an_outcome_is_refused(lite: Site) -> None:
    lise, odile = lite.animator("Lise"), lite.animator("Odile")
    draft = draft_of(lite, lise)
    lite.works()
    lise.post(draft, title="Titre de Lise", words="Mots de Lise", version="1")
    lite.hors_pair(is_committee=True).post("/thematiques", title="Une thématique", reason="Elle revient")
    number = re.findall(r'data-kind="national-theme" data-id="(\d+)"', lise.get("/thematiques").text)[0]
    state = f"/thematiques/{number}/etat"
    lise.post(state, step="under way", outcome="Une fiche de Lise", version="1")

    overtaken = odile.post(draft, title="T", words="M", version="1")
    refused = odile.post(draft, **{**hidden(overtaken.text), "title": "", "words": "M"})
    assert "readonly>\nMots de Lise</textarea>" in refused.text
    overtaken = odile.post(state, step="done", outcome="O", version="1")
    refused = odile.post(state, **{**hidden(overtaken.text), "step": "done", "outcome": "Trop long. " * 300})
    assert 'readonly aria-label="Ce qui est enregistré">\nUne fiche de Lise</textarea>' in html.unescape(refused.text)


def test_a_comment_or_a_state_that_cannot_be_comes_back_with_its_words(lite: Site) -> None:
    committee, lise = lite.hors_pair(is_committee=True), lite.animator()
    committee.post("/thematiques", title="Une thématique", reason="Elle revient")
    number = re.findall(r'data-kind="national-theme" data-id="(\d+)"', lise.get("/thematiques").text)[0]

    comment = committee.post(f"/thematiques/{number}/commentaires", words="Trop long. " * 300)
    state = lise.post(f"/thematiques/{number}/etat", step="accepted", outcome="Trop long. " * 300)

    for back, field in ((comment, "words"), (state, "outcome")):
        assert back.status_code == 422
        assert "Trop long. Trop long." in back.text
        assert f'href="#{field}-{number}"' in back.text
        assert "<title>Erreur :" in back.text
