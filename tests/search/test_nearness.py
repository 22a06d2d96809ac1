"""Nearness by meaning: a case said in other words is found first, and a reader is told nothing of what they may not see."""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from psycopg.pq import Format
from sqlalchemy import event, select

from comcep.extensions import db
from comcep.forum.models import Topic
from comcep.search import nearness
from comcep.search.models import Searched
from comcep.text import embedding
from tests.community import Person, Site
from tests.search.test_searching import facets
from tests.servers import Server, Visitor

pytestmark = pytest.mark.usefixtures("with_embeddings")


def test_among_topics_of_the_same_word_the_one_that_means_it_comes_first(
    site: Site, maud: Person, ines: Person
) -> None:
    lodging = maud.asks("Hébergement pendant la formation", "Le centre est à 200 km.")
    for title in ("Formation et tutorat", "Formation interne refusée", "Formation et période d'essai"):
        maud.asks(title, "Que faire ?")
    site.works()

    assert ines.searches("formation loin, où se loger la nuit")[0] == lodging


def test_a_question_is_read_as_typed_and_as_it_was_put_right(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    maud.asks("Aborder l'illettrisme en entretien", "Que dire ?")
    site.works()
    read: list[str] = []
    monkeypatch.setattr(embedding, "of_question", lambda text, *_: read.append(text))

    maud.searches("dire l'illetrisme")
    assert sorted(read) == ["dire l'illetrisme", "dire l'illettrisme"]
    maud.post("/recherche/proches", title="dire l'illetrisme")
    assert len(read) == 4

    maud.searches("dire l'illettrisme")
    assert len(read) == 5


def test_a_french_word_that_nobody_wrote_means_what_it_says(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = maud.asks("Un diplôme conforme ?", "Que dire ?")
    site.works()
    read: list[str] = []
    monkeypatch.setattr(embedding, "of_question", lambda text, *_: read.append(text))

    assert maud.searches("confort") == [topic]
    assert read == ["confort"]


def test_what_a_mistyped_question_means_lies_between_its_readings(site: Site) -> None:
    with site.app.app_context():
        question = nearness.Question("retenu sur salère")
        question.is_put_right("retenue sur salaire")

        meant = embedding.of_question("retenue sur salaire")
        typed = embedding.of_question("retenu sur salère")
        found = question.meaning()
    assert meant
    assert typed
    assert found
    assert embedding.closeness(found, meant) > embedding.closeness(typed, meant)


def test_a_topic_that_moved_is_compared_for_those_who_may_see_where_it_went(site: Site, maud: Person) -> None:
    agnes = site.hors_pair()
    topic = maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.", section="hors-pairs")
    site.works()
    assert agnes.searches("où bivouaquer à proximité") == [topic]

    site.animator().post(f"/sujets/{topic}/deplacement", section="aider-a-monter-un-dossier", reason="x")
    assert agnes.searches("où bivouaquer à proximité") == []
    site.works()

    assert agnes.searches("où bivouaquer à proximité") == []
    assert maud.searches("où bivouaquer à proximité") == [topic]


def test_topics_that_one_may_not_see_take_no_place_among_the_likest(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearness, "LOOKED_AT", 1)
    agnes = site.hors_pair()
    open_to_all = maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.", section="hors-pairs")
    for _ in range(3):
        maud.asks("Où bivouaquer à proximité", "Près du centre.")
    site.works()

    assert agnes.searches("où bivouaquer à proximité") == [open_to_all]


def test_only_the_newest_that_one_may_see_are_compared(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearness, "COMPARED", 1)
    agnes = site.hors_pair()
    old = maud.asks("Dormir près du centre : quel logement ?", "Loin.", section="hors-pairs")
    new = maud.asks("Dormir près du centre : quel logement, quel hôtel ?", "Loin.")
    site.works()

    assert maud.searches("où bivouaquer à proximité") == [new]
    assert agnes.searches("où bivouaquer à proximité") == [old]


def test_nearness_is_told_of_nothing_the_viewer_may_not_list(site: Site, maud: Person) -> None:
    peers = maud.asks("Bilan de compétences", "Qui paie ?")
    open_to_all = maud.asks("Bilan de compétences", "Qui paie ?", section="hors-pairs")
    agnes = site.hors_pair()
    site.works()

    with site.app.app_context():
        ids = dict(db.session.execute(select(Topic.public_id, Topic.id)).all())
        of_maud, of_agnes = (
            nearness.nearness_to(who.viewer, nearness.Question("bilan")).of(list(ids.values())) for who in (maud, agnes)
        )
    assert set(of_maud) == {ids[peers], ids[open_to_all]}
    assert set(of_agnes) == {ids[open_to_all]}


def test_where_no_word_leads_to_a_case_those_that_mean_it_are_shown_as_far_as_one_may_see(
    site: Site, maud: Person, ines: Person
) -> None:
    agnes = site.hors_pair()
    peers = maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.")
    open_to_all = maud.asks("Dormir près du centre : quel logement, quel hôtel ?", "Loin.", section="hors-pairs")
    other = maud.asks("Le jury de la VAE demande un livret", "Que répondre ?")
    site.works()

    assert set(ines.searches("où bivouaquer à proximité")) == {peers, open_to_all}
    assert agnes.searches("où bivouaquer à proximité") == [open_to_all]
    page = ines.get("/recherche?q=o%C3%B9+bivouaquer+%C3%A0+proximit%C3%A9").text
    assert "data-by-meaning" in page
    assert '<input type="hidden" name="title" value="où bivouaquer à proximité">' in page
    assert ines.searches("où bivouaquer à proximité -hôtel") == [peers]
    assert ines.searches("où bivouaquer à proximité état:résolu") == []
    assert ines.searches("zygomorphe") == []
    assert ines.searches("livret") == [other]


def test_a_topic_that_means_it_joins_those_that_hold_the_words_and_says_that_it_holds_none(
    lite: Site,
) -> None:
    maud = lite.adviser("Maud")
    lodging = maud.asks("Hébergement pendant la session", "Avis ?")
    said = maud.asks("Bivouaquer en montagne", "Permis de guide.")
    lite.works()
    query = "une chambre pour bivouaquer"

    assert set(maud.searches(query)) == {lodging, said}
    page = maud.get("/recherche", query_string={"q": query}).text
    assert page.count("data-other-words") == 1
    assert "data-other-words" in page[page.index(f'data-id="{lodging}"') :].split("</li>")[0]
    assert "data-by-meaning" not in page


def test_facets_count_what_words_find_and_what_means_it_once_each(site: Site, maud: Person) -> None:
    maud.asks("Dormir près du centre : quel logement ?", "Loin.")
    maud.asks("Bivouaquer en montagne", "Permis de guide.")
    maud.asks("Bivouaquer, dormir : quel logement près du centre ?", "Loin.", section="hors-pairs")
    site.works()

    found = facets(maud.get("/recherche", query_string={"q": "où bivouaquer à proximité"}).text)
    assert found["section", "pairs"] == 2
    assert found["section", "hors-pairs"] == 1


def test_a_code_means_nothing_beside_the_topics_that_hold_it(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "ALIKE", 0.0)
    maud = lite.adviser("Maud")
    code = maud.asks("Article R.4162-17", "Que dit-il ?")
    maud.asks("Le jury de la VAE demande un livret", "Que répondre ?")
    lite.works()

    assert maud.searches("R.4162-17") == [code]


def test_a_word_too_long_to_be_one_means_nothing(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "ALIKE", 0.0)
    maud = lite.adviser("Maud")
    topic = maud.asks("Le jury de la VAE demande un livret", "Que répondre ?")
    lite.works()

    assert maud.searches(300 * "a") == []
    assert maud.searches(f"anticonstitutionnellement {300 * 'a'}") == [topic]


def test_a_facet_narrows_what_is_compared_and_not_what_was_nearest_of_all(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearness, "LIKEST", 1)
    sections = ("aider-a-monter-un-dossier", "hors-pairs")
    topics = [maud.asks("Dormir près du centre : quel logement ?", "Loin.", section=section) for section in sections]
    site.works()

    for section, topic in zip(sections, topics, strict=True):
        assert maud.searches(f"où bivouaquer à proximité rubrique:{section}") == [topic]


def test_what_was_left_out_does_not_hide_that_the_rest_holds_no_word(lite: Site) -> None:
    maud = lite.adviser("Maud")
    lodging = maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.")
    maud.asks("Bivouaquer en montagne", "Permis de guide.")
    lite.works()
    query = "où bivouaquer à proximité -guide"

    assert maud.searches(query) == [lodging]
    assert "data-by-meaning" in maud.get("/recherche", query_string={"q": query}).text


def test_a_search_answered_by_meaning_alone_is_one_that_found_nothing(lite: Site) -> None:
    maud = lite.adviser("Maud")
    maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.")
    lite.works()

    assert maud.searches("où bivouaquer à proximité") != []
    with lite.app.app_context():
        assert db.session.scalars(select(Searched.hits)).all() == [0]


def test_a_solved_case_that_means_the_same_is_close_to_a_question_in_other_words(
    site: Site, maud: Person, ines: Person
) -> None:
    solved, open_still = (maud.asks("Dormir près du centre : quel logement ?", "Loin.") for _ in range(2))
    maud.solves(solved, ines.answers(solved, "Une chambre chez l'habitant."))
    site.works()

    page = ines.post("/recherche/proches", title="coucher à proximité").text
    assert f'data-id="{solved}"' in page
    assert f'data-id="{open_still}"' not in page


def test_the_likest_solved_cases_are_found_without_a_list_of_all_solved_topics(lite: Site) -> None:
    """On a million posts that list took 200 ms."""
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi")
    solved, _ = (maud.asks("Dormir près du centre : quel logement ?", "Loin.") for _ in range(2))
    maud.solves(solved, ines.answers(solved, "Une chambre chez l'habitant."))
    lite.works()

    def listed() -> list[int]:
        raise AssertionError

    with lite.app.app_context():
        [topic_id] = db.session.scalars(select(Topic.id).where(Topic.public_id == solved))
        near = nearness.nearness_to(maud.viewer, nearness.Question("où bivouaquer à proximité"), solved_only=True)
        assert set(near.likest(listed)()) == {topic_id}


def test_embeddings_come_from_postgresql_as_it_keeps_them(site: Site, maud: Person, ines: Person) -> None:
    """Written out as text those of one search outgrew the window of a connection, and one search in twenty waited."""
    maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.")
    site.works()
    came: list[Any] = []

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "embedding.embedding" in statement.partition("FROM")[0]:
            came.append(getattr(cursor, "format", Format.BINARY))

    with site.app.app_context():
        event.listen(db.engine, "after_cursor_execute", note)
        ines.searches("où bivouaquer")

    assert came
    assert set(came) == {Format.BINARY}


@pytest.mark.parametrize(("module", "slow"), [(nearness, "_likest"), (embedding, "of_question")])
def test_a_search_does_not_wait_for_meaning_longer_than_it_may_take(
    lite: Site, monkeypatch: pytest.MonkeyPatch, module: object, slow: str
) -> None:
    maud = lite.adviser("Maud")
    maud.asks("Dormir près du centre : quel logement ?", "Deux cents kilomètres.")
    lite.works()
    may_go_on = threading.Event()
    monkeypatch.setattr(nearness, "PATIENCE", 0.05)
    monkeypatch.setattr(module, slow, lambda *_: may_go_on.wait(10) and None)

    page = maud.get("/recherche?q=logement")
    close = maud.post("/recherche/proches", title="logement")
    may_go_on.set()

    assert page.status_code == close.status_code == 200
    assert "demande trop de temps" in page.text


@pytest.mark.long
def test_a_running_site_embeds_its_topics_and_finds_one_by_what_it_means(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    server = Server(tmp_path / "data", COMCEP_EMBEDDINGS="on")
    try:
        for _ in range(240):
            with sqlite3.connect(tmp_path / "data" / "comcep.sqlite3") as read:
                [(waiting,)] = read.execute("select count(*) from topic where embedded_at is null")
            if not waiting:
                break
            time.sleep(1)
        assert waiting == 0
        reader = Visitor(server.address, "conseillere")
        assert "logement" in reader.get("/recherche?q=o%C3%B9+dormir+pendant+le+stage").lower()
    finally:
        server.stop()
