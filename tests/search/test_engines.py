"""The same tests on both engines: what they count and fetch, and how an index is made anew while it serves."""

from pathlib import Path

import pytest
from flask import Flask

from comcep.search.engines import Document, Engine, EngineDown
from comcep.search.engines.postgresql import PostgresqlEngine
from comcep.search.engines.whoosh import WhooshEngine


def document(topic: int, title: str = "", posts: str = "", key: str = "peers", **more: object) -> Document:
    values = {"tags": (), "is_solved": False, "day": 1.0, "copy": "", **more}
    return Document(topic, key, (title, "", "", posts), **values)  # type: ignore[arg-type]


def with_word(engine: Engine, word: str, *keys: str) -> list[int]:
    return sorted(engine.open(keys or ("peers",)).topics_with([(word,)]).get((word,), ()))


def test_what_is_added_is_found_and_counted(engine: Engine) -> None:
    engine.replace([document(1, "vae cif"), document(2, "vae")], [1, 2])

    reading = engine.open(["peers"])
    assert with_word(engine, "vae") == [1, 2]
    assert with_word(engine, "cif") == [1]
    assert with_word(engine, "absent") == []
    assert reading.statistics(["vae", "cif", "absent"]).holding.get("vae") == 2
    assert not reading.statistics(["absent"]).holding.get("absent")
    assert reading.statistics([]).documents == 2


def test_a_topic_changed_is_found_by_its_new_words_only(engine: Engine) -> None:
    engine.replace([document(1, "ancien")], [1])
    engine.replace([document(1, "neuf")], [1])

    assert with_word(engine, "ancien") == []
    assert with_word(engine, "neuf") == [1]
    assert engine.open(["peers"]).statistics(["ancien"]).documents == 1
    assert not engine.open(["peers"]).statistics(["ancien"]).holding.get("ancien")


def test_a_topic_taken_out_leaves_no_trace_in_counts(engine: Engine) -> None:
    engine.replace([document(1, "mot"), document(2, "autre")], [1, 2])
    engine.replace([], [1])

    assert with_word(engine, "mot") == []
    assert engine.open(["peers"]).statistics(["mot"]).documents == 1
    assert engine.open(["peers"]).candidates([1, 2])[0].topic_id == 2


def test_an_index_tells_nothing_of_another(engine: Engine) -> None:
    engine.replace([document(1, "rarissime", key="animators"), document(2, "commun")], [1, 2])

    reading = engine.open(["peers"])
    assert with_word(engine, "rarissime") == []
    assert not reading.statistics(["rarissime"]).holding.get("rarissime")
    assert reading.statistics([]).documents == 1
    assert "rarissime" not in reading.vocabulary()
    assert reading.candidates([1]) == []
    assert with_word(engine, "rarissime", "peers", "animators") == [1]


def test_a_topic_moved_to_another_audience_leaves_the_first(engine: Engine) -> None:
    engine.replace([document(1, "mot")], [1])
    engine.replace([document(1, "mot", key="group-4")], [1])

    assert with_word(engine, "mot") == []
    assert with_word(engine, "mot", "group-4") == [1]


def test_candidates_say_what_the_topic_says_in_order(engine: Engine) -> None:
    one = Document(7, "peers", ("a b", "c", "", "d e d"), ("state:solved",), True, 12.0, "copie")
    engine.replace([one], [7])

    (candidate,) = engine.open(["peers"]).candidates([7, 8])
    assert candidate.fields == (["a", "b"], ["c"], [], ["d", "e", "d"])
    assert (candidate.is_solved, candidate.day, candidate.copy) == (True, 12.0, "copie")


def test_tags_narrow_inside_the_engine(engine: Engine) -> None:
    engine.replace(
        [document(1, "vae", tags=("section:1", "state:solved")), document(2, "vae", tags=("section:2",))], [1, 2]
    )

    reading = engine.open(["peers"])
    solved = [frozenset(["state:solved"])]
    assert sorted(reading.topics_with([("vae",)], solved)[("vae",)]) == [1]
    assert sorted(reading.topics_that_meet([frozenset(["section:1", "section:2"])])) == [1, 2]
    assert sorted(reading.topics_that_meet([frozenset(["section:2"]), *solved])) == []


def test_words_with_signs_are_words(engine: Engine) -> None:
    engine.replace([document(1, "l'eau \\ o'clock %s :x")], [1])
    assert with_word(engine, "l'eau") == [1]
    assert with_word(engine, "\\") == [1]
    assert with_word(engine, "%s") == [1]


def test_a_rebuild_goes_on_aside_and_takes_the_place_at_once(engine: Engine) -> None:
    engine.replace([document(1, "ancien")], [1])
    engine.begin_rebuild()
    engine.add_rebuilt([document(1, "neuf")], 1)

    assert with_word(engine, "ancien") == [1], "the index in place still serves"
    engine.finish_rebuild()
    assert with_word(engine, "neuf") == [1]
    assert with_word(engine, "ancien") == []
    assert engine.rebuilt_up_to() is None


def test_what_is_written_during_a_rebuild_is_in_both_indexes(engine: Engine) -> None:
    engine.begin_rebuild()
    engine.add_rebuilt([document(1, "un")], 1)
    engine.replace([document(1, "corrige"), document(9, "tard")], [1, 9])

    assert with_word(engine, "corrige") == [1]
    engine.add_rebuilt([document(9, "tard")], 9)
    engine.finish_rebuild()
    assert with_word(engine, "corrige") == [1]
    assert with_word(engine, "un") == []
    assert with_word(engine, "tard") == [9]
    assert engine.open(["peers"]).statistics(["tard"]).holding["tard"] == 1


def test_a_rebuild_broken_off_is_gone_on_with(engine: Engine) -> None:
    engine.begin_rebuild()
    engine.add_rebuilt([document(1, "un")], 1)

    assert engine.rebuilt_up_to() == 1
    engine.add_rebuilt([document(2, "deux")], 2)
    engine.finish_rebuild()
    assert with_word(engine, "un") == [1]
    assert with_word(engine, "deux") == [2]


def test_an_index_of_another_version_is_none(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.begin_rebuild()
    for module in ("whoosh", "postgresql"):
        monkeypatch.setattr(f"comcep.search.engines.{module}.VERSION", "autre")

    assert not engine.is_ready()
    assert engine.rebuilt_up_to() is None
    with pytest.raises(EngineDown):
        engine.open(["peers"])
    engine.begin_rebuild()
    engine.finish_rebuild()
    assert engine.is_ready()


def test_who_reads_an_index_that_is_replaced_does_not_undo_the_new_one(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    for word in ("ancien", "neuf"):
        engine.begin_rebuild()
        engine.add_rebuilt([document(1, word)], 1)
        if word == "ancien":
            engine.finish_rebuild()
            reading = engine.open(["peers"])
            old = next((tmp_path / "index").glob("*/peers"))
    engine.finish_rebuild()

    assert list(reading.topics_with([("ancien",)])[("ancien",)]) == [1]
    engine.broken(old.parent)
    assert engine.is_ready()
    assert with_word(engine, "neuf") == [1]


def test_one_writer_at_a_time(engine: Engine) -> None:
    import threading

    order: list[str] = []

    def second() -> None:
        with engine.writing():
            order.append("second")

    thread = threading.Thread(target=second)
    if isinstance(engine, PostgresqlEngine):
        from flask import current_app

        app = current_app._get_current_object()  # type: ignore[attr-defined]
        thread = threading.Thread(target=lambda: _in(app, second))
    with engine.writing():
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def _in(app: Flask, work) -> None:  # type: ignore[no-untyped-def]
    with app.app_context():
        work()


def test_after_a_rebuild_the_planner_knows_how_many_terms_there_are(engine: Engine) -> None:
    """It read all of them to count some, four of the milliseconds of a search."""
    if not isinstance(engine, PostgresqlEngine):
        return
    engine.begin_rebuild()
    engine.add_rebuilt([document(1, "zqalpha zqbeta")], 1)
    engine.finish_rebuild()

    [known] = engine.rows("SELECT reltuples FROM pg_class WHERE oid = 'search.term'::regclass")
    assert known.reltuples > 0
