"""Places given and taken from the command line: what is said of each, whom it touches, and what stays as it was."""

import pytest
from sqlalchemy import select

from comcep.accounts.models import GroupMember, Member, Network, Referent
from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from comcep.moderation.models import JournalEntry
from tests.commands.test_members import does, kinds, run, told
from tests.community import Site

MAUD, NADIA = "maud@essai.example", "nadia@essai.example"
GROUP = "Groupe des essais"
NOTHING = "Rien n'a changé."


@pytest.mark.parametrize(
    ("command", "says", "undo", "undone"),
    [
        (("grant", MAUD, "admin"), "est dans l'administration technique",
         ("withdraw", MAUD, "admin", "--yes"), "n'est plus dans l'administration technique"),
        (("grant", MAUD, "animator"), "est dans l'animation",
         ("withdraw", MAUD, "animator", "--yes"), "n'est plus dans l'animation"),
        (("add-referent", MAUD, "apec"), "répond aux demandes de apec",
         ("remove-referent", MAUD, "apec", "--yes"), "n'est plus référent·e de apec"),
        (("join-group", MAUD, GROUP), "est du groupe", ("leave-group", MAUD, GROUP), "n'est plus du groupe"),
    ],
)  # fmt: skip
def test_a_place_given_and_taken_is_said_once_each(
    lite: Site, command: tuple[str, ...], says: str, undo: tuple[str, ...], undone: str
) -> None:
    maud = lite.adviser("Maud")

    for act, words in ((command, says), (undo, undone)):
        output = does(lite, *act)
        assert "C'est fait" in output
        assert words in output
        assert NOTHING in does(lite, *act)

    assert len(kinds(lite)) == 2
    assert len(told(lite, maud)) == 2


def test_ending_a_membership_is_said(lite: Site) -> None:
    lite.adviser("Maud")

    assert "C'est fait" in does(lite, "end-membership", MAUD, "--reason", "Partie.")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("grant", "agnes@essai.example", "animator"), "L'animation se choisit parmi les conseillers"),
        (("grant", MAUD, "committee"), "Le comité opérationnel se compose de hors pairs"),
        (("join-group", "agnes@essai.example", GROUP), "Un groupe réunit des conseillers"),
        (("grant", "close@essai.example", "admin"), "Ce compte est suspendu ou fermé"),
        (("join-group", "close@essai.example", GROUP), "Ce compte est suspendu ou fermé"),
        (("add-referent", "close@essai.example", "apec"), "Ce compte est suspendu ou fermé"),
        (("grant", "vague@essai.example", "admin"), "n'est pas encore confirmée"),
        (("join-group", "vague@essai.example", GROUP), "n'est pas encore confirmée"),
        (("add-referent", "vague@essai.example", "apec"), "n'est pas encore confirmée"),
        (("withdraw", "seule@essai.example", "admin"), "C'est la dernière personne de l'administration technique."),
        (("withdraw", "seule@essai.example", "animator"), "C'est la dernière personne de l'animation."),
        (("remove-referent", "seule@essai.example", "apec"), "Personne d'autre ne répond aux demandes de "),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_with_its_own_reason(lite: Site, command: tuple[str, ...], why: str) -> None:
    lite.adviser("Maud")
    lite.hors_pair("Agnes")
    lite.adviser("Close", state="closed")
    vague = lite.adviser("Vague")
    lite.adviser("Seule", is_admin=True, is_animator=True, referent_of="apec")
    with lite.app.app_context():
        db.session.get_one(Member, vague.member_id).address_confirmed_at = None
        db.session.commit()

    code, output = run(lite, *command)

    assert code == 1
    assert why in output
    assert NOTHING in output
    assert kinds(lite) == []


@pytest.mark.parametrize("role", ["admin", "animator"])
def test_one_of_two_is_withdrawn_without_insisting(lite: Site, role: str) -> None:
    for name in ("Maud", "Ines"):
        lite.adviser(name, **{f"is_{role}": True})

    assert "C'est fait" in does(lite, "withdraw", MAUD, role)


def test_the_last_of_the_committee_leaves_without_insisting(lite: Site) -> None:
    lite.hors_pair("Nadia", is_committee=True)

    assert "C'est fait" in does(lite, "withdraw", NADIA, "committee")


def test_a_referent_of_another_network_does_not_answer_for_this_one(lite: Site) -> None:
    lite.hors_pair("Nadia", referent_of="apec")
    lite.hors_pair("Autre", referent_of="fongecif")

    assert run(lite, "remove-referent", NADIA, "apec")[0] == 1
    lite.hors_pair("Seconde", referent_of="apec")
    assert "C'est fait" in does(lite, "remove-referent", NADIA, "apec")

    with lite.app.app_context():
        left = set(db.session.scalars(select(Referent.member_id)))
    assert left == {lite.people["Autre"].member_id, lite.people["Seconde"].member_id}


def test_a_place_among_referents_names_its_network_to_the_person_and_in_the_journal(lite: Site) -> None:
    nadia = lite.hors_pair("Nadia")
    with lite.app.app_context():
        name = db.session.scalar(select(Network.name).where(Network.slug == "apec")) or "?"

    does(lite, "add-referent", NADIA, "apec")
    does(lite, "remove-referent", NADIA, "apec", "--yes")

    assert all(name in mail for mail in told(lite, nadia))
    with lite.app.app_context():
        held = [tuple(row) for row in db.session.execute(select(JournalEntry.detail, JournalEntry.subject_type))]
        assert held == [("apec", "member")] * 2
        assert set(db.session.scalars(select(JournalEntry.subject_public_id))) == {nadia.public_id}
        assert set(db.session.scalars(select(JournalEntry.actor_id))) == {None}


def test_a_new_referent_hears_of_requests_that_waited_for_nobody(lite: Site) -> None:
    asker, nadia = lite.person("Zoe", "none"), lite.hors_pair("Nadia")
    with lite.app.app_context():
        apec = db.session.scalar(select(Network.id).where(Network.slug == "apec"))
        db.session.add(MembershipRequest(member_id=asker.member_id, network_id=apec, asks_as="adviser"))
        db.session.commit()
    lite.works()
    assert nadia.mails() == []

    does(lite, "add-referent", NADIA, "apec")
    lite.works()

    assert any("Une inscription attend votre réponse" in mail for mail in nadia.mails())


def test_joining_and_leaving_a_group_touch_one_person_and_one_group(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    for person, group in ((MAUD, GROUP), (MAUD, "Autre groupe"), ("ines@essai.example", GROUP)):
        assert "C'est fait" in does(lite, "join-group", person, group)
    assert GROUP in told(lite, maud)[0]

    does(lite, "leave-group", MAUD, GROUP)

    assert GROUP in told(lite, maud)[-1]
    assert maud.get("/rubriques/groupe").status_code == 404
    assert ines.get("/rubriques/groupe").status_code == 200
    with lite.app.app_context():
        members = list(db.session.scalars(select(GroupMember.member_id)))
    assert sorted(members) == sorted([maud.member_id, ines.member_id])


def test_an_ended_membership_ends_every_place_that_rests_on_it_and_no_other(lite: Site) -> None:
    lite.hors_pair("Nadia", is_committee=True, is_admin=True, referent_of="apec")
    ines = lite.adviser("Ines", in_group=True)
    lite.adviser("Maud", in_group=True)

    does(lite, "end-membership", NADIA, "--reason", "Partie.")
    does(lite, "end-membership", MAUD, "--reason", "Partie.")

    assert kinds(lite) == ["withdraw-committee", "end-membership", "leave-group", "end-membership"]
    with lite.app.app_context():
        nadia = db.session.scalars(select(Member).where(Member.email == NADIA)).one()
        assert (nadia.standing, nadia.is_committee, nadia.is_admin) == ("none", False, True)
        assert db.session.scalar(select(Referent.member_id)) == nadia.id
        assert list(db.session.scalars(select(GroupMember.member_id))) == [ines.member_id]
