"""The property behind rule 1: whatever the community, no channel shows a viewer anything outside what they may see.

The reference below is written apart from access/, in a few lines; the communities are generated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from comcep.extensions import db
from comcep.moderation.models import Statement
from tests.community import Person, Site
from tests.conftest import build_app, close

AUDIENCES = {
    "publique": "public",
    "hors-pairs": "members",
    "pairs": "peers",
    "groupe": "group",
    "animateurs": "animators",
}
SEES = {  # the table of product.md, by hand
    "anonymous": {"public"},
    "asker": {"public"},
    "admin": {"public"},
    "referent": {"public"},
    "hors_pair": {"public", "members"},
    "committee": {"public", "members"},
    "adviser": {"public", "members", "peers"},
    "groupmate": {"public", "members", "peers", "group"},
    "animator": {"public", "members", "peers", "animators"},
}


# Where what was written is shown; elsewhere (directory, desk, referent's list) a member's name has its place.
WRITTEN_IN = (
    "/rubriques",
    "/sujets",
    "/actifs",
    "/sans-reponse",
    "/non-lus",
    "/notifications",
    "/recherche",
    "search",
    "/animation/contestations",
    "/animation/journal",
)


@dataclass(frozen=True)
class Written:
    """One topic of a generated community: where, with how many replies, hidden or not, without a name or not."""

    section: str
    replies: int
    topic_is_hidden: bool
    reply_is_hidden: bool
    without_name: bool
    moves_to: str | None


topics = st.builds(
    Written,
    section=st.sampled_from(sorted(AUDIENCES)),
    replies=st.integers(0, 2),
    topic_is_hidden=st.booleans(),
    reply_is_hidden=st.booleans(),
    without_name=st.booleans(),
    moves_to=st.sampled_from([None, None, "animateurs", "groupe"]),
)


@dataclass
class Planted:
    """A word that stands in one place only, and who may meet it."""

    word: str
    audience: str
    is_hidden: bool

    def may_be_met_by(self, kind: str) -> bool:
        if self.audience not in SEES[kind]:
            return False
        return not self.is_hidden or kind == "animator"


class Generated:
    """A community as generated: its people, what was planted, the ids of its topics."""

    def __init__(self, site: Site, plan: list[Written]) -> None:
        self.site = site
        self.people = {
            "anonymous": site.anonymous(),
            "asker": site.person("Demandeur", "none"),
            "admin": site.person("Admin", "none", is_admin=True),
            "referent": site.person("Referente", "none", referent_of="fongecif"),
            "hors_pair": site.hors_pair("Hors"),
            "committee": site.hors_pair("Comite", is_committee=True),
            "adviser": site.adviser("Pair", "pole-emploi"),
            "groupmate": site.adviser("Membre", in_group=True),
            "animator": site.animator(),
        }
        self.writer = site.person("Auteur", "adviser", is_animator=True, in_group=True)
        self.nameless = site.person("Sansnom", "adviser", network="apec", in_group=True)
        self.planted: list[Planted] = []
        self.topics: list[tuple[int, Planted]] = []
        for number, written in enumerate(plan):
            self._write(number, written)
        site.works()
        self.decisions = list(self._contested())
        site.works()

    def _contested(self) -> Iterator[int]:
        """The decisions on what was written without a name, each contested by its author."""
        with self.site.app.app_context():
            own = select(Statement.public_id).where(Statement.member_id == self.nameless.member_id)
            decisions = list(db.session.scalars(own))
        for decision in decisions:
            self.nameless.post(f"/decisions/{decision}/contestation", reason="Contesté sans nom")
            yield decision

    def _write(self, number: int, written: Written) -> None:
        without_name = written.without_name and AUDIENCES[written.section] in ("peers", "members")
        author = self.nameless if without_name else self.writer
        animator = self.writer
        word = f"zq{number}sujet"
        topic = author.asks(f"Titre {word}", f"Corps {word}", written.section, anonymous="1" if without_name else "")
        replies = [
            author.answers(topic, f"Réponse zq{number}rep{reply}", anonymous="1" if without_name else "")
            for reply in range(written.replies)
        ]
        audience = AUDIENCES[written.section]
        width = {"animators": 0, "group": 0, "peers": 1, "members": 2, "public": 3}
        if written.moves_to and width[AUDIENCES[written.moves_to]] <= width[audience]:
            answer = animator.post(f"/sujets/{topic}/deplacement", section=written.moves_to, reason="Motif")
            audience = AUDIENCES[written.moves_to] if answer.status_code == 302 else audience
        if written.topic_is_hidden:
            page = animator.get(f"/sujets/{topic}", follow_redirects=True).text
            first = re.findall(r'data-post-id="(\d+)"', page)[0]
            animator.post(f"/messages/{first}/masquage", reason="Motif")
        if written.reply_is_hidden and replies:
            animator.post(f"/messages/{replies[0]}/masquage", reason="Motif")
        self.topics.append((topic, Planted(word, audience, written.topic_is_hidden)))
        self.planted.append(self.topics[-1][1])
        for reply in range(written.replies):
            is_hidden = written.topic_is_hidden or (written.reply_is_hidden and reply == 0)
            self.planted.append(Planted(f"zq{number}rep{reply}", audience, is_hidden))


def channels(generated: Generated, person: Person) -> Iterator[tuple[str, str]]:
    """Everything that answers a viewer: the address, and the whole answer, headers too."""
    addresses = ["/", "/rubriques", "/actifs", "/sans-reponse", "/non-lus", "/membres", "/notifications", "/compte",
                 "/comite", "/animation", "/animation/journal", "/animation/syntheses", "/demandes", "/administration",
                 "/sante", "/ma-demande", "/poser", "/boite-de-demo", "/recherches",
                 "/animation/recherches", "/recherche?q=titre+corps+reponse", "/recherche?q=titre&tri=recents",
                 "/recherche?q=auteur:Sansnom", "/recherche?q=auteur:Auteur", "/recherche?q=réseau:apec",
                 "/recherche?q=titre&reseau=apec", "/recherche?q=rubrique:a", "/recherche?q=état:open",
                 "/recherche?q=intitul%C3%A9+du+texte"]  # fmt: skip
    addresses += [f"/rubriques/{slug}" for slug in AUDIENCES]
    addresses += [f"/membres/{writer.public_id}" for writer in (generated.writer, generated.nameless)]
    for decision in generated.decisions:
        addresses += [f"/decisions/{decision}", f"/animation/contestations/{decision}"]
    for topic, _ in generated.topics:
        addresses += [f"/sujets/{topic}", f"/sujets/{topic}-autre-titre"]
    for address in addresses:
        answer = person.get(address, follow_redirects=True)
        history = "".join(str(step.headers) for step in (*answer.history, answer))
        yield address, history + (without_echo(answer.text) if "auteur:" in address else answer.text)
    typed = [("/recherche/proches", {"title": "titre corps"}), ("/poser/themes", {"title": "titre corps reponse"})]
    for path, fields in [*typed, *(("/recherche/propositions", {"q": begun}) for begun in ("ti", "zq"))]:
        answer = person.post(path, **fields)
        yield f"{path} {fields}", f"{answer.headers}{answer.text}"
    for planted in generated.planted:  # the word asked for comes back in the form: what counts is what is found
        answer = person.get("/recherche", query_string={"q": planted.word})
        yield f"search {planted.word}", without_echo(answer.text)


def without_echo(page: str) -> str:
    """A page of results without the reader's own words, which come back in the form and in addresses."""
    return re.sub(r'value="[^"]*"|<title>.*?</title>|href="/(?:poser|recherche)\?[^"]*"|\?page=[^"]*"', "", page)


def counts(person: Person) -> dict[str, tuple[int, int]]:
    """Topics and posts of each section line on the index."""
    line = re.compile(r'data-section="([^"]+)".*?<b>(\d+)</b>.*?<b>(\d+)</b>', re.DOTALL)
    return {slug: (int(topics), int(posts)) for slug, topics, posts in line.findall(person.get("/rubriques").text)}


def check(plan: list[Written]) -> None:
    with TemporaryDirectory() as folder:
        app = build_app("sqlite", Path(folder) / "data", EMBEDDINGS="here")
        site = Site(app)
        site.open()
        generated = Generated(site, plan)
        for kind, person in generated.people.items():
            _check_words(generated, kind, person)
            _check_counts(generated, kind, person)
        close(app)


def _check_words(generated: Generated, kind: str, person: Person) -> None:
    unseen = {planted.word for planted in generated.planted if not planted.may_be_met_by(kind)}
    for address, answer in channels(generated, person):
        met = {word for word in unseen if word in answer}
        assert not met, f"{kind} meets {met} at {address}"
        if address.startswith(WRITTEN_IN):
            assert "Sansnom" not in answer, f"{kind} reads the hidden name at {address}"
    for topic, planted in generated.topics:
        status = person.get(f"/sujets/{topic}", follow_redirects=True).status_code
        assert status == (200 if planted.may_be_met_by(kind) else 404), (kind, planted)
        if planted.may_be_met_by(kind) and not planted.is_hidden:
            assert topic in person.searches(planted.word), f"{kind} does not find {planted.word}"


def _check_counts(generated: Generated, kind: str, person: Person) -> None:
    shown = counts(person)
    by_slug = {audience: slug for slug, audience in AUDIENCES.items()}
    for audience, slug in by_slug.items():
        if audience not in SEES[kind]:
            assert slug not in shown
            continue
        topics = [planted for _, planted in generated.topics if planted.audience == audience and not planted.is_hidden]
        posts = [planted for planted in generated.planted if planted.audience == audience and not planted.is_hidden]
        assert shown[slug] == (len(topics), len(posts)), (kind, slug)
    listed = set(re.findall(r'data-posts="(\d+)"', person.get(f"/membres/{generated.nameless.public_id}").text))
    assert listed <= {"0"}, "posts without a name count towards nobody"


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(topics, min_size=2, max_size=4))
def test_no_channel_shows_what_a_viewer_may_not_see(plan: list[Written]) -> None:
    check(plan)


@pytest.mark.long
@pytest.mark.timeout(2400)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(topics, min_size=1, max_size=7))
def test_no_channel_shows_what_a_viewer_may_not_see_at_length(plan: list[Written]) -> None:
    check(plan)
