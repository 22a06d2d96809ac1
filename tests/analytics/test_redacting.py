"""A passage taken out of a published digest: its words go from every page and file, its numbers stay."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from comcep.analytics import releasing
from comcep.analytics.guard.readings import words_of
from comcep.analytics.models import Digest, DigestRedaction
from comcep.analytics.redacting import without
from comcep.extensions import db
from comcep.moderation.models import JournalEntry
from tests.analytics.publishing import age_everything, publish, write
from tests.community import Person, Site


@pytest.fixture
def address(site: Site, lise: Person) -> str:
    """A digest that was published with a name in its words and in the label of a theme, before anybody saw it."""
    write(site, 14, "pairs", "jeunes")
    age_everything(site)
    address = publish(lise, words="Comme **Zoé** Abgrall le dit, il faut attendre.")
    with site.app.app_context():
        figures = db.session.scalars(select(Digest.figures)).one()
        assert figures is not None
        figures = figures.replace('"Jeunes"', '"Jeunes (Zoé Abgrall)"')
        db.session.execute(update(Digest.__table__).values(figures=figures, title="Zoé Abgrall le dit"))  # type: ignore[arg-type]
        db.session.commit()
        digest = db.session.scalars(select(Digest)).one()
        content = releasing.hashlib.sha256(releasing.frozen_content(digest).encode()).hexdigest()
        chained = releasing.hash_after(releasing.START, content)
        db.session.execute(update(Digest.__table__).values(figures_hash=content))  # type: ignore[arg-type]
        db.session.execute(update(releasing.Release.__table__).values(content_hash=chained))  # type: ignore[arg-type]
        db.session.commit()
        assert releasing.broken_release() is None
    return address


def retract(lise: Person, address: str, passage: str, reason: str = "Un nom"):  # type: ignore[no-untyped-def]
    number = address.rsplit("/", 1)[1]
    return lise.post(f"/animation/syntheses/{number}/retraits", passage=passage, reason=reason)


def test_a_passage_goes_from_every_page_and_file_and_no_number_changes(site: Site, lise: Person, address: str) -> None:
    committee = site.hors_pair(is_committee=True)
    pages = ("/comite", address, f"{address}.csv", f"{address}.json")
    correction = f"/animation/syntheses/{address.rsplit('/', 1)[1]}/corrections"
    lise.post(correction, correction="Ce que dit Zoé Abgrall est faux.", confirmed="abgrall")
    before = [re.findall(r'data-count="\d+"|"count": \d+', committee.get(page).text) for page in pages]
    assert all("Abgrall" in committee.get(page).text for page in pages)

    assert retract(lise, address, "Zoé Abgrall").status_code == 302

    for page in pages:
        assert not re.search("abgrall|Zoé", committee.get(page).text, re.IGNORECASE), page
    assert before == [re.findall(r'data-count="\d+"|"count": \d+', committee.get(page).text) for page in pages]
    assert "(passage retiré) le dit" in committee.get(address).text
    assert "Un passage a été retiré" in committee.get(address).text


def test_the_journal_has_the_reason_and_not_the_passage_and_the_ledger_holds(
    site: Site, lise: Person, address: str
) -> None:
    retract(lise, address, "Zoé Abgrall", "Une collègue nommée")

    with site.app.app_context():
        line = db.session.scalars(select(JournalEntry).where(JournalEntry.kind == "redact-digest")).one()
        assert line.reason == "Une collègue nommée"
        assert "Abgrall" not in line.detail
        assert releasing.broken_release() is None
        db.session.execute(update(Digest.__table__).values(words="Autres mots"))  # type: ignore[arg-type]
        assert releasing.broken_release() is not None
        db.session.rollback()


def test_two_passages_one_after_the_other_leave_a_ledger_that_holds(site: Site, lise: Person, address: str) -> None:
    retract(lise, address, "Zoé Abgrall")
    retract(lise, address, "il faut attendre")

    with site.app.app_context():
        assert releasing.broken_release() is None
        assert len(list(db.session.scalars(select(DigestRedaction.id)))) == 2


@pytest.mark.parametrize(
    ("passage", "reason", "sentence"),
    [("absent d'ici", "Un nom", "ne se trouve pas"), ("Zoé", "", "Dites pourquoi"), ("", "Un nom", "Recopiez")],
)
def test_what_is_not_there_or_has_no_reason_is_refused(
    lise: Person, address: str, passage: str, reason: str, sentence: str
) -> None:
    answer = retract(lise, address, passage, reason)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Abgrall" in lise.get(address).text


said = st.lists(st.sampled_from(["un", "deux", "**trois**", "Zoé", "fin.", "l'eau", "&eacute;t&eacute;"]), min_size=1)


@given(said, st.lists(st.sampled_from(["un", "deux", "trois", "zoe"]), min_size=1, max_size=3))
def test_what_is_taken_out_stands_there_no_more_and_the_rest_does(text: list[str], passage: list[str]) -> None:
    taken = "".join(passage)

    left = without(" ".join(text), taken)

    rest = " ".join(words_of(left.replace("(passage retiré)", " | ")))
    assert f" {' '.join(passage)} " not in f" {rest} " or taken not in "".join(words_of(" ".join(text)))
    if left == " ".join(text):
        assert f" {' '.join(passage)} " not in f" {' '.join(words_of(left))} "
    else:
        assert set(words_of(left)) <= {*words_of(" ".join(text)), *words_of("été"), "passage", "retire"}


def test_figures_keep_their_rows(site: Site, lise: Person, address: str) -> None:
    with site.app.app_context():
        before = json.loads(db.session.scalars(select(Digest.figures)).one() or "")
    retract(lise, address, "Zoé Abgrall")

    with site.app.app_context():
        after = json.loads(db.session.scalars(select(Digest.figures)).one() or "")
    assert [{**cell, "label": ""} for cell in after["cells"]] == [{**cell, "label": ""} for cell in before["cells"]]
