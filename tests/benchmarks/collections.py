"""Collections to measure search on: the cases, the cases among real passages, the passages alone; in each engine, and in
plain Whoosh and plain PostgreSQL beside them."""

import csv
import hashlib
import os
import shelve
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from heapq import nlargest, nsmallest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup

from comcep.search import nearness, queries
from comcep.search.analysis import terms
from comcep.search.engines import Document, Engine
from comcep.search.engines.postgresql import PostgresqlEngine
from comcep.search.engines.whoosh import WhooshEngine
from comcep.search.matching import Near, matches
from comcep.search.spelling import Spelling
from comcep.text import embedding
from tests import databases
from tests.search.evaluation import cases

CORPUS = Path(os.environ.get("COMCEP_CORPUS", "../shared/corpora/travail.tsv"))
EMBEDDINGS = Path("build/embeddings")
embedding.made_here()
KEY = "peers"
BATCH = 500

Search = Callable[[str], list[str]]


class Text:
    """A document of a collection: its name in the results, and its fields as they are written."""

    def __init__(self, name: str, title: str = "", solution: str = "", situation: str = "", posts: str = "") -> None:
        self.name, self.fields = name, (title, solution, situation, posts)

    @property
    def said(self) -> tuple[str, str]:
        """What is embedded of it: the title and the first other field that says something."""
        title, *bodies = self.fields
        return title, next((body for body in bodies if body), "")


def case_texts() -> list[Text]:
    return [
        Text(case.id, case.title, case.answer if case.is_solved else "", "", "" if case.is_solved else case.answer)
        for case in cases()
    ]


def passages() -> list[dict[str, str]]:
    """The real passages: sheet, title, section, text; where they lie is COMCEP_CORPUS."""
    with CORPUS.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def passage_texts() -> list[Text]:
    return [Text(f"P{number}", situation=passage["text"]) for number, passage in enumerate(passages())]


def long_sections() -> list[tuple[str, set[str]]]:
    """Sections whose title has five words or more: what is typed to find one, and the names of its passages."""
    sections: dict[tuple[str, str, str], set[str]] = {}
    for number, passage in enumerate(passages()):
        sections.setdefault((passage["sheet"], passage["title"], passage["section"]), set()).add(f"P{number}")
    return [
        (f"{title} {section}", names) for (_, title, section), names in sections.items() if len(section.split()) >= 5
    ]


def document(number: int, text: Text) -> Document:
    fields: Any = tuple(" ".join(terms(field)) for field in text.fields)
    return Document(number, KEY, fields, (), bool(text.fields[1]), 17_000.0, "")


def index(engine: Engine, texts: list[Text]) -> None:
    engine.begin_rebuild()
    for start in range(0, len(texts), BATCH):
        batch = [document(start + at + 1, text) for at, text in enumerate(texts[start : start + BATCH])]
        engine.add_rebuilt(batch, start + BATCH)
    engine.finish_rebuild()


def searching(engine: Engine, texts: list[Text]) -> Search:
    """What an engine of the project answers to typed words, as names."""

    kept = embeddings(texts)
    signs = {number: embedding.signs(each) for number, each in enumerate(kept, 1)}

    def search(typed: str) -> list[str]:
        reading = engine.open([KEY])
        query = queries.parse(typed)
        tokens = queries.query_terms(query.words)
        spelling = Spelling(reading, query.words)
        corrected = spelling.correct(tokens)
        asked = dict.fromkeys([query.words, spelling.as_meant(query.words)])
        wanted = embedding.mean([embedding.of_question(each, nearness.LONGEST_ASKED) for each in asked])

        def of(topic_ids: Collection[int]) -> dict[int, float]:
            return {i: embedding.closeness(wanted, kept[i - 1]) for i in topic_ids} if wanted else {}

        def likest() -> dict[int, float]:
            if wanted is None:
                return {}
            asked = embedding.signs(wanted)
            near = of(nsmallest(nearness.LOOKED_AT, signs, key=lambda i: embedding.differing(asked, signs[i])))
            return {i: near[i] for i in nlargest(nearness.LIKEST, near, key=near.__getitem__)}

        def likeness(one: int, other: int) -> float:
            return embedding.closeness(kept[one - 1], kept[other - 1])

        near = Near(of, lambda _allowed: likest, nearness.ALIKE, likeness)
        things = queries.things_of([corrected.get(token, token) for token in tokens])
        found = matches(reading, things, query, 17_000.0, near=near)
        return [texts[topic_id - 1].name for topic_id in found.topic_ids[:10]]

    return search


def embeddings(texts: list[Text]) -> list[bytes]:
    """Of each text, as the sweep keeps them of topics; kept aside, since those of the passages take five minutes."""
    EMBEDDINGS.parent.mkdir(exist_ok=True)
    with shelve.open(str(EMBEDDINGS)) as kept, ThreadPoolExecutor(2) as threads:
        said = {_key(text): text.said for text in texts}
        missing = [key for key in said if key not in kept]
        found = threads.map(lambda key: nearness.of_topic(*said[key]), missing)
        for key, each in zip(missing, found, strict=True):
            kept[key] = each
        return [kept[_key(text)] for text in texts]


def _key(text: Text) -> str:
    cut = f"{embedding.VERSION} {embedding.LONGEST_QUESTION} {embedding.LONGEST_PASSAGE}"
    return hashlib.sha256("\n".join([cut, *text.said]).encode()).hexdigest()


@contextmanager
def whoosh_engine() -> Iterator[WhooshEngine]:
    with TemporaryDirectory() as folder:
        yield WhooshEngine(Path(folder) / "index")


@contextmanager
def postgresql_engine() -> Iterator[PostgresqlEngine]:
    address = databases.fresh_postgresql(f"comcep_bench_search_{databases.worker()}").replace(
        "postgresql://", "postgresql+psycopg://"
    )
    app, db = Flask("bench"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = address
    db.init_app(app)
    with app.app_context():
        yield PostgresqlEngine(db)
        db.engine.dispose()


def plain_whoosh(texts: list[Text], group: Any = AndGroup) -> Search:
    """Whoosh as it comes: its standard analyser, its BM25F, its query parser."""
    created = RamStorage().create_index(Schema(name=ID(stored=True), title=TEXT, body=TEXT))
    writer = created.writer()
    for text in texts:
        writer.add_document(name=text.name, title=text.fields[0], body=" ".join(text.fields[1:]))
    writer.commit()
    parser = MultifieldParser(["title", "body"], created.schema, group=group)
    searcher = created.searcher()
    return lambda typed: [hit["name"] for hit in searcher.search(parser.parse(typed), limit=10)]


def plain_whoosh_or(texts: list[Text]) -> Search:
    return plain_whoosh(texts, OrGroup)


def plain_postgresql(texts: list[Text], joined_by: str = "&") -> Search:
    """PostgreSQL as it comes: the `french` configuration, plainto_tsquery, ts_rank."""
    connection = psycopg.connect(
        databases.fresh_postgresql("comcep_bench_plain_" + ("and" if joined_by == "&" else "or")), autocommit=True
    )
    connection.execute("create table plain (name text, words tsvector)")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into plain values (%s, to_tsvector('french', %s))",
            [(text.name, " ".join(text.fields)) for text in texts],
        )
    asked = f"(select replace(plainto_tsquery('french', %s)::text, '&', '{joined_by}')::tsquery as query) as asked"

    def search(typed: str) -> list[str]:
        rows = connection.execute(
            f"select name from plain, {asked} where words @@ query order by ts_rank(words, query) desc limit 10",
            (typed,),
        )
        return [name for (name,) in rows]

    return search


def plain_postgresql_or(texts: list[Text]) -> Search:
    return plain_postgresql(texts, "|")
