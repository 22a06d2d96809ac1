"""The attacks of docs/anonymity.md against the digest, small; `make bench-anonymity` runs them large."""

import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from comcep.analytics.figures import Due, keyed
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from tests.attacks.communities import community, raw
from tests.attacks.intervals import participation
from tests.attacks.membership import advantage, plain_worst_case, private_worst_case, realistic, trials, worst_case
from tests.community import Person, Site

K = 5
SIZES = [50, 120, 300]


def test_who_knows_every_post_but_one_adviser_s_learns_little_of_them_where_a_plain_page_tells_all() -> None:
    tried = list(trials(range(150), SIZES, prolific=False))

    told = advantage((wrote, worst_case(of, target.number, wrote, secret)) for of, target, wrote, secret in tried)
    plain = advantage((wrote, plain_worst_case(of, target.number, wrote)) for of, target, wrote, _ in tried)

    assert told.value - told.half_width <= 0.35
    assert plain.value >= 0.95


def test_who_knows_only_the_members_and_their_habits_learns_next_to_nothing() -> None:
    tried = list(trials(range(60), SIZES, prolific=False))

    told = advantage((wrote, realistic(of, target, wrote, secret, 12)) for of, target, wrote, secret in tried)

    assert told.value - told.half_width <= 0.10


def test_the_private_mode_holds_its_bound() -> None:
    tried = list(trials(range(200), SIZES, prolific=True))

    told = advantage((wrote, private_worst_case(of, target.number, wrote, 1.0)) for of, target, wrote, _ in tried)

    assert told.value - told.half_width <= 0.4621  # tanh(1/2)


@pytest.mark.parametrize("seed", range(8))
def test_no_withheld_participation_can_be_bounded_to_fewer_than_k_values(seed: int) -> None:
    of = community(seed, [40, 80, 200, 500][seed % 4])
    figures = raw(of, b"secret")
    published = keyed(figures, K, [], Due(participation=True))

    bounded = participation(published, figures)

    assert bounded.narrowest is None or bounded.narrowest >= K


def test_a_theme_carried_by_one_prolific_adviser_never_shows() -> None:
    of = community(3, 120)
    prolific = of.advisers[0].number
    of.posts[prolific]["theme-20"] += 500

    published = keyed(raw(of, b"secret"), K, [], Due(participation=False))

    cell = published.cell("themes", "theme-20", "advisers")
    assert cell is not None
    assert cell.count is None


@pytest.mark.parametrize("seed", range(6))
def test_a_network_of_one_person_stands_alone_nowhere(seed: int) -> None:
    published = keyed(raw(community(seed, 150), b"secret"), K, [], Due(participation=True))

    rows = {cell.row for cell in published.table("networks")}
    assert not any(row == "réseau d'une personne" for row in rows)
    assert any("réseau d'une personne" in row for row in rows)


def test_the_same_advisers_give_the_same_figure_whatever_they_write() -> None:
    of = community(5, 300)
    before = keyed(raw(of, b"secret"), K, [], Due(participation=True))
    for posts in of.posts.values():
        for theme in list(posts):
            posts[theme] += 1
    after = keyed(raw(of, b"secret"), K, [], Due(participation=True))

    for table in ("networks", "regions"):
        assert before.table(table) == after.table(table)


@pytest.fixture
def canaries(lite: Site) -> tuple[Site, Person, Person, list[str]]:
    """Peers who write planted words; an animator and a committee member."""
    lise, committee = lite.animator(), lite.hors_pair(is_committee=True)
    planted = []
    for number in range(14):
        network = ["fongecif", "pole-emploi", "apec"][number % 3]
        phrase, amount = f"canari{number}xyzq", f"{7_700_000 + number}"
        lite.adviser(f"Zephyrin{number}", network).asks(
            f"Titre {phrase} planté", f"Texte {phrase} de {amount} euros à Quimperlé{number}", themes=["jeunes"]
        )
        planted += [phrase, amount, f"Zephyrin{number}", f"Quimperlé{number}"]
    with lite.app.app_context():
        old = now() - timedelta(days=20)
        db.session.execute(update(Post).values(created_at=old))
        db.session.execute(update(Topic).values(created_at=old))
        db.session.commit()
    return lite, lise, committee, planted


def test_no_planted_word_comes_out_of_any_channel_of_the_digest(
    canaries: tuple[Site, Person, Person, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    site, lise, committee, planted = canaries
    caplog.set_level(logging.DEBUG)
    today = now().date()
    period = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today - timedelta(days=5))}
    draft = lise.post("/animation/syntheses", **period).location
    site.works()
    quoted = f"Un texte {planted[0]} de {planted[1]} euros à {planted[3]}."
    assert lise.post(draft, title="Titre", words=quoted, version="1", publish="1").status_code == 422
    address = published(lise, draft)
    site.works()

    read = [committee.get(address), committee.get(f"{address}.csv"), committee.get(f"{address}.json"),
            committee.get("/comite"), committee.get("/comite/syntheses/colonnes.json"), committee.get("/thematiques"),
            committee.get("/notifications"), committee.get("/"), committee.get(draft), committee.get(address[:-1] + "0")]  # fmt: skip
    seen = " ".join(f"{answer.text} {answer.headers}" for answer in read) + " ".join(committee.mails()) + caplog.text
    words = [word for word in planted if re.search(rf"\b{re.escape(word)}\b", seen)]
    assert words == []


def published(lise: Person, draft: str) -> str:
    answer = lise.post(draft, title="Titre", words="Nos mots.", version="2", publish="1")
    assert answer.status_code == 302, answer.text
    return answer.location


def test_what_the_committee_reads_has_no_date_of_its_making_but_its_publication(
    canaries: tuple[Site, Person, Person, list[str]],
) -> None:
    site, lise, committee, _ = canaries
    today = now().date()
    period = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today - timedelta(days=5))}
    draft = lise.post("/animation/syntheses", **period).location
    site.works()
    address = lise.post(draft, title="Titre", words="Nos mots.", version="1", publish="1").location

    answer = committee.get(f"{address}.json")

    assert answer.headers.get("Last-Modified") is None
    assert answer.headers.get("ETag") is None
    assert "no-store" in answer.headers["Cache-Control"]
    assert set(re.findall(r"20\d\d-\d\d-\d\d", answer.text)) == {
        period["starts_on"], period["ends_on"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        "/comite/syntheses/{id}?starts_on=2017-01-01&ends_on=2017-01-02",
        "/comite/syntheses/{off}",
        "/comite/syntheses/{off}.csv",
        "/comite/syntheses/{id}.xlsx",
        "/comite/syntheses/{id}/brut",
        "/animation/syntheses/{id}",
        "/animation/themes",
        "/animation/syntheses",
    ],
)
def test_the_committee_gets_no_other_period_no_raw_export_and_no_id_one_off(
    canaries: tuple[Site, Person, Person, list[str]], asked: str
) -> None:
    site, lise, committee, _ = canaries
    today = now().date()
    period = {"starts_on": str(today - timedelta(days=30)), "ends_on": str(today - timedelta(days=5))}
    draft = lise.post("/animation/syntheses", **period).location
    site.works()
    address = lise.post(draft, title="Titre", words="Nos mots.", version="1", publish="1").location
    number = address.rsplit("/", 1)[1]

    answer = committee.get(asked.format(id=number, off=int(number) + 1))

    if "?" in asked:  # the same page, whatever period is asked for
        assert answer.text.count("data-table") == committee.get(address).text.count("data-table")
    else:
        assert answer.status_code == 404
