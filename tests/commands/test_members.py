"""Opening a real site from the command line, giving and taking places, and what it refuses."""

import pytest
from sqlalchemy import select

from comcep.accounts import site as facts
from comcep.accounts.models import Member, Referent
from comcep.extensions import db
from comcep.moderation import journal
from comcep.moderation.acts import ACTS
from comcep.moderation.models import JournalEntry
from comcep.notify.joining import WORDS
from tests.community import Person, Site

CHANGED = "Votre place dans ComCEP change"


def run(site: Site, *command: str) -> tuple[int, str]:
    done = site.app.test_cli_runner().invoke(args=["members", *command])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def does(site: Site, *command: str) -> str:
    code, output = run(site, *command)
    assert code == 0, output
    return output


def kinds(site: Site) -> list[str]:
    with site.app.app_context():
        assert journal.first_broken_line() is None
        return list(db.session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id)))


def told(site: Site, person: Person) -> list[str]:
    site.works()
    return [mail for mail in person.mails() if mail.startswith(CHANGED)]


def test_a_site_opens_with_an_administrator_a_referent_and_an_animator(site: Site) -> None:
    for command in (("create", "a@x.fr", "Admin", "--admin"), ("create", "r@x.fr", "Référente", "--referent", "apec")):
        password = does(site, *command).split(": ")[-1].strip()
        person = site.anonymous()
        person.post("/connexion", email=command[1], password=password)
        assert 'data-viewer="admin"' in person.get("/").text or person.get("/demandes").status_code == 200
    site.adviser("Lise")
    does(site, "name-animator", "lise@essai.example")
    assert site.people["Lise"].get("/animation").status_code == 200
    site.works()
    assert "/mot-de-passe" in site.mails_to("r@x.fr")[0]


def test_a_role_is_given_to_more_than_one_and_withdrawn_at_once(site: Site) -> None:
    people = {
        "admin": ("adviser", "/administration"),
        "animator": ("adviser", "/animation"),
        "committee": ("hors_pair", "/comite"),
    }
    for role, (standing, page) in people.items():
        first, second = (site.person(f"{role}{number}", standing) for number in (1, 2))
        for person in (first, second):
            assert person.get(page).status_code == 404
            does(site, "grant", f"{person.name.split()[0]}@essai.example", role)
            assert person.get(page).status_code == 200
        does(site, "withdraw", f"{role}1@essai.example", role)

        assert (first.get(page).status_code, second.get(page).status_code) == (404, 200)
        assert len(told(site, first)) == 2
        assert len(told(site, second)) == 1
    assert kinds(site) == [kind for role in people for kind in (f"name-{role}", f"name-{role}", f"withdraw-{role}")]


def test_a_referent_speaks_for_several_networks_with_an_account_they_had(site: Site) -> None:
    maud = site.adviser("Maud")
    assert maud.get("/demandes").status_code == 404
    does(site, "create", "maud@essai.example", "Autre Nom", "--referent", "apec", "--referent", "fongecif")
    does(site, "add-referent", "maud@essai.example", "missions-locales")

    assert maud.get("/demandes").status_code == 200
    assert "Maud Essai" in maud.get("/compte").text
    site.hors_pair("Autre", referent_of="apec")
    does(site, "remove-referent", "maud@essai.example", "apec")
    with site.app.app_context():
        assert len(list(db.session.scalars(select(Referent).where(Referent.member_id == maud.member_id)))) == 2
    assert kinds(site) == ["name-referent"] * 3 + ["withdraw-referent"]
    assert len(told(site, maud)) == 4


def test_an_ended_membership_takes_with_it_what_rests_on_it_at_once(site: Site) -> None:
    lise, maud = site.animator(), site.animator("Maud")
    does(site, "join-group", "maud@essai.example", "Groupe des essais")
    assert maud.get("/rubriques/groupe").status_code == 200
    does(site, "end-membership", "maud@essai.example", "--reason", "A quitté son réseau.")

    assert 'data-viewer="anonymous"' in maud.get("/").text
    for page in ("/rubriques/pairs", "/rubriques/groupe", "/animation", "/membres"):
        assert maud.get(page).status_code == 404
    assert "A quitté son réseau." in told(site, maud)[-1]
    assert "A quitté son réseau." in lise.get("/animation/journal").text
    assert "Maud" not in lise.get("/membres").text
    assert kinds(site) == ["join-group", "withdraw-animator", "leave-group", "end-membership"]


def test_who_is_accepted_anew_has_no_place_of_before(site: Site) -> None:
    site.animator()
    maud = site.animator("Maud")
    does(site, "join-group", "maud@essai.example", "Groupe des essais")
    does(site, "end-membership", "maud@essai.example", "--reason", "Congé long.")
    maud.post("/ma-demande", network="apec", region="53", position="adviser")
    paul = site.hors_pair("Paul", referent_of="apec")
    paul.post(paul.get("/demandes").text.split('action="')[1].split('"')[0], decision="accept")

    assert 'data-viewer="adviser"' in maud.get("/").text
    assert maud.get("/animation").status_code == 404
    assert maud.get("/rubriques/groupe").status_code == 404


@pytest.mark.parametrize(
    "command",
    [("grant", "animator"), ("name-animator",), ("add-referent", "apec"), ("join-group", "Groupe des essais"),
     ("withdraw", "committee"), ("remove-referent", "fongecif"), ("leave-group", "Groupe des essais")],
)  # fmt: skip
def test_the_same_said_twice_changes_nothing_the_second_time(lite: Site, command: tuple[str, ...]) -> None:
    maud = lite.adviser("Maud")
    lines = [command[0], "maud@essai.example", *command[1:]]
    run(lite, *lines)
    before, mails = kinds(lite), told(lite, maud)

    assert "Rien n'a changé." in does(lite, *lines)
    assert kinds(lite) == before
    assert told(lite, maud) == mails


def test_an_ended_membership_ends_once(lite: Site) -> None:
    lite.adviser("Maud")
    does(lite, "end-membership", "maud@essai.example", "--reason", "Partie.")

    assert "Rien n'a changé." in does(lite, "end-membership", "maud@essai.example", "--reason", "Partie.")
    assert kinds(lite) == ["end-membership"]


@pytest.mark.parametrize("role", ["admin", "animator"])
def test_the_last_one_is_withdrawn_only_when_insisted_upon(lite: Site, role: str) -> None:
    person = lite.adviser("Maud", **{f"is_{role}": True})
    lite.adviser("Suspendue", state="suspended", **{f"is_{role}": True})
    command = ("withdraw", "maud@essai.example", role)

    code, output = run(lite, *command)
    assert (code, "--yes" in output, kinds(lite)) == (1, True, [])
    assert f'data-viewer="{role}"' in person.get("/").text
    does(lite, *command, "--yes")
    assert 'data-viewer="adviser"' in person.get("/").text


def test_the_last_animators_membership_and_the_last_referent_end_only_when_insisted_upon(lite: Site) -> None:
    lise = lite.animator()
    lite.hors_pair("Nadia", referent_of="apec")
    for command in (
        ("end-membership", "lise@essai.example", "--reason", "Partie."),
        ("remove-referent", "nadia@essai.example", "apec"),
    ):
        assert run(lite, *command)[0] == 1
        assert kinds(lite) == []
    assert 'data-viewer="animator"' in lise.get("/").text
    does(lite, "end-membership", "lise@essai.example", "--reason", "Partie.", "--yes")
    does(lite, "remove-referent", "nadia@essai.example", "apec", "--yes")


def test_only_the_accepted_are_given_a_place(lite: Site) -> None:
    lite.person("Demandeur", "none")
    lite.adviser("Maud")
    lite.hors_pair("Agnes")
    lite.adviser("Suspendue", state="suspended")
    lite.anonymous().post("/rejoindre", name="Non Confirmée", email="non@essai.example", network="apec", region="53",
                          position="adviser")  # fmt: skip
    refused = [
        ("name-committee", "maud@essai.example"), ("name-animator", "demandeur@essai.example"),
        ("name-animator", "agnes@essai.example"), ("join-group", "demandeur@essai.example", "Groupe"),
        ("join-group", "agnes@essai.example", "Groupe"), ("create", "x@x.fr", "Personne"),
        ("grant", "suspendue@essai.example", "admin"), ("add-referent", "suspendue@essai.example", "apec"),
        ("grant", "non@essai.example", "admin"), ("add-referent", "non@essai.example", "apec"),
    ]  # fmt: skip
    for command in refused:
        assert run(lite, *command)[0] != 0, command
    assert kinds(lite) == []


@pytest.mark.parametrize(
    "command",
    [("create", "pas-une-adresse", "Nom", "--admin"), ("create", "a@", "Nom", "--admin"),
     ("create", "a@x.fr\x01", "Nom", "--admin"), ("create", f"{'a' * 300}@x.fr", "Nom", "--admin"),
     ("create", "a\udcff@x.fr", "Nom", "--admin"), ("create", "a@x.fr", " \u202e ", "--admin"),
     ("create", "a@x.fr", "N" * 500, "--admin"), ("create", "a@x.fr", "Nom", "--referent", "inconnu\udcff"),
     ("grant", "inconnue@x.fr", "admin"), ("grant", "pas-une-adresse", "admin"), ("grant", "maud@essai.example", "roi"),
     ("withdraw", "inconnue@x.fr", "admin"), ("add-referent", "maud@essai.example", "inconnu"),
     ("leave-group", "maud@essai.example", "Inconnu"), ("join-group", "maud@essai.example", "\udcff"),
     ("end-membership", "maud@essai.example"), ("end-membership", "maud@essai.example", "--reason", " ")],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_sentence_and_changes_nothing(site: Site, command: tuple[str, ...]) -> None:
    site.adviser("Maud")

    code, output = run(site, *command)

    assert code in (1, 2)
    assert "Traceback" not in output
    assert kinds(site) == []
    with site.app.app_context():
        assert list(db.session.scalars(select(Member.email))) == ["maud@essai.example"]


def test_a_demo_opens_no_real_account(lite: Site) -> None:
    with lite.app.app_context():
        facts.set_fact(facts.DEMO, "2026")
        db.session.commit()

    code, output = run(lite, "create", "a@x.fr", "Admin", "--admin")

    assert code == 1
    assert "flask demo remove" in output
    with lite.app.app_context():
        assert list(db.session.scalars(select(Member.id))) == []


def test_an_account_takes_over_an_address_that_nobody_confirmed(site: Site) -> None:
    nadia = site.hors_pair("Nadia", referent_of="apec")
    site.anonymous().post(
        "/rejoindre", name="Un Intrus", email="a@x.fr", network="apec", region="53", position="adviser"
    )
    site.works()
    link = site.joining_link("a@x.fr")
    password = does(site, "create", "a@x.fr", "Alice Admin", "--admin").split(": ")[-1].strip()

    alice = site.anonymous()
    alice.post("/connexion", email="a@x.fr", password=password)
    assert "Alice Admin" in alice.get("/compte").text
    assert site.anonymous().get(link).status_code == 410
    assert "Intrus" not in nadia.get("/demandes").text


def test_the_list_says_who_has_which_place_and_of_whom_it_is_not(lite: Site) -> None:
    lite.animator()
    lite.hors_pair("Nadia", referent_of="apec")
    lite.adviser("Maud")

    assert [line.split()[0] for line in does(lite, "list").splitlines()] == [
        "lise@essai.example",
        "nadia@essai.example",
    ]
    assert "referent (apec)" in does(lite, "list", "--role", "referent")
    assert "maud@essai.example" in does(lite, "list", "--all")
    assert does(lite, "list", "--role", "admin") == "Personne.\n"


def test_every_act_has_words_for_the_journal_and_for_whom_it_concerns() -> None:
    assert set(WORDS) <= set(ACTS)
    assert "create-account" in ACTS


def test_naming_is_journalled_as_the_command_lines(site: Site) -> None:
    lise = site.animator()
    site.adviser("Maud")
    does(site, "grant", "maud@essai.example", "animator")

    assert "ligne de commande" in lise.get("/animation/journal").text
    assert "animation donnée" in lise.get("/animation/journal").text
