"""A topic that an index does not take: it costs no other its place, and the operator learns which."""

import logging
import random
import sqlite3
import time

import pytest
from sqlalchemy import select, text, update

from comcep.accounts.site import fact as site_fact
from comcep.analytics.themes.classing import LOOKED_AT
from comcep.analytics.themes.predicting import Model, Suggestion
from comcep.extensions import db
from comcep.forum import publishing
from comcep.forum.models import Topic
from comcep.forum.publishing import Writing
from comcep.forum.reading import topics
from comcep.search import indexing, nearness
from comcep.search.analysis import LONGEST_TERM, terms
from comcep.search.engines import EngineDown
from comcep.search.models import TopicEmbedding
from comcep.sweeping import aside as setting_aside
from comcep.sweeping.models import SetAside
from comcep.text import embedding
from tests.community import Person, Site


@pytest.fixture(autouse=True)
def nothing_broke_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_aside, "_broke_last", {})


HEAVY = {
    "postcodes": ", ".join(str(29_000 + number) for number in range(450)),
    "a prefixed word": "auto-" + "z" * 2_100,
    "a joined name": "FAF." + "Z" + "z" * 3_000,
    "initials": ".".join("A" * 3_000),
    "one word": "q" * 90_000,
    "wide letters": "ﷺ" * 20_000,
}


def aside(site: Site) -> list[tuple[str, str]]:
    with site.app.app_context():
        return [(row.work, row.error) for row in db.session.scalars(select(SetAside))]


@pytest.mark.parametrize("kind", HEAVY)
def test_what_is_heavy_is_indexed_and_keeps_nobody_waiting(site: Site, maud: Person, ines: Person, kind: str) -> None:
    heavy = maud.asks("Un texte pesant", f"lourdaud {HEAVY[kind]}")
    light = maud.asks("Un texte simple", "alouette")
    site.works()

    assert ines.searches("lourdaud") == [heavy]
    assert ines.searches("alouette") == [light]
    assert aside(site) == []


def test_no_term_is_longer_than_an_index_takes() -> None:
    for heavy in HEAVY.values():
        assert max(map(len, terms(heavy)), default=0) <= LONGEST_TERM


def test_a_topic_of_more_words_than_an_index_holds_is_found_by_the_first(
    site: Site, maud: Person, ines: Person
) -> None:
    chance = random.Random(3)
    topic = maud.asks("Un sujet sans fin", "commencement")
    with site.app.app_context():
        for number in range(14):
            words = " ".join("".join(chance.choices("bcdfglmnprstvaeiou", k=9)) for _ in range(9_500))
            publishing.reply(
                maud.viewer, topics.topic_or_404(maud.viewer, topic), Writing(body=f"suite{number}q {words}")
            )
    other = maud.asks("Un autre", "alouette")
    site.works()

    assert ines.searches("commencement") == [topic]
    assert ines.searches("suite0q") == [topic]
    assert ines.searches("alouette") == [other]
    assert aside(site) == []


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Topics whose title says so make the analysis fail, as a fault that nobody knows yet would."""

    def terms_or_fault(words: str) -> list[str]:
        if "poison" in words:
            raise ValueError("a fault")
        return terms(words)

    monkeypatch.setattr(indexing, "terms", terms_or_fault)


@pytest.mark.usefixtures("poison")
def test_a_topic_that_cannot_be_indexed_is_set_aside_and_named(
    site: Site, maud: Person, ines: Person, caplog: pytest.LogCaptureFixture
) -> None:
    site.works()
    before, bad, after = (
        maud.asks("Premier", "alouette"),
        maud.asks("Le poison", "alouette"),
        maud.asks("Dernier", "alouette"),
    )
    with caplog.at_level(logging.ERROR):
        site.works()
        site.works()

    assert sorted(ines.searches("alouette")) == sorted([before, after])
    assert aside(site) == [("index", "ValueError")]
    assert sum("is set aside" in record.getMessage() for record in caplog.records) == 1
    health = site.anonymous().get("/sante").json
    assert (health["status"], health["set_aside"]) == ("degraded", 1)
    said = site.app.test_cli_runner().invoke(args=["sweeps", "state"]).output
    assert f"mis de côté : index /sujets/{bad}, ValueError" in said


@pytest.mark.usefixtures("poison")
def test_what_was_set_aside_comes_back_when_it_is_changed(site: Site, maud: Person, ines: Person) -> None:
    topic = maud.asks("Le poison", "alouette")
    site.works()
    with site.app.app_context():
        post = site.topic(topic).first_post_id
        public_id = db.session.scalar(text("select public_id from post where id = :id"), {"id": post})
    maud.post(f"/messages/{public_id}/modifier", title="Le remède", body="alouette", version="1")
    site.works()

    assert ines.searches("alouette") == [topic]
    assert aside(site) == []


@pytest.mark.usefixtures("poison")
def test_a_rebuild_goes_past_what_cannot_be_indexed(site: Site, maud: Person, ines: Person) -> None:
    found = [maud.asks(f"Sujet {number}", "alouette") for number in range(5)]
    maud.asks("Le poison", "alouette")
    found += [maud.asks(f"Autre sujet {number}", "alouette") for number in range(5)]

    done = site.app.test_cli_runner().invoke(args=["index", "rebuild"])

    assert done.exit_code == 0, done.output
    assert sorted(ines.searches("alouette")) == sorted(found)
    assert aside(site) == [("index", "ValueError")]


def test_a_topic_that_cannot_be_embedded_is_set_aside(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch, with_embeddings: None
) -> None:
    maud.asks("Le poison", "alouette")
    maud.asks("Un autre", "alouette")

    def fault(title: str, _body: str) -> bytes:
        if "poison" in title:
            raise ValueError("a fault")
        return b"\0" * 384

    monkeypatch.setattr(nearness, "of_topic", fault)
    site.works()

    assert aside(site) == [("embedding", "ValueError")]
    with site.app.app_context():
        assert db.session.scalar(select(Topic.id).where(Topic.embedded_at.is_(None))) is None


def test_a_topic_whose_theme_cannot_be_told_keeps_no_other_waiting(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def suggestions(_model: Model, title: str, *_rest: object) -> list[Suggestion]:
        if "poison" in title:
            raise ValueError("a fault")
        told.append(title)
        return [Suggestion("jeunes", 0.0)]

    monkeypatch.setattr(Model, "suggestions", suggestions)
    maud.asks("Le poison", "alouette")
    maud.asks("Un autre", "alouette")
    site.works()
    site.works()

    assert told == ["Un autre"]
    assert aside(site) == [("themes", "ValueError")]


def test_a_full_disk_or_a_database_away_sets_nothing_aside(
    site: Site, maud: Person, ines: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = maud.asks("Sujet", "alouette")
    with site.app.app_context():
        engine = indexing.engine()
    for error in (OSError(28, "No space left on device"), _operational()):
        with monkeypatch.context() as broken:
            broken.setattr(engine, "replace", lambda *_, error=error: (_ for _ in ()).throw(error))
            site.works()
    assert aside(site) == []
    assert ines.searches("alouette") == []

    site.works()
    assert ines.searches("alouette") == [topic]


def _operational() -> Exception:
    from sqlalchemy.exc import OperationalError

    return OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))


def test_an_index_that_cannot_be_written_is_made_anew_by_itself(site: Site, maud: Person, ines: Person) -> None:
    first = maud.asks("Sujet", "alouette")
    site.works()
    _break(site)
    second = maud.asks("Autre sujet", "alouette")
    site.works()
    site.works()

    assert sorted(ines.searches("alouette")) == sorted([first, second])
    assert aside(site) == []


def _break(site: Site) -> None:
    with site.app.app_context():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("drop table search.document"))
            db.session.commit()
            return
    for file in (site.app.config["DATA"] / "index").glob("*/peers/*"):
        if not file.name.endswith("LOCK"):
            file.write_bytes(b"garbage")


def test_a_search_engine_away_sets_no_kept_search_aside(site: Site, maud: Person, ines: Person) -> None:
    site.works()
    topic = maud.asks("Une question sur l'alouette", "Que faire d'une alouette ?")
    ines.post("/recherches", address="q=alouette")
    answer = ines.answers(topic, "La laisser voler")
    maud.solves(topic, answer)
    with site.app.app_context():
        indexing.index_changed_topics()
        engine = indexing.engine()
        with pytest.MonkeyPatch.context() as away:
            away.setattr(engine, "open", lambda _keys: (_ for _ in ()).throw(EngineDown()))
            away.setattr(engine, "is_ready", lambda: True)
            site.works()
    assert aside(site) == []

    zoe = site.adviser("Zoe", "pole-emploi")
    zoe.get("/")
    site.works()
    assert "répond à une recherche" in ines.get("/notifications").text


@pytest.mark.parametrize("run", ["!", "\u0301", ".", "-", "1-", "a-", "a.", "(", "'", "_", "é-1", "a1,"])
def test_what_terms_cost_grows_with_the_length_of_a_text(run: str) -> None:
    def seconds(length: int) -> float:
        text = (run * length)[:length]
        began = time.process_time()
        terms(text)
        return time.process_time() - began

    seconds(1_000)
    shorter = min(seconds(20_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(2)) < 4 * 2.5 * max(shorter, 0.01)


@pytest.mark.parametrize("query", ["ﾞ", '"ﾞ"', '-"ﾞ" alouette', "alouette ﾟ"])
def test_signs_that_fold_to_nothing_are_no_fault_of_the_index(site: Site, maud: Person, query: str) -> None:
    maud.asks("Une alouette")
    site.works()

    page = maud.get("/recherche", query_string={"q": query})

    assert page.status_code == 200
    assert "se reconstruit" not in page.text


def test_a_text_over_which_the_engine_ends_twice_is_set_aside_and_the_rest_is_embedded(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch, with_embeddings: None
) -> None:
    maud.asks("Un autre", "alouette")
    maud.asks("Le poison", "alouette")
    _engine_ends_over(monkeypatch, "poison")

    site.works()
    assert aside(site) == []
    assert waiting_for_embedding(site) == 2  # the newest comes first, and ended the sweep

    site.works()
    assert ("embedding", "EngineBroke") in aside(site)
    assert waiting_for_embedding(site) == 0
    with site.app.app_context():
        assert len(db.session.scalars(select(TopicEmbedding.topic_id)).all()) == 1


def test_a_text_over_which_the_engine_ends_twice_gets_no_theme_and_keeps_no_other_waiting(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch, with_embeddings: None
) -> None:
    maud.asks("Le poison", "alouette")
    maud.asks("Un autre", "alouette")
    _engine_ends_over(monkeypatch, "poison")

    for _ in range(3):
        site.works()

    assert ("themes", "EngineBroke") in aside(site)
    with site.app.app_context():
        assert site_fact(LOOKED_AT) == str(max(db.session.scalars(select(Topic.id))))


def test_an_engine_that_ended_once_over_a_text_sets_nothing_aside(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch, with_embeddings: None
) -> None:
    maud.asks("Le poison", "alouette")
    for _ in range(3):
        with monkeypatch.context() as once:
            _engine_ends_over(once, "poison")
            site.works()
        with site.app.app_context():
            db.session.execute(update(Topic).values(embedded_at=None))
            db.session.commit()
        site.works()

    assert aside(site) == []
    assert waiting_for_embedding(site) == 0


def test_while_the_engine_is_away_words_do_the_work_and_nothing_is_set_aside_or_forgotten(
    site: Site, maud: Person, ines: Person, monkeypatch: pytest.MonkeyPatch, with_embeddings: None
) -> None:
    topic = maud.asks("Une alouette", "dans le ciel")
    site.works()
    monkeypatch.setattr(nearness, "RETURNS", 0.0)
    monkeypatch.setattr(embedding, "_place", {})
    embedding.made_by_process(site.app.config["DATA"])  # where there is none
    ines.answers(topic, "Un mot de plus.")
    site.works()

    assert ines.searches("alouette") == [topic]
    assert maud.post("/recherche/proches", title="une alouette").status_code == 200
    assert aside(site) == []
    health = site.anonymous().get("/sante").json
    assert (health["embedding"], health["status"]) == ("down", "degraded")
    assert "sens des phrases : à l'arrêt" in site.app.test_cli_runner().invoke(args=["sweeps", "state"]).output
    with site.app.app_context():  # what the topic said before it changed
        assert db.session.scalars(select(TopicEmbedding.topic_id)).all() == []

    monkeypatch.undo()
    site.works()
    assert waiting_for_embedding(site) == 0


def test_health_says_that_embeddings_are_made_or_not_wanted(site: Site) -> None:
    assert site.anonymous().get("/sante").json["embedding"] == "off"
    site.app.config["EMBEDDINGS"] = True
    site.app.extensions["health"].clear()

    assert site.anonymous().get("/sante").json["embedding"] == "ok"


def waiting_for_embedding(site: Site) -> int:
    with site.app.app_context():
        return len(db.session.scalars(select(Topic.id).where(Topic.embedded_at.is_(None))).all())


def _engine_ends_over(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    whole = embedding.Here.embed

    def embed(here: embedding.Here, text: bytes, is_question: bool, patience: float) -> bytes:
        if word.encode() in text:
            raise embedding.EngineBroke("ended")
        return whole(here, text, is_question, patience)

    monkeypatch.setattr(embedding.Here, "embed", embed)
