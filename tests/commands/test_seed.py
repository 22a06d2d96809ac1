"""The January community against the printed figures, and the demo from its loading to its removal."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from comcep.accounts.models import Member
from comcep.commands.community import largest_remainder
from comcep.commands.reference import table
from comcep.extensions import db
from comcep.forum.models import Category, Post, Section, Topic
from tests.community import Site
from tests.conftest import build_app, close


def run(app, *command: str):  # type: ignore[no-untyped-def]
    done = app.test_cli_runner().invoke(args=list(command))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def january(tmp_path: Path):  # type: ignore[no-untyped-def]
    app = build_app("sqlite", tmp_path / "data")
    run(app, "seed", "january")
    yield app
    close(app)


def test_january_holds_exactly_the_printed_figures(january) -> None:  # type: ignore[no-untyped-def]
    figures = json.loads(run(january, "seed", "report", "--json"))

    assert {name: figure["held"] for name, figure in figures.items()} == {
        "members": 319, "advisers": 282, "others": 37, "topics": 97, "posts": 518, "fongecif-opacif": 113,
        "missions-locales": 78, "pole-emploi": 36, "cap-emploi": 28, "apec": 27,
    }  # fmt: skip
    assert all(figure["printed"] == figure["held"] for figure in figures.values())


def test_sections_hold_the_printed_shares(january) -> None:  # type: ignore[no-untyped-def]
    with january.app_context():
        of_category = select(Category.name, func.count(Topic.id)).join(Section, Section.category_id == Category.id)
        topics = dict(
            db.session.execute(of_category.join(Topic, Topic.section_id == Section.id).group_by(Category.name)).all()
        )
        counted = db.session.execute(select(func.sum(Section.topics_count), func.sum(Section.posts_count))).one()

    assert topics["Les échanges de pratiques"] == 22
    assert topics["Échanges hors pairs"] == 18
    assert sum(topics.values()) == 97
    assert tuple(counted) == (97, 518)


def test_no_two_replies_are_the_same(january) -> None:  # type: ignore[no-untyped-def]
    with january.app_context():
        sources = list(db.session.scalars(select(Post.source)))

    assert len(set(sources)) == len(sources) == 518


def test_a_second_load_is_refused(january) -> None:  # type: ignore[no-untyped-def]
    done = january.test_cli_runner().invoke(args=["seed", "january"])

    assert done.exit_code != 0
    assert "déjà des membres" in done.output


def test_largest_remainder_adds_up() -> None:
    assert largest_remainder([1, 1, 1], 100) == [34, 33, 33]
    assert sum(largest_remainder([3, 5, 23, 5, 17, 4, 6, 19, 15, 4], 97)) == 97


def test_the_demo_holds_the_cases_lives_today_and_leaves_without_a_trace(lite: Site) -> None:
    app = lite.app
    with app.app_context():
        for row in db.session.scalars(select(Section).where(Section.name.like("Rubrique %"))):
            db.session.delete(row)
        db.session.commit()
    run(app, "demo", "load")
    with app.app_context():
        states = dict(db.session.execute(select(Topic.title, Topic.state)).all())
    expected = {"solved": "solved", "partial": "answered", "no_solution": "answered", "open": "open"}
    assert {case["title"]: states.get(case["title"]) for case in table("cases.tsv")} == {
        case["title"]: expected[case["state"]] for case in table("cases.tsv")
    }
    person = lite.anonymous()
    person.post("/connexion", email="animatrice@demo.example", password="comcep-demo")
    desk = person.get("/animation").text
    assert desk.count('<li><a href="/sujets/') > 5
    assert len(re.findall(r'href="/comite/syntheses/\d+"', person.get("/comite").text)) == 1

    run(app, "demo", "remove")
    with app.app_context():
        assert db.session.scalar(select(func.count(Member.id))) == 0
        assert db.session.scalar(select(func.count(Topic.id))) == 0
        assert db.session.scalar(select(func.count(Section.id))) > 10


def test_the_demo_refuses_to_run_beside_a_real_member(lite: Site) -> None:
    from comcep.accounts import site

    with lite.app.app_context():
        site.set_fact(site.DEMO, "x")
        db.session.commit()
    lite.adviser("Vraie")

    done = lite.app.test_cli_runner().invoke(args=["serve"])

    assert done.exit_code != 0
    assert "vrais membres" in done.output
