"""The register of leaks that happened elsewhere: one named test each for the channels that exist here.

Channels that do not exist here yet, and so have no test: 4 (filters on full text), 6 (reactions, badges), 8 (system
messages in threads), 10 (following themes), 11 (feeds), 13 and 25 (attachments), 16 (directory sorted by activity),
21 (machine interfaces and shared links), 24 (quotes by moderators), 26 (JSON behind a page: there is none). Each gets
its test with the feature that brings it.
"""

import re

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import GroupMember, Member
from comcep.extensions import db
from comcep.forum.models import Topic
from tests.community import Person, Site, seen

SECRET = "zqsecretzq"


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines", "pole-emploi")


@pytest.fixture
def agnes(lite: Site) -> Person:
    return lite.hors_pair()


def test_leak_1_the_last_post_of_a_hidden_section_names_nobody_on_the_index(
    lite: Site, maud: Person, agnes: Person
) -> None:
    maud.asks(f"Titre {SECRET}")

    assert SECRET not in agnes.get("/rubriques").text
    assert SECRET not in lite.anonymous().get("/rubriques").text


def test_leak_2_search_has_no_query_of_its_own(lite: Site, maud: Person, agnes: Person) -> None:
    maud.asks(f"Titre {SECRET}")
    lite.works()

    assert agnes.searches(SECRET) == []
    assert maud.searches(SECRET) != []


def test_leak_3_totals_leave_out_what_one_cannot_see(lite: Site, maud: Person, agnes: Person) -> None:
    before = agnes.get("/").text + agnes.get("/rubriques").text
    maud.asks("Un sujet de plus entre pairs")
    after = agnes.get("/").text + agnes.get("/rubriques").text

    numbers = re.compile(r"<b>(\d+)</b>|les (\d+) sujets")
    assert numbers.findall(before) == numbers.findall(after)


def test_leak_5_ones_own_past_in_a_section_now_closed_to_one_is_not_named(lite: Site) -> None:
    person = lite.adviser("Ancienne", in_group=True)
    person.asks(f"Titre {SECRET}", section="groupe")
    with lite.app.app_context():
        db.session.execute(GroupMember.__table__.delete())
        db.session.commit()

    assert SECRET not in person.get(f"/membres/{person.public_id}").text
    assert 'data-posts="0"' in person.get(f"/membres/{person.public_id}").text


def test_leak_7_the_journal_holds_no_title_and_hides_sections_one_cannot_see(lite: Site) -> None:
    lise, both = lite.animator(), lite.person("Deux", is_animator=True, in_group=True)
    topic = both.asks(f"Titre {SECRET}", section="groupe")
    both.post(f"/sujets/{topic}/fermeture", reason=f"Motif {SECRET}")

    assert SECRET not in lise.get("/animation/journal").text
    assert f"Motif {SECRET}" in both.get("/animation/journal").text
    assert f"Titre {SECRET}" not in both.get("/animation/journal").text
    assert SECRET not in lite.person("Admin", "none", is_admin=True).get("/administration").text


@pytest.mark.parametrize("how", ["left the group", "topic moved", "suspended"])
def test_leak_9_a_notification_does_not_outlive_access(lite: Site, how: str) -> None:
    asker = lite.adviser("Demandeuse", in_group=True)
    other = lite.person("Autre", is_animator=True, in_group=True)
    topic = asker.asks(f"Titre {SECRET}", section="groupe" if how == "left the group" else "pairs")
    other.answers(topic, "Réponse")
    lite.works()
    assert SECRET in asker.get("/notifications").text
    link = re.findall(r"/notifications/\d{15}", asker.get("/notifications").text)[0]

    if how == "left the group":
        with lite.app.app_context():
            db.session.execute(GroupMember.__table__.delete().where(GroupMember.member_id == asker.member_id))
            db.session.commit()
    elif how == "topic moved":
        other.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="Motif")
    else:
        with lite.app.app_context():
            db.session.execute(update(Member).where(Member.id == asker.member_id).values(state="suspended"))
            db.session.commit()

    assert SECRET not in asker.get("/notifications").text
    assert asker.get(link, follow_redirects=True).status_code == 404
    assert "notification à lire" not in asker.get("/").text


def test_leak_9_a_mail_written_before_access_ended_is_not_sent_after(lite: Site, maud: Person, ines: Person) -> None:
    from comcep.notify import notifying, sending

    topic = maud.asks("Sujet")
    ines.answers(topic, "Réponse")
    with lite.app.app_context():
        notifying.announce_posts()
        db.session.execute(update(Member).where(Member.id == maud.member_id).values(standing="hors_pair"))
        db.session.commit()
        sending.send_due_mails()

    assert maud.mails() == []


def test_leak_12_a_topic_listed_nowhere_is_not_open_by_its_number(lite: Site, maud: Person, agnes: Person) -> None:
    topic = maud.asks("Sujet de pairs")

    assert agnes.get(f"/sujets/{topic}").status_code == 404
    assert agnes.post(f"/sujets/{topic}/messages", body="x").status_code == 404
    assert agnes.post(f"/sujets/{topic}/suivi").status_code == 404


def test_leak_14_another_members_reading_state_shows_nowhere(maud: Person, ines: Person) -> None:
    topic = maud.asks("Sujet")
    maud.get("/")
    before = seen(maud.get(f"/membres/{ines.public_id}"))
    ines.get(f"/sujets/{topic}", follow_redirects=True)
    ines.post(f"/sujets/{topic}/suivi")

    assert seen(maud.get(f"/membres/{ines.public_id}")) == before


def test_leak_15_posts_in_unseen_topics_are_not_counted_on_a_profile(maud: Person, agnes: Person) -> None:
    maud.asks("Sujet de pairs")
    maud.asks("Sujet ouvert", "Autre texte", section="hors-pairs")

    assert 'data-posts="1"' in agnes.get(f"/membres/{maud.public_id}").text
    assert 'data-posts="2"' in maud.get(f"/membres/{maud.public_id}").text


def test_leak_17_who_exists_is_not_told_to_strangers(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    assert stranger.get(f"/membres/{maud.public_id}").status_code == 404
    known = seen(stranger.post("/mot-de-passe", email="maud@essai.example"))
    unknown = seen(stranger.post("/mot-de-passe", email="personne@essai.example"))
    assert known.replace("maud@", "personne@") == unknown


def join_form(email: str) -> dict[str, str]:
    return {"name": "Prénom Nom", "email": email, "network": "fongecif", "region": "27",
            "position": "adviser"}  # fmt: skip


def test_leak_17_signing_up_with_a_known_address_says_the_same_and_warns_its_owner(lite: Site, maud: Person) -> None:
    stranger = lite.anonymous()
    known = stranger.post("/rejoindre", **join_form("maud@essai.example"))
    unknown = stranger.post("/rejoindre", **join_form("inconnue@essai.example"))
    lite.works()

    assert known.status_code == unknown.status_code == 200
    assert seen(known).replace("maud@", "inconnue@") == seen(unknown)
    assert "déjà un compte" in maud.mails()[-1]


def test_leak_18_hidden_and_absent_answer_alike(lite: Site, maud: Person, agnes: Person) -> None:
    topic = maud.asks("Sujet de pairs")
    for person in (agnes, lite.anonymous()):
        hidden, absent = person.get(f"/sujets/{topic}"), person.get("/sujets/123456789012345")
        assert hidden.status_code == absent.status_code == 404
        assert seen(hidden).replace(str(topic), "123456789012345") == seen(absent)
        hidden, absent = person.get("/rubriques/pairs"), person.get("/rubriques/absente")
        assert seen(hidden).replace("pairs", "absente") == seen(absent).replace("pairs", "absente")


def test_leak_19_the_name_of_a_closed_group_shows_to_its_members_only(lite: Site, maud: Person) -> None:
    member = lite.adviser("Membre", in_group=True)

    assert "Rubrique groupe" in member.get("/rubriques").text
    for address in ("/rubriques", "/poser", f"/membres/{member.public_id}", "/"):
        assert "Rubrique groupe" not in maud.get(address).text


def test_leak_20_the_desk_shows_an_animator_only_sections_they_see(lite: Site) -> None:
    lise, member = lite.animator(), lite.adviser("Membre", in_group=True)
    form = {"body": "Tél. 06 12 34 56 78", "confirm": "1"}
    member.asks(f"Titre {SECRET}", section="groupe", **form)
    with lite.app.app_context():
        from datetime import timedelta

        from comcep.clock import now

        db.session.execute(update(Topic).values(created_at=now() - timedelta(hours=60)))
        db.session.commit()

    assert SECRET not in lise.get("/animation").text


def test_leak_22_no_notification_or_mail_names_who_wrote_without_a_name(lite: Site, maud: Person) -> None:
    nameless = lite.adviser("Sansnom")
    topic = maud.asks("Sujet")
    nameless.answers(topic, "Réponse", anonymous="1")
    lite.works()

    assert "Sansnom" not in maud.get("/notifications").text + "".join(maud.mails())


def test_leak_23_a_post_cannot_become_anonymous_after_its_mail_has_gone(lite: Site, maud: Person) -> None:
    topic = maud.asks("Sujet")
    with lite.app.app_context():
        from comcep.forum.models import Post

        post = db.session.scalar(select(Post.public_id))
    maud.post(f"/messages/{post}/modifier", title="Sujet", body="Corrigé", version="1", anonymous="1")

    assert "Maud Essai" in maud.get(f"/sujets/{topic}", follow_redirects=True).text


def test_leak_27_the_author_without_a_name_is_told_of_nothing_that_sets_them_apart(lite: Site, maud: Person) -> None:
    """Nobody sees whom others follow or what they are told: the list of the told exists on no page."""
    nameless = lite.adviser("Sansnom")
    topic = nameless.asks("Question sans nom", anonymous="1")
    maud.answers(topic, "Réponse")
    lite.works()

    page = maud.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Sansnom" not in page
    assert str(nameless.public_id) not in page
    assert "Conseiller·ère" in page


def test_whoever_wrote_once_without_a_name_stays_so_in_that_topic(lite: Site, maud: Person) -> None:
    nameless = lite.adviser("Sansnom", "apec")
    topic = nameless.asks("Question sans nom", anonymous="1")
    nameless.answers(topic, "Une précision, case oubliée")

    page = maud.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Sansnom" not in page
    assert "Apec" not in page.split("<main")[1]
    assert "Apec" not in maud.get("/rubriques/pairs").text.split("<main")[1]


def test_a_name_is_revealed_only_for_a_reason_told_to_the_author(lite: Site) -> None:
    lise, nameless = lite.animator(), lite.adviser("Sansnom")
    topic = nameless.asks("Question sans nom", anonymous="1")
    page = lise.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Sansnom" not in page
    post = re.findall(r'data-post-id="(\d+)"', page)[0]

    assert lise.post(f"/messages/{post}/auteur", reason=" ").status_code == 422
    assert "Sansnom" in lise.post(f"/messages/{post}/auteur", reason="Menace de passage à l'acte.").text
    lite.works()
    assert "anonymat levé" in lise.get("/animation/journal").text
    link = re.findall(r"/decisions/\d{15}", nameless.mails()[-1])[0]
    assert "passage à l" in nameless.get(link, follow_redirects=True).text
    assert "Sansnom" not in lise.get(f"/sujets/{topic}", follow_redirects=True).text


def test_a_topic_never_moves_to_a_wider_audience(lite: Site, maud: Person) -> None:
    lise = lite.animator()
    topic = maud.asks("Entre pairs")

    assert lise.post(f"/sujets/{topic}/deplacement", section="hors-pairs", reason="Motif").status_code == 409
    assert lise.post(f"/sujets/{topic}/deplacement", section="publique", reason="Motif").status_code == 409


def test_between_a_move_and_the_sweep_search_tells_nothing(lite: Site, maud: Person) -> None:
    lise, agnes = lite.animator(), lite.hors_pair()
    topic = maud.asks(f"Titre {SECRET}", section="hors-pairs")
    lite.works()
    assert agnes.searches(SECRET) == [topic]

    lise.post(f"/sujets/{topic}/deplacement", section="pairs", reason="Motif")

    page = agnes.get(f"/recherche?q={SECRET}").text
    assert agnes.searches(SECRET) == []
    assert "data-total" not in page


def test_a_database_error_in_a_log_holds_no_word_of_a_post(lite: Site, maud: Person) -> None:
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    from comcep.forum.models import Post

    with lite.app.app_context(), pytest.raises(IntegrityError) as caught:
        db.session.execute(insert(Post).values(topic_id=None, author_id=None, source=SECRET, html=SECRET))

    assert SECRET not in str(caught.value)
