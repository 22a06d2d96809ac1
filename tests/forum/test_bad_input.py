"""What bad input gets: a sentence in French beside the field, what was typed kept, nothing half-written."""

import pytest
from sqlalchemy import func, select

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from tests.community import Person, Site


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


def written(site: Site) -> tuple[int, int]:
    with site.app.app_context():
        return db.session.scalar(select(func.count(Topic.id))) or 0, db.session.scalar(select(func.count(Post.id))) or 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "Donnez un titre"),
        ({"title": " \u200b\x00\u202e ".replace("\u200b", "")}, "Donnez un titre"),
        ({"title": "x" * 201}, "201 caractères ; 200 au plus"),
        ({"body": ""}, "Écrivez votre message"),
        ({"body": "\x00\x01\x02"}, "Écrivez votre message"),
        ({"body": "x" * 100_001}, "100001 caractères"),
        ({"section": "inconnue"}, "Cette rubrique n'existe pas ou ne vous est pas ouverte"),
        ({"section": ""}, "Choisissez une rubrique"),
        ({"section": "animateurs"}, "Cette rubrique n'existe pas ou ne vous est pas ouverte"),
        ({"kind": "nimporte"}, "À corriger"),
        ({"themes": ["jeunes", "indemnisation", "certifications", "vae-et-bilan"]}, "Trois thèmes au plus"),
    ],
)
def test_a_question_that_cannot_be_is_said_and_kept(site: Site, maud: Person, fields: dict, sentence: str) -> None:  # type: ignore[type-arg]
    form = {"title": "Titre gardé", "body": "Corps gardé", "section": "pairs", "kind": "question", **fields}

    answer = maud.post("/poser", **form)

    page = answer.text.replace("&#39;", "'")
    assert answer.status_code == 422
    assert sentence in page
    assert "Titre gardé" in page or "title" in fields
    assert "Corps gardé" in page or "body" in fields
    assert written(site) == (0, 0)


@pytest.mark.parametrize(
    "body",
    ["**", "[](", "```", "> " * 5000, "| a | b", "![", "<div", "&#xFFFFFF;", "\\" * 999, "🙂 שלום مرحبا", "\ud800 seul", "*" * 9000,
     "[a]: x"],
)  # fmt: skip
def test_any_markdown_is_published_as_some_text(maud: Person, body: str) -> None:
    topic = maud.asks("Un texte étrange", body.encode("utf-8", "replace").decode())

    assert maud.get(f"/sujets/{topic}", follow_redirects=True).status_code == 200


def test_a_section_closed_meanwhile_keeps_the_text(site: Site, maud: Person) -> None:
    topic = maud.asks("Avant la fermeture")
    with site.app.app_context():
        db.session.scalars(select(Section).where(Section.slug == "pairs")).one().closed_at = now()
        db.session.commit()

    asked = maud.post("/poser", title="Trop tard", body="Mon long texte", section="pairs", kind="question")
    replied = maud.post(f"/sujets/{topic}/messages", body="Mon long texte")

    assert "fermée" in asked.text
    assert "Mon long texte" in asked.text
    assert replied.status_code == 409
    assert "Mon long texte" in replied.text
    assert written(site) == (1, 1)


def test_two_people_who_edit_at_once_both_keep_their_text(site: Site, maud: Person) -> None:
    lise = site.animator()
    topic = maud.asks("Titre", "Version un")
    with site.app.app_context():
        post = db.session.scalar(select(Post.public_id))
    lise.post(f"/messages/{post}/modifier", title="Titre", body="Version de Lise", version="1", reason="Motif")

    second = maud.post(f"/messages/{post}/modifier", title="Titre", body="Version de Maud", version="1")

    assert second.status_code == 409
    assert "Version de Lise" in second.text
    assert "Version de Maud" in second.text
    assert 'name="version" value="2"' in second.text
    page = maud.get(f"/sujets/{topic}", follow_redirects=True).text
    assert "Version de Lise" in page
    assert "Version de Maud" not in page


def test_two_clicks_make_one_post(site: Site, maud: Person) -> None:
    topic = maud.asks("Un clic", submission="formulaire-1")
    assert maud.asks("Un clic", submission="formulaire-1") == topic
    answer = maud.answers(topic, "Une réponse", submission="formulaire-2")
    assert maud.answers(topic, "Une réponse", submission="formulaire-2") == answer

    assert written(site) == (1, 2)


def test_eight_clicks_at_once_make_one_post(site: Site, maud: Person) -> None:
    from concurrent.futures import ThreadPoolExecutor

    topic = maud.asks("Un clic de trop")
    twins = [Person(site, site.app.test_client(), maud.member_id) for _ in range(8)]
    for twin in twins:
        twin.signs_in()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda twin: twin.answers(topic, "La même réponse", submission="formulaire"), twins))

    assert len(set(answers)) == 1
    assert written(site) == (1, 2)


def test_replies_at_once_are_all_counted(site: Site, maud: Person) -> None:
    from concurrent.futures import ThreadPoolExecutor

    topic = maud.asks("Tous à la fois")
    people = [site.adviser(f"Pair{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda person: person.answers(topic, f"Réponse de {person.name}"), people))

    with site.app.app_context():
        assert site.topic(topic).posts_count == 9
        section = db.session.scalars(select(Section).where(Section.slug == "pairs")).one()
        assert (section.topics_count, section.posts_count) == (1, 9)


def test_the_same_text_sent_twice_without_the_forms_number_is_one_post(site: Site, maud: Person) -> None:
    site.app.config["RATELIMIT_ENABLED"] = True
    topic = maud.asks("Sans numéro")

    assert maud.asks("Sans numéro") == topic


@pytest.mark.parametrize("page", ["0", "-1", "1000000000000", "9" * 40, "abc", "", "²", "1e3", "%00"])
def test_a_page_number_that_means_nothing_gives_a_page(maud: Person, page: str) -> None:
    topic = maud.asks("Sujet")
    for address in (f"/sujets/{topic}-sujet", "/rubriques/pairs", "/actifs", "/membres", "/recherche?q=sujet"):
        sign = "&" if "?" in address else "?"
        assert maud.get(f"{address}{sign}page={page}", follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "address", ["/sujets/1", "/sujets/999999999999999", "/messages/0", "/sujets/1e5", "/membres/123456789012345"]
)
def test_an_unknown_id_is_a_page_not_found(maud: Person, address: str) -> None:
    assert maud.get(address).status_code == 404


@pytest.mark.parametrize("post", ["", "1", "999999999999999", "abc"])
def test_a_solution_that_is_no_post_changes_nothing(maud: Person, post: str) -> None:
    topic = maud.asks("Question")

    assert maud.post(f"/sujets/{topic}/resolution", post=post).status_code in (400, 404)
    assert 'data-state="open"' in maud.get(f"/sujets/{topic}", follow_redirects=True).text


def test_a_question_cannot_solve_itself_nor_by_another_topics_post(site: Site, maud: Person) -> None:
    topic, other = maud.asks("Question"), maud.asks("Autre question", "Autre texte")
    elsewhere = maud.answers(other, "Réponse d'ailleurs")
    with site.app.app_context():
        first = db.session.scalar(select(Post.public_id).order_by(Post.id).limit(1))

    assert maud.solves(topic, elsewhere).status_code == 400
    assert maud.solves(topic, first or 0).status_code == 400


def test_an_expired_form_is_offered_again_with_its_text(site: Site, maud: Person) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True

    answer = maud.post("/poser", title="Titre", body="Un texte long à écrire", section="pairs", csrf_token="périmé")

    assert "avait expiré" in answer.text
    assert "Un texte long à écrire" in answer.text
    assert written(site) == (0, 0)


def test_signed_out_while_writing_the_text_comes_back_with_the_sign_in_form(site: Site) -> None:
    answer = site.anonymous().post("/poser", title="Titre", body="Texte de vingt minutes", section="pairs")

    assert answer.status_code == 404
    assert "Texte de vingt minutes" in answer.text
    assert 'name="password"' in answer.text


def test_a_body_past_the_request_limit_is_refused_with_a_sentence(maud: Person) -> None:
    answer = maud.post("/poser", title="Titre", body="é" * 600_000, section="pairs")

    assert answer.status_code == 413
    assert "Raccourcissez" in answer.text


def test_personal_data_is_shown_before_publication_and_the_author_decides(site: Site, maud: Person) -> None:
    form = {
        "title": "Un cas",
        "body": "Elle est née le 12/03/1984, son numéro : 06 12 34 56 78.",
        "section": "pairs",
        "kind": "question",
    }

    warned = maud.post("/poser", **form)
    assert warned.status_code == 422
    assert "06 12 34 56 78" in warned.text
    assert 'name="confirm"' in warned.text
    assert written(site) == (0, 0)

    assert maud.post("/poser", **form, confirm="1").status_code == 302
    assert "Un cas" in site.animator().get("/animation").text.split("malgré un avertissement")[1]


def test_a_request_decided_twice_keeps_the_first_word(site: Site) -> None:
    from comcep.accounts.models import Member, Network
    from comcep.membership.models import MembershipRequest

    referent = site.hors_pair("Nadia", referent_of="fongecif")
    asker = site.person("Zoe", "none")
    with site.app.app_context():
        network = db.session.scalar(select(Network.id).where(Network.slug == "fongecif"))
        request = MembershipRequest(member_id=asker.member_id, network_id=network, asks_as="adviser")
        db.session.add(request)
        db.session.commit()
        address = f"/demandes/{request.public_id}/decision"

    assert referent.post(address, decision="nimporte").status_code == 422
    assert referent.post(address, decision="refuse", reason="Inconnue ici.").status_code == 302
    again = referent.post(address, decision="accept")
    assert again.status_code == 409
    assert "avait déjà été refusée" in again.text
    with site.app.app_context():
        assert db.session.scalar(select(Member.standing).where(Member.id == asker.member_id)) == "none"


@pytest.mark.parametrize(
    "query",
    ["", "   ", "le la de des", "x" * 10_000, '"cpf ouvert', "((((", "AND OR NOT", "*", "-", "a:b:c", "\x00", "🙂", "مرحبا", "((a+)+)+$",
     "%", "_", "cpf~99", "[a TO z]", "'; drop table post; --"],
)  # fmt: skip
def test_any_search_answers_with_results_or_a_sentence(site: Site, maud: Person, query: str) -> None:
    maud.asks("Question sur le CPF")
    site.works()

    answer = maud.get("/recherche", query_string={"q": query})

    assert answer.status_code == 200
    if query == "le la de des":
        assert "trop courants" in answer.text
    if len(query) > 300:
        assert "300 premiers caractères" in answer.text


def test_a_full_disk_is_said_and_loses_nothing(site: Site, maud: Person) -> None:
    """SQLite told that its disk is full: the page says so, the text comes back, what was acknowledged stays."""
    if site.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        return
    from sqlalchemy import event, text

    kept = maud.asks("Avant le disque plein")
    with site.app.app_context():
        pages = db.session.scalar(text("pragma page_count"))
        engine = db.engine

    def limit(connection, _record, _proxy) -> None:  # type: ignore[no-untyped-def]
        connection.execute(f"pragma max_page_count={pages}")

    event.listen(engine, "checkout", limit)
    answer = maud.post(f"/sujets/{kept}/messages", body="Un texte " + "long " * 9000)
    event.remove(engine, "checkout", limit)

    assert answer.status_code == 503
    assert "disque est plein" in answer.text
    assert "Un texte long" in answer.text
    assert maud.get(f"/sujets/{kept}", follow_redirects=True).status_code == 200


def test_a_locked_database_is_said_and_the_text_comes_back(lite: Site) -> None:
    import sqlite3

    from sqlalchemy import event

    maud = lite.adviser("Maud")
    topic = maud.asks("Avant le verrou")
    with lite.app.app_context():
        event.listen(db.engine, "checkout", lambda connection, *_: connection.execute("pragma busy_timeout=50"))
    holder = sqlite3.connect(lite.app.config["DATA"] / "comcep.sqlite3", isolation_level=None)
    holder.execute("begin immediate")
    answer = maud.post(f"/sujets/{topic}/messages", body="Un texte à garder")
    holder.execute("rollback")

    assert answer.status_code == 503
    assert "Un texte à garder" in answer.text


def test_a_missing_or_broken_index_is_rebuilt_while_the_forum_works(lite: Site) -> None:
    import shutil

    maud = lite.adviser("Maud")
    topic = maud.asks("Question sur la VAE")
    lite.works()
    index = lite.app.config["DATA"] / "index"

    for damage in ("removed", "truncated"):
        if damage == "removed":
            shutil.rmtree(index)
        else:
            for file in next(index.glob("*/peers")).iterdir():
                file.write_bytes(b"")
        page = maud.get("/recherche?q=vae")
        assert page.status_code == 200
        assert maud.get("/").status_code == 200
        lite.works()
        lite.works()
        assert maud.searches("vae") == [topic]
