"""Themes as animators keep them and as they are suggested; rising terms; national themes; whether a solution served."""

import json
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from comcep.analytics import emerging
from comcep.analytics.models import ApprovedTerm
from comcep.analytics.themes import suggesting
from comcep.analytics.themes.predicting import Model, Unusable
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Theme, ThemeName, Topic, TopicTheme, TopicWorth
from comcep.secrets_file import secret
from tests.community import Person, Site
from tests.servers import ROOT, environment


@pytest.fixture
def lise(lite: Site) -> Person:
    return lite.animator()


def themes_of(site: Site, topic: int) -> set[tuple[str, str]]:
    with site.app.app_context():
        rows = (
            select(Theme.slug, TopicTheme.set_by)
            .join(TopicTheme, TopicTheme.theme_id == Theme.id)
            .join(Topic, Topic.id == TopicTheme.topic_id)
            .where(Topic.public_id == topic)
        )
        return {(row.slug, row.set_by) for row in db.session.execute(rows)}


def test_an_animator_classes_several_topics_at_once(lite: Site, lise: Person) -> None:
    maud = lite.adviser("Maud")
    topics = [maud.asks(f"Sujet {number}", themes=["vae-et-bilan"]) for number in range(3)]

    lise.post("/animation/themes", topics=[str(topic) for topic in topics], themes=["jeunes", "certifications"])

    expected = {("jeunes", "animator"), ("certifications", "animator")}
    assert [themes_of(lite, topic) for topic in topics] == [expected] * 3


def test_no_theme_or_four_are_refused_with_a_sentence(lite: Site, lise: Person) -> None:
    topic = lite.adviser("Maud").asks("Sujet", themes=["vae-et-bilan"])

    back = lise.post("/animation/themes", topics=[str(topic)], themes=[], tous="")

    assert "un à trois thèmes" in back.text
    assert f'value="{topic}" checked' in back.text
    assert themes_of(lite, topic) == {("vae-et-bilan", "author")}


def test_a_renamed_theme_keeps_its_address_and_its_history(lite: Site, lise: Person) -> None:
    lise.post("/animation/themes", act="rename", theme="jeunes", label="Moins de 26 ans")

    with lite.app.app_context():
        assert db.session.scalar(select(Theme.label).where(Theme.slug == "jeunes")) == "Moins de 26 ans"
        assert db.session.scalar(select(ThemeName.label)) == "Jeunes"


def test_a_merged_theme_is_offered_no_more_and_its_topics_are_found_under_the_other(lite: Site, lise: Person) -> None:
    maud = lite.adviser("Maud")
    topic = maud.asks("Sujet de jeunesse", themes=["jeunes"])

    lise.post("/animation/themes", act="merge", theme="jeunes", into="certifications")
    lite.works()

    assert 'value="jeunes"' not in maud.get("/poser").text
    found = maud.get("/recherche", query_string={"q": "sujet", "theme": "certifications"}).text
    assert f'data-id="{topic}"' in found


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"act": "merge", "theme": "jeunes", "into": "jeunes"}, "dans lui-même"),
        ({"act": "merge", "theme": "absent", "into": "jeunes"}, "pas"),
        ({"act": "add", "label": "  "}, "Donnez un nom"),
        ({"act": "add", "label": "JEUNES"}, "porte déjà ce nom"),
    ],
)
def test_a_change_of_themes_that_cannot_be_is_refused(
    lite: Site, lise: Person, fields: dict[str, str], sentence: str
) -> None:
    back = lise.post("/animation/themes", **fields)

    assert back.status_code == 422
    assert sentence in back.text.replace("&#39;", "'")


def test_themes_are_suggested_while_one_asks(lite: Site) -> None:
    maud = lite.adviser("Maud")

    page = maud.post("/poser/themes", title="VAE : préparer le jury et le livret 2").text

    assert re.findall(r'value="([a-z-]+)"', page)[0] == "vae-et-bilan"
    assert len(re.findall(r'type="checkbox"', page)) == 3


@pytest.mark.parametrize("typed", ["", "a", "\x00" * 30, "🙂" * 40, "x" * 20_000, "'; drop table theme;--" * 5])
def test_whatever_is_typed_suggestions_answer(lite: Site, typed: str) -> None:
    maud = lite.adviser("Maud")

    assert maud.post("/poser/themes", title=typed[:3000], body=typed[:3000]).status_code == 200


def test_probabilities_add_to_one_and_a_suggestion_takes_milliseconds_and_no_scikit_learn() -> None:
    code = (
        "import sys, time, resource\n"
        "from comcep.search import analysis\n"
        "from comcep.search.thesaurus import ways_to_say\nways_to_say()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "from comcep.text import embedding\nembedding.made_here()\n"
        "from comcep.analytics.themes.predicting import Model\n"
        "from comcep.analytics.themes.suggesting import SHIPPED\n"
        "model = Model.read(SHIPPED)\n"
        "text = ('Reste à charge après le CPF', 'Qui peut compléter ? ' * 20)\n"
        "assert abs(sum(model.probabilities(*text)) - 1) < 1e-6\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print('sklearn' in sys.modules, 'numpy' in sys.modules, (after - before) // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split()[:2] == ["False", "False"]


def test_a_file_that_is_no_model_of_this_version_is_refused_and_the_shipped_model_serves(
    lite: Site, tmp_path: Path
) -> None:
    for content in ("", "[]", '{"format": 99}', "\x00\x01"):
        path = tmp_path / "model.json"
        path.write_text(content)
        with pytest.raises(Unusable):
            Model.read(path)
    with lite.app.app_context():
        suggesting.trained_path().write_text("{}")
    maud = lite.adviser("Maud")

    assert 'type="checkbox"' in maud.post("/poser/themes", title="VAE et jury, que faire").text


def test_the_command_prints_a_line_of_json_for_each_topic(tmp_path: Path) -> None:
    topics = tmp_path / "topics.tsv"
    topics.write_text("VAE : le jury\tComment préparer ?\nGarantie jeunes et apprentissage\t\n", encoding="utf-8")
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "themes", "suggest", str(topics)]

    done = subprocess.run(
        command, cwd=ROOT, env=environment(tmp_path / "data"), capture_output=True, text=True, check=True
    )

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(line["themes"]) for line in lines] == [3, 3]
    assert lines[0]["themes"][0]["slug"] == "vae-et-bilan"
    assert lines[1]["themes"][0]["slug"] == "jeunes"
    assert all(0 <= each["probability"] <= 1 for line in lines for each in line["themes"])


def test_a_term_that_rises_is_shown_to_animators_and_to_the_committee_only_once_approved(
    lite: Site, lise: Person
) -> None:
    networks = ["fongecif", "pole-emploi", "apec"]
    for number in range(60):
        lite.adviser(f"Avant{number}", networks[number % 3]).asks(f"Une question ordinaire numéro {number}")
    age(lite, 45)
    for number in range(20):
        title = "Le passeport numérique" if number < 16 else "Une question ordinaire"
        lite.adviser(f"Pendant{number}", networks[number % 3]).asks(f"{title} cas {number}")
    age(lite, 15, newer_than=40)
    today = now().date()
    period = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today - timedelta(days=5))}

    draft = lise.post("/animation/syntheses", **period).location
    lite.works()
    page = lise.get(draft).text
    assert "passeport" in page
    assert 'data-table="emerging"' not in page

    with lite.app.app_context():
        found = emerging.rising(today - timedelta(days=30), today - timedelta(days=5))
    lise.post("/animation/termes", term=found[0].term, label=found[0].label, back=draft)
    with lite.app.app_context():
        from comcep.analytics.models import Digest

        db.session.execute(update(Digest).values(drafting_due=True))
        db.session.commit()
        assert db.session.scalar(select(ApprovedTerm.term)) == found[0].term
    lite.works()
    assert 'data-table="emerging"' in lise.get(draft).text


def age(site: Site, days: int, newer_than: int = 0) -> None:
    with site.app.app_context():
        since = now() - timedelta(days=newer_than) if newer_than else now() - timedelta(days=1)
        for kind in (Post, Topic):
            db.session.execute(
                update(kind).where(kind.created_at > since).values(created_at=now() - timedelta(days=days))
            )
        db.session.commit()


def test_a_national_theme_is_nominated_decided_and_followed_and_comments_stay_in_the_committee(lite: Site) -> None:
    committee, other = lite.hors_pair(is_committee=True), lite.hors_pair("Paul", is_committee=True)
    lise, maud = lite.animator(), lite.adviser("Maud")
    committee.post("/thematiques", title="Ordre de sollicitation", reason="Cela revient partout")
    number = re.findall(r'data-kind="national-theme" data-id="(\d+)"', maud.get("/thematiques").text)[0]
    committee.post(f"/thematiques/{number}/commentaires", words="Entre nous : prudence")

    lise.post(f"/thematiques/{number}/etat", step="done", outcome="Une fiche commune")

    assert "Entre nous : prudence" in other.get("/thematiques").text
    for reader in (maud, lise):
        page = reader.get("/thematiques").text
        assert "Ordre de sollicitation" in page
        assert "Une fiche commune" in page
        assert "prudence" not in page
    assert 'data-step="done"' in maud.get("/thematiques").text


def test_the_committee_is_told_of_a_digest_by_a_mail_that_says_nothing_of_it(lite: Site, lise: Person) -> None:
    committee, hors_pair = lite.hors_pair(is_committee=True), lite.hors_pair("Autre")
    today = now().date()
    period = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today - timedelta(days=5))}
    draft = lise.post("/animation/syntheses", **period).location
    lite.works()
    published = lise.post(draft, title="Un titre à taire", words="Des mots.", version="1", publish="1").location
    lite.works()
    lite.works()

    [mail] = committee.mails()
    assert published in mail
    assert "taire" not in mail
    assert hors_pair.mails() == []


def test_three_weeks_after_a_solution_who_asked_is_asked_once_whether_it_served(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi")
    topic = maud.asks("Une question")
    maud.solves(topic, ines.answers(topic, "La réponse"))
    address = maud.get(f"/sujets/{topic}").location
    assert "Cela a-t-il servi" not in maud.get(address).text
    assert maud.post(f"/sujets/{topic}/utilite", helped="yes").status_code == 403
    with lite.app.app_context():
        db.session.execute(update(Topic).values(solved_at=now() - timedelta(days=30)))
        db.session.commit()

    assert "Cela a-t-il servi" in maud.get(address).text
    assert "Cela a-t-il servi" not in ines.get(address).text
    assert ines.post(f"/sujets/{topic}/utilite", helped="no").status_code == 403
    maud.post(f"/sujets/{topic}/utilite", helped="yes")

    assert "Cela a-t-il servi" not in maud.get(address).text
    with lite.app.app_context():
        assert db.session.scalar(select(TopicWorth.helped)) is True


def test_the_key_of_the_noise_is_a_secret_of_the_installation(lite: Site, tmp_path: Path) -> None:
    with lite.app.app_context():
        kept = secret(lite.app.config["DATA"], "digest")

    assert len(kept) >= 40
    assert secret(tmp_path, "digest") != kept


def test_a_topic_without_a_theme_gets_the_model_s_where_it_is_certain(lite: Site) -> None:
    maud = lite.adviser("Maud")
    certain = maud.asks("VAE : le jury et le livret 2", "Comment préparer l'oral de la VAE ?")
    vague = maud.asks("Xylophone", "Merci d'avance.")
    ticked = maud.asks("VAE encore, le livret et le jury", "Le livret de VAE", themes=["jeunes"])
    lite.works()

    assert themes_of(lite, certain) == {("vae-et-bilan", "model")}
    assert themes_of(lite, vague) == set()
    assert themes_of(lite, ticked) == {("jeunes", "author")}
    assert "à classer" in lite.animator().get("/animation/themes").text


@pytest.mark.long
@pytest.mark.timeout(400)
def test_after_fifty_corrections_the_model_of_the_site_learns_again(lite: Site, lise: Person) -> None:
    maud = lite.adviser("Maud")
    topics = [str(maud.asks(f"Le dispositif Trampoline, cas {number}", "Comment l'ouvrir ?")) for number in range(50)]
    lise.post("/animation/themes", topics=topics, themes=["jeunes"])
    lite.works()

    with lite.app.app_context():
        trained = suggesting.trained_path()
    for _ in range(350):
        if trained.exists():
            break
        time.sleep(1)
    text = maud.post("/poser/themes", title="Une question sur le dispositif Trampoline").text
    assert re.findall(r'value="([a-z-]+)"', text)[0] == "jeunes"
