"""The digest as pages make it: what counts, what is refused, what never changes."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from tests.community import Person, Site, seen

NETWORKS = ("fongecif", "pole-emploi", "apec", "cap-emploi")


@pytest.fixture
def lise(site: Site) -> Person:
    return site.animator()


def age_everything(site: Site, days: int = 20) -> None:
    with site.app.app_context():
        old = now() - timedelta(days=days)
        db.session.execute(update(Post).values(created_at=old))
        db.session.execute(update(Topic).values(created_at=old))
        db.session.commit()


def period(first: int = 30, last: int = 5) -> dict[str, str]:
    today = now().date()
    return {"starts_on": str(today - timedelta(days=first)), "ends_on": str(today - timedelta(days=last))}


def publish(lise: Person, words: str = "Nos mots à nous.") -> str:
    draft = lise.post("/animation/syntheses", **period()).location
    answer = lise.post(draft, title="Ce qui revient", words=words, version="1", publish="1")
    assert answer.status_code == 302, answer.text
    return answer.location


def write(site: Site, count: int, section: str, theme: str, networks: tuple[str, ...] = NETWORKS) -> None:
    for number in range(count):
        person = site.adviser(f"{section}{theme}{number}".replace("-", ""), networks[number % len(networks)])
        person.asks(f"Sujet {theme} {number}", f"Texte {number} {section}", section=section, themes=[theme])


def test_only_peer_sections_count(site: Site, lise: Person) -> None:
    write(site, 8, "hors-pairs", "jeunes")
    age_everything(site)

    page = lise.get(publish(lise)).text

    assert 'data-row="jeunes" data-column="advisers" data-suppressed' in page
    assert 'data-row="advisers" data-column="count" data-suppressed' in page


@pytest.mark.parametrize(
    ("count", "networks", "shown"),
    [
        (4, NETWORKS, None),
        (5, NETWORKS, 5),
        (7, NETWORKS, 5),
        (8, NETWORKS, 10),
        (8, ("apec",), None),
        (5, NETWORKS[:2], 5),
    ],
)
def test_a_theme_shows_from_five_advisers_of_two_networks(
    site: Site, lise: Person, count: int, networks: tuple[str, ...], shown: int | None
) -> None:
    write(site, count, "pairs", "jeunes", networks)
    age_everything(site)

    page = lise.get(publish(lise)).text

    what = "data-suppressed" if shown is None else f'data-count="{shown}"'
    assert f'data-row="jeunes" data-column="advisers" {what}' in page


def test_a_theme_carried_by_one_adviser_is_withheld(site: Site, lise: Person) -> None:
    write(site, 6, "pairs", "jeunes")
    prolific = site.adviser("Prolixe", "unifaf")
    topic = prolific.asks("Encore", "Un texte", themes=["jeunes"])
    for number in range(12):
        prolific.answers(topic, f"Suite {number}")
    age_everything(site)

    assert 'data-row="jeunes" data-column="advisers" data-suppressed' in lise.get(publish(lise)).text


def test_with_themes_too_thin_the_page_says_so(site: Site, lise: Person) -> None:
    write(site, 2, "pairs", "jeunes")
    age_everything(site)

    assert "aucun thème ne réunit assez de conseillers" in lise.get(publish(lise)).text


def test_a_published_digest_never_changes(site: Site, lise: Person) -> None:
    write(site, 8, "pairs", "jeunes")
    age_everything(site)
    address = publish(lise)
    lise.get("/")
    before = seen(lise.get(address))

    write(site, 8, "pairs", "vae-et-bilan")
    age_everything(site)
    lise.get("/")

    assert seen(lise.get(address)) == before
    with site.app.app_context():
        digest = db.session.scalars(select(Digest)).one()
        digest.title = "Autre titre"
        with pytest.raises(RuntimeError, match="never changes"):
            db.session.commit()
        db.session.rollback()
    draft = address.replace("/comite/", "/animation/")
    assert lise.post(draft, title="Autre", words="Autres", version="2").status_code == 404


def test_words_taken_from_a_post_a_name_or_an_identifier_are_refused(site: Site, lise: Person) -> None:
    maud = site.adviser("Maud")
    maud.asks("Un cas", "La personne attend depuis deux mois une réponse de son employeur actuel.")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    words = "Elle attend depuis deux mois une réponse de son employeur. Maud Essai le dit, tél. 06 12 34 56 78."

    answer = lise.post(draft, title="Titre", words=words, version="1", publish="1")

    assert answer.status_code == 422
    for finding in ("six mots de suite", "nom d&#39;un membre", "téléphone"):
        assert finding in answer.text
    assert lise.get("/comite").text.count("/comite/syntheses/") == 0


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"starts_on": "2017-02-01", "ends_on": "2017-01-01"}, "inversez les deux dates"),
        ({"starts_on": "2017-01-01", "ends_on": "2999-01-01"}, "pas finie"),
        ({"starts_on": "hier", "ends_on": "demain"}, "pas une date valide"),
    ],
)
def test_a_period_that_cannot_be_is_refused(lise: Person, dates: dict[str, str], sentence: str) -> None:
    answer = lise.post("/animation/syntheses", **dates)

    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")


def test_periods_never_overlap(site: Site, lise: Person) -> None:
    publish(lise)

    answer = lise.post("/animation/syntheses", **period(10, 2))

    assert "en recouvre une autre" in answer.text


def test_of_two_animators_who_publish_at_once_one_wins(site: Site, lise: Person) -> None:
    draft = lise.post("/animation/syntheses", **period()).location
    lise.post(draft, title="De Lise", words="Un", version="1")
    other = site.person("Autre", is_animator=True)

    answer = other.post(draft, title="D'une autre", words="Deux", version="1", publish="1")

    assert answer.status_code == 409
    assert "Deux" in answer.text
