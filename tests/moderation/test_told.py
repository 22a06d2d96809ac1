"""Every act by virtue of a role is in the journal and told to whom it concerns; what one does to one's own is told to
nobody."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from comcep.accounts.models import GroupMember, Member, Network
from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from comcep.moderation.acts import ACTS
from comcep.moderation.statements import KINDS
from tests.community import Person, Site
from tests.moderation.deciding import STATEMENT, decision, first_post, lines, read, told


class Scene:
    """A question to the hors pairs with an answer, an animator, and who asked."""

    def __init__(self, site: Site) -> None:
        self.site, self.lise, self.maud = site, site.animator(), site.adviser("Maud")
        self.topic = self.maud.asks("Titre zqtitrezq", "Texte zqtextezq", section="hors-pairs")
        self.question = first_post(self.maud, self.topic)
        self.answer = site.adviser("Ines", "pole-emploi").answers(self.topic, "Une réponse")

    def of_topic(self, what: str, **fields: str) -> Callable[[Person], int]:
        return lambda by: by.post(f"/sujets/{self.topic}/{what}", **fields).status_code

    def of_question(self, what: str, **fields: str) -> Callable[[Person], int]:
        return lambda by: by.post(f"/messages/{self.question}/{what}", **fields).status_code

    def themes(self, by: Person) -> int:
        fields = {"topics": str(self.topic), "themes": "ingenierie-financiere"}
        return by.post("/animation/themes", **fields).status_code


# What is done to Maud's question: the act and the one before it, the journal's word, what Maud is told.
DONE = {
    "hide": ("hidden", lambda on: [on.of_question("masquage", reason="Motif dit")]),
    "show-again": (
        "shown",
        lambda on: [on.of_question("masquage", reason="Motif dit"), on.of_question("masquage", undo="1")],
    ),
    "edit": (
        "edited",
        lambda on: [on.of_question("modifier", title="Autre", body="Autre", version="1", reason="Motif dit")],
    ),
    "close": ("closed", lambda on: [on.of_topic("fermeture", reason="Motif dit")]),
    "open-again": ("opened", lambda on: [on.of_topic("fermeture", reason="Motif dit"), on.of_topic("fermeture", undo="1")]),
    "pin": ("pinned", lambda on: [on.of_topic("epingle")]),
    "unpin": ("unpinned", lambda on: [on.of_topic("epingle"), on.of_topic("epingle", undo="1")]),
    "relay": ("relayed", lambda on: [on.of_topic("relais")]),
    "unrelay": ("unrelayed", lambda on: [on.of_topic("relais"), on.of_topic("relais", undo="1")]),
    "solve": ("solved", lambda on: [on.of_topic("resolution", post=str(on.answer))]),
    "reopen-question": (
        "reopened",
        lambda on: [on.of_topic("resolution", post=str(on.answer)), on.of_topic("resolution", reopen="1")],
    ),
    "still-waits": ("waiting", lambda on: [on.of_topic("resolution", waits="1")]),
    "move": ("moved", lambda on: [on.of_topic("deplacement", section="pairs", reason="Motif dit")]),
    "set-themes": ("themed", lambda on: [on.themes]),
}  # fmt: skip


@pytest.mark.parametrize("kind", DONE)
def test_each_act_on_anothers_topic_is_written_down_and_told_to_its_author(site: Site, kind: str) -> None:
    scene = Scene(site)
    says, acts = DONE[kind]

    for act in acts(scene):
        assert act(scene.lise) == 302

    assert lines(site)[-1][0] == kind
    assert told(site, scene.maud)[-1] == says
    site.works()
    page = read(scene.maud, "/notifications")
    link = re.findall(r"/notifications/\d{15}", page)[0]
    assert str(KINDS[says].says) in read(scene.maud, link)


@pytest.mark.parametrize("kind", sorted(set(DONE) - {"edit", "still-waits", "move"}))
def test_an_act_done_twice_is_one_line_and_told_once(lite: Site, kind: str) -> None:
    scene = Scene(lite)
    for act in DONE[kind][1](scene):
        act(scene.lise)
    before = (lines(lite), told(lite, scene.maud))

    if kind != "set-themes":  # said again, the same themes are set again: by whom is what is kept
        DONE[kind][1](scene)[-1](scene.lise)

    assert (lines(lite), told(lite, scene.maud)) == before


@pytest.mark.parametrize("kind", sorted(set(DONE) - {"edit", "solve", "reopen-question", "still-waits"}))
def test_what_an_animator_does_to_their_own_is_in_the_journal_and_told_to_nobody(lite: Site, kind: str) -> None:
    scene = Scene(lite)
    scene.topic = scene.lise.asks("Titre", "Texte", section="hors-pairs")
    scene.question = first_post(scene.lise, scene.topic)

    for act in DONE[kind][1](scene):
        assert act(scene.lise) == 302

    assert lines(lite)[-1][0] == kind
    assert told(lite, scene.lise) == []


@pytest.mark.parametrize("kind", ["solve", "reopen-question", "still-waits"])
def test_who_asked_solves_and_reopens_by_no_role(lite: Site, kind: str) -> None:
    scene = Scene(lite)

    for act in DONE[kind][1](scene):
        assert act(scene.maud) == 302

    assert lines(lite) == []
    assert told(lite, scene.maud) == []


@pytest.mark.parametrize("kind", DONE)
def test_who_is_no_animator_does_none_of_it_and_leaves_no_line(lite: Site, kind: str) -> None:
    scene = Scene(lite)

    statuses = {act(lite.people["Ines"]) for act in DONE[kind][1](scene)}

    assert statuses <= {403, 404}
    assert lines(lite) == []
    assert told(lite, scene.maud) == []


def test_restrictions_are_mailed_with_no_word_of_anything_and_the_rest_is_not(lite: Site) -> None:
    mailed, quiet = [], []
    for kind, said in KINDS.items():
        (mailed if said.is_mailed else quiet).append(kind)
    assert {kind for kind, said in KINDS.items() if said.restricts} <= set(mailed)
    scene = Scene(lite)
    for kind in ("pin", "relay", "set-themes", "solve"):
        DONE[kind][1](scene)[-1](scene.lise)
    lite.works()
    before = len(scene.maud.mails())
    assert "décision" not in "".join(scene.maud.mails())

    DONE["close"][1](scene)[-1](scene.lise)
    lite.works()

    [mail] = scene.maud.mails()[before:]
    assert STATEMENT.search(mail)
    assert "zqtitrezq" not in mail
    assert "Motif dit" not in mail
    assert "Lise" not in mail


def test_closing_takes_a_reason(lite: Site) -> None:
    scene = Scene(lite)

    assert scene.lise.post(f"/sujets/{scene.topic}/fermeture", reason=" ").status_code == 422
    assert lines(lite) == []
    assert scene.maud.answers(scene.topic, "Toujours ouvert")


def test_a_statement_names_the_message_and_shows_it(site: Site) -> None:
    scene = Scene(site)
    scene.lise.post(f"/messages/{scene.question}/masquage", reason="Motif dit")

    page = read(scene.maud, decision(site, scene.maud))

    assert "zqtitrezq" in page
    assert "zqtextezq" in page
    assert f"/messages/{scene.question}" not in page, "hidden: the link would lead nowhere"


def test_a_statement_on_a_reply_names_the_topic_only_while_its_author_may_see_it(lite: Site) -> None:
    lise = lite.person("Deux", is_animator=True, in_group=True)
    ines = lite.adviser("Ines", in_group=True)
    topic = lite.adviser("Maud", in_group=True).asks("Titre zqtitrezq", section="groupe")
    answer = ines.answers(topic, "Ma réponse zqmienzq")
    lise.post(f"/messages/{answer}/modifier", body="Corrigée", version="1", reason="Motif dit")
    statement = decision(lite, ines)
    assert "zqtitrezq" in read(ines, statement)
    assert f"/messages/{answer}" in read(ines, statement)

    with lite.app.app_context():
        db.session.execute(GroupMember.__table__.delete().where(GroupMember.member_id == ines.member_id))
        db.session.commit()

    page = read(ines, statement)
    assert "zqtitrezq" not in page
    assert f"/messages/{answer}" not in page
    assert "zqmienzq" in page, "their own words are theirs"


def request_to(site: Site, network: str) -> str:
    asker = site.person("Zoe", "none")
    with site.app.app_context():
        key = db.session.scalar(select(Network.id).where(Network.slug == network))
        request = MembershipRequest(member_id=asker.member_id, network_id=key, asks_as="adviser")
        db.session.add(request)
        db.session.commit()
        return f"/demandes/{request.public_id}/decision"


@pytest.mark.parametrize(("answer", "kind"), [("accept", "accept-request"), ("refuse", "refuse-request")])
def test_a_referents_decision_is_in_the_journal_without_name_or_reason(site: Site, answer: str, kind: str) -> None:
    nadia, lise = site.hors_pair("Nadia", referent_of="fongecif"), site.animator()
    address = request_to(site, "fongecif")

    for _ in range(2):  # the second finds it decided
        nadia.post(address, decision=answer, reason="Inconnue dans nos effectifs.")

    assert lines(site) == [(kind, "")]
    page = read(lise, "/animation/journal").split("<tbody>")[1]
    assert str(ACTS[kind]) in page
    assert "Zoe" not in page
    site.works()
    assert "Inconnue" in site.people["Zoe"].mails()[-1] or answer == "accept"


def test_a_suspended_member_is_told_why_by_mail_and_told_when_it_ends(site: Site) -> None:
    admin, maud, lise = site.person("Admin", "none", is_admin=True), site.adviser("Maud"), site.animator()
    address = f"/administration/comptes/{maud.public_id}/etat"

    assert "Écrivez le motif" in admin.post(address, state="suspended", reason=" ").text
    with site.app.app_context():
        assert db.session.scalar(select(Member.state).where(Member.id == maud.member_id)) == "active"
    for _ in range(2):
        admin.post(address, state="suspended", reason="Compte prêté à un tiers.")
    site.works()
    [mail] = maud.mails()
    assert "Compte prêté à un tiers." in mail
    for _ in range(2):
        admin.post(address, state="active")
    site.works()

    assert "rétabli" in maud.mails()[-1]
    assert len(maud.mails()) == 2
    assert lines(site) == [("account-suspended", "Compte prêté à un tiers."), ("account-active", "")]
    assert "compte suspendu" in read(lise, "/animation/journal")


def test_the_administrator_reads_of_the_journal_only_time_kind_and_hash(lite: Site) -> None:
    scene, admin = Scene(lite), lite.person("Admin", "none", is_admin=True)
    scene.lise.post(f"/sujets/{scene.topic}/fermeture", reason="Motif dit")

    page = read(admin, "/administration")
    assert "fermé" in page
    for words in ("Motif dit", "Lise", "zqtitrezq", str(scene.topic)):
        assert words not in page
    assert admin.get("/animation/journal").status_code == 404


def test_who_nominated_a_national_theme_is_told_of_each_decision(site: Site) -> None:
    from comcep.analytics.models import NationalTheme

    paul, lise = site.hors_pair("Paul", is_committee=True), site.animator()
    paul.post("/thematiques", title="Le CPF zqthemezq", reason="Parce que zqraisonzq")
    with site.app.app_context():
        number = db.session.scalar(select(NationalTheme.public_id))

    lise.post(f"/thematiques/{number}/etat", step="accepted", outcome="Une fiche zqfichezq")
    site.works()

    [mail] = paul.mails()
    assert "/thematiques" in mail
    assert "zq" not in mail
    assert lines(site) == [("decide-national-theme", "")]


def test_a_digest_leaves_a_line_when_it_is_begun_and_when_its_words_change(lite: Site) -> None:
    lise = lite.animator()
    draft = lise.post("/animation/syntheses", starts_on="2026-01-01", ends_on="2026-04-30").location
    lise.post(draft, title="Titre zqtitrezq", words="Mots zqmotszq", version="1")

    assert lines(lite) == [("draft-digest", ""), ("write-digest", "")]
    assert "zq" not in read(lise, "/animation/journal").split("<tbody>")[1]


def test_a_name_revealed_to_one_animator_is_revealed_anew_to_another(lite: Site) -> None:
    """Asking again is told once; by somebody else, or of another message, it is another act."""
    maud, lise, paul = lite.adviser("Maud"), lite.animator(), lite.animator("Paul")
    topic = maud.asks("Sans mon nom", anonymous="1")
    first, second = (maud.answers(topic, text, anonymous="1") for text in ("Un", "Deux"))

    def reveals(person: Person, post: int) -> list[str]:
        person.post(f"/messages/{post}/auteur", reason="Motif")
        return [kind for kind, _reason in lines(lite) if kind == "reveal"]

    counts = [
        len(reveals(person, post)) for person, post in ((lise, first), (lise, first), (paul, first), (paul, first))
    ]
    assert counts == [1, 1, 2, 2]
    assert len(reveals(lise, second)) == 3
    assert told(lite, maud).count("revealed") == 3
