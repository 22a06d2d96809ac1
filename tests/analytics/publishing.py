"""What tests of digests share: a community that wrote some weeks ago, and a draft carried to its publication."""

from datetime import timedelta

from sqlalchemy import update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from tests.community import Person, Site

NETWORKS = ("fongecif", "pole-emploi", "apec", "cap-emploi")


def age_everything(site: Site, days: int = 20) -> None:
    with site.app.app_context():
        old = now() - timedelta(days=days)
        db.session.execute(update(Post).values(created_at=old))
        db.session.execute(update(Topic).values(created_at=old))
        db.session.commit()


def period(first: int = 30, last: int = 5) -> dict[str, str]:
    today = now().date()
    return {"starts_on": str(today - timedelta(days=first)), "ends_on": str(today - timedelta(days=last))}


def publish(lise: Person, words: str = "Nos mots à nous.") -> str:
    draft = lise.post("/animation/syntheses", **period()).location
    lise.site.works()
    answer = lise.post(draft, title="Ce qui revient", words=words, version="1", publish="1")
    assert answer.status_code == 302, answer.text
    return answer.location


def write(site: Site, count: int, section: str, theme: str, networks: tuple[str, ...] = NETWORKS) -> None:
    for number in range(count):
        person = site.adviser(f"{section}{theme}{number}".replace("-", ""), networks[number % len(networks)])
        person.asks(f"Sujet {theme} {number}", f"Texte {number} {section}", section=section, themes=[theme])


def publish_draft(lise: Person, draft: str) -> str:
    answer = lise.post(draft, title="Titre", words="Nos mots.", version="1", publish="1")
    assert answer.status_code == 302, answer.text
    return answer.location
