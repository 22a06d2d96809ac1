"""Search at size: 20,000 topics made of real passages on both engines, with facets and excerpts; how fast an index is
made, how large it is, what a rebuild of 100,000 posts takes in memory. `make bench-million`: a million posts on
PostgreSQL, which takes half an hour.

A query is timed inside the application, without HTTP: what `/recherche` computes, for an adviser. Beside each engine, in
the same minutes, plain Whoosh answers the same queries over the same topics, without facets or excerpts: it tells how fast
the machine is.
"""

import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select

from comcep import create_app
from comcep.access.viewer import Viewer
from comcep.accounts.models import Member, Network, Region
from comcep.clock import now
from comcep.commands import reference
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.identifiers import HIGHEST, LOWEST
from comcep.search import indexing, searching, similar
from comcep.search.models import TopicEmbedding
from comcep.search.nearness import of_topic
from comcep.text import embedding
from comcep.text.embedding import DIMENSIONS
from tests import databases
from tests.benchmarks.collections import CORPUS, Text, passages, plain_whoosh_or

ADVISER = Viewer(1, "adviser")
QUERIES = 200
MOST_BESIDE = 20_000  # posts that plain Whoosh is given beside


def measure(folder: Path) -> dict[str, Any]:
    """Every figure of search at size but the million's; the corpus must be at hand."""
    if not CORPUS.exists():
        return {"search at size": f"not measured: no passages at {CORPUS}"}
    figures: dict[str, Any] = {}
    for kind, topics, posts in (("whoosh", 20_000, 1), ("postgresql", 20_000, 1), ("whoosh", 20_000, 5)):
        figures |= _figures(folder, kind, topics, posts)
    return figures


def main() -> None:
    with TemporaryDirectory() as folder:
        for name, figure in _figures(Path(folder), "postgresql", 250_000, 4).items():
            print(f"{name:70} {figure}")


def _figures(folder: Path, kind: str, topics: int, posts: int) -> dict[str, Any]:
    """Filled in a process of its own, whose memory is then the work's; asked in another, as new as a worker's: what the
    first one holds is looked through again and again for what may go."""
    asked = (str(folder / f"{kind}-{topics}-{posts}"), kind, topics, posts)
    return _in_a_process("fill", *asked) | _in_a_process("ask", *asked)


def _in_a_process(work: str, *asked: str | int) -> dict[str, Any]:
    code = f"from tests.benchmarks.speed import {work}; {work}{asked!r}"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in out.splitlines() if line.startswith("=\t")]
    return {name: figure for _, name, figure in lines}


def fill(folder: str, kind: str, topics: int, posts: int) -> None:
    """Fill and index; prints a line for each figure."""
    app = _app(folder, kind, databases.fresh_postgresql)
    label = _label(kind, topics, posts)
    with app.app_context():
        ensure_schema()
        reference.load()
        size = _fill(topics, posts)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        for _ in indexing.rebuild():
            pass
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(f"{label}: indexing", f"{topics / seconds:.0f} documents/s")
        say(f"{label}: memory of the rebuild", f"{after:.0f} MB, {before:.0f} before it")
        say(f"{label}: index beside the text", f"{_index_size(Path(folder), kind) / size:.2f} × {size / 1e6:.0f} MB")
        say(f"{label}: embeddings and signs beside the text", f"{topics * DIMENSIONS * 9 / 8 / size:.2f} ×")


def ask(folder: str, kind: str, topics: int, posts: int) -> None:
    """Ask what is filled; prints a line for each figure."""
    app = _app(folder, kind, databases.known_postgresql)
    label = _label(kind, topics, posts)
    with app.app_context():
        with app.test_request_context("/recherche"):
            _time(f"{label}: query with facets and excerpts", _page, _queries())
            _time(f"{label}: close cases while asking", _close, _queries())
            _time(f"{label}: rare word elsewhere, absent word here", _page, iter(["zqabsentzq"] * QUERIES))
        if topics * posts <= MOST_BESIDE:
            _beside(label)


def _app(folder: str, kind: str, address: Callable[[str], str]) -> Flask:
    settings: dict[str, Any] = {"DATA": folder, "SEARCH": kind, "EMBEDDINGS": "here"}
    if kind == "postgresql":
        settings["DATABASE_URL"] = address("comcep_bench_speed")
    embedding.made_here()
    return create_app(settings)


def _label(kind: str, topics: int, posts: int) -> str:
    return f"{kind}, {topics * posts:,} posts"


def _beside(label: str) -> None:
    """Plain Whoosh over the same topics, asked the same."""
    rows = db.session.execute(select(Topic.id, Topic.title, Post.source).join(Post, Post.topic_id == Topic.id))
    texts = [Text(str(row.id), row.title, posts=row.source) for row in rows]
    start = time.perf_counter()
    search = plain_whoosh_or(texts)
    say(f"{label}: indexing, plain Whoosh beside", f"{len(texts) / (time.perf_counter() - start):.0f} documents/s")
    _time(f"{label}: query, plain Whoosh, OR, beside", search, _queries())


def say(name: str, figure: str) -> None:
    print(f"=\t{name}\t{figure}", flush=True)


def _time(name: str, ask: Callable[[str], object], queries: Iterator[str]) -> None:
    times = []
    for query in queries:
        start = time.perf_counter()
        ask(query)
        times.append(1000 * (time.perf_counter() - start))
        db.session.rollback()
    times = times[20:]
    p95 = statistics.quantiles(times, n=20)[-1]
    say(name, f"median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms")


def _page(query: str) -> None:
    searching.search(ADVISER, query, 0, {}, False)


def _close(query: str) -> None:
    similar.solved_cases(ADVISER, query, 0)


def _queries() -> Iterator[str]:
    """What somebody types who half remembers a passage: two to six words of it; and every fifth time a section's
    title."""
    chance = random.Random(7)
    texts = passages()
    for number in range(QUERIES):
        passage = chance.choice(texts)
        words = [word for word in passage["text"].split() if len(word) > 3] or ["emploi"]
        picked = " ".join(chance.sample(words, min(len(words), chance.randint(2, 6))))
        yield passage["section"] if number % 5 == 0 else picked


def _fill(topics: int, posts: int) -> int:
    """Topics of passages, each with some words changed so that no two are the same; the bytes of their text."""
    member = Member(
        email="banc@essai.example", name="Banc Essai", password_hash="x", session_key="x", standing="adviser",
        network=db.session.scalar(select(Network).limit(1)), region=db.session.scalar(select(Region).limit(1)),
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()
    sections = list(db.session.scalars(select(Section.id).where(Section.audience == "peers")))
    chance, texts, size = random.Random(3), passages(), 0
    vocabulary = [word for passage in texts[::10] for word in passage["text"].split()]
    # Real ones take 80 ms each: as many topics share one as it takes to time the comparison.
    made = (of_topic(passage["section"], passage["text"]) for passage in texts[:500])
    embeddings = [
        {"version": embedding.VERSION, "made_of": "x", "signs": embedding.signs(each), "embedding": each}
        for each in made
        if each
    ]
    post_id = db.session.scalar(select(func.max(Post.id))) or 0
    for start in range(1, topics + 1, 1000):
        new_topics, new_posts = [], []
        for topic_id in range(start, min(start + 1000, topics + 1)):
            passage = chance.choice(texts)
            first = post_id + 1
            for number in range(posts):
                post_id += 1
                text = _varied(chance, chance.choice(texts)["text"] if number else passage["text"], vocabulary)
                size += len(text.encode())
                new_posts.append(
                    {"id": post_id, "public_id": _scattered(post_id), "topic_id": topic_id, "author_id": member.id,
                     "source": text, "html": f"<p>{text}</p>", "notified_at": now()}
                )  # fmt: skip
            title = _varied(chance, passage["section"], vocabulary)[:200] or "Sans titre"
            is_solved = (posts > 1 and chance.random() < 0.5) or (posts == 1 and chance.random() < 0.3)
            new_topics.append(
                {"id": topic_id, "public_id": _scattered(topic_id), "section_id": chance.choice(sections),
                 "author_id": member.id, "kind": "question", "state": "solved" if is_solved else "open", "title": title,
                 "slug": "x", "posts_count": posts, "first_post_id": first, "last_post_id": post_id,
                 "solving_post_id": post_id if is_solved else None, "created_at": now()}
            )  # fmt: skip
            size += len(title.encode())
        db.session.execute(insert(Topic), new_topics)
        db.session.execute(insert(Post), new_posts)
        db.session.execute(
            insert(TopicEmbedding),
            [
                {
                    "topic_id": topic["id"],
                    "section_id": topic["section_id"],
                    "is_solved": topic["state"] == "solved",
                    **chance.choice(embeddings),
                }
                for topic in new_topics
            ],
        )
        db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze")
    return size


def _scattered(number: int) -> int:
    """A public id as good as random, and never twice the same: of a million drawn, two were."""
    return LOWEST + number * 611_953_427_777 % (HIGHEST - LOWEST + 1)


def _varied(chance: random.Random, text: str, vocabulary: list[str]) -> str:
    return " ".join(chance.choice(vocabulary) if chance.random() < 0.08 else word for word in text.split())


def _index_size(folder: Path, kind: str) -> int:
    if kind == "whoosh":
        return sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file())
    tables = "select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    with db.engine.connect() as connection:
        size = connection.exec_driver_sql(f"{tables} where n.nspname = 'search' and c.relkind = 'r'").scalar()
    return int(size or 0)


if __name__ == "__main__":
    main()
