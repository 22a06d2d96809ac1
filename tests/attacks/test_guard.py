"""What an animator may try to send to the committee all the same: copies, names, numbers, links, however disguised."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from comcep.accounts.models import Member
from comcep.analytics.guard import Finding, findings
from comcep.analytics.guard.readings import Letters, Reading, Typed, readings
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from tests.community import Person, Site

SENTENCE = "La personne attend depuis deux mois une réponse de son employeur actuel"
QUOTED = "six mots de suite d'un message ou d'un titre que le comité ne lit pas"


@pytest.fixture
def lise(lite: Site) -> Person:
    return lite.animator()


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


def found(lise: Person, words: str, is_markdown: bool = True, days: int = 30) -> list[Finding]:
    viewer = lise.viewer
    with lise.site.app.app_context():
        return findings(viewer, [Typed(words, is_markdown)], now() - timedelta(days=days))


def kinds(lise: Person, words: str, is_markdown: bool = True) -> set[str]:
    return {each.kind for each in found(lise, words, is_markdown)}


def spaced_out(words: str) -> str:
    return "\u200b".join(words)


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it stands": str,
    "capitals": str.upper,
    "no accents": lambda words: words.replace("é", "e"),
    "other accents": lambda words: words.replace("e", "ë"),
    "a comma after each word": lambda words: words.replace(" ", ", "),
    "lines": lambda words: words.replace(" ", "\n"),
    "paragraphs": lambda words: words.replace(" ", "\n\n"),
    "zero-width characters": spaced_out,
    "soft hyphens": lambda words: "\u00ad".join(words),
    "emphasis of each word": lambda words: " ".join(f"**{word}**" for word in words.split()),
    "emphasis inside words": lambda words: words.replace("ti", "t**i**").replace("mo", "m*o*"),
    "code": lambda words: " ".join(f"`{word}`" for word in words.split()),
    "links": lambda words: " ".join(f"[{word}](https://exemple.fr/a)" for word in words.split()),
    "entities": lambda words: "".join(f"&#{ord(letter)};" if letter in "aeiou" else letter for letter in words),
    "named entities": lambda words: words.replace("é", "&eacute;").replace(" ", "&nbsp;"),
    "letters apart": lambda words: " ".join(words),
    "no blanks": lambda words: words.replace(" ", ""),
    "hyphens": lambda words: words.replace(" ", "-"),
    "Cyrillic letters": lambda words: words.replace("o", "о").replace("a", "а").replace("e", "е").replace("p", "р"),
    "full-width letters": lambda words: "".join(
        chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalpha() else letter for letter in words
    ),
    "mathematical letters": lambda words: "".join(
        chr(0x1D41A + ord(letter) - 97) if "a" <= letter <= "z" else letter for letter in words
    ),
    "a quotation": lambda words: "> " + words.replace(" ", "\n> "),
    "cells of a table": lambda words: f"|{words.replace(' ', '|')}|",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_copy_is_found_whatever_its_disguise(lise: Person, maud: Person, disguise: str) -> None:
    maud.asks("Un cas", f"Bonjour. {SENTENCE}.")

    for is_markdown in (True, False):
        disguised = DISGUISES[disguise]("attend depuis deux mois une réponse de son")
        if disguise != "links" or is_markdown:  # unrendered, the addresses stand between the words
            assert QUOTED in kinds(lise, f"On nous dit : {disguised}, et puis rien.", is_markdown)


words = st.text("abcdefghijklmnopqrstuvwxyzéàœ", min_size=3, max_size=9)


@given(st.lists(words, min_size=8, max_size=14), st.lists(st.sampled_from(list(DISGUISES)), max_size=2), st.data())
def test_any_six_words_of_a_post_are_found_under_any_two_disguises(
    lise: Person, maud: Person, said: list[str], disguises: list[str], data: st.DataObject
) -> None:
    with lise.site.app.app_context():
        if not db.session.scalar(select(Post.id)):
            maud.asks("Un cas")
        db.session.execute(update(Post).values(html=f"<p>{' '.join(said)}</p>"))
        db.session.commit()
    start = data.draw(st.integers(0, len(said) - 6))
    copy = " ".join(said[start : start + 6])

    for disguise in disguises:
        if not ({"links", "entities", "named entities"} & {disguise}):  # marks within marks are shown, not resolved
            copy = DISGUISES[disguise](copy)

    assert QUOTED in kinds(lise, copy)


@pytest.mark.parametrize("section", ["pairs", "groupe", "animateurs"])
@pytest.mark.parametrize("age", [0, 20, 100])
def test_whatever_the_committee_does_not_read_is_not_copied(lite: Site, section: str, age: int) -> None:
    """Of a period that began 30 days ago: from 90 days before it to today."""
    writer = lite.person("Lise", is_animator=True, in_group=True)
    writer.asks("Un cas", SENTENCE, section=section)
    grow_old(lite, age)

    assert QUOTED in kinds(writer, SENTENCE)


def test_what_is_too_old_or_what_the_committee_reads_may_be_repeated(lite: Site, lise: Person, maud: Person) -> None:
    maud.asks("Un cas ouvert", SENTENCE, section="hors-pairs")
    maud.asks("Un vieux cas", "Il reste quatre mois avant la fin de son contrat de travail")
    grow_old(lite, 130)

    assert QUOTED not in kinds(lise, SENTENCE)
    assert QUOTED not in kinds(lise, "Il reste quatre mois avant la fin de son contrat de travail")


def test_what_a_post_said_before_an_edit_is_not_copied(lite: Site, lise: Person, maud: Person) -> None:
    title = "Un titre de six mots au moins, que je change"
    topic = maud.asks(title, SENTENCE)
    with lite.app.app_context():
        number = db.session.scalars(select(Post.public_id)).one()
    answer = maud.post(f"/messages/{number}/modifier", title="Un autre titre", body="Plus rien", version="1")
    assert answer.status_code == 302, answer.text
    assert "Plus rien" in maud.get(f"/sujets/{topic}", follow_redirects=True).text

    assert QUOTED in kinds(lise, SENTENCE)
    assert QUOTED in kinds(lise, title)


def test_a_title_is_who_asked_s_alone_and_a_quotation_nobody_s(lite: Site, lise: Person, maud: Person) -> None:
    topic = maud.asks("Peut-elle signer ce contrat pendant son congé de formation", SENTENCE)
    for number in range(7):
        lite.adviser(f"Reponse{number}").answers(topic, f"> {SENTENCE}\n\nRéponse {number}.")

    assert QUOTED in kinds(lise, "Peut-elle signer ce contrat pendant son congé")
    assert QUOTED in kinds(lise, SENTENCE)


def test_what_k_advisers_wrote_in_topics_of_their_own_is_nobody_s(lite: Site, lise: Person) -> None:
    for number in range(5):
        lite.adviser(f"Pair{number}").asks(f"Un cas {number}", f"{SENTENCE}, cas {number}")

    assert QUOTED not in kinds(lise, SENTENCE)


@pytest.mark.parametrize("author", ["Pair0", "Autre"])
def test_who_wrote_without_their_name_is_not_told_by_the_answer(lite: Site, lise: Person, author: str) -> None:
    """Four advisers wrote a sentence, and somebody without their name: one of the four, or a fifth."""
    for number in range(4):
        lite.adviser(f"Pair{number}").asks(f"Un cas {number}", f"{SENTENCE}, cas {number}")
    (lite.people.get(author) or lite.adviser(author)).asks("Un cas que je tais", SENTENCE, anonymous="1")

    assert [each.kind for each in found(lise, SENTENCE)] == [QUOTED]


def test_labels_glossary_and_titles_of_law_may_be_repeated(lise: Person, maud: Person) -> None:
    law = "loi relative à la formation professionnelle, à l'emploi et à la démocratie sociale"
    label = "Congés formation (CIF) et temps de travail"
    maud.asks("Un cas", f"{law}. {label}.")

    assert QUOTED not in kinds(lise, law)
    assert QUOTED not in kinds(lise, label)


NAME = "nom d'un membre"
SURNAME = "nom de famille d'un membre, ou simple mot"


@pytest.mark.parametrize(
    "said",
    [
        "Marie-Claude Dupont-Sorel l'a dit", "DUPONT-SOREL Marie-Claude l'a dit", "Dupont, Marie", "Claude Sorel",
        "sorel claude", "Ma**rie** Dup*on*t", "Marie\nDupont", "M\u200barie D\u200bupont", "MarieDupont",
        "M a r i e D u p o n t", "Mаrie Duроnt", "Marie C. Dupont", "marie.dupont", "&#77;arie Dupont",
        "Dupont (Marie)", "MARIE DUPONT",
    ],
)  # fmt: skip
def test_a_member_s_name_is_refused_in_any_order_and_by_half(lite: Site, lise: Person, maud: Person, said: str) -> None:
    call(lite, maud, "Marie-Claude Dupont-Sorel")

    assert NAME in kinds(lise, f"Comme {said}, il faut attendre.")


@pytest.mark.parametrize(
    ("said", "is_asked"),
    [
        ("Comme Petit le dit", True),
        ("Un petit nombre de cas", False),
        ("Petit à petit", False),
        ("Peu. Petit à petit", False),
        ("- Petit à petit", False),
        ("Comme PETIT le dit", True),
    ],
)
def test_a_surname_alone_is_asked_about_where_it_is_written_as_a_name(
    lite: Site, lise: Person, maud: Person, said: str, is_asked: bool
) -> None:
    call(lite, maud, "Maud Petit")

    assert {each.words for each in found(lise, said) if each.kind == SURNAME} == ({"petit"} if is_asked else set())
    assert all(each.may_confirm for each in found(lise, said))


@pytest.mark.parametrize("said", ["comme abgrall le dit", "Abgrall le dit", "comme Abgrall le dit"])
def test_a_surname_that_is_no_word_is_asked_about_however_it_is_written(
    lite: Site, lise: Person, maud: Person, said: str
) -> None:
    call(lite, maud, "Maud Abgrall")

    assert [(each.words, each.may_confirm) for each in found(lise, said)] == [("abgrall", True)]


@pytest.mark.parametrize("said", ["Marie-Claude", "Jean-Paul a dit", "Un dupont"])
def test_a_given_name_alone_names_nobody(lite: Site, lise: Person, maud: Person, said: str) -> None:
    call(lite, maud, "Marie-Claude Sorel")
    call(lite, lise, "Jean-Paul Barbotin")

    assert found(lise, said) == []


def call(lite: Site, person: Person, name: str) -> None:
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == person.member_id).values(name=name))
        db.session.commit()


@pytest.mark.parametrize(
    "said",
    [
        "au 06 12 34 56 78", "au 06.12.34.56.78", "au 06 12**34** 56 78", "au 0\u200b612345678", "au ０６１２３４５６７８",
        "au 0 6 1 2 3 4 5 6 7 8", "au +33 6 12 34 56 78", "au &#48;612345678", "au `06` `12` `34` `56` `78`",
        "à maud@essai.example", "à maud&#64;essai.example",
    ],
)  # fmt: skip
def test_personal_data_is_refused_however_it_is_written(lise: Person, said: str) -> None:
    assert any(not each.may_confirm for each in found(lise, f"Joindre la personne {said} pour en parler."))


def test_a_telephone_is_found_behind_two_hundred_numbers_that_are_none(lise: Person) -> None:
    text = " ".join(f"99 99 99 {number:02} {number:02}," for number in range(99)) * 4 + " au 06 12 34 56 78"

    assert "téléphone" in kinds(lise, text)


def test_links_to_topics_messages_and_members_are_refused(lite: Site, lise: Person, maud: Person) -> None:
    topic = maud.asks("Un cas", "Un texte")
    message = maud.answers(topic, "Un ajout")
    open_topic = maud.asks("Un cas ouvert", "Un texte", section="hors-pairs")

    for number in (topic, message, maud.public_id):
        for said in (
            f"/sujets/{number}-un-cas",
            f"[là](https://x.fr/m/{number})",
            f"{str(number)[:7]} {str(number)[7:]}",
        ):
            assert "lien vers un sujet, un message ou un membre" in kinds(lise, f"Voir {said}.")
    assert found(lise, f"Voir /sujets/{open_topic}.") == []


@pytest.mark.parametrize(
    "said",
    ["un cas à Quimper", "dans le Morbihan", "des gens d'Unifaf", "le 12 janvier 2017", "reçu le 3/2/2017",
     "un seul conseiller", "la seule personne", "l'unique cas"],
)  # fmt: skip
def test_what_may_point_at_somebody_is_asked_about(lise: Person, said: str) -> None:
    asked = found(lise, f"Il y a {said} dans ce cas.")

    assert asked
    assert all(each.may_confirm for each in asked)


@pytest.mark.parametrize(
    "said",
    ["Les réseaux Fongecif / Opacif et Pôle emploi", "En Bretagne, au premier semestre 2017", "Le nord du problème",
     "La loi du travail change, 3 listes sur 10", "Faire son tour des possibles"],
)  # fmt: skip
def test_ordinary_words_pass(lise: Person, said: str) -> None:
    assert [each for each in found(lise, said) if each.words != "fongecif"] == []


def test_who_is_no_peer_learns_nothing_of_what_peers_wrote(lite: Site, maud: Person) -> None:
    committee = lite.hors_pair(is_committee=True)
    topic = maud.asks("Un titre de six mots au moins, que je garde", SENTENCE)

    assert found(committee, f"{SENTENCE}. Un titre de six mots au moins, que je garde. /sujets/{topic}") == []


def grow_old(site: Site, days: int) -> None:
    with site.app.app_context():
        for kind in (Post, Topic):
            db.session.execute(update(kind).values(created_at=now() - timedelta(days=days)))
        db.session.commit()


@given(st.text(max_size=60))
def test_a_passage_is_what_was_typed(text: str) -> None:
    for reading in readings([Typed(text, is_markdown=True)]):
        letters = Letters([reading])
        assert letters.passages([reading.letters[:64]]) or not reading.letters
        assert all(reading.text[word.start : word.end] for word in reading.words)


@given(st.text("ab c", max_size=200), st.text("abc", min_size=1, max_size=8))
def test_letters_are_found_as_in_a_plain_search(text: str, run: str) -> None:
    reading = Reading(text)

    assert Letters([reading]).hold(run) == (run in reading.letters)


HEAVY: dict[str, str] = {
    "plain": "Une phrase ordinaire, sans rien de particulier. ",
    "one letter": "a",
    "letters apart": "a ",
    "digits": "1 ",
    "long numbers": "123456789012345 ",
    "names": "Maud Essai ",
    "surnames": "Essai ",
    "copies": f"{SENTENCE}. ",
    "entities": "&eacute;",
    "per cent": "%41",
    "emphasis": "**a**b",
    "marks": "e\u0301\u0302\u0303",
    "unseen": "\u200b",
    "dates": "12/12/2012 ",
    "brackets": "[a](",
}


@pytest.mark.parametrize("kind", HEAVY)
def test_the_guard_costs_no_more_than_its_text_is_long(lise: Person, maud: Person, kind: str) -> None:
    maud.asks("Un cas", SENTENCE)
    viewer = lise.viewer

    def seconds(length: int) -> float:
        text = (HEAVY[kind] * length)[:length]
        best = 9e9
        for _ in range(2):
            started = time.process_time()
            findings(viewer, [Typed(text, is_markdown=True)], now() - timedelta(days=30))
            best = min(best, time.process_time() - started)
        return best

    with lise.site.app.app_context():
        seconds(2_000)
        assert seconds(20_000) < 2.6 * seconds(10_000) + 0.05


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_guard_is_quick_beside_a_hundred_thousand_posts(lite: Site, lise: Person, maud: Person) -> None:
    said = (
        "Bonjour à toutes et tous, je reçois une personne dont le projet demande une formation que rien ne couvre. " * 6
    )
    viewer = lise.viewer
    with lite.app.app_context():
        section = db.session.scalar(select(Section.id).where(Section.slug == "pairs"))
        topic = Topic(section_id=section, author_id=maud.member_id, title="Un cas", slug="un-cas")
        db.session.add(topic)
        db.session.flush()
        rows = [
            {"topic_id": topic.id, "author_id": maud.member_id, "source": "", "html": f"<p>{said}{number}</p>"}
            for number in range(100_000)
        ]
        db.session.execute(insert(Post), rows)
        db.session.commit()
        typed = Typed("Les conseillers demandent qui répond le premier, selon le statut. " * 60, is_markdown=True)
        started = time.monotonic()
        assert findings(viewer, [typed], now() - timedelta(days=30)) == []
        assert time.monotonic() - started < 30
