"""What older rules of Markdown stored is rendered again by itself, once; words that were another's go from the page and
from the index.
"""

from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select, update

from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum import rendering
from comcep.forum.models import Post
from comcep.text import markdown
from tests.community import Site
from tests.forum.meanwhile import elsewhere, just_before
from tests.servers import flask


def store_foreign_words(site: Site) -> None:
    with site.app.app_context():
        db.session.execute(update(Post).values(html="<p>mirabelle d'un autre</p>", rules=1))
        db.session.commit()


def test_foreign_words_go_from_the_page_and_from_the_index(site: Site) -> None:
    maud, ines = site.adviser("Maud"), site.adviser("Ines", "pole-emploi")
    topic = maud.asks("Un sujet", "Du **gras** et une quetsche")
    site.works()
    store_foreign_words(site)
    with site.app.app_context():
        db.session.execute(update(Post.__table__.metadata.tables["topic"]).values(indexed_at=None))
        db.session.commit()
    site.works()
    site.works()

    assert "<strong>gras</strong>" in ines.get(f"/sujets/{topic}", follow_redirects=True).text
    assert ines.searches("quetsche") == [topic]
    assert ines.searches("mirabelle") == []


def test_it_is_done_once(site: Site) -> None:
    site.adviser("Maud").asks("Un sujet", "Du **gras**")
    store_foreign_words(site)
    site.works()
    with site.app.app_context():
        db.session.execute(update(Post).values(html="témoin"))
        db.session.commit()
    site.works()

    with site.app.app_context():
        assert list(db.session.scalars(select(Post.html))) == ["témoin"]


def test_a_source_that_no_rule_can_render_is_shown_as_written(site: Site, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    site.adviser("Maud").asks("Un sujet", "Du **gras**")
    store_foreign_words(site)
    monkeypatch.setattr(markdown, "render", lambda _source: (_ for _ in ()).throw(ValueError("a fault")))
    site.works()

    with site.app.app_context():
        assert list(db.session.scalars(select(Post.html))) == ["<p>Du **gras**</p>"]


def test_a_source_that_cannot_be_rendered_is_named_to_the_operator(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    lite.adviser("Maud").asks("Un sujet", "Du **gras**")
    store_foreign_words(lite)
    monkeypatch.setattr(markdown, "render", lambda _source: (_ for _ in ()).throw(ValueError("a fault")))
    lite.works()

    said = lite.app.test_cli_runner().invoke(args=["sweeps", "state"]).output

    assert "mis de côté" in said
    assert "ValueError" in said


@pytest.mark.parametrize("everything", [True, False])
def test_only_what_older_rules_made_is_rendered_again_unless_all_is_asked_for(lite: Site, everything: bool) -> None:
    maud = lite.adviser("Maud")
    old, same, new = (maud.asks(title, "Du **gras**") for title in ("Ancien", "Pareil", "Nouveau"))
    with lite.app.app_context():
        before = {topic: lite.topic(topic).changed for topic in (old, same, new)}
        of_topic = {topic: Post.topic_id == lite.topic(topic).id for topic in before}
        db.session.execute(update(Post).where(of_topic[old]).values(html="<p>ancien</p>", rules=0))
        db.session.execute(update(Post).where(of_topic[same]).values(rules=0))
        db.session.execute(update(Post).where(of_topic[new]).values(html="<p>témoin</p>"))
        db.session.commit()

        assert rendering.count(everything) == (3 if everything else 2)
        assert list(islice(rendering.render_again(everything), 3)) == [3 if everything else 2]

        html = {topic: db.session.scalar(select(Post.html).where(of_topic[topic])) or "" for topic in before}
        assert ["gras" in html[topic] for topic in (old, same, new)] == [True, True, everything]
        assert set(db.session.scalars(select(Post.rules))) == {markdown.RULES}
        marked = [lite.topic(topic).changed != before[topic] for topic in (old, same, new)]
        assert marked == [True, False, everything]


def test_what_is_left_after_a_batch_is_asked_for_at_once(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "BATCH", 2)
    woken: list[object] = []
    monkeypatch.setattr(background, "wake", woken.append)
    topic = lite.adviser("Maud").asks("Un sujet", "Du **gras**")
    for number in range(2):
        lite.people["Maud"].answers(topic, f"Du **gras** {number}")
    store_foreign_words(lite)

    left = []
    for _ in range(3):
        woken.clear()
        with lite.app.app_context():
            rendering.render_some_again()
            left.append((rendering.count(), bool(woken)))

    assert left == [(1, True), (0, True), (0, False)]


def test_what_is_edited_while_it_is_rendered_again_keeps_the_edit(lite: Site) -> None:
    lite.adviser("Maud").asks("Un sujet", "Du **gras**")
    with lite.app.app_context():
        db.session.execute(update(Post).values(rules=0))
        db.session.commit()
    edit = update(Post).values(html="<p>corrigé</p>", version=2, rules=markdown.RULES)

    with just_before(lite, "update post", lambda: elsewhere(lite, edit)), lite.app.app_context():
        rendering.render_some_again()

    with lite.app.app_context():
        assert list(db.session.scalars(select(Post.html))) == ["<p>corrigé</p>"]


def test_the_words_of_digests_are_rendered_again_too(site: Site) -> None:
    with site.app.app_context():
        db.session.add(
            Digest(starts_on=now().date(), ends_on=now().date(), words="De **nous**", words_html="<p>d'un autre</p>",
                   published_at=now(), drafting_due=False)
        )  # fmt: skip
        db.session.commit()
    site.works()

    with site.app.app_context():
        assert list(db.session.scalars(select(Digest.words_html))) == ["<p>De <strong>nous</strong></p>"]


def test_the_command_shows_its_progress_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    data = tmp_path / "data"
    flask(data, "demo", "load")
    assert "Messages" in flask(data, "posts", "rerender", "--all")
    assert flask(data, "posts", "rerender") == ""
