"""`make bench-digest`: drafting over two million posts and forty thousand members; reading a digest; suppression of 21
themes by 20 networks against twelve earlier releases.
"""

import random
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, select

from comcep import create_app
from comcep.access.viewer import Viewer
from comcep.accounts.models import Member, Network, Region
from comcep.analytics import drafting, releasing
from comcep.analytics.disclosure.linked import Cell, Link, suppress
from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.commands import reference
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme
from comcep.identifiers import random_public_id

MEMBERS, POSTS, EACH = 40_000, 2_000_000, 5
K = 5


def main() -> None:
    say("suppression, 21 themes × 20 networks, 12 earlier releases", f"{_suppression():.1f} s (asked: 10)")
    with TemporaryDirectory() as folder:
        for kind in ("sqlite", "postgresql"):
            code = f"from tests.benchmarks.digest import run; run({str(Path(folder) / kind)!r}, {kind!r})"
            subprocess.run([sys.executable, "-c", code], check=True)


def say(name: str, figure: str) -> None:
    print(f"{name:72} {figure}", flush=True)


def run(folder: str, kind: str) -> None:
    """Fill, draft, publish, read; a line for each figure."""
    settings: dict[str, Any] = {"DATA": folder, "RATE_LIMITS": "on"}
    if kind == "postgresql":
        from tests import databases

        settings["DATABASE_URL"] = databases.fresh_postgresql("comcep_bench_digest")
    app = create_app(settings)
    with app.app_context():
        ensure_schema()
        reference.load()
        _fill()
        animator = Viewer(1, "adviser", animator=True)
        today = now().date()
        digest = releasing.draft(animator, today - timedelta(days=60), today - timedelta(days=1))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        drafting.compute_drafts()
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(f"{kind}: drafting over {POSTS:,} posts, {MEMBERS:,} members", f"{seconds:.1f} s (asked: 60)")
        say(f"{kind}: memory of the process", f"{after:.0f} MB, {before:.0f} before it (asked: 500)")
        releasing.write(animator, digest, "Titre", "Mots", 1)
        db.session.refresh(digest)
        start = time.perf_counter()
        findings = releasing.publish(animator, digest)
        say(
            f"{kind}: publishing, the words compared with every post", f"{time.perf_counter() - start:.1f} s {findings}"
        )
        public_id = db.session.scalar(select(Digest.public_id))
    _read(app, kind, public_id)


def _read(app: Any, kind: str, public_id: int | None) -> None:
    from tests.community import open_session

    client = app.test_client()
    with app.app_context():
        token = open_session(db.session.scalars(select(Member.id).where(Member.is_committee)).first() or 0)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    times = []
    for _ in range(60):
        start = time.perf_counter()
        assert client.get(f"/comite/syntheses/{public_id}").status_code == 200
        times.append(1000 * (time.perf_counter() - start))
    say(f"{kind}: reading a digest, in one process", f"median {statistics.median(times):.1f} ms")


def _fill() -> None:
    chance = random.Random(1)
    networks, regions = list(db.session.scalars(select(Network.id))), list(db.session.scalars(select(Region.id)))
    themes = list(db.session.scalars(select(Theme.id)))
    section = db.session.scalar(select(Section.id).where(Section.audience == "peers"))
    joined = now() - timedelta(days=300)
    for start in range(0, MEMBERS, 5_000):
        rows = [
            {"id": n, "public_id": random_public_id(), "email": f"m{n}@essai.example", "name": f"Prénom Nom{n}",
             "password_hash": "x", "session_key": f"cle{n}", "standing": "hors_pair" if n == 2 else "adviser",
             "is_committee": n == 2, "network_id": chance.choice(networks), "region_id": chance.choice(regions),
             "joined_at": joined}
            for n in range(start + 1, start + 5_001)
        ]  # fmt: skip
        db.session.execute(insert(Member), rows)
    active = [int(chance.paretovariate(0.9) * 40) % MEMBERS + 1 for _ in range(200_000)]
    topics = POSTS // EACH
    for start in range(1, topics + 1, 10_000):
        new_topics, new_posts, borne = [], [], []
        for topic_id in range(start, min(start + 10_000, topics + 1)):
            created = now() - timedelta(days=2 + 57 * chance.random())
            author = chance.choice(active)
            first = (topic_id - 1) * EACH + 1
            for at in range(EACH):
                new_posts.append(
                    {"id": first + at, "public_id": random_public_id(), "topic_id": topic_id,
                     "author_id": author if at == 0 else chance.choice(active), "source": "Un texte court.",
                     "html": "<p>Un texte court sur le sujet.</p>", "created_at": created + timedelta(hours=at),
                     "notified_at": created}
                )  # fmt: skip
            new_topics.append(
                {"id": topic_id, "public_id": random_public_id(), "section_id": section, "author_id": author,
                 "kind": "question", "state": "answered", "title": f"Question {topic_id % 977} du jour", "slug": "q",
                 "created_at": created, "posts_count": EACH, "first_post_id": first, "last_post_id": first + EACH - 1,
                 "first_answer_id": first + 1, "first_answer_at": created + timedelta(hours=1),
                 "last_post_at": created + timedelta(hours=EACH), "indexed_at": created, "embedded_at": created}
            )  # fmt: skip
            for theme in {chance.choice(themes), chance.choice(themes)}:
                borne.append({"topic_id": topic_id, "theme_id": theme, "set_by": "author"})
        for table, rows in ((Topic, new_topics), (Post, new_posts), (TopicTheme, borne)):
            db.session.execute(insert(table), rows)
        db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze")


def _suppression() -> float:
    """Seconds for a year's table of skewed networks, with the intervals that twelve releases give each theme."""
    chance = random.Random(4)
    sizes = [chance.choice([1, 3, 8, 20, 60, 200, 900]) for _ in range(20)]
    cells, links, sensitive = [], [], []
    for theme in range(21):
        counts = [min(size, int(chance.expovariate(1 / max(1.0, size * 0.05)))) for size in sizes]
        names = [f"{theme}/{network}" for network in range(20)]
        for name, size, count in zip(names, sizes, counts, strict=True):
            cells.append(Cell(name, (0, size), (K, size) if count >= K + 2 else None))
            sensitive += [name] if count < K + 2 else []
        periods = Counter({f"{theme} {release}": int(sum(counts) * chance.uniform(0.4, 0.9)) for release in range(12)})
        for name, count in periods.items():
            cells.append(Cell(name, (max(0, count - 6), count + 6), cost=0.0))
            links.append(Link({**dict.fromkeys(names, 1), name: -1}, 0, float("inf")))
        links.append(Link({**dict.fromkeys(names, 1), **dict.fromkeys(periods, -1)}, float("-inf"), 0))
    start = time.perf_counter()
    suppress(cells, links, K, sensitive)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
