"""Data to measure on: so many topics of so many posts, as a demo, so that limits can be off and cookies plain."""

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from comcep import create_app
from comcep.accounts import passwords, site
from comcep.accounts.models import Member, Network, Region
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.commands import growing, reference
from comcep.commands.database import ensure_schema
from comcep.commands.demo import PASSWORD
from comcep.extensions import db
from comcep.forum import counting
from comcep.forum.models import Post, Section, Topic, TopicTheme
from comcep.identifiers import random_public_id
from comcep.text import markdown

WORDS = """bénéficiaire dossier financement formation employeur salarié congé licenciement compte heures demande
conseiller réseau région branche certification bilan entretien projet parcours contrat allocation délai réponse plafond abondement
reste charge opérateur accord convention agence prise handicap reconversion création stage immersion emploi jeune
insertion""".split()  # noqa: SIM905  (read as a text)


def load(folder: Path, topics: int, posts: int, seed: int = 1) -> None:
    """Fill an empty data folder, in a process of its own so that nothing of it stays in memory."""
    code = f"from tests.benchmarks.load import fill; fill({str(folder)!r}, {topics}, {posts}, {seed})"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def fill(folder: str, topics: int, posts: int, seed: int) -> None:
    app = create_app({"DATA": folder})
    with app.app_context():
        ensure_schema()
        reference.load()
        members = _members()
        db.session.flush()
        _write(random.Random(seed), members, topics, posts)
        site.set_fact(site.DEMO, "bench")
        members[0].is_committee = members[0].is_animator = True
        db.session.commit()
        growing.publish_three(viewer_of_member(members[0].id))


def _members() -> list[Member]:
    password_hash = passwords.hash_password(PASSWORD)
    networks = list(db.session.scalars(select(Network).where(Network.kind == "operator")))
    region = db.session.scalar(select(Region).limit(1))
    members = [
        Member(
            email="conseillere@demo.example" if number == 0 else f"membre{number}@bench.example",
            name=f"Membre Numéro{number}",
            password_hash=password_hash,
            session_key=passwords.new_session_key(),
            standing="adviser",
            network=networks[number % len(networks)],
            region=region,
            is_demo=True,
            joined_at=now(),
            address_confirmed_at=now(),
        )
        for number in range(50)
    ]
    db.session.add_all(members)
    return members


def _write(chance: random.Random, members: list[Member], topics: int, posts: int) -> None:
    sections = list(db.session.scalars(select(Section).where(Section.audience == "peers")))
    renders = [markdown.render(_text(chance)) for _ in range(400)]
    at = now() - timedelta(days=300)
    post_key, rows, topic_rows, themes = 0, [], [], []
    for number in range(1, topics + 1):
        at += timedelta(days=300) / topics
        title = " ".join(chance.choices(WORDS, k=7)).capitalize() + " ?"
        first = post_key + 1
        for _ in range(posts):
            post_key += 1
            html = chance.choice(renders)
            rows.append(
                {
                    "id": post_key,
                    "public_id": random_public_id(),
                    "topic_id": number,
                    "author_id": chance.choice(members).id,
                    "anonymous": False,
                    "source": html,
                    "html": html,
                    "rules": markdown.RULES,
                    "created_at": at,
                    "notified_at": at,
                    "version": 1,
                    "edited_by_moderator": False,
                    "despite_warning": False,
                }
            )
        solved = number % 3 == 0
        topic_rows.append(
            {
                "id": number,
                "public_id": random_public_id(),
                "section_id": sections[number % len(sections)].id,
                "author_id": rows[-posts]["author_id"],
                "anonymous": False,
                "kind": "question",
                "state": "solved" if solved else "answered" if posts > 1 else "open",
                "title": title,
                "slug": "sujet",
                "created_at": at,
                "pinned": False,
                "posts_count": posts,
                "first_post_id": first,
                "last_post_id": post_key,
                "last_post_at": at,
                "first_answer_id": first + 1 if posts > 1 else None,
                "first_answer_at": at if posts > 1 else None,
                "solving_post_id": first + 1 if solved and posts > 1 else None,
                "solved_at": at if solved else None,
                "changed": 1,
            }
        )
        themes.append({"topic_id": number, "theme_id": 1 + number % 20, "set_by": "author"})
        if len(rows) > 5000 or number == topics:
            for model, batch in ((Topic, topic_rows), (Post, rows), (TopicTheme, themes)):
                db.session.execute(insert(model), batch)
            rows, topic_rows, themes = [], [], []
    for section in sections:
        counting.recount_section(section.id)


def _text(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=70)).capitalize() + ".\n\n" + " ".join(chance.choices(WORDS, k=20)) + "."
