"""A demo stays on its machine and shows each account its own mails; wake-up calls go through SQLite or Redis."""

import os
import re

import pytest
import redis
from sqlalchemy import select

from comcep.accounts import site as facts
from comcep.accounts.models import Member
from comcep.extensions import background, db
from comcep.settings import SettingsError
from tests.community import JOINING, Site, seen
from tests.conftest import build_app, close

REDIS = os.environ.get("COMCEP_TEST_REDIS", "redis://127.0.0.1:6379/9")


@pytest.fixture
def demo(tmp_path):  # type: ignore[no-untyped-def]
    first = build_app("sqlite", tmp_path / "data")
    with first.app_context():
        facts.set_fact(facts.DEMO, "x")
        db.session.commit()
    close(first)
    from comcep import create_app

    app = create_app(
        {"DATA": tmp_path / "data", "TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    )
    site = Site(app)
    site.open()
    yield site
    close(app)


def test_a_demo_answers_this_machine_only(demo: Site) -> None:
    client = demo.app.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.168.1.7"}).status_code == 403
    assert client.get("/", headers={"Host": "ailleurs.example"}).status_code == 400


def test_a_demo_refuses_to_listen_elsewhere(demo: Site) -> None:
    from comcep import create_app

    with pytest.raises(SettingsError, match="this machine only"):
        create_app({"DATA": demo.app.config["DATA"], "HOST": "0.0.0.0"})


def test_each_demo_account_reads_its_own_mails(demo: Site) -> None:
    maud, ines = demo.adviser("Maud"), demo.adviser("Ines")
    ines.answers(maud.asks("Question"), "Réponse")
    demo.works()

    assert "Une réponse à votre question" in maud.get("/boite-de-demo").text
    assert "Une réponse à votre question" not in ines.get("/boite-de-demo").text
    assert demo.anonymous().get("/boite-de-demo").status_code == 404


def test_an_asker_of_a_demo_finds_the_link_there_and_nothing_else_of_the_address(demo: Site) -> None:
    maud, ines, newcomer = demo.adviser("Maud"), demo.adviser("Ines"), demo.anonymous()
    ines.answers(maud.asks("Question"), "Réponse")
    asked = {name: value for name, value in JOINING.items() if name != "password"}
    pages = []
    for address in (asked["email"], "maud@essai.example"):
        page = newcomer.post("/rejoindre", **{**asked, "email": address})
        pages.append(seen(page).replace(address, ""))
        assert 'href="/boite-de-demo"' in page.text
        demo.works()
        assert "Une réponse" not in newcomer.get("/boite-de-demo").text

    assert pages[0] == pages[1]
    assert "/rejoindre/adresse/" not in newcomer.get("/boite-de-demo").text
    newcomer.post("/rejoindre/lien", email=asked["email"])
    link = re.findall(r"/rejoindre/adresse/[^\"<\s]+", newcomer.get("/boite-de-demo").text)[0]
    assert newcomer.post(link, **asked, password=JOINING["password"]).status_code == 302
    with demo.app.app_context():
        assert list(db.session.scalars(select(Member.email).where(Member.is_demo))) == [asked["email"]]


def test_opening_a_topic_reads_its_notifications(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Question")
    ines.answers(topic, "Réponse")
    lite.works()
    assert "1 notification à lire" in maud.get("/").text

    maud.get(f"/sujets/{topic}", follow_redirects=True)

    assert "notification à lire" not in maud.get("/").text


def test_a_wake_up_call_goes_through_redis(tmp_path) -> None:  # type: ignore[no-untyped-def]
    try:
        redis.Redis.from_url(REDIS).flushdb()
    except redis.ConnectionError as away:
        if os.environ.get("CI"):
            pytest.fail(f"Redis is required in CI: {away}")
        pytest.skip(f"no Redis at hand: {away}")
    app = build_app("sqlite", tmp_path / "data", REDIS_URL=REDIS)
    background.wake(app)

    queue = app.extensions["background"]
    assert queue.pending_count() == 1
    queue.execute(queue.dequeue())
    assert queue.pending_count() == 0
    close(app)


def test_rerendering_follows_the_rules(lite: Site) -> None:
    from sqlalchemy import update

    from comcep.forum.models import Post

    lite.adviser("Maud").asks("Sujet", "Du **gras**")
    with lite.app.app_context():
        db.session.execute(update(Post).values(html="<p>ancien</p>", rules=0))
        db.session.commit()

    done = lite.app.test_cli_runner().invoke(args=["posts", "rerender"])

    assert done.exit_code == 0, done.output
    with lite.app.app_context():
        assert "<strong>gras</strong>" in (db.session.scalar(select(Post.html)) or "")
