"""What an animator hides is found by nobody: its words are neither indexed nor part of what a topic means."""

import pytest

from comcep.search.models import TopicEmbedding
from tests.community import Site
from tests.search.test_embedding_topics import kept

pytestmark = pytest.mark.usefixtures("with_embeddings")


def test_words_of_a_hidden_reply_are_neither_indexed_nor_embedded_and_come_back_with_it(lite: Site) -> None:
    maud, ines, lise = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi"), lite.animator()
    topic = maud.asks("Une question de financement", "Qui paie le bilan ?")
    answer = ines.answers(topic, "Le chalutier hauturier de sa belle-sœur.")
    maud.solves(topic, answer)
    lite.works()
    shown = kept(lite, topic)
    assert maud.searches("chalutier") == maud.searches("financement auteur:ines") == [topic]

    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    lite.works()

    for reader in (maud, ines, lise):
        assert reader.searches("chalutier") == reader.searches("financement auteur:ines") == []
        assert "hauturier" not in reader.post("/recherche/propositions", q="haut").text
        assert "chalutier" not in reader.get("/recherche?q=chalutie").text.replace("q=chalutie", "")
    assert maud.searches("financement") == [topic]
    without = kept(lite, topic)
    assert without != shown
    other = maud.asks("Une question de financement", "Qui paie le bilan ?")
    lite.works()
    assert kept(lite, other) == without, "a topic without the hidden reply means what one means that never had it"
    lise.post(f"/messages/{answer}/masquage", undo="1")
    lite.works()
    assert maud.searches("chalutier") == [topic]
    assert kept(lite, topic) == shown


def test_a_hidden_question_takes_its_topic_out_of_every_search(lite: Site) -> None:
    maud, lise = lite.adviser("Maud"), lite.animator()
    topic = maud.asks("Un chalutier hauturier", "Le texte")
    lite.works()
    [post] = set(_posts(lite, topic))
    lise.post(f"/messages/{post}/masquage", reason="Motif")
    lite.works()

    assert maud.searches("chalutier") == lise.searches("chalutier") == []
    with lite.app.app_context():
        from comcep.extensions import db

        assert db.session.scalars(db.select(TopicEmbedding)).all() == []


def _posts(site: Site, topic: int) -> list[int]:
    with site.app.app_context():
        from comcep.extensions import db
        from comcep.forum.models import Post

        return list(db.session.scalars(db.select(Post.public_id).where(Post.topic_id == site.topic(topic).id)))
