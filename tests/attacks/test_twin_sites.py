"""Two sites where the same was done, and only the author of what is published without name differs: nobody but the
authors themselves reads anything that tells one site from the other.

Dates and random numbers are made alike; everything else of an answer counts. Published figures of a digest count
people by contract, behind noise: tests/attacks/test_digest_attacks.py attacks those.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from comcep.accounts.models import Member
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from comcep.moderation.models import Statement
from comcep.notify.models import Notification
from tests.community import Person, Site, seen
from tests.conftest import build_app, close

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # an example takes seconds
CANDIDATES = ("Aline", "Berthe")  # who may have written what bears no name


@dataclass(frozen=True)
class Step:
    """An act: its kind, the topic it is done to, and who does it in either twin when it bears no name."""

    kind: str
    topic: int
    writers: tuple[str, str]


kinds = st.sampled_from(
    ["asks", "asks", "replies", "replies", "named reply", "peer replies", "solves", "reopens", "waits", "hides", "shows",
     "moves", "moves back", "closes", "edits", "follows", "reads"]
)  # fmt: skip
writers = st.tuples(st.sampled_from(CANDIDATES), st.sampled_from(CANDIDATES))
steps = st.lists(st.builds(Step, kind=kinds, topic=st.integers(0, 3), writers=writers), min_size=3, max_size=14)


class Twin:
    """One of the two sites; which of the pair of writers it takes is its number."""

    def __init__(self, folder: Path, number: int, plan: list[Step]) -> None:
        self.number = number
        self.site = Site(build_app("sqlite", folder / str(number)))
        self.site.open()
        self.writers = {
            "Aline": self.site.adviser("Aline", "apec", region="53", in_group=True),
            "Berthe": self.site.adviser("Berthe", "fongecif"),
        }
        self.readers = {
            "anonymous": self.site.anonymous(),
            "peer": self.site.adviser("Chloe", "pole-emploi"),
            "groupmate": self.site.adviser("Dora", in_group=True),
            "animator": self.site.person("Lise", is_animator=True, in_group=True),
            "hors pair": self.site.hors_pair("Agnes"),
            "committee": self.site.hors_pair("Come", is_committee=True),
            "referent": self.site.person("Remi", "none", referent_of="apec"),
            "admin": self.site.person("Ada", "none", is_admin=True),
        }
        self.topics: list[int] = []
        self.askers: list[Person] = []
        self._do(Step("asks", 0, ("Aline", "Berthe")))
        self._do(Step("replies", 0, ("Aline", "Aline")))
        for step in plan:
            self._do(step)
        self.site.works()

    def _do(self, step: Step) -> None:
        writer = self.writers[step.writers[self.number]]
        if step.kind == "asks":
            section = "hors-pairs" if len(self.topics) % 3 == 2 else "pairs"
            self.topics.append(writer.asks(f"Question {len(self.topics)} de VAE", section=section, anonymous="1"))
            self.askers.append(writer)
            return
        topic, asker = self.topics[step.topic % len(self.topics)], self.askers[step.topic % len(self.topics)]
        _ACTS[step.kind](self, topic, asker, writer)

    def last_post(self, topic: int) -> int:
        with self.site.app.app_context():
            last = select(Post.public_id).join(Topic, Topic.id == Post.topic_id).where(Topic.public_id == topic)
            return db.session.scalars(last.order_by(Post.id.desc())).first() or 0

    def who_wrote_last(self, topic: int) -> Person:
        """Only they may edit it: the same act in both twins, whoever they are."""
        people = {person.member_id: person for person in [*self.writers.values(), *self.readers.values()]}
        with self.site.app.app_context():
            author = select(Post.author_id).where(Post.public_id == self.last_post(topic))
            return people[db.session.scalars(author).one()]


def _moves(twin: Twin, topic: int, _asker: Person, _writer: Person) -> None:
    twin.readers["animator"].post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")


_ACTS = {
    "replies": lambda twin, topic, asker, writer: writer.post(
        f"/sujets/{topic}/messages", body="Sans nom : une piste de financement", anonymous="1"
    ),
    "named reply": lambda twin, topic, asker, writer: twin.writers["Berthe"].post(
        f"/sujets/{topic}/messages", body="Un avis, sous mon nom si je peux"
    ) if not _has_been_unnamed(twin, topic) else None,
    "peer replies": lambda twin, topic, asker, writer: twin.readers["peer"].post(
        f"/sujets/{topic}/messages", body="Une réponse de pair"
    ),
    "solves": lambda twin, topic, asker, writer: asker.solves(topic, twin.last_post(topic)),
    "reopens": lambda twin, topic, asker, writer: asker.post(f"/sujets/{topic}/resolution", reopen="1"),
    "waits": lambda twin, topic, asker, writer: asker.post(f"/sujets/{topic}/resolution", waits="1"),
    "hides": lambda twin, topic, asker, writer: twin.readers["animator"].post(
        f"/messages/{twin.last_post(topic)}/masquage", reason="Motif"
    ),
    "shows": lambda twin, topic, asker, writer: twin.readers["animator"].post(
        f"/messages/{twin.last_post(topic)}/masquage", undo="1"
    ),
    "moves": _moves,
    "moves back": lambda twin, topic, asker, writer: twin.readers["animator"].post(
        f"/sujets/{topic}/deplacement", undo="1"
    ),
    "closes": lambda twin, topic, asker, writer: twin.readers["animator"].post(
        f"/sujets/{topic}/fermeture", reason="Motif"
    ),
    "edits": lambda twin, topic, asker, writer: twin.who_wrote_last(topic).post(
        f"/messages/{twin.last_post(topic)}/modifier", title="Question reprise", body="Texte repris", version="1"
    ),
    "follows": lambda twin, topic, asker, writer: twin.readers["peer"].post(f"/sujets/{topic}/suivi"),
    "reads": lambda twin, topic, asker, writer: twin.readers["peer"].get(f"/sujets/{topic}", follow_redirects=True),
}  # fmt: skip


def _has_been_unnamed(twin: Twin, topic: int) -> bool:
    """Whether one of the two has written there without name in either twin: then what they write is no named act."""
    with twin.site.app.app_context():
        unnamed = select(Post.id).join(Topic, Topic.id == Post.topic_id)
        return db.session.scalar(unnamed.where(Topic.public_id == topic, Post.anonymous).limit(1)) is not None


def addresses(twin: Twin) -> list[str]:
    fixed = ["/", "/rubriques", "/rubriques/pairs", "/rubriques/pairs?filtre=ouvert", "/rubriques/pairs?filtre=repondu",
             "/rubriques/pairs?filtre=resolu", "/rubriques/pairs?tri=creation", "/rubriques/hors-pairs",
             "/rubriques/animateurs", "/rubriques/groupe", "/actifs", "/sans-reponse", "/non-lus", "/membres",
             "/membres?nom=aline", "/membres?reseau=apec", "/membres?region=53", "/notifications", "/animation",
             "/animation/journal", "/demandes", "/comite", "/animation/syntheses", "/administration", "/recherches",
             "/recherche?q=question+vae", "/recherche?q=question&etat=open", "/recherche?q=question&etat=answered",
             "/recherche?q=question&reseau=apec", "/recherche?q=question&region=53", "/recherche?q=auteur:Aline",
             "/recherche?q=auteur:Berthe", "/recherche?q=piste+financement"]  # fmt: skip
    members = [f"/membres/{writer.public_id}" for writer in twin.writers.values()]
    return fixed + members + [f"/sujets/{topic}" for topic in twin.topics]


def numbers(twin: Twin) -> dict[str, str]:
    """What each random number of a site stands for."""
    found = {}
    with twin.site.app.app_context():
        for model in (Member, Topic, Post, Statement, Notification):
            for rank, row in enumerate(db.session.execute(select(model.public_id).order_by(model.id))):
                found[str(row.public_id)] = f"{model.__name__}-{rank}"
    return found


def alike(text: str, known: dict[str, str]) -> str:
    """A text without what chance and the clock put into it."""
    text = re.sub(
        r"<time.*?</time>|\b[0-9a-f]{12,64}\b|name=\"submission\" value=\"[^\"]*\"|-token=\"[^\"]*\"", "", text
    )
    text = re.sub(r"\d{2}/\d{2}/\d{4}|\d{1,2} h \d{2}|il y a [^<]*|à l’instant|à l'instant", "", text)
    return re.sub(r"\b\d{15}\b", lambda number: known.get(number[0], "number"), text)


def reads(twin: Twin, reader: str) -> dict[str, str]:
    """Everything a reader is answered, and is mailed."""
    person, known = twin.readers[reader], numbers(twin)
    answers = {}
    for address in addresses(twin):
        answer = person.get(address, follow_redirects=True)
        answers[alike(address, known)] = f"{answer.status_code} {alike(seen(answer), known)}"
    if person.member_id is not None:
        answers["mails"] = alike("\n".join(person.mails()), known)
    return answers


def check(plan: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        twins = [Twin(Path(folder), number, plan) for number in (0, 1)]
        for reader in twins[0].readers:
            one, other = (reads(twin, reader) for twin in twins)
            for address in one:
                assert one[address] == other[address], f"{reader} tells the twins apart at {address}"
        for twin in twins:
            close(twin.site.app)


@pytest.mark.timeout(300)
@settings(max_examples=3, phases=WITHOUT_SHRINKING, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_nobody_tells_who_wrote_what_bears_no_name(plan: list[Step]) -> None:
    check(plan)


@pytest.mark.long
@pytest.mark.timeout(2400)
@settings(max_examples=40, phases=WITHOUT_SHRINKING, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_nobody_tells_who_wrote_what_bears_no_name_at_length(plan: list[Step]) -> None:
    check(plan)
