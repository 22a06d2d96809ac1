"""The community of January 2017, invented people and words on real figures: 319 members, 97 topics, 518 posts.

Everything is drawn from a fixed seed, so that two loads give the same community but for random ids.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

import click
from sqlalchemy import select, update

from comcep.accounts import passwords
from comcep.accounts.models import GroupMember, Member, Network, Referent, Region
from comcep.commands import reference
from comcep.extensions import db
from comcep.forum import counting
from comcep.forum.models import Post, Section, Theme, Topic, TopicFollow, TopicTheme
from comcep.text import markdown
from comcep.text.cleaning import slug

PRINTED_ON = datetime(2017, 1, 16, 18, 0)
OPENED_ON = datetime(2016, 3, 4, 8, 0)
PILOT_GROUP = 24  # report, L977
VOICES = {
    "Les échanges de pratiques": "dossier",
    "Se professionnaliser dans le métier": "communaute",
    "Les outils du CEP": "outils",
    "Échanges hors pairs": "horspairs",
    "Les événements en régions": "outils",
}
SECTION_OF_THEME = {
    "posture-et-entretien": "le-premier-entretien",
    "niveaux-et-tracage": "l-accueil-du-beneficiaire",
    "relais-entre-operateurs": "le-suivi-du-parcours-du-beneficiaire",
    "indemnisation": "le-suivi-du-parcours-du-beneficiaire",
    "recours-et-mediation": "le-suivi-du-parcours-du-beneficiaire",
    "freins-peripheriques": "apres-le-premier-entretien",
    "projet-reconversion-creation": "apres-le-premier-entretien",
    "outils-du-conseiller": "je-partage-mes-outils",
    "professionnalisation": "comment-je-me-professionnalise",
}
OF_INTERVIEWS = {"posture-et-entretien", "niveaux-et-tracage", "projet-reconversion-creation", "outils-du-conseiller"}


def largest_remainder(weights: list[float], total: int) -> list[int]:
    """Whole parts of a total in proportion to weights; the largest remainders are rounded up, the first one on a
    tie."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


@dataclass
class Said:
    """Something somebody wrote at some moment."""

    author: Member
    words: str
    at: datetime


@dataclass
class Thread:
    """A topic to be written: where, what kind, its theme, and its posts, the question first."""

    section: Section
    kind: str
    title: str
    theme: str
    posts: list[Said]
    is_solved: bool = False


class Community:
    """The January community as it is being built: one source of chance, one clock, the people made so far."""

    def __init__(self, newest: datetime = PRINTED_ON) -> None:
        self.chance = random.Random(20170116)
        self.newest = newest  # the moment that stands for the printed date
        self.printed = reference.toml("january-2017.toml")
        self.fragments = reference.toml("replies.toml")
        self.networks = {network.slug: network for network in db.session.scalars(select(Network))}
        self.regions = {region.code: region for region in db.session.scalars(select(Region))}
        self.themes = {theme.slug: theme for theme in db.session.scalars(select(Theme))}
        self.advisers: list[Member] = []
        self.others: list[Member] = []
        self.animators: list[Member] = []
        self.threads: list[Thread] = []
        self.said: set[str] = set()
        self._password = passwords.hash_password(random.SystemRandom().randbytes(16).hex())
        self._names = self._invented_names()
        self._family: dict[int | None, str] = {network.id: network.family for network in self.networks.values()}

    def load_people(self) -> None:
        """282 advisers by network, 37 others, two animators among the advisers, the pilot group."""
        region_of = self.regions_in_turn()
        for row in reference.table("networks.tsv"):
            for _ in range(int(row["january_advisers"])):
                self.advisers.append(self.person(self.networks[row["slug"]], region_of(), "adviser"))
        self.chance.shuffle(self.advisers)
        for code in self.printed["hors_pairs"]["carif_oref_regions"]:
            self.others.append(self.person(self.networks["carif-oref"], self.regions[code], "hors_pair"))
        for _ in range(self.printed["hors_pairs"]["tetes-de-reseau"]):
            self.others.append(self.person(self.networks["tetes-de-reseau"], region_of(), "hors_pair"))
        self.animators = self.advisers[:2]
        for member in self.animators:
            member.is_animator = True
        heads = self.others[self.printed["hors_pairs"]["carif-oref"] :]
        for member in heads[:8]:
            member.is_committee = True
        db.session.flush()
        self._name_referents(heads[8:])
        self._fill_pilot_group()

    def person(self, network: Network, region: Region, standing: str) -> Member:
        """Somebody new, who joined on a day between the opening and the printed date."""
        name = next(self._names)
        joined = OPENED_ON + (PRINTED_ON - OPENED_ON) * self.chance.random() ** 0.6
        member = Member(
            email=f"{slug(name).replace('-', '.')}@{network.slug}.example",
            name=name,
            password_hash=self._password,
            session_key=passwords.new_session_key(),
            network=network,
            region=region,
            standing=standing,
            is_demo=True,
            created_at=self.shifted(joined),
            joined_at=self.shifted(joined),
            address_confirmed_at=self.shifted(joined),
        )
        db.session.add(member)
        return member

    def _invented_names(self) -> Iterator[str]:
        names = reference.toml("names.toml")
        families = names["family"][:]
        taken: set[str] = set()
        for family in cycle(families):
            name = f"{self.chance.choice(names['given'])} {family}"
            if name not in taken:
                taken.add(name)
                yield name

    def regions_in_turn(self) -> Callable[[], Region]:
        """A function that gives a region by chance, those of the mainland more often."""
        regions = list(self.regions.values())
        weights = [1 if region.code.startswith("0") else 4 for region in regions]
        return lambda: self.chance.choices(regions, weights)[0]

    def _name_referents(self, heads: list[Member]) -> None:
        """A referent for each network; those of one family share theirs."""
        families = list(dict.fromkeys(network.family for network in self.networks.values()))
        for family, member in zip(families, heads, strict=False):
            for network in self.networks.values():
                if network.family == family:
                    db.session.add(Referent(member_id=member.id, network_id=network.id))

    def _fill_pilot_group(self) -> None:
        group = db.session.scalar(select(Section.group_id).where(Section.audience == "group"))
        for member in self.advisers[:PILOT_GROUP]:
            db.session.add(GroupMember(group_id=group, member_id=member.id))

    def plan_topics(self) -> None:
        """Plan 97 topics and 518 posts, by the printed shares of each category, then by the weights of its sections."""
        categories = [category for category in self.printed["category"] if category["topics_percent"]]
        topics = largest_remainder([c["topics_percent"] for c in categories], self.printed["topics"])
        posts = largest_remainder([c["posts_percent"] for c in categories], self.printed["posts"])
        written = self._written_topics()
        for category, topics_in, posts_in in zip(categories, topics, posts, strict=True):
            for section, row, count in self._plan(category, topics_in, posts_in, written):
                self._topic(category["name"], section, row, count)

    def _written_topics(self) -> dict[str, list[dict[str, str]]]:
        written: dict[str, list[dict[str, str]]] = {}
        for row in reference.table("topics.tsv"):
            written.setdefault(row["section"], []).append(row)
        return written

    def _plan(self, category: Any, topics_in: int, posts_in: int, written: Any) -> Iterator[tuple[Section, Any, int]]:
        """Which topics, in which section, with how many posts each: one at least, the rest by weight and chance."""
        sections = category["sections"]
        by_section = largest_remainder([section["weights"][0] for section in sections], topics_in)
        planned = [
            (section, row)
            for section, count in zip(sections, by_section, strict=True)
            for row in self._first(written[section["slug"]], count)
        ]
        busy = [section["weights"][1] / section["weights"][0] * (0.4 + self.chance.random()) for section, _ in planned]
        extra = largest_remainder(busy, posts_in - topics_in)
        for (section, row), more in zip(planned, extra, strict=True):
            found = db.session.scalar(select(Section).where(Section.slug == section["slug"]))
            assert found is not None
            yield found, row, 1 + more

    def _first(self, rows: list[dict[str, str]], count: int) -> list[dict[str, str]]:
        if len(rows) < count:
            raise click.ClickException(f"seed/topics.tsv : {count} sujets attendus dans {rows[0]['section']}")
        return rows[:count]

    def _topic(self, category: str, section: Section, row: dict[str, str], posts: int) -> None:
        asked = PRINTED_ON - timedelta(days=self.chance.random() ** 1.5 * 300, hours=3)
        author = self._author(section)
        thread = Thread(
            section, row["kind"], row["title"], row["theme"], [Said(author, row["body"], self.shifted(asked))]
        )
        for at in self._moments_after(asked, posts - 1):
            words = self.reply_text(category, row["theme"])
            thread.posts.append(Said(self._answerer(section, author), words, self.shifted(at)))
        thread.is_solved = row["kind"] == "question" and posts > 2 and self.chance.random() < 0.7
        self.threads.append(thread)

    def _moments_after(self, asked: datetime, count: int) -> list[datetime]:
        """When the replies came: the first within hours, the others over weeks, none after the printed date."""
        hours = [self.chance.expovariate(1 / 9)] + [self.chance.expovariate(1 / 400) for _ in range(count)]
        left = (PRINTED_ON - asked) / timedelta(hours=1)
        within = [h if h < left else left * self.chance.random() for h in hours[:count]]
        return [asked + timedelta(hours=h) for h in sorted(within)]

    def _author(self, section: Section) -> Member:
        if section.audience in ("public", "animators"):
            return self.chance.choice(self.animators)
        if section.audience == "members":
            return self.chance.choice(self.others if section.slug == "propositions-d-outils" else self.advisers)
        return self.chance.choice(self.advisers)

    def _answerer(self, section: Section, author: Member) -> Member:
        if section.audience in ("public", "animators"):
            return self.chance.choice(self.animators)
        if section.audience == "members" and self.chance.random() < 0.6:
            return self.chance.choice(self.others)
        return self.of_another_network(author)

    def of_another_network(self, author: Member) -> Member:
        """Most answers come from another network than the question (report, L1126)."""
        member = self.chance.choice(self.advisers)
        while member is author or (
            self._family.get(member.network_id) == self._family.get(author.network_id) and self.chance.random() < 0.8
        ):
            member = self.chance.choice(self.advisers)
        return member

    def reply_text(self, category: str, theme: str) -> str:
        """A reply nobody else has written: an opening, what is said, an end."""
        voice = VOICES.get(category, "communaute")
        if category == "Les échanges de pratiques" and theme in OF_INTERVIEWS:
            voice = "entretien"
        while True:
            said = self.chance.choice(self.fragments["said"][voice])
            opening, end = self.chance.choice(self.fragments["openings"]), self.chance.choice(self.fragments["ends"])
            if opening.endswith(","):
                said = said[0].lower() + said[1:]
            text = f"{opening} {said} {end}"
            if text not in self.said:
                self.said.add(text)
                return text

    def write(self) -> None:
        """Write the threads into the database in the order in which their posts were written; the caller commits."""
        topics = {id(thread): self._write_topic(thread) for thread in sorted(self.threads, key=lambda t: t.posts[0].at)}
        ordered = sorted(
            ((said, thread) for thread in self.threads for said in thread.posts), key=lambda pair: pair[0].at
        )
        with click.progressbar(ordered, label="Messages") as bar:
            for said, thread in bar:
                self._write_post(topics[id(thread)], said)
        for thread in self.threads:
            self._settle(topics[id(thread)], thread)
        db.session.flush()
        for section_id in db.session.scalars(select(Section.id)):
            counting.recount_section(section_id)
        newest = db.session.scalar(select(Post.id).order_by(Post.id.desc()).limit(1)) or 0
        # As if everybody had last come by forty posts ago.
        db.session.execute(update(Member).values(read_floor=max(0, newest - 40)))

    def _write_topic(self, thread: Thread) -> Topic:
        topic = Topic(
            section_id=thread.section.id,
            author_id=thread.posts[0].author.id,
            kind=thread.kind,
            title=thread.title,
            slug=slug(thread.title),
            created_at=thread.posts[0].at,
        )
        db.session.add(topic)
        db.session.flush()
        db.session.add(TopicTheme(topic_id=topic.id, theme_id=self.themes[thread.theme].id))
        db.session.add(TopicFollow(member_id=topic.author_id, topic_id=topic.id, since=topic.created_at))
        return topic

    def _write_post(self, topic: Topic, said: Said) -> None:
        post = Post(
            topic_id=topic.id,
            author_id=said.author.id,
            source=said.words,
            html=markdown.render(said.words),
            rules=markdown.RULES,
            created_at=said.at,
            notified_at=said.at,  # nobody is told today of what was written then
        )
        db.session.add(post)
        db.session.flush()

    def _settle(self, topic: Topic, thread: Thread) -> None:
        """The counts, and the mark on the last reply by somebody else where the question was solved."""
        if thread.is_solved:
            last = select(Post).where(Post.topic_id == topic.id, Post.author_id != topic.author_id)
            post = db.session.scalar(last.order_by(Post.id.desc()).limit(1))
            if post is not None:
                topic.solving_post_id = post.id
                topic.solved_at = min(post.created_at + timedelta(hours=5), self.newest)
        counting.recount_topic(topic)

    def shifted(self, moment: datetime) -> datetime:
        """A moment of the printed calendar, moved so that the printed date falls on the newest one."""
        return moment + (self.newest - PRINTED_ON)
