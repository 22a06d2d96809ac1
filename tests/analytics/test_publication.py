"""From a period to a published digest: what is refused, what is frozen, what an interruption leaves."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from comcep.access.viewer import Viewer
from comcep.accounts.models import Member
from comcep.analytics import drafting, releasing
from comcep.analytics.models import Digest, DigestNotice, Release
from comcep.clock import now
from comcep.extensions import db
from comcep.moderation.journal import Act
from comcep.moderation.models import JournalEntry
from tests.analytics.publishing import age_everything, period, publish, write
from tests.community import Person, Site, seen


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
    assert lise.post(draft, title="Autre", words="Autres", version="2").status_code == 409
    assert seen(lise.get(address)) == before


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

    words = "Un certain Petit nombre de cas."  # a capital inside a sentence: elsewhere it is a plain word
    refused = lise.post(draft, title="Titre", words=words, version="1", publish="1")
    kept = lise.post(draft, title="Titre", words=words, version="2", publish="1", confirmed="petit")

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


def test_a_publication_that_is_interrupted_publishes_nothing_at_all(
    site: Site, lise: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()

    written = releasing.journal.record

    def cut(viewer: Viewer, act: Act) -> object:
        if act.kind == "publish-digest":
            raise ConnectionError("the power went off")
        return written(viewer, act)

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


def test_what_is_kept_is_remembered_though_the_rest_refuses(site: Site, lise: Person) -> None:
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.id == lise.member_id).values(name="Lise Petit"))
        db.session.commit()
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()
    words = "Un certain Petit nombre de cas."

    both = f"{words} Au 06 12 34 56 78."
    refused = lise.post(draft, title="Titre", words=both, version="1", publish="1", confirmed="petit")
    kept = lise.post(draft, title="Titre", words=words, version="2", publish="1")

    assert refused.status_code == 422
    assert 'name="confirmed" value="petit">' not in refused.text  # it is ticked already
    assert kept.status_code == 302
    correction = f"/animation/syntheses/{kept.location.rsplit('/', 1)[1]}/corrections"
    assert lise.post(correction, correction="Il fallait lire : un Petit nombre.").status_code == 302


def test_a_correction_with_a_lone_surname_is_asked_about_and_keeps_its_text(site: Site, lise: Person) -> None:
    address = publish(lise)
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.id == lise.member_id).values(name="Lise Petit"))
        db.session.commit()
    correction = f"/animation/syntheses/{address.rsplit('/', 1)[1]}/corrections"

    plain = lise.post(correction, correction="Un petit nombre suffit.")
    asked = lise.post(correction, correction="Un certain Petit nombre.")
    kept = lise.post(correction, correction="Un certain Petit nombre.", confirmed="petit")

    assert plain.status_code == 302
    assert asked.status_code == 422
    assert "Un certain Petit nombre." in asked.text
    assert 'name="confirmed" value="petit"' in asked.text
    assert kept.status_code == 302
    assert "Un certain Petit nombre." in lise.get(address).text


def test_words_on_a_theme_that_is_not_published_are_refused_and_can_be_taken_away(site: Site, lise: Person) -> None:
    write(site, 14, "pairs", "jeunes")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()
    fields = {"title": "Titre", "words": "Nos mots.", "publish": "1"}

    refused = lise.post(draft, **fields, version="1", **{"theme-certifications": "Un mot de trop."})
    page = lise.get(draft).text
    kept = lise.post(draft, **fields, version="2", **{"theme-certifications": "", "theme-jeunes": "Un mot."})

    assert refused.status_code == 422
    assert "thème qui n&#39;est pas publié" in refused.text
    assert 'name="theme-certifications"' in page
    assert kept.status_code == 302
    assert "Un mot de trop" not in lise.get(kept.location).text
    assert "Un mot." in lise.get(kept.location).text


def test_words_on_a_theme_merged_away_since_can_be_taken_away(site: Site, lise: Person) -> None:
    write(site, 14, "pairs", "jeunes")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()
    lise.post(draft, title="Titre", words="Nos mots.", version="1", **{"theme-jeunes": "Un mot."})
    lise.post("/animation/themes", act="merge", theme="jeunes", into="certifications")
    lise.get(draft)
    site.works()

    fields = {"title": "Titre", "words": "Nos mots.", "publish": "1"}
    assert lise.post(draft, **fields, version="2").status_code == 422
    assert 'name="theme-jeunes"' in lise.get(draft).text
    assert lise.post(draft, **fields, version="3", **{"theme-jeunes": ""}).status_code == 302


def test_a_label_with_a_name_or_a_number_comes_back_to_be_changed(site: Site, lise: Person) -> None:
    maud = site.adviser("Maud")
    label = "Essai Maud, 06 12 34 56 78"

    for fields in ({"act": "add", "description": "Un texte"}, {"act": "rename", "theme": "jeunes"}):
        answer = lise.post("/animation/themes", label=label, **fields)
        assert answer.status_code == 422
        assert label in answer.text
        assert all(f'value="{value}"' in answer.text or f">\n{value}<" in answer.text for value in fields.values())
    assert label not in maud.get("/poser").text
    assert lise.post("/animation/termes", term="terme", label=label).status_code == 422
