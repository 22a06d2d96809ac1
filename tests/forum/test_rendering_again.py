"""What older rules of Markdown stored is rendered again by itself, once; words that were another's go from the page and
from the index.
"""

from pathlib import Path

from sqlalchemy import select, update

from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post
from comcep.text import markdown
from tests.community import Site
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
