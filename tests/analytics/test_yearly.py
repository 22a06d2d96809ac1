"""The yearly table of themes by networks: on the page when a year is whole, and bounded by each digest as it was
published."""

import re
from datetime import date, timedelta

from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.analytics import yearly
from comcep.analytics.disclosure.cells import Published, PublishedCell
from comcep.analytics.disclosure.rounding import bounds
from comcep.analytics.figures import Release
from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import db
from tests.analytics.publishing import age_everything, period, publish_draft, write
from tests.community import Person, Site

GROUPS = {"fongecif": 60, "pole-emploi": 80}
PLACES = [("jeunes", group) for group in GROUPS]


def release(k: int, mode: str = "keyed") -> Release:
    shown = PublishedCell("themes", "jeunes", "Jeunes", "advisers", 15)
    return Release(date(2026, 1, 1), date(2026, 6, 30), Published(k, (shown,), mode))


def known_of_period(*releases: Release) -> tuple[int, int]:
    """Between what and what the year's attack takes the theme of its first digest to lie."""
    cells, _ = yearly._linked(PLACES, set(), GROUPS, 5, date(2026, 1, 1), date(2026, 12, 31), releases)
    return next(cell.known for cell in cells if cell.name == "jeunes 0")


def test_a_digest_bounds_the_year_by_the_threshold_it_was_published_with() -> None:
    assert known_of_period(release(3)) == bounds(15, 3)
    assert known_of_period(release(5)) == bounds(15, 5)


def test_a_digest_of_the_formal_mode_bounds_nothing() -> None:
    assert known_of_period(release(5, "private")) == (0, sum(GROUPS.values()))


def everybody_joined_long_ago(site: Site) -> None:
    with site.app.app_context():
        db.session.execute(update(Member).values(joined_at=now() - timedelta(days=500)))
        db.session.commit()


def cells_of(page: str) -> dict[tuple[str, str], str]:
    found = re.findall(r'data-table="yearly" data-row="([\w-]+)" data-column="([^"]+)" data-(\w+)', page)
    return {(theme, group): what for theme, group, what in found}


def draft_of(lise: Person, first: int, last: int) -> str:
    draft = lise.post("/animation/syntheses", **period(first, last)).location
    lise.site.works()
    return draft


def test_the_digest_that_completes_a_year_shows_which_networks_talk_of_which_themes(site: Site, lise: Person) -> None:
    write(site, 60, "pairs", "jeunes")
    write(site, 3, "pairs", "vae-et-bilan")
    age_everything(site)
    everybody_joined_long_ago(site)

    address = publish_draft(lise, draft_of(lise, 370, 5))

    cells = cells_of(site.hors_pair(is_committee=True).get(address).text)
    assert len({group for _, group in cells}) >= 2
    assert {theme for (theme, _), what in cells.items() if what == "count"} == {"jeunes"}
    assert {what for (theme, _), what in cells.items() if theme == "vae-et-bilan"} == {"suppressed"}


def test_a_year_in_which_nearly_everybody_left_withholds_its_table_and_still_has_a_digest(
    site: Site, lise: Person
) -> None:
    write(site, 60, "pairs", "jeunes")
    age_everything(site, 200)
    everybody_joined_long_ago(site)
    publish_draft(lise, draft_of(lise, 440, 150))
    write(site, 2, "pairs", "vae-et-bilan")
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.name.like("pairsjeunes%")).values(state="closed"))
        db.session.commit()
    site.works()  # the calendar opens the periods that are over
    with site.app.app_context():
        opened = list(
            db.session.scalars(select(Digest.public_id).where(Digest.number.is_(None)).order_by(Digest.starts_on))
        )

    page = ""
    for draft in opened:
        with site.app.app_context():
            db.session.execute(update(Digest).where(Digest.number.is_(None)).values(drafting_due=True))
            db.session.commit()
        site.works()
        page = lise.get(publish_draft(lise, f"/animation/syntheses/{draft}")).text

    assert set(cells_of(page).values()) == {"suppressed"}


def test_a_year_without_anybody_has_a_digest_too(site: Site, lise: Person) -> None:
    assert 'data-table="yearly"' not in lise.get(publish_draft(lise, draft_of(lise, 370, 5))).text


def test_a_digest_that_completes_no_year_has_no_such_table(site: Site, lise: Person) -> None:
    write(site, 13, "pairs", "jeunes")
    age_everything(site)
    everybody_joined_long_ago(site)

    assert cells_of(lise.get(publish_draft(lise, draft_of(lise, 300, 5))).text) == {}
