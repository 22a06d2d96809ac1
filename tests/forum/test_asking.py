"""Asking: which sections and themes the page offers, what it holds when it comes back, where the new topic stands."""

import re
import sqlite3
from html import unescape

import pytest
from sqlalchemy import event, func, select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Section, Theme, Topic
from tests.community import Person, Site
from tests.moderation.deciding import read

PHONE = "Appelez-moi au 06 12 34 56 78."
CLOSED = "Cette rubrique est fermée depuis peu."
NOWHERE = "Cette rubrique n'existe pas ou ne vous est pas ouverte."
TYPED = {"title": "Titre gardé", "body": "Corps **gardé**", "section": "pairs", "kind": "resource"}


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


def close(site: Site, *slugs: str) -> None:
    with site.app.app_context():
        which = update(Section).where(Section.slug.in_(slugs)) if slugs else update(Section)
        db.session.execute(which.values(closed_at=now()))
        db.session.commit()


def themes(site: Site, count: int) -> list[tuple[str, str]]:
    """The slugs and labels of the first themes."""
    with site.app.app_context():
        rows = db.session.execute(select(Theme.slug, Theme.label).order_by(Theme.position, Theme.id).limit(count))
        return [(row.slug, row.label) for row in rows]


def topics(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count(Topic.id))) or 0


def offered(page: str) -> set[str]:
    choice = page.split('<select id="section"')[1].split("</select>")[0]
    return set(re.findall(r'value="([^"]+)"', choice)) & {"publique", "hors-pairs", "pairs", "groupe", "animateurs"}


def chosen(page: str) -> list[str]:
    choice = page.split('<select id="section"')[1].split("</select>")[0]
    return re.findall(r'value="([^"]*)" selected', choice)


def test_one_is_offered_the_open_sections_where_one_may_write(lite: Site, maud: Person) -> None:
    agnes, lise, lea = lite.hors_pair(), lite.animator(), lite.adviser("Lea", in_group=True)

    def now_offered() -> list[set[str]]:
        return [offered(read(person, "/poser")) for person in (maud, agnes, lea, lise)]

    assert now_offered() == [{"hors-pairs", "pairs"}, {"hors-pairs"}, {"hors-pairs", "pairs", "groupe"},
                             {"publique", "hors-pairs", "pairs", "animateurs"}]  # fmt: skip
    close(lite, "pairs")
    assert now_offered() == [{"hors-pairs"}, {"hors-pairs"}, {"hors-pairs", "groupe"},
                             {"publique", "hors-pairs", "animateurs"}]  # fmt: skip


def test_where_no_section_is_open_there_is_no_page_to_ask_at(lite: Site, maud: Person) -> None:
    assert maud.get("/poser").status_code == 200

    close(lite)

    assert maud.get("/poser").status_code == 404


def test_the_section_one_comes_from_is_chosen(maud: Person) -> None:
    assert chosen(read(maud, "/poser?rubrique=hors-pairs")) == ["hors-pairs"]
    assert chosen(read(maud, "/poser")) == []


def test_a_name_is_needed_where_it_is_said(lite: Site) -> None:
    lise = lite.person("Lise", is_animator=True, in_group=True)

    page = read(lise, "/poser")

    needed = re.findall(r"Pas dans : ([^<]*)\.</p>", page)[0].split(", ")
    assert {"Rubrique publique", "Rubrique groupe", "Rubrique animateurs"} <= set(needed)
    assert not {"Rubrique pairs", "Rubrique hors-pairs"} & set(needed)


def test_a_title_searched_in_vain_begins_a_question_cut_to_what_a_title_holds(maud: Person) -> None:
    begun = maud.post("/poser/debut", title="x" * 300)

    assert begun.status_code == 200
    assert f'value="{"x" * 200}"' in begun.text
    assert maud.post("/poser/debut").status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [({"preview": "1"}, 200, "<strong>gardé</strong>"), ({"title": ""}, 422, "Donnez un titre"),
     ({"body": PHONE}, 422, "06 12 34 56 78"), ({"section": "animateurs"}, 422, NOWHERE),
     ({"section": "nulle-part"}, 422, NOWHERE), ({"section": "hors-pairs"}, 422, CLOSED),
     ({"section": "publique"}, 422, NOWHERE)],
)  # fmt: skip
def test_a_question_that_is_not_published_comes_back_as_typed(
    lite: Site, maud: Person, fields: dict[str, str], status: int, words: str
) -> None:
    close(lite, "hors-pairs")
    [theme] = themes(lite, 1)
    typed = {**TYPED, **fields}

    back = maud.post("/poser", **typed, themes=[theme[0]], anonymous="1", submission="n-1")

    page = unescape(back.text)
    assert back.status_code == status
    assert words in page
    assert f'value="{typed["title"]}"' in page
    assert f">\n{typed['body']}</textarea>" in page
    assert 'value="resource" selected' in page
    assert f'name="themes" value="{theme[0]}" checked' in page
    assert 'name="anonymous" value="1" checked' in page
    assert 'name="submission" value="n-1"' in page
    assert ("<title>Erreur :" in page) == (status != 200)
    assert topics(lite) == 0


def test_a_section_closed_while_the_question_was_on_its_way_is_said(lite: Site, maud: Person) -> None:
    with lite.app.app_context():
        engine = db.engine
    closed: list[str] = []
    closing = sqlite3.connect(lite.app.config["DATA"] / "comcep.sqlite3", isolation_level=None, timeout=0)

    def close_now(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        if not statement.startswith("SELECT theme"):
            return
        closed.append("pairs")  # when it was found open, and while the page is made: nobody holds it then
        closing.execute("update section set closed_at = '2026-01-01 00:00:00.000000' where slug = 'pairs'")

    event.listen(engine, "before_cursor_execute", close_now)
    back = maud.post("/poser", **TYPED)
    event.remove(engine, "before_cursor_execute", close_now)
    closing.close()

    assert len(closed) > 1
    assert back.status_code == 409
    assert CLOSED in unescape(back.text)
    assert ">\nCorps **gardé**</textarea>" in unescape(back.text)
    assert topics(lite) == 0


def test_a_question_sent_when_every_section_has_closed_comes_back(lite: Site, maud: Person) -> None:
    close(lite)

    back = maud.post("/poser", **TYPED)

    assert back.status_code == 422
    assert CLOSED in unescape(back.text)
    assert ">\nCorps **gardé**</textarea>" in unescape(back.text)


def test_a_name_that_is_needed_is_asked_for_in_the_words_of_its_section(lite: Site) -> None:
    lise = lite.animator()

    back = lise.post("/poser", **{**TYPED, "section": "animateurs"}, anonymous="1")

    assert back.status_code == 422
    assert "Dans « Rubrique animateurs », les messages portent le nom de leur auteur" in unescape(back.text)


def test_a_topic_stands_in_its_section_with_its_kind_themes_and_author(lite: Site, maud: Person) -> None:
    first, second, third = themes(lite, 3)

    named = maud.asks(**TYPED, themes=[second[0], first[0]])
    unnamed = maud.asks("Sans nom", "Corps", section="hors-pairs", anonymous="1")

    page = read(maud, f"/sujets/{named}")
    assert "<h1>Titre gardé</h1>" in page
    assert "Corps <strong>gardé</strong>" in page
    assert 'data-section="pairs"' in page
    assert ">Ressource</span>" in page.replace("</svg>", ">")
    meta = page.split('<div class="meta">')[1].split("</header>")[0]
    assert re.findall(r'<span class="badge">([^<]+)</span>', meta) == [first[1], second[1]]
    assert third[1] not in meta
    assert "Maud Essai" in page.split("<main")[1]
    other = read(maud, f"/sujets/{unnamed}")
    assert 'data-section="hors-pairs"' in other
    assert 'data-state="open"' in other
    assert "Maud Essai" not in other.split("<main")[1]


def test_a_question_despite_a_warning_is_left_to_be_checked_and_another_is_not(lite: Site, maud: Person) -> None:
    lise = lite.animator()
    maud.asks("Rien à craindre", confirm="1")
    maud.asks("Un numéro", PHONE, confirm="1")

    desk = read(lise, "/animation").split("malgré un avertissement")[1]

    assert "Un numéro" in desk
    assert "Rien à craindre" not in desk
