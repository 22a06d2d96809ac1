"""Drafts: the calendar that opens them, and the sweep that computes their figures, again whenever topics changed."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import func, select, update

from comcep.access.system_read import system_read
from comcep.analytics import emerging, figures, yearly
from comcep.analytics.counting import peer_topics
from comcep.analytics.disclosure.cells import Published
from comcep.analytics.figures import Due, Release
from comcep.analytics.gathering import gather, moments
from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme
from comcep.secrets_file import secret

PARTICIPATION_EVERY = timedelta(days=150)  # participation comes out twice a year


def periods(calendar: str, year: int) -> list[tuple[date, date]]:
    """The periods of a year by the setting: a number that divides twelve, or the first days of each ("01-01,03-15,…").

    Raises ValueError for anything else.
    """
    starts = _first_days(calendar, year)
    following = [*starts[1:], _first_days(calendar, year + 1)[0]]
    return [(first, after - timedelta(days=1)) for first, after in zip(starts, following, strict=True)]


def _first_days(calendar: str, year: int) -> list[date]:
    if calendar.isdecimal():
        count = int(calendar)
        if count < 1 or 12 % count:
            raise ValueError("a year is cut into 1, 2, 3, 4, 6 or 12 periods")
        return [date(year, 1 + at * 12 // count, 1) for at in range(count)]
    days = [date.fromisoformat(f"{year}-{day.strip()}") for day in calendar.split(",")]
    if days != sorted(set(days)):
        raise ValueError("the first days of the periods come in order, each once")
    return days


@background.sweep("slow")
def open_drafts() -> None:
    """When a period of the calendar ends, open its draft; once digests are published, never for a period before
    them."""
    calendar = current_app.config["DIGEST_CALENDAR"]
    today = now().date()
    last = db.session.scalar(select(func.max(Digest.ends_on)))
    if not calendar or last is None:  # the first period is an animator's choice
        return
    for year in range(last.year, today.year + 1):
        for starts_on, ends_on in periods(calendar, year):
            if last < ends_on < today:
                db.session.add(Digest(starts_on=max(starts_on, last + timedelta(days=1)), ends_on=ends_on))
                last = ends_on
    db.session.commit()


@background.sweep("slow")
def compute_drafts() -> None:
    """The figures of each draft that asks for them: when it is opened, when its page or its publication finds that
    topics changed. Harmless when killed: it begins again."""
    due = select(Digest).where(Digest.published_at.is_(None), Digest.drafting_due)
    for digest in list(db.session.scalars(due.order_by(Digest.ends_on))):
        made_from = fingerprint(digest)
        published = compute(digest)
        rising = emerging.rising(digest.starts_on, digest.ends_on)
        if published.mode == "keyed":  # the formal guarantee covers no table that it did not make
            published = Published(published.k, (*published.cells, *emerging.cells(rising, published.k)))
        values = {
            "drafted": json.dumps(published.as_data(), ensure_ascii=False, sort_keys=True),
            "drafted_emerging": emerging.as_text(rising),
            "drafted_from": made_from,
            "drafting_due": False,
        }
        unpublished = (Digest.id == digest.id, Digest.published_at.is_(None))
        db.session.execute(update(Digest).where(*unpublished).values(**values))
        db.session.commit()


def ask_again_if_changed(digest: Digest) -> bool:
    """Whether the figures of a draft are being computed again, because there are none or topics changed since."""
    if not digest.drafting_due and digest.drafted_from == fingerprint(digest):
        return False
    if not digest.drafting_due:
        db.session.execute(update(Digest).where(Digest.id == digest.id).values(drafting_due=True))
        db.session.commit()
    background.wake(current_app)
    return True


def compute(digest: Digest) -> Published:
    """What would be published of a draft now."""
    k, mode = current_app.config["DIGEST_FLOOR"], current_app.config["DIGEST_MODE"]
    key = secret(current_app.config["DATA"], "digest").encode()[:64]
    raw = gather(digest.starts_on, digest.ends_on, key)
    earlier = list(_earlier(digest))
    if mode == "private":
        return figures.private(raw, k, earlier, current_app.config["DIGEST_EPSILON"])
    published = figures.keyed(raw, k, earlier, Due(_participation_is_due(digest, earlier)))
    if since := yearly.is_due(digest.starts_on, digest.ends_on, earlier):
        cells = yearly.cells(since, digest.ends_on, raw, k, key, [*earlier, Release(*_period(digest), published)])
        published = Published(k, (*published.cells, *cells))
    return published


def _period(digest: Digest) -> tuple[date, date]:
    return digest.starts_on, digest.ends_on


def _earlier(digest: Digest) -> Iterator[Release]:
    """The releases before a draft, oldest first."""
    published = select(Digest).where(Digest.figures.is_not(None), Digest.ends_on < digest.starts_on)
    for other in db.session.scalars(published.order_by(Digest.ends_on)):
        yield Release(other.starts_on, other.ends_on, Published.from_data(json.loads(other.figures or "{}")))


def _participation_is_due(digest: Digest, earlier: list[Release]) -> bool:
    return not any(
        digest.ends_on - release.ends_on < PARTICIPATION_EVERY and release.published.table("networks")
        for release in earlier
    )


def fingerprint(digest: Digest) -> str:
    """What a draft's figures rest on, in a few numbers: when it changes, they are computed again.

    Posts of the period, topics' changes, themes and who bears them, members.
    """
    first, after = moments(digest.starts_on, digest.ends_on)
    posts = system_read("whether posts changed since the draft").first(
        select(
            func.count().label("posts"),
            func.coalesce(func.max(Post.id), 0).label("last"),
            func.count(Post.hidden_at).label("hidden"),
        ).where(Post.created_at >= first, Post.created_at < after)
    )
    topics = system_read("whether topics changed since the draft").first(
        select(func.coalesce(func.sum(Topic.changed), 0).label("changed"), func.count().label("topics"))
        .join(Section, Section.id == Topic.section_id)
        .where(*peer_topics(), Topic.last_post_at >= first)
    )
    themes = system_read("whether themes changed since the draft").first(
        select(
            select(func.count()).select_from(TopicTheme).scalar_subquery().label("borne"),
            func.count().label("themes"),
            func.count(Theme.merged_into_id).label("merged"),
        ).select_from(Theme)
    )
    assert posts is not None
    assert topics is not None
    assert themes is not None
    numbers = (posts.posts, posts.last, posts.hidden, topics.changed, topics.topics, themes.borne, themes.themes)
    return "-".join(str(number) for number in (*numbers, themes.merged))
