"""The digest as pages make it: what counts, what is refused, what never changes."""

import csv
import io
import json
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.analytics import drafting, releasing
from comcep.analytics.disclosure.rounding import bounds
from comcep.analytics.models import Digest, DigestNotice, Release
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from comcep.moderation.models import JournalEntry
from comcep.settings import SettingsError, load
from tests.community import Person, Site, seen
from tests.test_house import statements

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
    lise.site.works()
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
    ("count", "networks", "is_shown"),
    [(4, NETWORKS, False), (13, NETWORKS, True), (13, ("apec",), False), (13, NETWORKS[:2], True)],
)
def test_a_theme_shows_from_enough_advisers_of_two_networks(
    site: Site, lise: Person, count: int, networks: tuple[str, ...], is_shown: bool
) -> None:
    write(site, count, "pairs", "jeunes", networks)
    age_everything(site)

    page = lise.get(publish(lise)).text

    shown = re.search(r'data-table="themes" data-row="jeunes" data-column="advisers" data-count="(\d+)"', page)
    assert bool(shown) == is_shown
    if shown is not None:
        least, most = bounds(int(shown[1]), 5)
        assert int(shown[1]) % 5 == 0
        assert least <= count <= most


def test_a_theme_carried_by_one_adviser_is_withheld(site: Site, lise: Person) -> None:
    write(site, 13, "pairs", "jeunes")
    prolific = site.adviser("Prolixe", "unifaf")
    topic = prolific.asks("Encore", "Un texte", themes=["jeunes"])
    for number in range(20):
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
    site.works()
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
    site.works()
    lise.post(draft, title="De Lise", words="Un", version="1")
    other = site.person("Autre", is_animator=True)

    answer = other.post(draft, title="D'une autre", words="Deux", version="1", publish="1")

    assert answer.status_code == 409
    assert "Deux" in answer.text


def test_a_draft_says_why_a_theme_is_withheld_and_the_committee_is_told_nothing_of_it(site: Site, lise: Person) -> None:
    write(site, 3, "pairs", "jeunes")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()

    assert "trop peu de conseillers" in lise.get(draft).text
    committee = site.hors_pair(is_committee=True)
    assert committee.get(draft).status_code == 404
    assert "trop peu de conseillers" not in lise.get(publish_draft(lise, draft)).text


def publish_draft(lise: Person, draft: str) -> str:
    answer = lise.post(draft, title="Titre", words="Nos mots.", version="1", publish="1")
    assert answer.status_code == 302, answer.text
    return answer.location


def test_figures_of_a_draft_are_computed_again_when_topics_change_and_nothing_is_lost(site: Site, lise: Person) -> None:
    write(site, 13, "pairs", "jeunes")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()
    write(site, 1, "pairs", "vae-et-bilan")
    age_everything(site)

    answer = lise.post(draft, title="Titre", words="Mes mots gardés", version="1", publish="1")

    assert answer.status_code == 409
    assert "se recalculent" in answer.text
    assert "Mes mots gardés" in answer.text
    site.works()
    assert lise.post(draft, title="Titre", words="Mes mots gardés", version="2", publish="1").status_code == 302


def test_a_topic_that_came_from_where_the_committee_reads_counts_nowhere(site: Site, lise: Person) -> None:
    write(site, 13, "hors-pairs", "jeunes")
    with site.app.app_context():
        topics = list(db.session.scalars(select(Topic.public_id)))
    for topic in topics:
        lise.post(f"/sujets/{topic}/deplacement", section="pairs", reason="Entre pairs")
    age_everything(site)
    with site.app.app_context():
        assert {topic.section.audience for topic in db.session.scalars(select(Topic))} == {"peers"}

    page = lise.get(publish(lise)).text

    assert 'data-row="jeunes" data-column="advisers" data-suppressed' in page
    assert 'data-row="advisers" data-column="count" data-suppressed' in page


def test_exports_hold_exactly_the_cells_of_the_page(site: Site, lise: Person) -> None:
    write(site, 13, "pairs", "jeunes")
    age_everything(site)
    address = publish(lise)
    committee = site.hors_pair(is_committee=True)

    page = committee.get(address).text
    rows = list(csv.DictReader(io.StringIO(committee.get(f"{address}.csv").text)))
    cells = committee.get(f"{address}.json").json["cells"]  # type: ignore[index]

    assert [(row["table"], row["row"], row["count"]) for row in rows] == [
        (cell["table"], cell["row"], "" if cell["count"] is None else str(cell["count"])) for cell in cells
    ]
    for cell in cells:
        if cell["table"] in ("themes", "community", "networks", "regions"):
            what = "data-suppressed" if cell["count"] is None else f'data-count="{cell["count"]}"'
            assert (
                f'data-table="{cell["table"]}" data-row="{cell["row"]}" data-column="{cell["column"]}" {what}' in page
            )
    described = json.loads(committee.get("/comite/syntheses/colonnes.json").text)
    assert set(rows[0]) == set(described["columns"])
    assert {cell["table"] for cell in cells} <= set(described["tables"])


def test_a_correction_adds_words_and_changes_no_number(site: Site, lise: Person) -> None:
    write(site, 13, "pairs", "jeunes")
    age_everything(site)
    address = publish(lise)
    before = re.findall(r"data-count=\"\d+\"", lise.get(address).text)
    correction = f"/animation/syntheses/{address.rsplit('/', 1)[1]}/corrections"

    assert lise.post(correction, correction="Il fallait lire autrement ce passage.").status_code == 302
    assert lise.post(correction, correction="Appelez le 06 12 34 56 78.").status_code == 422

    page = lise.get(address).text
    assert "Il fallait lire autrement ce passage." in page
    assert "06 12 34 56 78" not in page
    assert re.findall(r"data-count=\"\d+\"", page) == before


def test_the_ledger_is_a_chain_that_shows_a_change(site: Site, lise: Person) -> None:
    publish(lise)
    with site.app.app_context():
        assert releasing.broken_release() is None
        db.session.execute(update(Digest).values(words="Autres mots"))
        assert releasing.broken_release() is not None
        db.session.rollback()
        line = db.session.scalars(select(Release)).one()
        line.k = 3
        with pytest.raises(RuntimeError, match="only ever added to"):
            db.session.commit()
        db.session.rollback()


def test_a_lone_surname_may_be_confirmed_as_a_word_and_the_journal_says_so(site: Site, lise: Person) -> None:
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.id == lise.member_id).values(name="Lise Petit"))
        db.session.commit()
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()

    refused = lise.post(draft, title="Titre", words="Un petit nombre de cas.", version="1", publish="1")
    kept = lise.post(draft, title="Titre", words="Un petit nombre de cas.", version="2", publish="1", confirmed="petit")

    assert refused.status_code == 422
    assert "simple mot" in refused.text
    assert kept.status_code == 302
    with site.app.app_context():
        confirmed = select(JournalEntry.detail).where(JournalEntry.kind == "confirm-word")
        assert list(db.session.scalars(confirmed)) == ["petit"]


@pytest.mark.parametrize(
    ("calendar", "starts"),
    [
        ("4", ["01-01", "04-01", "07-01", "10-01"]),
        ("6", ["01-01", "03-01", "05-01", "07-01", "09-01", "11-01"]),
        ("01-15,09-01", ["01-15", "09-01"]),
    ],
)
def test_periods_of_the_calendar_follow_each_other(calendar: str, starts: list[str]) -> None:
    periods = drafting.periods(calendar, 2026)

    assert [f"{first:%m-%d}" for first, _ in periods] == starts
    following = [first for first, _ in periods[1:]] + [drafting.periods(calendar, 2027)[0][0]]
    assert [last + timedelta(days=1) for _, last in periods] == following


@pytest.mark.parametrize("calendar", ["5", "0", "13", "09-01,01-15", "02-30", "hier"])
def test_a_calendar_that_makes_no_sense_is_refused(calendar: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (whatever the parts say)
        drafting.periods(calendar, 2026)


def test_the_calendar_opens_the_next_draft_at_a_period_s_end(site: Site, lise: Person) -> None:
    today = now().date()
    lise.post(
        "/animation/syntheses", starts_on=str(today - timedelta(days=150)), ends_on=str(today - timedelta(days=100))
    )
    site.works()

    with site.app.app_context():
        drafts = list(db.session.scalars(select(Digest).order_by(Digest.starts_on)))
    assert len(drafts) >= 2
    for earlier, later in pairwise(drafts):
        assert later.starts_on == earlier.ends_on + timedelta(days=1)
    assert all(digest.ends_on < date.today() for digest in drafts)


def test_reading_a_digest_costs_at_most_four_statements(site: Site, lise: Person) -> None:
    address = publish(lise)
    committee = site.hors_pair(is_committee=True)
    committee.get(address)

    assert len(statements(site, committee, address)) <= 4


@pytest.mark.parametrize(
    "wrong",
    [{"DIGEST_CALENDAR": "5"}, {"DIGEST_CALENDAR": "09-01,01-01"}, {"DIGEST_MODE": "open"}, {"DIGEST_EPSILON": "0"}],
)
def test_a_setting_of_digests_that_makes_no_sense_is_refused_at_the_start(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(SettingsError):
        load({"DATA": tmp_path, **wrong})


def test_the_private_mode_publishes_themes_and_totals_and_writes_what_it_spent_in_the_ledger(
    site: Site, lise: Person
) -> None:
    site.app.config.update(DIGEST_MODE="private", DIGEST_EPSILON=2.0)
    write(site, 13, "pairs", "jeunes")
    age_everything(site)
    address = publish(lise)

    page = lise.get(address).text

    assert "garantie formelle" in page
    assert set(re.findall(r'data-table="(\w+)"', page)) <= {"themes", "community"}
    with site.app.app_context():
        line = db.session.scalars(select(Release)).one()
        assert line.mode == "private"
        assert 1.9 < line.epsilon < 2.1


def test_a_publication_that_is_interrupted_publishes_nothing_at_all(
    site: Site, lise: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()

    def cut(*_: object) -> None:
        raise ConnectionError("the power went off")

    monkeypatch.setattr(releasing.journal, "record", cut)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = lise.post(draft, title="Titre", words="Nos mots.", version="1", publish="1")

    assert answer.status_code == 500
    assert "Nos mots." in answer.text
    with site.app.app_context():
        assert db.session.scalar(select(Digest.published_at)) is None
        assert db.session.scalar(select(Release.id)) is None
        assert db.session.scalar(select(DigestNotice.digest_id)) is None
    monkeypatch.undo()
    assert lise.post(draft, title="Titre", words="Nos mots.", version="2", publish="1").status_code == 302
