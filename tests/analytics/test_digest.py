"""The digest as pages show it: what counts, what is withheld, what is exported, what reading costs."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from comcep.analytics.disclosure.rounding import bounds
from comcep.analytics.models import Release
from comcep.extensions import db
from comcep.forum.models import Topic
from comcep.settings import SettingsError, load
from tests.analytics.publishing import NETWORKS, age_everything, period, publish, publish_draft, write
from tests.community import Person, Site
from tests.test_house import statements


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


def test_a_draft_shows_what_the_committee_will_read_and_does_not_exist_for_it(site: Site, lise: Person) -> None:
    write(site, 3, "pairs", "jeunes")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()

    shown = re.findall(r"<table.*</table>", lise.get(draft).text, re.DOTALL)
    committee = site.hors_pair(is_committee=True)
    assert committee.get(draft).status_code == 404
    assert shown == re.findall(r"<table.*</table>", committee.get(publish_draft(lise, draft)).text, re.DOTALL)


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
