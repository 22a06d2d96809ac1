"""How the embedding of a topic is kept: made by a sweep, made anew with what the topic says, gone with it."""

import pytest
from sqlalchemy import func, select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Topic
from comcep.search import nearness
from comcep.search.models import TopicEmbedding
from comcep.text import embedding
from tests.community import Site

pytestmark = pytest.mark.usefixtures("with_embeddings")


def kept(site: Site, topic: int) -> bytes | None:
    with site.app.app_context():
        return db.session.scalar(
            select(TopicEmbedding.embedding)
            .join(Topic, Topic.id == TopicEmbedding.topic_id)
            .where(Topic.public_id == topic)
        )


def test_an_embedding_is_made_anew_when_its_topic_says_something_else(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi")
    topic = maud.asks("Une question", "Qui paie le bilan ?")
    lite.works()
    before = kept(lite, topic)
    answer = ines.answers(topic, "Un mot de passage.")
    lite.works()
    assert kept(lite, topic) == before

    maud.solves(topic, answer)
    lite.works()

    assert kept(lite, topic) not in (before, None)


def test_embeddings_of_another_model_are_not_compared_and_are_made_anew(
    lite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    maud = lite.adviser("Maud")
    topic = maud.asks("Bilan de compétences", "Qui paie ?")
    lite.works()
    monkeypatch.setattr(embedding, "VERSION", embedding.VERSION + 1)

    with lite.app.app_context():
        [topic_id] = db.session.scalars(select(Topic.id).where(Topic.public_id == topic))
        assert nearness.nearness_to(maud.viewer, nearness.Question("bilan")).of([topic_id]) == {}
        nearness.embed_changed_topics()
        assert db.session.scalars(select(TopicEmbedding.version)).all() == [embedding.VERSION]
        assert set(nearness.nearness_to(maud.viewer, nearness.Question("bilan")).of([topic_id])) == {topic_id}


def test_what_is_hidden_keeps_no_embedding(lite: Site) -> None:
    topic = lite.adviser("Maud").asks("Une question", "Une situation")
    lite.works()
    assert kept(lite, topic) is not None

    with lite.app.app_context():
        db.session.execute(update(Topic).values(hidden_at=now(), indexed_at=None))
        db.session.commit()
    lite.works()

    assert kept(lite, topic) is None


def test_many_topics_are_embedded_some_at_a_time_and_none_is_forgotten(
    lite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    maud = lite.adviser("Maud")
    for number in range(4):
        maud.asks(f"Question {number}", "Bonjour")
    monkeypatch.setattr(nearness, "LONGEST", -1.0)

    for sweeps in range(1, 5):
        lite.works()
        with lite.app.app_context():
            assert db.session.scalar(select(func.count()).select_from(TopicEmbedding)) == sweeps
            assert db.session.scalar(select(func.count()).where(Topic.embedded_at.is_(None))) == 4 - sweeps


def test_a_topic_that_waits_to_be_found_comes_before_embeddings(lite: Site) -> None:
    maud = lite.adviser("Maud")
    for number in range(4):
        maud.asks(f"Question {number}", "Bonjour")

    with lite.app.app_context():  # without the index sweep before it
        nearness.embed_changed_topics()
        assert db.session.scalar(select(func.count()).select_from(TopicEmbedding)) == 1


def test_where_embeddings_are_turned_off_what_a_changed_topic_said_goes_and_comes_back_with_them(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi")
    topic, other = maud.asks("Une question", "Qui paie ?"), maud.asks("Une autre", "Qui décide ?")
    lite.works()
    before = kept(lite, other)

    lite.app.config["EMBEDDINGS"] = False
    ines.answers(topic, "Un mot.")
    lite.works()
    assert kept(lite, topic) is None
    assert kept(lite, other) == before

    lite.app.config["EMBEDDINGS"] = True
    lite.works()
    assert kept(lite, topic) is not None


def test_without_an_engine_search_goes_by_words(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_engine", lambda: None)
    maud = lite.adviser("Maud")
    topic = maud.asks("Bilan de compétences", "Qui paie ?")
    lite.works()

    assert maud.searches("bilan") == [topic]
    assert kept(lite, topic) is None
