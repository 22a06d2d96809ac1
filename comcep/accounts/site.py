"""Facts about this installation, kept in the database: above all whether it is a demo."""

from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from comcep.accounts.models import Member, SiteFact
from comcep.extensions import db

DEMO = "demo"
SECRETS = "secrets"  # the fingerprint of the secrets.json that this site's sessions, journal and digests rest on


def fact(key: str) -> str | None:
    """The fact's value; none when unknown, or when there is no database yet."""
    try:
        return db.session.scalar(select(SiteFact.value).where(SiteFact.key == key))
    except (OperationalError, ProgrammingError):
        db.session.rollback()
        return None


def set_fact(key: str, value: str) -> None:
    """Keep a fact; the caller commits."""
    db.session.merge(SiteFact(key=key, value=value))


def own_secrets(fingerprint: str) -> None:
    """Tie the site to its secrets, once: from then on a folder with others is refused."""
    if fact(SECRETS) is None:
        set_fact(SECRETS, fingerprint)
        db.session.commit()


def is_empty() -> bool:
    """Whether nobody has an account yet, or there is no database at all."""
    try:
        return db.session.scalar(select(Member.id).limit(1)) is None
    except (OperationalError, ProgrammingError):
        db.session.rollback()
        return True
