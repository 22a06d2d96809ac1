"""Forms whose session or token ended: what was typed comes back filled, to its member alone, and nothing is done."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from comcep.accounts.models import KeptForm, Member
from comcep.accounts.passwords import hash_password
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post
from tests.community import Person, Site, seen

PASSWORD = "trois mots simples"
TYPED = "Vingt minutes de texte,\r\nsur deux lignes « accentuées »."
QUESTION = {
    "title": "Mon titre", "body": TYPED, "section": "pairs", "kind": "discussion", "themes": "vae-et-bilan",
    "anonymous": "1", "submission": "numero-1",
}  # fmt: skip


@pytest.fixture
def maud(lite: Site) -> Person:
    maud = lite.adviser("Maud")
    with lite.app.app_context():
        db.session.execute(
            update(Member).where(Member.id == maud.member_id).values(password_hash=hash_password(PASSWORD))
        )
        db.session.commit()
    return maud


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page, as a browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def signs_in_there(person: Person, page: str, email: str = "maud@essai.example", password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return person.post("/connexion", **{**hidden(page), "email": email, "password": password})


def test_a_question_whose_session_ended_comes_back_whole_after_signing_in(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()

    ended = stranger.post("/poser", **QUESTION)
    assert ended.status_code == 404
    assert "C'était pendant que vous écriviez" in html.unescape(ended.text)
    assert "Vingt minutes de texte" in ended.text
    again = signs_in_there(stranger, ended.text)
    assert again.status_code == 302
    assert "Vingt" not in again.location
    page = stranger.get(again.location)

    assert page.status_code == 200
    assert 'name="title" type="text" value="Mon titre"' in page.text
    assert TYPED.splitlines()[1] in html.unescape(page.text)
    assert re.search(r'value="pairs" selected', page.text)
    assert re.search(r'value="discussion" selected', page.text)
    assert re.search(r'value="vae-et-bilan" checked', page.text)
    assert re.search(r'name="anonymous" value="1" checked', page.text)
    assert hidden(page.text)["submission"] == "numero-1"
    assert 'action="/poser"' in page.text
    assert "À corriger" not in html.unescape(page.text)
    with lite.app.app_context():
        assert db.session.scalar(select(func.count(Post.id))) == 0
    assert stranger.get(again.location).text.count("Vingt minutes") == page.text.count("Vingt minutes")


def test_a_reply_comes_back_on_the_page_of_its_topic(lite: Site, maud: Person) -> None:
    topic = maud.asks("Un long sujet")
    for number in range(22):
        maud.answers(topic, f"Réponse {number}")
    stranger = lite.anonymous()

    ended = stranger.post(f"/sujets/{topic}/messages", body=TYPED, anonymous="1", page="2", submission="numero-2")
    page = stranger.get(signs_in_there(stranger, ended.text).location).text

    assert "Réponse 21" in page
    assert "Réponse 3<" not in page
    assert "Vingt minutes de texte" in page
    assert re.search(r'name="anonymous" value="1" checked', page)
    assert hidden(page)["page"] == "2"


def test_every_address_answers_alike_whether_it_exists_or_not(lite: Site, maud: Person) -> None:
    topic = maud.asks("Un sujet")
    lite.app.config["WTF_CSRF_ENABLED"] = True
    addresses = [
        f"/sujets/{topic}/messages", "/sujets/999999999999999/messages", "/poser", "/nulle-part", "/rubriques",
        f"/sujets/{topic}/suivi", "/sujets/999999999999999/suivi", "/thematiques", "/animation/themes",
        f"/sujets/{topic}/resolution", "/demandes/999999999999999/decision",
    ]  # fmt: skip
    stranger = lite.anonymous()
    stranger.get("/connexion")

    answers = [stranger.post(address, body=TYPED, csrf_token="d'une session finie") for address in addresses]

    assert {answer.status_code for answer in answers} == {404}
    pairs = zip(answers, addresses, strict=True)
    assert len({seen(answer).replace(f"[&#34;{address}&#34;", "[") for answer, address in pairs}) == 1


def test_a_topic_open_to_the_public_takes_no_reply_of_a_stranger_and_gives_the_text_back(lite: Site) -> None:
    topic = lite.animator().asks("Annonce", section="publique")

    answer = lite.anonymous().post(f"/sujets/{topic}/messages", body=TYPED)

    assert answer.status_code == 404
    assert "Vingt minutes de texte" in answer.text


def test_a_wrong_password_does_not_lose_the_form(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    ended = stranger.post("/poser", **QUESTION)

    wrong = signs_in_there(stranger, ended.text, password="autre chose")
    assert wrong.status_code == 422
    page = stranger.get(signs_in_there(stranger, wrong.text).location)

    assert "Vingt minutes de texte" in page.text


def test_only_the_member_who_signed_in_opens_a_kept_form(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    address = signs_in_there(stranger, stranger.post("/poser", **QUESTION).text).location

    assert lite.adviser("Ines").get(address).status_code == 404
    assert lite.anonymous().get(address).status_code == 404


def test_neither_password_nor_token_is_kept(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    fields = {**QUESTION, "password": "secret-de-maud", "csrf_token": "jeton-secret", "reset_token": "jeton-secret"}

    ended = stranger.post("/poser", **fields)
    signs_in_there(stranger, ended.text)

    assert "secret-de-maud" not in ended.text
    assert "jeton-secret" not in ended.text
    with lite.app.app_context():
        kept = db.session.scalar(select(KeptForm.fields)) or ""
        assert "Mon titre" in kept
        assert "secret" not in kept


@pytest.mark.parametrize(
    "copy",
    ['["https://ailleurs.example/", [["body", "x"]]]', '["//ailleurs.example", []]', '["/compte/sessions", []]',
     '["/deconnexion", []]', '["/nulle-part", [["body", "x"]]]', "[]", "null", '{"a": 1}', "[1, 2]", '["/poser", [["a"]]]',
     '["/poser", 7]', '["/poser", [["body", 7]]]', "[" * 2000, "pas du json", '["/poser", [["body", "\\ud800"]]]',
     '["/mot-de-passe/\\u0000", [["body", "x"]]]', '["/mot-de-passe/\\u00e9", [["body", "x"]]]'],
)  # fmt: skip
def test_a_sign_in_leads_to_no_form_but_those_that_offer_text_again(lite: Site, maud: Person, copy: str) -> None:
    answer = lite.anonymous().post(
        "/connexion", email="maud@essai.example", password=PASSWORD, kept=copy, next="/actifs"
    )

    assert answer.location == "/actifs"
    with lite.app.app_context():
        assert db.session.scalar(select(func.count(KeptForm.id))) == 0


def test_what_another_site_sends_is_not_offered_as_ones_own(lite: Site, maud: Person) -> None:
    answer = lite.anonymous().client.post("/poser", data=QUESTION, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 404
    assert 'name="kept"' not in answer.text
    assert "Page introuvable" in answer.text


@pytest.mark.parametrize("header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://ailleurs.example"}])
def test_what_another_site_sends_puts_no_cookie_in_the_place_of_a_members(lite: Site, header: dict[str, str]) -> None:
    """The browser keeps the member's cookie back from it: one in the answer would sign them out."""
    for address in ("/poser", "/connexion", "/deconnexion", "/rejoindre", "/nulle-part"):
        answer = lite.anonymous().client.post(address, data=QUESTION, headers=header)

        assert "Set-Cookie" not in answer.headers, address


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_an_address_that_nobody_can_read_is_elsewhere(lite: Site, header: str) -> None:
    answer = lite.anonymous().client.post("/poser", data=QUESTION, headers={header: "http://[::1"})

    assert answer.status_code == 404


@pytest.mark.parametrize("host", ["evil.test", "", "a b", "[::1", "localhost:8901:1"])
def test_a_host_that_is_refused_is_no_error_of_ours(lite: Site, host: str) -> None:
    lite.app.config["TRUSTED_HOSTS"] = ["localhost"]

    for address in ("/", "/connexion", "/nulle-part"):
        answer = lite.anonymous().client.post(address, data=QUESTION, headers={"Host": host, "Origin": "http://x"})

        assert answer.status_code in (400, 404), (address, host)


def test_a_kept_form_waits_a_day(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    address = signs_in_there(stranger, stranger.post("/poser", **QUESTION).text).location
    with lite.app.app_context():
        db.session.execute(update(KeptForm).values(created_at=now() - timedelta(hours=25)))
        db.session.commit()

    assert stranger.get(address).status_code == 404
    lite.works()
    with lite.app.app_context():
        assert db.session.scalar(select(func.count(KeptForm.id))) == 0


def test_a_member_keeps_the_last_forms_only(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    for number in range(8):
        signs_in_there(lite.anonymous(), stranger.post("/poser", **{**QUESTION, "title": f"Titre {number}"}).text)

    with lite.app.app_context():
        kept = "".join(db.session.scalars(select(KeptForm.fields)))
    assert [number for number in range(8) if f"Titre {number}" in kept] == [3, 4, 5, 6, 7]


def test_a_press_that_holds_no_text_leads_back_to_its_page(lite: Site, maud: Person) -> None:
    topic = maud.asks("Un sujet")
    stranger = lite.anonymous()
    referrer = {"Referer": f"http://localhost/sujets/{topic}-un-sujet?page=2"}

    ended = stranger.client.post(f"/sujets/{topic}/suivi", headers=referrer)

    assert "Votre session s'est terminée" in html.unescape(ended.text)
    assert signs_in_there(stranger, ended.text).location == f"/sujets/{topic}?page=2"


def test_sign_out_works_with_an_expired_form_of_ours_and_of_nobody_else(lite: Site, maud: Person) -> None:
    lite.app.config["WTF_CSRF_ENABLED"] = True

    elsewhere = maud.client.post("/deconnexion", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 400
    assert maud.get("/compte").status_code == 200
    own = maud.client.post("/deconnexion", data={"csrf_token": "x"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 302
    assert maud.get("/compte").status_code == 404
    again = maud.client.post("/deconnexion", data={"csrf_token": "x"}, headers={"Origin": "http://localhost"})
    assert again.status_code == 302


def test_an_expired_form_that_checks_nothing_itself_can_be_sent_again(lite: Site, maud: Person) -> None:
    lite.app.config["WTF_CSRF_ENABLED"] = True

    expired = maud.post("/recherches", address="q=des mots+cherchés", csrf_token="périmé")
    assert expired.status_code == 400
    assert "q=des mots+cherchés" in html.unescape(expired.text)
    again = maud.post("/recherches", **hidden(expired.text))

    assert again.status_code == 302
    assert "cherchés" in html.unescape(maud.get("/recherches").text)


SENT_SIGNED_OUT = {"accounts.sign_in", "accounts.send_reset", "accounts.change_password", "membership.ask",
                   "membership.send_link", "membership.confirm"}  # fmt: skip


@pytest.fixture
def left(lite: Site) -> dict[str, tuple[Person, str, dict[str, str]]]:
    """Each form that offers its text again: who fills it, where, and with what."""
    from tests.access.test_matrix import rows_behind

    maud, asker = lite.adviser("Maud"), lite.person("Demandeur", "none")
    lise, odile, committee = lite.animator(), lite.animator("Odile"), lite.hors_pair("Comite", is_committee=True)
    admin = lite.person("Admin", "none", is_admin=True)
    referent = lite.person("Referente", "none", referent_of="fongecif")
    topic = maud.asks("Un sujet")
    question = re.findall(r'data-post-id="(\d+)"', maud.get(f"/sujets/{topic}", follow_redirects=True).text)[0]
    for said in ("À masquer", "À masquer aussi"):
        lise.post(f"/messages/{maud.answers(topic, said)}/masquage", reason="Motif")
    answer, unnamed = lise.answers(topic, "Une réponse"), maud.answers(maud.asks("Autre"), "Sans nom", anonymous="1")
    solved, relayed = maud.asks("Résolu"), committee.asks("À relayer", section="hors-pairs")
    maud.solves(solved, lise.answers(solved, "La solution"))
    lite.works()
    things = rows_behind(lite, maud)
    with lite.app.app_context():
        lite.topic(solved).solved_at = now() - timedelta(days=30)
        db.session.commit()
    return {
        "forum.create": (maud, "/poser", QUESTION),
        "forum.reply": (maud, f"/sujets/{topic}/messages", {"body": TYPED}),
        "forum.save_edit": (maud, f"/messages/{question}/modifier", {"title": "T", "body": TYPED, "version": "1"}),
        "forum.follow": (maud, f"/sujets/{topic}/suivi", {"body": TYPED}),
        "forum.resolve": (maud, f"/sujets/{topic}/resolution", {"post": str(answer), "body": TYPED}),
        "forum.say_worth": (maud, f"/sujets/{solved}/utilite", {"helped": "yes", "body": TYPED}),
        "moderation.hide": (lise, f"/messages/{answer}/masquage", {"reason": TYPED}),
        "moderation.reveal": (lise, f"/messages/{unnamed}/auteur", {"reason": TYPED}),
        "moderation.move": (lise, f"/sujets/{topic}/deplacement", {"section": "animateurs", "reason": TYPED}),
        "moderation.close": (lise, f"/sujets/{topic}/fermeture", {"reason": TYPED}),
        "moderation.pin": (lise, f"/sujets/{topic}/epingle", {"body": TYPED}),
        "moderation.relay": (lise, f"/sujets/{relayed}/relais", {"page": "1"}),
        "analytics.create": (lise, "/animation/syntheses", {"starts_on": "2017-03-01", "ends_on": "2017-03-31"}),
        "analytics.write": (
            lise,
            f"/animation/syntheses/{things['draft']}",
            {"title": "T", "words": TYPED, "version": "1"},
        ),
        "analytics.correct": (lise, f"/animation/syntheses/{things['digest']}/corrections", {"correction": TYPED}),
        "analytics.redact": (
            lise,
            f"/animation/syntheses/{things['digest']}/retraits",
            {"passage": TYPED, "reason": "Il désigne une personne."},
        ),
        "analytics.change_themes": (
            lise,
            "/animation/themes",
            {"act": "add", "label": "Un thème neuf", "description": "Ce qui en relève"},
        ),
        "administration.rename": (admin, "/administration/rubriques/pairs", {"name": "Un autre nom", "position": "7"}),
        "administration.set_state": (
            admin,
            f"/administration/comptes/{maud.public_id}/etat",
            {"state": "suspended", "reason": TYPED},
        ),
        "analytics.nominate": (committee, "/thematiques", {"title": "T", "reason": TYPED}),
        "analytics.decide": (lise, f"/thematiques/{things['national']}/etat", {"step": "done", "outcome": TYPED}),
        "analytics.comment": (committee, f"/thematiques/{things['national']}/commentaires", {"words": TYPED}),
        "membership.decide": (
            referent,
            f"/demandes/{things['request']}/decision",
            {"decision": "refuse", "reason": TYPED},
        ),
        "membership.ask_again": (asker, "/ma-demande", {"network": "apec", "region": "27", "position": "head"}),
        "moderation.answer_contest": (
            odile,
            f"/animation/contestations/{things['contested']}",
            {"decision": "keep", "reason": TYPED},
        ),
        "moderation.contest": (maud, f"/decisions/{things['statement']}/contestation", {"reason": TYPED}),
    }


def rows(site: Site) -> dict[str, int]:
    with site.app.app_context():
        of_signing_in = ("kept_form", "topic_read", "member_session", "known_device", "pace")
        tables = [table for table in db.metadata.sorted_tables if table.name not in of_signing_in]
        return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_every_form_that_offers_its_text_again_comes_back_and_nothing_is_done(lite: Site, left) -> None:  # type: ignore[no-untyped-def]
    marked = {name for name, view in lite.app.view_functions.items() if getattr(view, "offers_text_again", False)}
    assert marked - SENT_SIGNED_OUT == set(left)
    with lite.app.app_context():
        db.session.execute(update(Member).values(password_hash=hash_password(PASSWORD)))
        db.session.commit()
    before = rows(lite)

    for name, (person, path, fields) in left.items():
        stranger = lite.anonymous()
        ended = stranger.post(path, **fields)
        assert ended.status_code == 404, name
        again = signs_in_there(stranger, ended.text, f"{person.name.split()[0].lower()}@essai.example")
        page = stranger.get(again.location)
        assert page.status_code == 200, (name, again.location)
        shown = html.unescape(page.text)
        assert "Vous êtes de nouveau connecté·e" in shown, name
        assert "autofocus" in shown, name
        for typed in fields.values():
            assert typed.replace("\r\n", "\n") in shown.replace("\r\n", "\n"), (name, typed)
        assert f'action="{path}"' in shown, name

    assert rows(lite) == before


def test_every_form_with_an_expired_token_comes_back_filled_with_a_fresh_one(lite: Site, left) -> None:  # type: ignore[no-untyped-def]
    lite.app.config["WTF_CSRF_ENABLED"] = True
    before = rows(lite)

    for name, (person, path, fields) in left.items():
        back = person.post(path, **fields, csrf_token="périmé")
        shown = html.unescape(back.text)
        assert back.status_code == 422, name
        assert "Ce formulaire avait expiré" in shown, name
        assert "<title>Erreur :" in shown, name
        for typed in fields.values():
            assert typed.replace("\r\n", "\n") in shown.replace("\r\n", "\n"), (name, typed)
        assert hidden(back.text)["csrf_token"] != "périmé", name

    assert rows(lite) == before
