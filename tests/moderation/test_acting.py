"""What follows from an act of an animator, and what must not."""

import json
import re

import pytest
from sqlalchemy import text

from comcep.extensions import db
from comcep.moderation import journal
from comcep.moderation.journal import Act
from tests.community import Person, Site
from tests.moderation.deciding import first_post, lines, read, told


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


@pytest.fixture
def lise(site: Site) -> Person:
    return site.animator()


def state(person: Person, topic: int) -> str:
    found = re.search(r'<main[^>]*data-state="(\w+)"', read(person, f"/sujets/{topic}"))
    assert found is not None
    return found[1]


def test_hiding_the_solution_opens_the_question_and_hiding_another_reply_does_not(
    site: Site, maud: Person, lise: Person
) -> None:
    ines = site.adviser("Ines")
    topic = maud.asks("Titre zqtitrezq")
    solution, other = ines.answers(topic, "La solution zqsolutionzq"), ines.answers(topic, "Une autre")
    maud.solves(topic, solution)

    lise.post(f"/messages/{other}/masquage", reason="Motif")
    assert state(maud, topic) == "solved"

    lise.post(f"/messages/{other}/masquage", undo="1")
    lise.post(f"/messages/{solution}/masquage", reason="Motif")
    site.works()
    assert state(maud, topic) == "answered"
    assert "zqsolutionzq" not in read(maud, f"/sujets/{topic}")
    assert maud.searches("zqsolutionzq") == []
    assert "zqtitrezq" not in read(maud, "/recherche?q=zqtitrezq&etat=solved").split("data-kind", 1)[-1][:50]


def test_a_topic_moved_out_of_the_hors_pairs_section_is_relayed_no_more(site: Site, maud: Person, lise: Person) -> None:
    topic = maud.asks("Titre zqtitrezq", section="hors-pairs")
    lise.post(f"/sujets/{topic}/relais")
    assert "zqtitrezq" in read(maud, "/").split("Relayé des hors pairs")[1].split("</section>")[0]

    lise.post(f"/sujets/{topic}/deplacement", section="pairs", reason="Entre pairs.")

    assert "zqtitrezq" not in read(maud, "/").split("Relayé des hors pairs")[1].split("</section>")[0]
    assert "Relayé aux pairs" not in read(maud, f"/sujets/{topic}")
    assert lise.post(f"/sujets/{topic}/relais").status_code == 409


@pytest.mark.parametrize("section", ["pairs", "publique", "groupe", "animateurs"])
def test_only_what_hors_pairs_read_is_relayed(lite: Site, section: str) -> None:
    lise = lite.person("Lise", is_animator=True, in_group=True)
    topic = lise.asks("Titre", section=section)

    assert lise.post(f"/sujets/{topic}/relais").status_code == 409
    assert lines(lite) == []


def test_closing_twice_is_one_line_and_keeps_the_first_reason(site: Site, maud: Person, lise: Person) -> None:
    topic = maud.asks("Titre")
    assert lise.post(f"/sujets/{topic}/fermeture", reason="Premier motif").status_code == 302
    late = lise.post(f"/sujets/{topic}/fermeture", reason="Second motif")
    assert late.status_code == 409
    assert "Second motif" in late.text
    assert lines(site) == [("close", "Premier motif")]
    assert told(site, maud) == ["closed"]

    for _ in range(2):
        lise.post(f"/sujets/{topic}/fermeture", undo="1")
    assert [kind for kind, _ in lines(site)] == ["close", "open-again"]
    assert maud.answers(topic, "De nouveau")


def test_an_author_is_told_by_mail_that_a_message_is_visible_again(site: Site, maud: Person, lise: Person) -> None:
    answer = maud.answers(maud.asks("Titre"), "Texte zqtextezq")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    site.works()

    for _ in range(2):
        lise.post(f"/messages/{answer}/masquage", undo="1")
    site.works()

    assert len(maud.mails()) == 2
    link = re.findall(r"/decisions/\d{15}", maud.mails()[-1])[0]
    page = read(maud, link)
    assert "de nouveau visible" in page
    assert f"/messages/{answer}" in page
    assert "contester" not in maud.mails()[-1]


def test_a_checked_message_is_checked_once_and_one_without_a_warning_never(
    site: Site, maud: Person, lise: Person
) -> None:
    warned = first_post(maud, maud.asks("Titre", "Tél. 06 12 34 56 78", confirm="1"))
    harmless = first_post(maud, maud.asks("Autre"))

    for message in (warned, warned, harmless):
        assert lise.post(f"/messages/{message}/verification").status_code == 302

    assert lines(site) == [("check", "")]


@pytest.mark.parametrize(
    ("column", "value"),
    [("detail", "'autre'"), ("reason", "'autre'"), ("kind", "'pin'"), ("actor_id", "null"), ("section_id", "null"),
     ("subject_type", "'post'"), ("subject_public_id", "1"), ("previous_hash", "'x'"), ("hash", "'x'")],
)  # fmt: skip
def test_every_column_of_a_line_is_inside_its_hash(site: Site, lise: Person, column: str, value: str) -> None:
    with site.app.app_context():
        section = db.session.scalar(text("select id from section order by id limit 1"))
        for number in range(2):
            act = Act("move", "topic", 123456789012345, section_id=section, reason="Motif", detail=f"{number} > 2")
            journal.record(lise.viewer, act)
        db.session.commit()
        assert journal.first_broken_line() is None

        db.session.execute(text(f"update journal_entry set {column} = {value} where detail = '0 > 2'"))
        db.session.commit()

        assert journal.first_broken_line() is not None


def test_the_hash_holds_the_detail_apart_from_the_reason(site: Site, lise: Person) -> None:
    """The same signs parted otherwise make another line."""
    with site.app.app_context():
        first = journal.record(lise.viewer, Act("pin", "topic", 1, reason="a", detail="bc"))
        at, previous = first.at, first.previous_hash
        second = journal.JournalEntry(
            at=at, kind="pin", actor_id=lise.member_id, subject_type="topic", subject_public_id=1, reason="ab",
            detail="c", previous_hash=previous,
        )  # fmt: skip
        assert journal._hash(second) != first.hash
        assert json.dumps([first.reason, first.detail]) != json.dumps([second.reason, second.detail])
        db.session.rollback()


def test_who_wrote_is_revealed_once_however_often_the_page_is_loaded(maud: Person, lise: Person) -> None:
    post = first_post(lise, maud.asks("Sans nom", anonymous="1"))

    pages = [lise.post(f"/messages/{post}/auteur", reason="Une menace").text for _ in range(2)]

    assert all("Maud Essai" in page for page in pages)
    maud.site.works()
    assert len([mail for mail in maud.mails() if "/decisions/" in mail]) == 1
