"""What tests of decisions ask again and again: the journal's lines, what somebody was told, and the way to it."""

import re
from html import unescape

from sqlalchemy import select

from comcep.extensions import db
from comcep.moderation.models import JournalEntry, Statement
from tests.community import Person, Site

STATEMENT = re.compile(r"/decisions/\d{15}")
CONTEST = re.compile(r"/animation/contestations/\d{15}")


def lines(site: Site) -> list[tuple[str, str]]:
    """The kind and reason of each line of the journal, in order."""
    with site.app.app_context():
        rows = db.session.execute(select(JournalEntry.kind, JournalEntry.reason).order_by(JournalEntry.id))
        return [(row.kind, row.reason) for row in rows]


def told(site: Site, person: Person) -> list[str]:
    """The kinds of the statements made to somebody, in order."""
    with site.app.app_context():
        own = select(Statement.kind).where(Statement.member_id == person.member_id).order_by(Statement.id)
        return list(db.session.scalars(own))


def decision(site: Site, person: Person) -> str:
    """The address of the last statement somebody was sent by mail."""
    site.works()
    return STATEMENT.findall(person.mails()[-1])[0]


def read(person: Person, address: str) -> str:
    """A page as its reader sees it."""
    answer = person.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.text)


def first_post(person: Person, topic: int) -> int:
    page = person.get(f"/sujets/{topic}", follow_redirects=True).text
    return int(re.findall(r'data-post-id="(\d+)"', page)[0])
