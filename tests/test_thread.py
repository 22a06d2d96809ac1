"""The thread through every role: from a request to join to a digest read by the committee."""

import re

import pytest

from tests.community import Person, Site


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud", "fongecif")


@pytest.fixture
def ines(site: Site) -> Person:
    return site.adviser("Ines", "pole-emploi")


def join(site: Site, **changes: str) -> Person:
    newcomer = site.anonymous()
    newcomer.joins(**changes)
    return newcomer


def request_of(referent: Person) -> str:
    found = re.search(r'action="(/demandes/\d+/decision)"', referent.get("/demandes").text)
    assert found is not None
    return found[1]


def test_an_asker_becomes_an_adviser_by_their_networks_word_only(site: Site) -> None:
    referent = site.hors_pair("Nadia", referent_of="missions-locales")
    newcomer = join(site)
    assert 'data-viewer="anonymous"' in newcomer.get("/").text
    assert newcomer.get("/rubriques/pairs").status_code == 404

    referent.post(request_of(referent), decision="accept")
    site.works()

    assert 'data-viewer="adviser"' in newcomer.get("/").text
    assert newcomer.get("/rubriques/pairs").status_code == 200
    assert "validé" in newcomer.mails()[-1]


def test_a_refused_asker_reads_the_reason_and_stays_outside(site: Site) -> None:
    referent = site.hors_pair("Nadia", referent_of="missions-locales")
    newcomer = join(site)

    referent.post(request_of(referent), decision="refuse", reason="Vous n'êtes plus dans nos effectifs.")
    site.works()

    assert "plus dans nos effectifs" in newcomer.get("/ma-demande").text.replace("&#39;", "'")
    assert "plus dans nos effectifs" in newcomer.mails()[-1]
    assert newcomer.get("/rubriques/pairs").status_code == 404


@pytest.mark.parametrize("decision", ["accept", "accept-head"])
def test_a_network_head_becomes_a_hors_pair_never_an_adviser(site: Site, decision: str) -> None:
    referent = site.hors_pair("Nadia", referent_of="missions-locales")
    newcomer = join(site, position="head")

    referent.post(request_of(referent), decision=decision)

    assert 'data-viewer="hors-pair"' in newcomer.get("/").text
    assert newcomer.get("/rubriques/hors-pairs").status_code == 200
    assert newcomer.get("/rubriques/pairs").status_code == 404


def test_a_question_is_answered_solved_told_and_reopened(site: Site, maud: Person, ines: Person) -> None:
    question = maud.asks("Peut-il signer le CSP pendant un CIF ?")
    assert 'data-state="open"' in maud.get(f"/sujets/{question}", follow_redirects=True).text

    answer = ines.answers(question, "Oui, le délai court pendant le congé.")
    site.works()
    page = maud.get(f"/sujets/{question}", follow_redirects=True).text
    assert 'data-state="answered"' in page
    assert "Nouveau depuis votre dernière visite" in page
    assert "Une réponse à votre question" in maud.get("/notifications").text
    [mail] = maud.mails()
    assert f"/sujets/{question}\n" in mail
    assert "CSP" not in mail
    assert "Ines" not in mail

    maud.solves(question, answer)
    assert 'data-state="solved"' in maud.get(f"/sujets/{question}", follow_redirects=True).text
    maud.post(f"/sujets/{question}/resolution", reopen="1")
    assert 'data-state="answered"' in maud.get(f"/sujets/{question}", follow_redirects=True).text


def test_both_edit_their_posts_and_the_history_is_kept(site: Site, maud: Person, ines: Person) -> None:
    question = maud.asks("Une question à corriger", "Première version")
    answer = ines.answers(question, "Réponse d'origine")

    ines.post(f"/messages/{answer}/modifier", body="Réponse corrigée", version="1")

    page = maud.get(f"/sujets/{question}", follow_redirects=True).text
    assert "Réponse corrigée" in page
    assert "Réponse d&#39;origine" not in page
    assert "origine" in ines.get(f"/messages/{answer}/historique").text
    assert maud.get(f"/messages/{answer}/historique").status_code == 403


def test_what_is_new_shows_until_it_is_read(site: Site, maud: Person, ines: Person) -> None:
    question = maud.asks("Question fraîche")

    assert "Question fraîche" in ines.get("/non-lus").text
    assert "unread" in ines.get("/rubriques").text
    ines.get(f"/sujets/{question}", follow_redirects=True)
    assert "Question fraîche" not in ines.get("/non-lus").text

    maud.answers(question, "Je précise.")
    assert "Question fraîche" in ines.get("/non-lus").text
    ines.post("/lecture")
    assert "Question fraîche" not in ines.get("/non-lus").text


@pytest.mark.parametrize(
    "words",
    ["licenciement pendant un conge de formation", "LICENCIEMENTS", "congé individuel de formation", "l'adhésion au C.S.P",
     "contrat de sécurisation professionnelle"],
)  # fmt: skip
def test_a_solved_case_is_found_by_other_words_than_its_title(
    site: Site, maud: Person, ines: Person, words: str
) -> None:
    unsolved = maud.asks("Licenciement et CIF : question restée ouverte", "CSP, CIF, licenciement, adhésion.")
    question = maud.asks(
        "Licencié éco pendant un CIF-CDI : peut-il adhérer au CSP ?", "Licenciement économique, adhésion."
    )
    maud.solves(question, ines.answers(question, "Oui, prévenez l'Opacif avant la signature."))
    site.works()

    found = ines.searches(words)

    assert found[0] == question
    assert unsolved in found
    assert "<mark>" in ines.get("/recherche", query_string={"q": words}).text


def test_a_case_found_by_its_title_alone_shows_which_words(site: Site, maud: Person) -> None:
    question = maud.asks("Congé parental et bilan", "Avez-vous rencontré ce cas ?")
    site.works()

    assert maud.searches("bilans") == [question]
    assert "<mark>bilan</mark>" in maud.get("/recherche?q=bilans").text


def test_a_hors_pair_sees_the_hors_pairs_section_and_answers_there(site: Site, maud: Person) -> None:
    agnes = site.hors_pair()
    peers_only = maud.asks("Sujet entre pairs")
    open_to_all = maud.asks("Question aux hors pairs", section="hors-pairs")

    agnes.answers(open_to_all, "Voici une [ressource](https://exemple.example/guide).")

    assert agnes.get(f"/sujets/{peers_only}").status_code == 404
    assert "Sujet entre pairs" not in agnes.get("/").text + agnes.get("/rubriques").text + agnes.get("/actifs").text
    assert "guide" in maud.get(f"/sujets/{open_to_all}", follow_redirects=True).text


def test_an_animator_hides_moves_closes_and_relays(site: Site, maud: Person, ines: Person) -> None:
    lise = site.animator()
    question = maud.asks("Question aux hors pairs", section="hors-pairs")
    answer = ines.answers(question, "Un message déplacé")

    lise.post(f"/messages/{answer}/masquage", reason="Il désigne une personne.")
    site.works()
    assert "Un message déplacé" not in maud.get(f"/sujets/{question}", follow_redirects=True).text
    statement = re.search(r"/decisions/\d+", ines.mails()[-1])
    assert statement is not None
    assert "désigne une personne" in ines.get(statement[0], follow_redirects=True).text

    lise.post(f"/sujets/{question}/relais")
    assert "Question aux hors pairs" in ines.get("/").text.split("Relayé des hors pairs")[1]

    lise.post(f"/sujets/{question}/fermeture", reason="Réglé.")
    assert maud.post(f"/sujets/{question}/messages", body="Encore un mot").status_code == 409

    lise.post(f"/sujets/{question}/deplacement", section="pairs", reason="Entre pairs.")
    assert site.hors_pair("Autre").get(f"/sujets/{question}").status_code == 404
    assert "déplacé" in lise.get("/animation/journal").text


def test_a_digest_goes_from_draft_to_the_committee(site: Site) -> None:
    from datetime import timedelta

    from comcep.clock import now

    committee = site.hors_pair("Paul", is_committee=True)
    lise = site.animator()
    networks = ["fongecif", "pole-emploi", "apec", "cap-emploi"]
    advisers = [site.adviser(f"Conseil{number}", networks[number % 4]) for number in range(17)]
    for number, adviser in enumerate(advisers):
        adviser.asks(
            f"Question secrète numéro {number} zyxw", themes=["ingenierie-financiere"] if number else ["jeunes"]
        )
    with site.app.app_context():
        from sqlalchemy import update

        from comcep.extensions import db
        from comcep.forum.models import Post, Topic

        old = now() - timedelta(days=20)
        db.session.execute(update(Post).values(created_at=old))
        db.session.execute(update(Topic).values(created_at=old))
        db.session.commit()

    today = now().date()
    period = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today - timedelta(days=5))}
    draft = lise.post("/animation/syntheses", **period).location
    assert committee.get(draft).status_code == 404
    site.works()
    published = lise.post(draft, title="Ce qui revient", words="Nos mots à nous.", version="1", publish="1").location

    page = committee.get(published).text
    shown = re.search(
        r'data-table="themes" data-row="ingenierie-financiere" data-column="advisers" data-count="(\d+)"', page
    )
    assert shown is not None
    assert int(shown[1]) in (10, 15, 20)  # sixteen advisers, noise of four at most, rounded to five
    assert 'data-table="themes" data-row="jeunes" data-column="advisers" data-suppressed' in page
    assert "zyxw" not in page
    assert "Conseil1" not in page
    assert published in committee.get("/comite").text
    assert committee.get("/rubriques/pairs").status_code == 404
