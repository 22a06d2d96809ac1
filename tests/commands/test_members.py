"""Opening a real site from the command line, and what it refuses."""

from tests.community import Site


def run(site: Site, *command: str) -> tuple[int, str]:
    done = site.app.test_cli_runner().invoke(args=["members", *command])
    return done.exit_code, done.output


def test_a_site_opens_with_an_administrator_a_referent_and_an_animator(lite: Site) -> None:
    for command in (("create", "a@x.fr", "Admin", "--admin"), ("create", "r@x.fr", "Référente", "--referent", "apec")):
        code, output = run(lite, *command)
        assert code == 0, output
        password = output.split(": ")[-1].strip()
        person = lite.anonymous()
        person.post("/connexion", email=command[1], password=password)
        assert 'data-viewer="admin"' in person.get("/").text or person.get("/demandes").status_code == 200
    lite.adviser("Lise")
    assert run(lite, "name-animator", "lise@essai.example")[0] == 0
    assert lite.people["Lise"].get("/animation").status_code == 200


def test_a_second_animator_is_not_the_command_lines_to_name(lite: Site) -> None:
    lite.animator()
    lite.adviser("Maud")

    assert run(lite, "name-animator", "maud@essai.example")[0] != 0


def test_only_the_accepted_are_given_a_place(lite: Site) -> None:
    lite.person("Demandeur", "none")
    lite.adviser("Maud")

    assert run(lite, "name-committee", "maud@essai.example")[0] != 0
    assert run(lite, "name-animator", "demandeur@essai.example")[0] != 0
    assert run(lite, "join-group", "demandeur@essai.example", "Groupe")[0] != 0
    assert run(lite, "create", "x@x.fr", "Personne")[0] != 0
    assert run(lite, "join-group", "maud@essai.example", "Groupe des essais")[0] == 0
    assert lite.people["Maud"].get("/rubriques/groupe").status_code == 200
