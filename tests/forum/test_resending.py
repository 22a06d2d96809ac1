"""A form sent twice: the same text is one message, another text is kept as an edit and said; nothing is swallowed."""

import re
import threading
from html import unescape

import pytest

from tests.community import Person, Site

NUMBER = "numero-du-formulaire"


def published(person: Person, topic: int) -> str:
    return person.get(f"/sujets/{topic}", follow_redirects=True).text


def post_ids(page: str) -> list[str]:
    return re.findall(r'data-post-id="(\d+)"', page)


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


@pytest.fixture
def topic(maud: Person) -> int:
    return maud.asks("Une question")


def test_the_same_reply_sent_twice_is_one_message(maud: Person, topic: int) -> None:
    first = maud.answers(topic, "La même", submission=NUMBER)

    assert maud.answers(topic, "La même", submission=NUMBER) == first
    assert len(post_ids(published(maud, topic))) == 2


def test_another_text_under_the_same_number_replaces_the_first_and_says_so(maud: Person, topic: int) -> None:
    first = maud.answers(topic, "Premier texte", submission=NUMBER)

    assert maud.answers(topic, "Second texte", submission=NUMBER) == first

    page = published(maud, topic)
    assert "votre nouveau texte le remplace" in page
    assert "Second texte" in page
    assert "Premier texte" not in page
    assert "Premier texte" in maud.get(f"/messages/{first}/historique").text
    assert len(post_ids(page)) == 2


def test_the_first_text_sent_once_more_after_that_changes_nothing_and_says_so(maud: Person, topic: int) -> None:
    maud.answers(topic, "Premier texte", submission=NUMBER)
    maud.answers(topic, "Second texte", submission=NUMBER)

    maud.answers(topic, "Premier texte", submission=NUMBER)

    assert "Second texte" in published(maud, topic)


def test_a_third_text_is_kept_too(maud: Person, topic: int) -> None:
    for words in ("Premier texte", "Second texte", "Troisième texte"):
        maud.answers(topic, words, submission=NUMBER)

    assert "Troisième texte" in published(maud, topic)


def test_the_number_of_a_form_means_nothing_in_another_topic(maud: Person, topic: int) -> None:
    other = maud.asks("Une autre question")
    maud.answers(topic, "Ici", submission=NUMBER)

    maud.answers(other, "Et là", submission=NUMBER)

    assert "Et là" in published(maud, other)


def test_two_people_may_send_the_same_number(site: Site, maud: Person, topic: int) -> None:
    ines = site.adviser("Ines")
    maud.answers(topic, "De Maud", submission=NUMBER)

    ines.answers(topic, "D'Ines", submission=NUMBER)

    page = published(ines, topic)
    assert "De Maud" in page
    assert "D'Ines" in page or "D&#39;Ines" in page or "D’Ines" in page


def test_a_question_sent_again_with_another_title_and_section_is_one_topic(maud: Person) -> None:
    first = maud.asks("Premier titre", "Corps", submission=NUMBER)

    again = maud.asks("Second titre", "Corps repris", section="hors-pairs", submission=NUMBER)

    assert again == first
    page = published(maud, first)
    assert "Second titre" in page
    assert "Corps repris" in page
    assert "restent ceux de la première fois" in page
    assert 'data-section="pairs"' in page


def test_back_and_publish_without_name_says_that_the_name_stays(maud: Person, topic: int) -> None:
    maud.answers(topic, "Une réponse", submission=NUMBER)

    maud.answers(topic, "Une réponse", submission=NUMBER, anonymous="1")

    assert "Il l&#39;est sous votre nom, et le reste." in published(maud, topic)


def test_back_and_publish_under_ones_name_does_not_name_what_was_without(site: Site, maud: Person) -> None:
    topic = maud.asks("Sans nom", submission=NUMBER, anonymous="1")

    maud.asks("Sans nom", submission=NUMBER)

    page = published(maud, topic)
    assert "Il l&#39;est sans votre nom, et le reste." in page
    assert "Maud Essai</a></b>" not in page


def test_what_an_animator_edited_meanwhile_is_not_written_over(site: Site, maud: Person, topic: int) -> None:
    lise = site.animator()
    post = maud.answers(topic, "Premier texte", submission=NUMBER)
    lise.post(f"/messages/{post}/modifier", body="Corrigé par Lise", version="1", reason="Une précision de trop.")

    answer = maud.post(f"/sujets/{topic}/messages", body="Second texte", submission=NUMBER)

    assert answer.status_code == 409
    assert "Second texte" in answer.text
    assert "Corrigé par Lise" in answer.text
    assert "Corrigé par Lise" in published(lise, topic)


def test_a_text_for_a_message_hidden_meanwhile_is_given_back(site: Site, maud: Person, topic: int) -> None:
    post = maud.answers(topic, "Premier texte", submission=NUMBER)
    site.animator().post(f"/messages/{post}/masquage", reason="Motif")

    answer = maud.post(f"/sujets/{topic}/messages", body="Second texte de vingt minutes", submission=NUMBER)

    assert answer.status_code == 403
    assert "Second texte de vingt minutes" in answer.text


def test_two_clicks_at_once_with_two_texts_make_one_message_with_both_kept(
    site: Site, maud: Person, topic: int
) -> None:
    twins = [site.app.test_client() for _ in range(2)]
    for client in twins:
        Person(site, client, maud.member_id).signs_in()
    texts = ("Texte un", "Texte deux")
    sending = [
        threading.Thread(
            target=client.post,
            args=(f"/sujets/{topic}/messages",),
            kwargs={"data": {"body": text, "submission": NUMBER}},
        )
        for client, text in zip(twins, texts, strict=True)
    ]
    for each in sending:
        each.start()
    for each in sending:
        each.join()

    page = published(maud, topic)
    assert len(post_ids(page)) == 2
    kept = page + maud.get(f"/messages/{post_ids(page)[1]}/historique").text
    assert all(text in kept for text in texts)


def test_back_and_publish_again_under_another_number_is_one_message(site: Site, maud: Person, topic: int) -> None:
    site.app.config["RATELIMIT_ENABLED"] = True  # what is held against floods of the same holds here too
    first = maud.answers(topic, "La même", submission=NUMBER)

    assert maud.answers(topic, "La même", submission="un autre numéro") == first
    assert maud.asks("Titre", "Corps", submission="a") == maud.asks("Titre", "Corps", submission="b")
    assert len(post_ids(published(maud, topic))) == 2


def test_what_a_form_sent_again_has_done_and_has_not_is_said(lite: Site) -> None:
    maud = lite.adviser("Maud")
    question = {"title": "Titre", "body": "Corps", "section": "pairs", "kind": "question"}
    topic = maud.asks("Un sujet")
    maud.answers(topic, "Un texte", submission=NUMBER)
    maud.asks(**question, submission="n-2")
    maud.asks(**{**question, "title": "Autre"}, anonymous="1", submission="n-3")
    maud.get("/")

    def said(address: str, **fields: str) -> str:
        page = maud.get(maud.post(address, **fields).location).text
        return unescape(re.findall(r'<p class="flash [a-z]*">([^<]*)</p>', page)[0])

    again, replaced = "il n'a pas été publié une seconde fois.", "votre nouveau texte le remplace, l'ancien reste"
    reply = f"/sujets/{topic}/messages"
    assert said(reply, body="Un texte", submission=NUMBER, anonymous="1") == (
        f"Ce message était déjà publié : {again} Il l'est sous votre nom, et le reste."
    )
    assert said(reply, body="Un autre", submission=NUMBER) == (
        f"Ce message était déjà publié : {replaced} dans son historique."
    )
    assert said("/poser", **{**question, "kind": "discussion"}, submission="n-2") == (
        f"Ce message était déjà publié : {again} Sa rubrique, sa nature et ses thèmes restent ceux de la première fois."
    )
    assert said("/poser", **{**question, "title": "Autre"}, submission="n-3") == (
        f"Ce message était déjà publié : {again} Il l'est sans votre nom, et le reste."
    )
    assert said("/poser", **{**question, "title": "Autre", "kind": "event"}, anonymous="1", submission="n-3") == (
        f"Ce message était déjà publié : {again} Sa rubrique, sa nature et ses thèmes restent ceux de la première fois."
    )
