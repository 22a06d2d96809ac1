"""What an animator, who sets themes and opens drafts, can read off them of who wrote without their name: nothing."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from comcep.access.viewer import Viewer
from comcep.analytics import counting, theming
from comcep.analytics.disclosure.cells import Published
from comcep.analytics.figures import Due, keyed
from comcep.analytics.gathering import gather, moments
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Theme, Topic, TopicTheme
from tests.analytics.publishing import age_everything, period, write
from tests.community import Person, Site

THEMES = ("jeunes", "certifications", "vae-et-bilan", "indemnisation")
NETWORKS = ("fongecif", "pole-emploi", "apec")


@pytest.fixture
def lise(lite: Site) -> Person:
    return lite.animator()


def row_of(page: str, theme: str) -> str:
    """The line of a theme in the table of themes, without its name."""
    found = re.search(rf'<tr><th scope="row">[^<]*</th>((?:(?!</tr>).)*data-row="{theme}".*?)</tr>', page, re.DOTALL)
    assert found is not None
    return found[1].replace(theme, "")


def draft_of(lise: Person) -> str:
    draft = lise.post("/animation/syntheses", **period()).location
    lise.site.works()
    return lise.get(draft).text


def test_every_withheld_cell_of_a_draft_looks_the_same(lite: Site, lise: Person) -> None:
    write(lite, 2, "pairs", "jeunes")  # too few
    write(lite, 14, "pairs", "certifications", ("apec",))  # one network
    write(lite, 14, "pairs", "vae-et-bilan")  # one person has most of the posts
    prolific = lite.adviser("Prolixe")
    topic = prolific.asks("Encore un sujet", themes=["vae-et-bilan"])
    for number in range(20):
        prolific.answers(topic, f"Une suite, la {number}")
    age_everything(lite)

    page = draft_of(lise)

    rows = {row_of(page, theme) for theme in ("jeunes", "certifications", "vae-et-bilan", "handicap-et-sante")}
    assert len(rows) == 1
    assert not re.search("trop peu|seul réseau|par une personne|près du seuil", page)


@pytest.mark.parametrize("author", ["pairsjeunes0", "ailleurs"])
def test_a_topic_whose_theme_an_animator_set_since_counts_for_what_it_was(
    lite: Site, lise: Person, author: str
) -> None:
    """The author is one of those who wrote on the theme, or is not: the line of the theme is the same."""
    write(lite, 13, "pairs", "jeunes")
    asker = lite.people.get(author) or lite.adviser(author, "unifaf")
    unnamed = asker.asks("Un cas que je tais", anonymous="1", themes=["indemnisation"])
    age_everything(lite)
    with lite.app.app_context():
        before = figures()
    assert ("themes", "jeunes") in {(cell.table, cell.row) for cell in before.cells if cell.count is not None}

    lise.post("/animation/themes", topics=[str(unnamed)], themes=["jeunes"])

    with lite.app.app_context():
        assert figures() == before


def test_a_theme_that_an_animator_made_since_the_period_began_shows_nothing(lite: Site, lise: Person) -> None:
    lise.post("/animation/themes", act="add", label="Un essai", description="")
    write(lite, 14, "pairs", "un-essai")
    age_everything(lite)

    page = draft_of(lise)

    assert 'data-row="un-essai" data-column="advisers" data-suppressed' in page
    with lite.app.app_context():
        db.session.execute(update(Theme).where(Theme.slug == "un-essai").values(created_at=now() - timedelta(days=90)))
        db.session.commit()
        cell = figures().cell("themes", "un-essai", "advisers")
        assert cell is not None
        assert cell.count is not None


def test_themes_merged_since_the_period_began_show_nothing_and_later_count_each_post_once(
    lite: Site, lise: Person
) -> None:
    for number in range(13):
        person = lite.adviser(f"Deux{number}", NETWORKS[number % 3])
        person.asks(f"Sujet {number}", f"Texte {number}", themes=["jeunes", "certifications"])
    prolific = lite.adviser("Prolixe")
    topic = prolific.asks("Encore un sujet", themes=["jeunes"])
    for number in range(19):
        prolific.answers(topic, f"Une suite, la {number}")
    age_everything(lite)
    assert count_of(lite, "certifications") is not None
    assert count_of(lite, "jeunes") is None  # one person has 20 of 33 posts

    lise.post("/animation/themes", act="merge", theme="certifications", into="jeunes")

    assert count_of(lite, "jeunes") is None
    with lite.app.app_context():
        db.session.execute(update(Theme).values(merged_at=None))
        db.session.commit()
        posts = counting.posts_by_theme(*moments(*days()))
        assert sum(row.count for row in posts) == 33
    assert count_of(lite, "jeunes") is None


def days() -> tuple[object, object]:
    today = now().date()
    return today - timedelta(days=30), today - timedelta(days=5)


def figures() -> Published:
    return keyed(gather(*days(), b"secret"), 5, [], Due(participation=True))  # type: ignore[arg-type]


def count_of(site: Site, theme: str) -> int | None:
    with site.app.app_context():
        cell = figures().cell("themes", theme, "advisers")
        return cell.count if cell is not None else None


acts = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "merge", "rename", "add"]),
        st.lists(st.integers(0, 39), min_size=1, max_size=20),
        st.lists(st.sampled_from(THEMES), min_size=1, max_size=3, unique=True),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture
def community(lite: Site, lise: Person) -> tuple[Site, Viewer, list[int], Published]:
    """Forty topics on four themes by twenty advisers, some without a name, and the figures of their period."""
    people = [lite.adviser(f"Pair{number}", NETWORKS[number % 3]) for number in range(20)]
    topics = []
    for number in range(40):
        fields = {"anonymous": "1"} if number % 5 == 0 else {}
        themes = [THEMES[number % 4], THEMES[number % 3]]
        topics.append(people[number % 20].asks(f"Sujet {number}", f"Texte {number}", themes=themes, **fields))
        people[(number + 7) % 20].answers(topics[-1], f"Une réponse, la {number}", **fields)
    age_everything(lite)
    with lite.app.app_context():
        return lite, lise.viewer, topics, figures()


@settings(max_examples=12)
@given(acts)
def test_whatever_animators_do_to_themes_no_figure_of_a_period_becomes_another(
    community: tuple[Site, Viewer, list[int], Published], done: Sequence[tuple[str, list[int], list[str]]]
) -> None:
    site, viewer, topics, before = community
    with site.app.app_context():
        for act, chosen, slugs in done:
            try:
                if act == "set":
                    theming.set_themes(viewer, [topics[at] for at in chosen], slugs)
                elif act == "merge":
                    theming.merge(viewer, slugs[0], slugs[-1])
                elif act == "rename":
                    theming.rename(viewer, slugs[0], f"Nom numéro {chosen[0]}")
                else:
                    theming.add(viewer, f"Thème numéro {chosen[0]}", "")
            except theming.Refused:
                db.session.rollback()
        after = figures()
        bears_one = select(TopicTheme.topic_id).join(Topic, Topic.id == TopicTheme.topic_id).distinct()
        assert len(list(db.session.scalars(bears_one))) == 40

    for cell in after.cells:
        earlier = before.cell(cell.table, cell.row, cell.column)
        if cell.count is not None:
            assert earlier is not None
            assert earlier.count == cell.count
