"""The journal: append-only, chained, and a changed line shows."""

import pytest
from sqlalchemy import select, text

from comcep.extensions import db
from comcep.moderation import journal
from comcep.moderation.models import JournalEntry
from tests.community import Site


def acts(site: Site) -> None:
    lise, maud = site.animator(), site.adviser("Maud")
    for number in range(4):
        lise.post(f"/sujets/{maud.asks(f'Sujet {number}')}/fermeture", reason=f"Motif {number}")


def test_the_chain_holds(site: Site) -> None:
    acts(site)
    with site.app.app_context():
        assert len(list(db.session.scalars(select(JournalEntry.id)))) == 4
        assert journal.first_broken_line() is None


@pytest.mark.parametrize(
    "damage",
    ["update journal_entry set reason = 'autre' where id = 2", "delete from journal_entry where id = 2",
     "delete from journal_entry where id = 4"],
)  # fmt: skip
def test_a_line_changed_or_taken_out_in_the_database_shows(site: Site, damage: str) -> None:
    acts(site)
    with site.app.app_context():
        db.session.execute(text(damage))
        db.session.commit()
        assert journal.first_broken_line() is not None


def test_the_program_itself_cannot_change_a_line(site: Site) -> None:
    acts(site)
    with site.app.app_context():
        entry = db.session.scalars(select(JournalEntry)).first()
        assert entry is not None
        entry.reason = "autre"
        with pytest.raises(RuntimeError, match="append-only"):
            db.session.commit()
        db.session.rollback()


def test_an_author_contests_and_animators_see_it(site: Site) -> None:
    import re

    lise, maud = site.animator(), site.adviser("Maud")
    topic = maud.asks("Sujet")
    answer = maud.answers(topic, "Message")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    site.works()
    decision = re.findall(r"/decisions/\d{15}", maud.mails()[-1])[0]

    maud.post(f"{decision}/contestation", reason="Je ne désigne personne.")

    assert "Je ne désigne personne." in maud.get(decision).text
    assert "Je ne désigne personne." in lise.get("/animation").text
    assert site.adviser("Autre").get(decision).status_code == 404
