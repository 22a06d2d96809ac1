"""The animators' desk, panel by panel: what stands in each, since when, and what does not; the pages of the journal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from comcep.accounts.models import Member, Network
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.membership.models import MembershipRequest
from comcep.moderation import journal, reading
from comcep.moderation.journal import Act
from comcep.moderation.models import Statement
from tests.community import Person, Site
from tests.moderation.deciding import read


def panel(animator: Person, heading: str) -> str:
    """A panel of the desk, by the id of its heading."""
    return read(animator, "/animation").split(f' id="{heading}"')[1].split("</section>")[0]


def asked(person: Person, title: str, hours: float = 49, **fields: str) -> int:
    """A question asked so many hours ago."""
    topic = person.asks(title, **fields)
    with person.site.app.app_context():
        moment = now() - timedelta(hours=hours)
        db.session.execute(update(Topic).where(Topic.public_id == topic).values(created_at=moment))
        db.session.commit()
    return topic


def stored(site: Site, *rows: Any) -> None:
    with site.app.app_context():
        db.session.add_all(rows)
        db.session.commit()


# Questions without an answer.


@pytest.mark.parametrize(
    ("hours", "panels"), [(23.5, set()), (24.5, {"h24"}), (47.5, {"h24"}), (48.5, {"h48"}), (500, {"h48"})]
)
def test_a_question_without_an_answer_stands_under_how_long_it_waits(
    lite: Site, hours: float, panels: set[str]
) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")

    topic = asked(maud, "Titre zqtitrezq", hours)

    shown = {heading: panel(lise, heading) for heading in ("h24", "h48")}
    assert {heading for heading, words in shown.items() if "zqtitrezq" in words} == panels
    for heading in panels:
        assert f"/sujets/{topic}" in shown[heading]
        assert "Rubrique pairs" in shown[heading]


def test_what_waits_for_no_answer_is_not_late(lite: Site) -> None:
    lise, maud, ines = lite.animator(), lite.adviser("Maud", in_group=True), lite.adviser("Ines")
    asked(maud, "Elle attend")
    answered, solved = asked(maud, "Elle a une réponse"), asked(maud, "Elle est résolue")
    for topic in (answered, solved):
        answer = ines.answers(topic, "Une réponse")
    maud.solves(solved, answer)
    hidden = asked(maud, "Elle est masquée")
    with lite.app.app_context():
        first = db.session.get_one(Post, lite.topic(hidden).first_post_id).public_id
    lise.post(f"/messages/{first}/masquage", reason="Motif")
    asked(maud, "Elle est du groupe", section="groupe")
    asked(maud, "Une discussion", kind="discussion")

    late = panel(lise, "h48")

    assert "Elle attend" in late
    for title in ("Elle a une réponse", "Elle est résolue", "Elle est masquée", "Elle est du groupe", "Une discussion"):
        assert title not in late


def test_the_desk_shows_the_twenty_questions_that_wait_longest(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    for number in range(21):
        asked(maud, f"Question {number:02}", hours=50 + number)

    late = panel(lise, "h48")

    assert late.count("<li>") == 20
    assert "20+" in late
    assert "Question 00" not in late, "the youngest"
    assert late.index("Question 20") < late.index("Question 19") < late.index("Question 01")


# Messages published despite a warning.

WARNED = "Appelez le 06 12 34 56 78"


def test_a_message_published_despite_a_warning_waits_until_it_is_checked_or_hidden(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud", in_group=True)
    topic = maud.asks("Sujet averti")
    messages = [maud.answers(topic, f"Message {number}. {WARNED}", confirm="1") for number in range(3)]
    harmless = maud.answers(topic, "Un message sans rien")
    unseen = maud.answers(maud.asks("Sujet du groupe", section="groupe"), WARNED, confirm="1")

    lise.post(f"/messages/{messages[0]}/verification")
    lise.post(f"/messages/{messages[1]}/masquage", reason="Motif")

    warned = panel(lise, "alertes")
    assert f"/messages/{messages[2]}" in warned
    assert "Sujet averti" in warned
    for other in (*messages[:2], harmless, unseen):
        assert f"/messages/{other}" not in warned


def test_a_message_of_a_hidden_topic_does_not_wait_to_be_checked(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    topic = maud.asks("Sujet averti")
    maud.answers(topic, WARNED, confirm="1")
    with lite.app.app_context():
        first = db.session.get_one(Post, lite.topic(topic).first_post_id).public_id

    lise.post(f"/messages/{first}/masquage", reason="Motif")

    assert "Sujet averti" not in panel(lise, "alertes")


def test_checking_a_message_says_so_and_leads_back_to_the_desk(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    message = maud.answers(maud.asks("Sujet averti"), WARNED, confirm="1")

    answer = lise.post(f"/messages/{message}/verification")

    assert answer.location == "/animation"
    page = read(lise, "/animation")
    assert "Message vérifié." in page
    assert "Sujet averti" not in page.split(' id="alertes"')[1].split("</section>")[0]


def test_the_desk_shows_the_twenty_oldest_messages_to_be_checked(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    first = maud.answers(maud.asks("Sujet averti"), WARNED, confirm="1")
    with lite.app.app_context():
        of = {"topic_id": lite.post(first).topic_id, "author_id": maud.member_id, "source": "", "html": ""}
        db.session.add_all(Post(despite_warning=True, **of) for _ in range(20))
        db.session.commit()

    warned = panel(lise, "alertes")

    assert warned.count("<li>") == 20
    assert f"/messages/{first}" in warned.split("</li>")[0]


# Decisions that their author contests.


def test_the_desk_shows_the_twenty_contests_that_wait_longest(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    message = maud.answers(maud.asks("Sujet"), "Message")
    with lite.app.app_context():
        post = lite.post(message).id
    told = {"member_id": maud.member_id, "post_id": post, "kind": "hidden", "reason": "Motif"}
    since = {number: now() - timedelta(days=number) for number in range(1, 22)}
    stored(lite, *(Statement(contest=f"Dit {days:02}.", contested_at=at, **told) for days, at in since.items()))
    stored(lite, Statement(contest="Pas contesté.", **told))
    stored(lite, Statement(contest="Répondu.", contested_at=since[21], answered_at=now(), **told))

    contested = panel(lise, "contestes")

    assert contested.count("<li>") == 20
    assert "Dit 01." not in contested, "the youngest"
    assert contested.index("Dit 21.") < contested.index("Dit 20.") < contested.index("Dit 02.")
    assert "contesté." not in contested
    assert "Répondu." not in contested


# Who came lately.


def member(name: str, **what: Any) -> Member:
    held = {"standing": "adviser", "joined_at": now() - timedelta(days=1), "address_confirmed_at": now(), **what}
    return Member(email=f"{name}@essai.example", name=name, password_hash="x", session_key=name, **held)


def test_advisers_of_the_last_two_weeks_are_to_be_welcomed(lite: Site) -> None:
    lise = lite.animator()
    stored(
        lite,
        member("Hier"),
        member("Avant-avant", joined_at=now() - timedelta(days=13, hours=12)),
        member("Ancienne", joined_at=now() - timedelta(days=14, hours=12)),
        member("Suspendue", state="suspended"),
        member("Partenaire", standing="hors_pair"),
        member("Demandeur", standing="none"),
    )

    newcomers = panel(lise, "nouveaux")

    assert newcomers.index("Hier") < newcomers.index("Avant-avant")
    assert newcomers.count("<li>") == 3, "with Lise, of the missions locales"
    assert 'Lise Essai</a> <span class="badge">Missions locales</span>' in newcomers
    for name in ("Ancienne", "Suspendue", "Partenaire", "Demandeur"):
        assert name not in newcomers


def test_the_desk_shows_the_twenty_who_came_last(lite: Site) -> None:
    lise = lite.animator()
    stored(lite, *(member(f"Membre {hours:02}", joined_at=now() - timedelta(hours=hours)) for hours in range(1, 22)))

    newcomers = panel(lise, "nouveaux")

    assert newcomers.count("<li>") == 20
    assert "Membre 21" not in newcomers


# Requests that wait.


def test_requests_that_wait_for_more_than_three_days_are_counted_by_network_without_a_name(lite: Site) -> None:
    lise = lite.animator()
    with lite.app.app_context():
        networks = {each.slug: each for each in db.session.query(Network)}

        def asks(name: str, network: str, days: float, **what: Any) -> None:
            asker = member(name, standing="none", joined_at=None, **what.pop("of", {}))
            since = now() - timedelta(days=days)
            request = MembershipRequest(
                member=asker, network=networks[network], asks_as="adviser", created_at=since, **what
            )
            db.session.add(request)

        names = {slug: each.name for slug, each in networks.items()}
        asks("Une", "apec", 3.5)
        asks("Deux", "apec", 4)
        asks("Trois", "fongecif", 5)
        asks("Jeune", "missions-locales", 2.5)
        asks("Acceptée", "missions-locales", 5, state="accepted")
        asks("Sans adresse", "missions-locales", 5, of={"address_confirmed_at": None})
        db.session.commit()

    waiting = panel(lise, "demandes")

    assert f'<b>{names["apec"]}</b> <span class="small">2 demandes' in waiting
    assert f'<b>{names["fongecif"]}</b> <span class="small">1 demande,' in waiting
    assert waiting.count("<li>") == 2
    for name in ("Une<", "Deux", "Trois", names["missions-locales"]):
        assert name not in waiting


# The journal's pages.


def test_the_journal_shows_fifty_lines_a_page_the_newest_first(lite: Site) -> None:
    lise = lite.animator()
    with lite.app.app_context():
        for number in range(51):
            journal.record(lise.viewer, Act("pin", "topic", 123456789012345, reason=f"Motif {number:02}"))
        db.session.commit()

    first, second = (read(lise, f"/animation/journal?page={page}") for page in (1, 2))

    assert first.count("<tr data-act=") == 50
    assert first.index("Motif 50") < first.index("Motif 49") < first.index("Motif 01")
    assert second.count("<tr data-act=") == 1
    assert "Motif 00" in second
    assert "page=2" in first


def test_a_line_says_who_acted_on_what_and_where(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    message = maud.answers(maud.asks("Sujet"), "Message")
    lise.post(f"/messages/{message}/masquage", reason="Motif zqmotifzq")

    line = read(lise, "/animation/journal").split('<tr data-act="hide">')[1].split("</tr>")[0]

    for words in ("Lise Essai", f"/messages/{message}", "Rubrique pairs", "zqmotifzq"):
        assert words in line


def test_an_animator_reads_the_lines_of_sections_they_see_and_those_of_none(lite: Site) -> None:
    lise, inside = lite.animator(), lite.person("Dedans", is_animator=True, in_group=True)
    with lite.app.app_context():
        group = db.session.query(Section).filter_by(slug="groupe").one().id
        journal.record(lise.viewer, Act("pin", "topic", 1, section_id=group, reason="Dans le groupe"))
        journal.record(lise.viewer, Act("add-theme", "theme", 2, reason="Nulle part"))
        db.session.commit()

    assert "Nulle part" in read(lise, "/animation/journal")
    assert "Dans le groupe" not in read(lise, "/animation/journal")
    assert "Dans le groupe" in read(inside, "/animation/journal")


def test_an_empty_journal_has_one_page(lite: Site) -> None:
    with lite.app.app_context():
        assert reading.count(reading.bare_journal_lines()) == 0

    assert "les actes de l'animation s'inscriront ici" in read(lite.animator(), "/animation/journal")
