"""Raw figures of a period, read past visibility and handed only to disclosure.py. Peers' sections only.

Anything posted in a section the committee reads counts nowhere: it could be subtracted (anonymity.md, Words).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select

from comcep.access.system_read import SealedRow, system_read
from comcep.access.visibility import PEERS
from comcep.accounts.models import Member, Network
from comcep.analytics.disclosure import RawCell, RawGroup
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme

PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Questions:
    """Questions asked in the period: how many, answered within 48 h, by another network, solved, median hours."""

    asked: int
    answered: int
    within_48_hours: int
    by_another_network: int
    solved: int
    median_hours: float | None
    answerers: int  # distinct advisers who gave a first answer


@dataclass(frozen=True)
class Raw:
    """The raw figures of a period. Never leaves analytics; no template knows it."""

    themes: list[tuple[str, str, RawCell]]  # slug, label, cell
    whole: RawCell
    topics: int
    questions: Questions
    families: list[RawGroup]


def moments(starts_on: date, ends_on: date) -> tuple[datetime, datetime]:
    """The period in stored time: from its first midnight in Paris to the one after its last day."""
    first = datetime.combine(starts_on, time(), PARIS).astimezone(UTC).replace(tzinfo=None)
    after = datetime.combine(ends_on + timedelta(days=1), time(), PARIS).astimezone(UTC).replace(tzinfo=None)
    return first, after


def gather(starts_on: date, ends_on: date) -> Raw:
    """Everything the digest of a period may rest on."""
    first, after = moments(starts_on, ends_on)
    by_theme: dict[tuple[int, str, str], _Tally] = defaultdict(_Tally)
    whole = _Tally()
    for post in _posts(first, after):
        whole.add(post)
    for post in _posts_by_theme(first, after):
        by_theme[post.position, post.slug, post.label].add(post)
    everything = system_read("themes, also those nobody wrote about").rows(
        select(Theme.position, Theme.slug, Theme.label)
    )
    for theme in everything:
        by_theme[theme.position, theme.slug, theme.label]  # an empty theme looks like any withheld one
    return Raw(
        themes=[(slug, label, tally.cell()) for (_, slug, label), tally in sorted(by_theme.items())],
        whole=whole.cell(),
        topics=_topics(first, after),
        questions=_questions(first, after),
        families=_families(first, after),
    )


class _Tally:
    def __init__(self) -> None:
        self.posts: Counter[int] = Counter()
        self.families: set[str] = set()

    def add(self, post: SealedRow) -> None:
        self.posts[post.author_id] += 1
        if post.family is not None:
            self.families.add(post.family)

    def cell(self) -> RawCell:
        return RawCell(
            advisers=len(self.posts),
            networks=len(self.families),
            posts=self.posts.total(),
            most_by_one=max(self.posts.values(), default=0),
        )


def _by_peers(first: datetime, after: datetime) -> list:  # type: ignore[type-arg]
    return [
        Section.audience == PEERS,
        Topic.hidden_at.is_(None),
        Post.hidden_at.is_(None),
        Post.created_at >= first,
        Post.created_at < after,
    ]


def _posts(first: datetime, after: datetime) -> Iterable[SealedRow]:
    posts = (
        select(Post.author_id, Network.family)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .join(Member, Member.id == Post.author_id)
        .outerjoin(Network, Network.id == Member.network_id)
        .where(*_by_peers(first, after))
    )
    return system_read("posts of the period, to be counted").rows(posts)


def _posts_by_theme(first: datetime, after: datetime) -> Iterable[SealedRow]:
    posts = (
        select(Post.author_id, Network.family, Theme.position, Theme.slug, Theme.label)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .join(TopicTheme, TopicTheme.topic_id == Topic.id)
        .join(Theme, Theme.id == TopicTheme.theme_id)
        .join(Member, Member.id == Post.author_id)
        .outerjoin(Network, Network.id == Member.network_id)
        .where(*_by_peers(first, after))
    )
    return system_read("posts of the period by theme, to be counted").rows(posts)


def _topics(first: datetime, after: datetime) -> int:
    topics = (
        select(func.count().label("topics"))
        .select_from(Topic)
        .join(Section, Section.id == Topic.section_id)
        .where(
            Section.audience == PEERS, Topic.hidden_at.is_(None), Topic.created_at >= first, Topic.created_at < after
        )
    )
    row = system_read("topics of the period, to be counted").first(topics)
    return row.topics if row else 0


def _questions(first: datetime, after: datetime) -> Questions:
    asker, answer, answerer = Member.__table__.alias(), Post.__table__.alias(), Member.__table__.alias()
    asked_in, answered_in = Network.__table__.alias(), Network.__table__.alias()
    rows = system_read("delays of the period's questions").rows(
        select(
            Topic.created_at,
            Topic.first_answer_at,
            Topic.solved_at,
            answer.c.author_id,
            asked_in.c.family.label("asked_in"),
            answered_in.c.family.label("answered_in"),
        )
        .join(Section, Section.id == Topic.section_id)
        .join(asker, asker.c.id == Topic.author_id)
        .outerjoin(asked_in, asked_in.c.id == asker.c.network_id)
        .outerjoin(answer, answer.c.id == Topic.first_answer_id)
        .outerjoin(answerer, answerer.c.id == answer.c.author_id)
        .outerjoin(answered_in, answered_in.c.id == answerer.c.network_id)
        .where(
            Section.audience == PEERS,
            Topic.kind == "question",
            Topic.hidden_at.is_(None),
            Topic.created_at >= first,
            Topic.created_at < after,
        )
    )
    questions = list(rows)
    delays = [(q.first_answer_at - q.created_at).total_seconds() / 3600 for q in questions if q.first_answer_at]
    answered = [q for q in questions if q.first_answer_at]
    return Questions(
        asked=len(questions),
        answered=len(answered),
        within_48_hours=sum(delay <= 48 for delay in delays),
        by_another_network=sum(q.asked_in != q.answered_in for q in answered),
        solved=sum(q.solved_at is not None for q in questions),
        median_hours=median(delays) if delays else None,
        answerers=len({q.author_id for q in answered}),
    )


def _families(first: datetime, after: datetime) -> list[RawGroup]:
    joined = and_(Member.standing == "adviser", Member.state != "closed", Member.joined_at < after)
    registered = system_read("members of each network, to be counted").rows(
        select(Network.family_name, func.count().label("members"))
        .join(Member, Member.network_id == Network.id)
        .where(joined)
        .group_by(Network.family_name)
    )
    contributing = {
        row.family_name: row.members
        for row in system_read("contributors of each network, to be counted").rows(
            select(Network.family_name, func.count(func.distinct(Post.author_id)).label("members"))
            .select_from(Post)
            .join(Topic, Topic.id == Post.topic_id)
            .join(Section, Section.id == Topic.section_id)
            .join(Member, Member.id == Post.author_id)
            .join(Network, Network.id == Member.network_id)
            .where(joined, *_by_peers(first, after))
            .group_by(Network.family_name)
        )
    }
    return [RawGroup((row.family_name,), row.members, contributing.get(row.family_name, 0)) for row in registered]
