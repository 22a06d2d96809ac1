"""Which columns reach what the committee reads is found by writing a word of its own into each; each column found is
then sent a copy, a name and a telephone by who can write it. A new column on a page fails here until it is guarded."""

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from sqlalchemy import Column, String, Text, select, update

from comcep.accounts.models import Member
from comcep.analytics import emerging, national_themes, releasing, theming
from comcep.analytics.guard import NotForTheCommittee
from comcep.analytics.models import (
    ApprovedTerm,
    Digest,
    DigestCorrection,
    DigestRedaction,
    DigestWords,
    NationalTheme,
    NationalThemeComment,
)
from comcep.extensions import db
from comcep.forum.models import Theme
from tests.analytics.publishing import age_everything, publish, write
from tests.community import Person, Site

SENTENCE = "La personne attend depuis deux mois une réponse de son employeur actuel"
FORBIDDEN = {
    "a copy": f"On dit ceci : {SENTENCE.upper()}.",
    "a name": "Comme ESSAI Maud nous le dit.",
    "a telephone": "Appelez le 06 12 34 56 78.",
}
# What reaches the committee and no animator writes, and why it may.
NOT_WORDS = {
    "member.name": "names of the reader, of members who comment, in the list of members",
    "member.position": "in the list of members, which hors pairs may read",
    "member.email": "the reader's own, on their account's pages",
    "known_device.browser": "the reader's own devices, on their account's pages",
    "known_device.system": "the reader's own devices, on their account's pages",
    "network.name": "reference data of the installation, and public",
    "network.family_name": "reference data of the installation, and public",
    "region.name": "reference data of the installation, and public",
    "digest.figures": "cells: labels are columns of their own (theme.label, approved_term.label), numbers are noisy",
}


@pytest.fixture
def lise(lite: Site) -> Person:
    return lite.animator()


@pytest.fixture
def committee(lite: Site) -> Person:
    return lite.hors_pair(is_committee=True)


@pytest.fixture
def address(lite: Site, lise: Person, committee: Person) -> str:
    """A published digest with everything a digest may hold, and a national theme with a comment."""
    lite.adviser("Maud").asks("Un cas", SENTENCE)
    write(lite, 14, "pairs", "jeunes")
    age_everything(lite)
    address = publish(lise)
    with lite.app.app_context():
        digest, member = db.session.scalars(select(Digest)).one(), db.session.scalars(select(Member)).first()
        assert member is not None
        theme = db.session.scalars(select(Theme).where(Theme.slug == "jeunes")).one()
        db.session.execute(
            DigestWords.__table__.insert().values(digest_id=digest.id, theme_id=theme.id, words="x", words_html="x")  # type: ignore[attr-defined]
        )
        db.session.add(DigestCorrection(digest_id=digest.id, words="x", by_id=member.id))
        db.session.add(DigestRedaction(digest_id=digest.id, by_id=member.id, content_hash="x"))
        db.session.add(ApprovedTerm(term="x", label="x", approved_by_id=member.id))
        national = NationalTheme(title="x", reason="x", outcome="x", nominated_by_id=member.id)
        db.session.add(national)
        db.session.flush()
        db.session.add(NationalThemeComment(national_theme_id=national.id, member_id=member.id, words="x"))
        db.session.commit()
    return address


def read_by(committee: Person, address: str) -> str:
    """Everything of the digest and around it that a committee member reads: pages, files, headers, mails."""
    number = address.rsplit("/", 1)[1]
    pages = [
        "/comite", address, f"{address}.csv", f"{address}.json", "/comite/syntheses/colonnes.json", "/thematiques",
        "/", "/rubriques", "/recherche?q=x", "/poser", "/actifs", "/membres", "/notifications", "/compte",
        "/animation/syntheses", f"/animation/syntheses/{number}", "/animation/themes",
    ]  # fmt: skip
    answers = [committee.get(page, follow_redirects=True) for page in pages]
    return unescape(" ".join(f"{answer.text} {answer.headers}" for answer in answers) + " ".join(committee.mails()))


def columns_that_reach(site: Site, committee: Person, address: str) -> set[str]:
    """Write a mark into every column of text of every row of every table in turn, look whether it comes out, and put
    back what was there."""
    reach = set()
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, String | Text) or column.foreign_keys:
                continue
            with site.app.app_context():
                if marked(site, committee, address, column):
                    reach.add(f"{table.name}.{column.name}")
    return reach


def marked(site: Site, committee: Person, address: str, column: Column[str]) -> bool:
    table, keys = column.table, list(column.table.primary_key)
    rows = list(db.session.execute(select(*keys, column.label("before_the_mark"))))
    if column.primary_key or not rows:
        return False
    mark = "zq" + re.sub("[^a-z]", "", f"{table.name}{column.name}")[:6]
    try:
        for at, row in enumerate(rows):
            same = [key == row[place] for place, key in enumerate(keys)]
            db.session.execute(update(table).where(*same).values({column: f"{mark}{at}"}))
        db.session.commit()
    except Exception:  # a column of a few values, checked by the database: no words fit
        db.session.rollback()
        return False
    try:
        return mark in read_by(committee, address)
    except Exception:  # a column that is read as something else than words, as frozen figures
        return False
    finally:
        db.session.rollback()
        for row in rows:
            same = [key == row[place] for place, key in enumerate(keys)]
            db.session.execute(update(table).where(*same).values({column: row.before_the_mark}))
        db.session.commit()
        committee.signs_in()


Way = Callable[[Person, Person, str], object]


def publish_with(**of_words: str) -> Way:
    """Publish the next digest with these words in it."""

    def act(lise: Person, _committee: Person, words: str) -> object:
        viewer = lise.viewer
        digest = Digest(starts_on=date(2016, 1, 1), ends_on=date(2016, 2, 28), title="Titre", words="Mots")
        digest.drafted = json.dumps(
            {
                "k": 5,
                "cells": [
                    {"table": "themes", "row": "jeunes", "label": of_words.get("label", "Jeunes").format(words),
                     "column": "advisers", "count": 10}
                ],
            }
        )  # fmt: skip
        digest.title = of_words.get("title", "Titre").format(words)
        digest.words = of_words.get("words", "Mots").format(words)
        db.session.add(digest)
        db.session.flush()
        theme = db.session.scalars(select(Theme.id).where(Theme.slug == "jeunes")).one()
        if "of_theme" in of_words:
            db.session.add(DigestWords(digest_id=digest.id, theme_id=theme, words=words))
        db.session.commit()
        findings = releasing.publish(viewer, digest)
        assert digest.published_at is None
        return refuse_if(findings)

    return act


def refuse_if(findings: list[releasing.guard.Finding]) -> None:
    if findings:
        raise NotForTheCommittee(findings)


def correct(lise: Person, _committee: Person, words: str) -> None:
    digest = db.session.scalars(select(Digest).where(Digest.published_at.is_not(None))).one()
    refuse_if(releasing.correct(lise.viewer, digest, words))


def decide(lise: Person, _committee: Person, words: str) -> None:
    theme = db.session.scalars(select(NationalTheme)).one()
    national_themes.decide(lise.viewer, theme, "done", words, theme.version)


def comment(_lise: Person, committee: Person, words: str) -> None:
    national_themes.comment(committee.viewer, db.session.scalars(select(NationalTheme)).one(), words)


# How words come into each column; several ways where there are several.
WAYS: dict[str, list[Way]] = {
    "digest.title": [publish_with(title="{}")],
    "digest.words_html": [publish_with(words="{}")],
    "digest_words.words_html": [publish_with(of_theme="{}")],
    "digest_correction.words": [correct],
    "theme.slug": [lambda lise, _committee, words: theming.add(lise.viewer, words[:120], "")],
    "theme.label": [
        lambda lise, _committee, words: theming.add(lise.viewer, words[:120], ""),
        lambda lise, _committee, words: theming.rename(lise.viewer, "jeunes", words),
    ],
    "national_theme.title": [lambda _lise, committee, words: national_themes.nominate(committee.viewer, words, "Oui")],
    "national_theme.reason": [lambda _lise, committee, words: national_themes.nominate(committee.viewer, "Oui", words)],
    "national_theme.outcome": [decide],
    "national_theme_comment.words": [comment],
}
# Columns that reach the committee by way of frozen figures: a mark of today cannot show it.
THROUGH_FIGURES: dict[str, list[Way]] = {
    "approved_term.label": [lambda lise, _committee, words: emerging.approve(lise.viewer, "terme", words[:80])],
    "theme.label": [publish_with(label="{}")],
}
# Who sends these is no peer: what peers wrote is not compared with it, and the answer tells nothing of it.
BY_THE_COMMITTEE = {"national_theme.title", "national_theme.reason", "national_theme_comment.words"}


@pytest.mark.timeout(600)
def test_every_column_that_reaches_the_committee_is_known(lite: Site, committee: Person, address: str) -> None:
    with lite.app.app_context():
        reach = columns_that_reach(lite, committee, address)

    of_the_committee = {column for column in reach if column not in NOT_WORDS}
    written_apart = {"section", "category", "topic", "post"}  # what members and public sections hold: no digest
    of_the_committee = {column for column in of_the_committee if column.split(".")[0] not in written_apart}
    assert of_the_committee == set(WAYS)


@pytest.mark.parametrize("kind", FORBIDDEN)
@pytest.mark.parametrize("column", [*WAYS, *(f"{column} (figures)" for column in THROUGH_FIGURES)])
def test_every_such_column_is_guarded(
    lite: Site, lise: Person, committee: Person, address: str, column: str, kind: str
) -> None:
    ways = THROUGH_FIGURES[column.split()[0]] if "(" in column else WAYS[column]
    is_free = kind == "a copy" and column in BY_THE_COMMITTEE
    if kind == "a copy" and column == "theme.label (figures)":
        is_free = True  # labels were guarded when themes were named; then they are everybody's words
    for way in ways:
        with lite.app.app_context():
            if is_free:
                continue
            with pytest.raises(NotForTheCommittee):
                way(lise, committee, FORBIDDEN[kind])
            db.session.rollback()
    assert "06 12 34 56 78" not in read_by(committee, address)
