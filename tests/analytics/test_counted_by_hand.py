"""Each figure of the community against a community of a page, counted by hand; what a period publishes, and in what order."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from comcep.analytics import figures, releasing
from comcep.analytics.disclosure import primary, rounding
from comcep.analytics.disclosure.cells import PublishedCell, RawCell
from comcep.analytics.disclosure.private import PrivateTable
from comcep.analytics.figures import Due
from comcep.analytics.gathering import Bounded, Questions, Raw, ThemeFigures, gather, moments
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.counting import recount_topic
from comcep.forum.models import Post, Topic, TopicWorth
from comcep.forum.solving import solve
from tests.analytics.publishing import period
from tests.community import Person, Site

FIRST, LAST = date(2026, 7, 1), date(2026, 8, 31)
BEGINS, AFTER = datetime(2026, 6, 30, 22), datetime(2026, 8, 31, 22)  # midnights of Paris in summer
NOON = datetime(2026, 7, 10, 12)
HOUR = timedelta(hours=1)


def write(site: Site, moments_of: dict[int, datetime]) -> None:
    """Date posts by their public ids, and topics by their first post."""
    with site.app.app_context():
        for public_id, moment in moments_of.items():
            db.session.execute(update(Post).where(Post.public_id == public_id).values(created_at=moment))
        for topic in db.session.scalars(select(Topic)):
            topic.created_at = db.session.scalar(select(Post.created_at).where(Post.id == topic.first_post_id))
            recount_topic(topic)
        db.session.commit()


def first_post(site: Site, topic: int) -> int:
    with site.app.app_context():
        return db.session.scalars(select(Post.public_id).join(Topic, Topic.first_post_id == Post.id).where(
            Topic.public_id == topic
        )).one()  # fmt: skip


@pytest.fixture
def raw(lite: Site) -> Raw:
    """Six questions asked in the period. Ines answers the first within 48 h, to the minute; Paul, of the asker's own
    family, the second a minute too late; nobody the third but who asked it, and one whose reply is hidden. The fourth
    and fifth are asked in the period's first and last moment; the sixth has an answer after the period. A discussion,
    what is hidden, what others than peers read and what is older count as said beside them."""
    maud, paul = lite.adviser("Maud", "fongecif"), lite.adviser("Paul", "unifaf")
    ines, lise, agnes = lite.adviser("Ines", "pole-emploi"), lite.animator(), lite.hors_pair()
    dated: dict[int, datetime] = {}

    def asks(person: Person, moment: datetime, **fields: str) -> int:
        topic = person.asks(f"Question {len(dated)}", **fields)
        dated[first_post(lite, topic)] = moment
        return topic

    def answers(person: Person, topic: int, moment: datetime) -> int:
        post = person.answers(topic, f"Réponse {len(dated)}")
        dated[post] = moment
        return post

    first, second, third = asks(maud, NOON), asks(maud, NOON), asks(ines, NOON)
    answers(ines, first, NOON + 48 * HOUR)
    answers(paul, first, NOON + 49 * HOUR)
    late = answers(paul, second, NOON + 48 * HOUR + timedelta(minutes=1))
    answers(ines, third, NOON + HOUR)
    hidden = answers(paul, third, NOON + 2 * HOUR)
    asks(paul, BEGINS)
    asks(paul, AFTER - timedelta(seconds=1))
    sixth = asks(maud, AFTER - 5 * HOUR)
    answers(ines, sixth, AFTER + 5 * HOUR)  # its post counts in the next period, its delay in this one
    answers(ines, asks(maud, NOON, kind="discussion"), NOON + HOUR)
    older, gone = asks(maud, BEGINS - timedelta(seconds=1)), asks(ines, NOON)
    answers(ines, older, NOON)  # this post alone is of the period
    asks(ines, AFTER)
    answers(agnes, asks(lise, NOON, section="hors-pairs"), NOON + HOUR)
    asks(lise, NOON, section="animateurs")
    write(lite, dated)
    for post in (hidden, first_post(lite, gone)):
        lise.post(f"/messages/{post}/masquage", reason="Motif")
    with lite.app.app_context():
        solve(maud.viewer, lite.topic(second), lite.post(late))
        served = (
            (first, True, NOON),
            (second, False, NOON),
            (older, True, NOON),
            (third, True, AFTER),
            (gone, True, NOON),
        )
        for topic, helped, at in served:
            db.session.add(TopicWorth(topic_id=lite.topic(topic).id, helped=helped, at=at))
        db.session.commit()
        return gather(FIRST, LAST, b"cle")


def test_every_raw_figure_of_the_community_is_the_one_counted_by_hand(raw: Raw) -> None:
    assert moments(FIRST, LAST) == (BEGINS, AFTER)
    assert raw.topics == 7  # six questions and a discussion
    assert raw.whole.posts == 7 + 6
    assert raw.whole.advisers == 3
    assert raw.whole.networks == 2  # Fongecif and Unifaf are one family
    assert raw.whole.most_by_one == 5  # of Ines: her question, four replies of the period; Maud has four, Paul four
    asked = raw.questions
    assert (asked.asked, asked.answered, asked.within_48_hours, asked.solved) == (6, 3, 2, 1)
    assert asked.by_another_network == 2
    assert asked.median_hours == 48
    assert asked.answerers == 2
    assert (asked.said, asked.served) == (3, 2)
    assert raw.bounded == replace(raw.bounded, advisers=3, topics=1 + 3 + 2, posts=13)


ASKED = Questions(
    asked=400, answered=200, within_48_hours=100, by_another_network=150, solved=300, median_hours=30.0, answerers=10,
    key=3, said=125, served=50,
)  # fmt: skip
BIG = Raw(
    themes=[], whole=RawCell(300, 5, 2000, 100, 1), topics=250, topics_key=2, questions=ASKED, families=[], regions=[],
    bounded=Bounded({}, 300, 250, 2000),
)  # fmt: skip
SAID = {
    "advisers": 300, "topics": 250, "posts": 2000, "answered-48h": 25, "other-network": 75, "solved": 75, "served": 40,
    "median": 3,
}  # fmt: skip


@pytest.fixture
def without_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rounding, primary):
        monkeypatch.setattr(module, "noise", lambda *_: 0)


def community(raw: Raw) -> dict[str, int | None]:
    return {cell.row: cell.count for cell in figures.keyed(raw, 5, [], Due(False)).table("community")}


@pytest.mark.usefixtures("without_noise")
def test_each_published_figure_of_the_community_says_what_it_names() -> None:
    assert community(BIG) == SAID
    few = {
        name: community(replace(BIG, **{name: value}))
        for name, value in (("topics", 48), ("whole", RawCell(8, 2, 98, 9)))
    }
    assert few["topics"] == {**SAID, "topics": None}
    assert few["whole"] == {**SAID, "advisers": None, "posts": None}
    for name, rows in (("asked", ("answered-48h", "solved")), ("answered", ("other-network",)), ("said", ("served",))):
        thin = community(replace(BIG, questions=replace(ASKED, **{name: 48})))
        assert thin == {**SAID, **dict.fromkeys(rows)}, name


@pytest.mark.usefixtures("without_noise")
@pytest.mark.parametrize(
    ("hours", "answerers", "band"),
    [(0.5, 10, 1), (4, 10, 1), (4.1, 10, 2), (24, 10, 2), (24.1, 10, 3), (48, 10, 3), (48.1, 10, 4), (900, 10, 4),
     (30, 9, None), (None, 10, None)],
)  # fmt: skip
def test_a_median_delay_is_a_band_from_enough_who_answered(
    hours: float | None, answerers: int, band: int | None
) -> None:
    """Of the community, and of a theme that is shown."""
    cell = RawCell(20, 3, 40, 5, 7)
    theme = ThemeFigures("jeunes", "Jeunes", cell, RawCell(4, 2, 8, 2), hours, answerers)
    asked = replace(ASKED, median_hours=hours, answerers=answerers)

    published = figures.keyed(replace(BIG, questions=asked, themes=[theme]), 5, [], Due(False))

    assert published.cell("community", "median", "count") == PublishedCell(
        "community", "median", "median", "count", band
    )
    delay = published.cell("delays", "jeunes", "band")
    assert delay is not None
    assert delay.count == band
    for withheld in (replace(theme, is_settled=False), replace(theme, cell=RawCell(8, 3, 40, 5, 7))):
        shown = figures.keyed(replace(BIG, questions=asked, themes=[withheld]), 5, [], Due(False))
        assert [cell.count for cell in shown.cells if cell.row == "jeunes"] == [None] * 4


def test_the_private_mode_shows_no_cell_under_its_threshold_nor_of_a_theme_not_settled() -> None:
    """k advisers, and as much more as noise alone passes one time in a hundred; the number itself is rounded to k."""
    table = PrivateTable({"under": 12, "at": 13, "over": 18}, scale=2.0, epsilon=1.0)
    cell = RawCell(0, 0, 0, 0)
    themes = [ThemeFigures(name, name, cell, cell, None, 0, name != "over") for name in table.counts]

    assert [table.published(name, 5) for name in table.counts] == [None, 15, 20]
    shown = figures._private_themes(replace(BIG, themes=themes), table, 5, None)
    assert [each.count for each in shown] == [None, 15, None]


def test_digests_come_out_in_the_order_of_their_periods(lite: Site) -> None:
    lise = lite.animator()
    late = lise.post("/animation/syntheses", **period(10, 5)).location
    early = lise.post("/animation/syntheses", **period(30, 20)).location
    lite.works()

    def publishes(draft: str) -> int:
        return lise.post(draft, title="Titre", words="Nos mots.", version="1", publish="1").status_code

    assert publishes(late) != 302
    assert publishes(early) == 302
    before = lise.post("/animation/syntheses", **period(50, 40))
    assert "paraissent dans l&#39;ordre" in before.text
    assert lise.post(late, title="Titre", words="Nos mots.", version="2", publish="1").status_code == 302
    with lite.app.app_context():
        numbers = (
            db.session.execute(select(releasing.Digest.number).order_by(releasing.Digest.starts_on)).scalars().all()
        )
        assert numbers == [1, 2]
    today = now().date()
    for reversed_or_not_over in (period(5, 10), {"starts_on": str(today - timedelta(3)), "ends_on": str(today)}):
        assert lise.post("/animation/syntheses", **reversed_or_not_over).status_code == 422
