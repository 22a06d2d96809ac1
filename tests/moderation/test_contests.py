"""A decision is contested once, reaches the animators, is answered by another than who took it, and the author reads the
answer. An author without a name stays so all along."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from comcep.moderation.models import Statement
from comcep.notify.models import Notification
from tests.community import Person, Site
from tests.moderation.deciding import CONTEST, decision, first_post, lines, read


class Scene:
    """Lise decides on Maud's message, Rose is another animator."""

    def __init__(self, site: Site, anonymous: str = "") -> None:
        self.site = site
        self.lise, self.rose = site.animator(), site.animator("Rose")
        self.maud = site.adviser("Maud", "apec")
        self.topic = self.maud.asks("Titre zqtitrezq", "Texte d'avant", anonymous=anonymous)
        self.message = first_post(self.maud, self.topic)

    def hides(self) -> str:
        self.lise.post(f"/messages/{self.message}/masquage", reason="Il désigne une personne.")
        return decision(self.site, self.maud)

    def contested(self, statement: str = "") -> str:
        """The address at which animators answer, after a contest."""
        statement = statement or self.hides()
        assert self.maud.post(f"{statement}/contestation", reason="Je ne désigne personne.").status_code == 302
        self.site.works()
        return CONTEST.findall(read(self.rose, "/animation"))[0]


@pytest.fixture
def scene(site: Site) -> Scene:
    return Scene(site)


def test_a_contest_reaches_every_animator_at_the_desk_by_a_notice_and_by_mail(scene: Scene) -> None:
    address = scene.contested()

    for animator in (scene.lise, scene.rose):
        assert "Je ne désigne personne." in read(animator, "/animation")
        assert "Une décision de l'animation est contestée" in read(animator, "/notifications")
        [mail] = animator.mails()
        assert address in mail
        for words in ("zqtitrezq", "désigne", "Maud", "Lise"):
            assert words not in mail
    assert "contestée" not in read(scene.site.adviser("Ines"), "/notifications")
    assert lines(scene.site)[-1] == ("contest", "")


def test_the_page_of_a_contest_shows_the_decision_who_took_it_and_what_the_author_says(scene: Scene) -> None:
    page = read(scene.rose, scene.contested())

    for words in ("Il désigne une personne.", "Lise Essai", "Je ne désigne personne.", "Maud Essai", "zqtitrezq"):
        assert words in page


def test_a_decision_is_contested_once(scene: Scene) -> None:
    statement = scene.hides()
    scene.contested(statement)
    second = scene.maud.post(f"{statement}/contestation", reason="Autre chose.")
    scene.site.works()

    assert second.status_code == 409
    assert "Autre chose." not in read(scene.maud, statement)
    assert "Je ne désigne personne." in read(scene.maud, statement)
    assert [kind for kind, _ in lines(scene.site)] == ["hide", "contest"]
    assert len(scene.rose.mails()) == 1


def test_a_contest_takes_words(scene: Scene) -> None:
    statement = scene.hides()

    assert scene.maud.post(f"{statement}/contestation", reason=" ").status_code == 422
    assert scene.maud.post(f"{statement}/contestation", reason="x" * 2001).status_code == 422
    assert [kind for kind, _ in lines(scene.site)] == ["hide"]


def test_what_restricts_nothing_cannot_be_contested(scene: Scene) -> None:
    scene.hides()
    scene.lise.post(f"/messages/{scene.message}/masquage", undo="1")
    shown = decision(scene.site, scene.maud)

    assert "Contester" not in read(scene.maud, shown)
    assert scene.maud.post(f"{shown}/contestation", reason="Non").status_code == 403
    assert [kind for kind, _ in lines(scene.site)] == ["hide", "show-again"]


@pytest.mark.parametrize(
    ("choice", "kind", "says"),
    [("keep", "keep-decision", "maintenue"), ("take-back", "take-back-decision", "reprise")],
)
def test_another_animator_answers_and_the_author_is_told_and_reads_it(
    scene: Scene, choice: str, kind: str, says: str
) -> None:
    statement = scene.hides()
    address = scene.contested(statement)

    scene.rose.post(address, decision=choice, reason="Après relecture.")
    scene.site.works()

    mail = scene.maud.mails()[-1]
    assert statement in mail
    assert "relecture" not in mail
    assert "L'animation répond à votre contestation" in read(scene.maud, "/notifications")
    page = read(scene.maud, statement)
    assert "Après relecture." in page
    assert says in page
    assert lines(scene.site)[-1] == (kind, "Après relecture.")
    assert "Je ne désigne personne." not in read(scene.rose, "/animation")
    assert "Rose Essai" in read(scene.lise, address)


def test_a_contest_is_answered_once(scene: Scene) -> None:
    address = scene.contested()
    scene.rose.post(address, decision="keep", reason="Première réponse.")

    assert scene.rose.post(address, decision="take-back", reason="Seconde.").status_code == 409
    assert 'name="decision"' not in read(scene.rose, address)
    with scene.site.app.app_context():
        assert db.session.scalar(select(Post.hidden_at)) is not None
    assert lines(scene.site)[-1] == ("keep-decision", "Première réponse.")


@pytest.mark.parametrize(
    "fields", [{"decision": "keep"}, {"reason": "Motif"}, {"decision": "autre", "reason": "Motif"}]
)
def test_an_answer_takes_a_choice_and_words(scene: Scene, fields: dict[str, str]) -> None:
    address = scene.contested()

    assert scene.rose.post(address, **fields).status_code == 422
    assert lines(scene.site)[-1][0] == "contest"


def test_who_decided_does_not_answer_while_another_can(scene: Scene) -> None:
    address = scene.contested()

    assert 'name="decision"' not in read(scene.lise, address)
    assert scene.lise.post(address, decision="keep", reason="Je maintiens.").status_code == 403
    assert lines(scene.site)[-1][0] == "contest"


def test_who_decided_answers_when_nobody_did_for_seven_days(scene: Scene) -> None:
    address = scene.contested()
    _age_contest(scene.site, days=6)
    assert scene.lise.post(address, decision="keep", reason="Je maintiens.").status_code == 403
    _age_contest(scene.site, days=8)

    assert scene.lise.post(address, decision="keep", reason="Je maintiens.").status_code == 302


def _age_contest(site: Site, days: int) -> None:
    with site.app.app_context():
        db.session.execute(update(Statement).values(contested_at=now() - timedelta(days=days)))
        db.session.commit()


def test_the_only_animator_answers(site: Site) -> None:
    scene = Scene(site)
    address = scene.contested()
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.id == scene.rose.member_id).values(state="suspended"))
        db.session.commit()

    assert scene.lise.post(address, decision="keep", reason="Je maintiens.").status_code == 302


def test_an_animator_never_answers_about_their_own_message(site: Site) -> None:
    scene = Scene(site)
    scene.maud = scene.rose
    scene.message = first_post(scene.rose, scene.rose.asks("Titre", "Texte"))
    scene.rose = site.animator("Zoe")
    address = scene.contested()

    assert scene.maud.post(address, decision="take-back", reason="C'est moi.").status_code == 403
    assert scene.rose.post(address, decision="keep", reason="Vu.").status_code == 302


@pytest.mark.parametrize("who", ["adviser", "hors_pair", "admin", "author", "anonymous"])
def test_nobody_else_reads_or_answers_contests(lite: Site, who: str) -> None:
    scene = Scene(lite)
    address = scene.contested()
    person = {
        "adviser": lambda: lite.adviser("Ines"),
        "hors_pair": lite.hors_pair,
        "admin": lambda: lite.person("Admin", "none", is_admin=True),
        "author": lambda: scene.maud,
        "anonymous": lite.anonymous,
    }[who]()

    assert person.get(address).status_code == 404
    assert person.post(address, decision="take-back", reason="Moi").status_code == 404


def test_a_decision_not_contested_has_no_page_for_animators(lite: Site) -> None:
    scene = Scene(lite)
    address = f"/animation/contestations/{scene.hides().rsplit('/', 1)[1]}"

    assert scene.rose.get(address).status_code == 404
    assert scene.rose.post(address, decision="take-back", reason="Non demandé").status_code == 404


def test_a_contest_in_a_group_is_read_by_the_groups_animators_only(lite: Site) -> None:
    scene = Scene(lite)
    inside = lite.person("Dedans", is_animator=True, in_group=True)
    maud = lite.adviser("Membre", in_group=True)
    message = first_post(maud, maud.asks("Titre zqgroupezq", section="groupe"))
    inside.post(f"/messages/{message}/masquage", reason="Motif")
    statement = decision(lite, maud)
    maud.post(f"{statement}/contestation", reason="Dit au groupe zqditzq.")
    lite.works()

    address = f"/animation/contestations/{statement.rsplit('/', 1)[1]}"
    with lite.app.app_context():
        told = select(Notification.member_id).where(Notification.kind == "contest")
        assert set(db.session.scalars(told)) == {inside.member_id}
    assert "zqditzq" in read(inside, address)
    for animator in (scene.lise, scene.rose):
        assert animator.get(address).status_code == 404
        assert animator.mails() == []
        assert "zq" not in read(animator, "/animation")
        assert "contestée" not in read(animator, "/notifications")
        assert str(message) not in read(animator, "/animation/journal")


def test_who_is_animator_no_more_loses_the_notice_and_the_mail(lite: Site) -> None:
    from comcep.notify import notifying, sending

    scene = Scene(lite)
    statement = scene.hides()
    scene.maud.post(f"{statement}/contestation", reason="Je ne désigne personne.")
    with lite.app.app_context():
        notifying.announce_contests()
        db.session.execute(update(Member).where(Member.id == scene.rose.member_id).values(is_animator=False))
        db.session.commit()
        sending.send_due_mails()

    assert scene.rose.mails() == []
    assert len(scene.lise.mails()) == 1
    assert "contestée" not in read(scene.rose, "/notifications")
    assert "notification à lire" not in read(scene.rose, "/")


# What taking back does.


def state(site: Site) -> tuple[bool, bool, str, str]:
    """Whether the message is hidden, its topic closed, and what they say."""
    with site.app.app_context():
        row = db.session.execute(select(Post.hidden_at, Topic.closed_at, Topic.title, Post.source).join(Topic)).one()
        return row.hidden_at is not None, row.closed_at is not None, row.title, row.source


EDITED = {"title": "Titre d'après", "body": "Texte d'après", "version": "1", "reason": "Motif"}


@pytest.mark.parametrize("taken_back", [True, False])
@pytest.mark.parametrize("act", ["hide", "close", "edit"])
def test_a_decision_taken_back_is_undone_and_one_kept_is_not(site: Site, act: str, taken_back: bool) -> None:
    scene = Scene(site)
    before = state(site)
    if act == "hide":
        scene.lise.post(f"/messages/{scene.message}/masquage", reason="Motif")
    elif act == "close":
        scene.lise.post(f"/sujets/{scene.topic}/fermeture", reason="Motif")
    else:
        scene.lise.post(f"/messages/{scene.message}/modifier", **EDITED)
    decided = state(site)
    address = scene.contested(decision(site, scene.maud))

    scene.rose.post(address, decision="take-back" if taken_back else "keep", reason="Relu.")

    assert decided != before
    assert state(site) == (before if taken_back else decided)
    undone = {"hide": "show-again", "close": "open-again", "edit": "edit"}[act]
    kinds = [kind for kind, _ in lines(site)]
    assert kinds == (
        [act, "contest", undone, "take-back-decision"] if taken_back else [act, "contest", "keep-decision"]
    )


def test_a_topic_moved_is_put_back_where_it_was(site: Site) -> None:
    scene = Scene(site)
    scene.lise.post(f"/sujets/{scene.topic}/deplacement", section="animateurs", reason="Motif")
    statement = decision(site, scene.maud)
    scene.maud.post(f"{statement}/contestation", reason="Il intéresse les pairs.")
    assert scene.maud.get(f"/sujets/{scene.topic}").status_code == 404

    address = f"/animation/contestations/{statement.rsplit('/', 1)[1]}"
    assert scene.rose.post(address, decision="take-back", reason="Relu.").status_code == 302

    assert "zqtitrezq" in read(scene.maud, "/rubriques/pairs")
    assert [kind for kind, _ in lines(site)] == ["move", "contest", "move", "take-back-decision"]


def test_a_text_given_back_bears_no_mark_of_animation_and_is_found_again(site: Site) -> None:
    scene = Scene(site)
    scene.lise.post(f"/messages/{scene.message}/modifier", **EDITED)
    address = scene.contested(decision(site, scene.maud))
    scene.rose.post(address, decision="take-back", reason="Relu.")
    site.works()

    assert "modifié par l'animation" not in read(scene.lise, f"/messages/{scene.message}")
    assert scene.maud.searches("zqtitrezq") == [scene.topic]
    assert "Texte d'après" in read(scene.maud, f"/messages/{scene.message}/historique")


def test_what_its_author_wrote_since_is_not_written_over(site: Site) -> None:
    scene = Scene(site)
    scene.lise.post(f"/messages/{scene.message}/modifier", **EDITED)
    scene.maud.post(f"/messages/{scene.message}/modifier", title="De Maud", body="De Maud", version="2")
    address = scene.contested(decision(site, scene.maud))

    scene.rose.post(address, decision="take-back", reason="Relu.")

    assert state(site) == (False, False, "De Maud", "De Maud")
    assert lines(site)[-1][0] == "take-back-decision"


def test_what_was_undone_before_the_answer_is_not_undone_twice(site: Site) -> None:
    scene = Scene(site)
    address = scene.contested()
    scene.lise.post(f"/messages/{scene.message}/masquage", undo="1")

    scene.rose.post(address, decision="take-back", reason="Relu.")

    assert [kind for kind, _ in lines(site)] == ["hide", "contest", "show-again", "take-back-decision"]


# Who wrote without their name.


def met(person: Person, address: str) -> str:
    """All that animators may meet of a contest: desk, page, journal, notices, mails."""
    pages = ("/animation", address, "/animation/journal", "/notifications")
    return "".join(read(person, page) for page in pages) + "".join(person.mails())


def test_an_author_without_a_name_is_named_nowhere_to_animators(site: Site) -> None:
    scene = Scene(site, anonymous="1")
    scene.lise.post(f"/messages/{scene.message}/modifier", **EDITED)
    address = scene.contested(decision(site, scene.maud))

    page = met(scene.rose, address).split("<main", 1)[1]
    assert "Conseiller·ère" in read(scene.rose, address)
    # The member's own line among those to welcome is no link to the message.
    panels = page.replace(read(scene.rose, "/animation").split('id="nouveaux"')[1].split("</section>")[0], "")
    for told in ("Maud", str(scene.maud.public_id), "Apec"):
        assert told not in panels


def test_an_animator_without_a_name_is_not_set_apart_by_a_contest(lite: Site) -> None:
    """Two sites, the same acts, only who wrote differs: an animator, or an adviser. Whoever decided sees the same."""
    seen = []
    for writer in ("Rose", "Maud"):
        with_site = _fresh(lite, writer)
        seen.append(with_site)
    assert seen[0] == seen[1]


def _fresh(site: Site, writer: str) -> tuple[bool, int, int, list[str]]:
    scene = Scene.__new__(Scene)
    scene.site = site
    scene.lise = site.people.get("Lise") or site.animator()
    scene.rose = site.people.get("Rose") or site.animator("Rose")
    scene.maud = scene.rose if writer == "Rose" else site.adviser(writer)
    scene.topic = scene.maud.asks(f"Titre de {len(site.people)}", "Texte", anonymous="1")
    scene.message = first_post(scene.maud, scene.topic)
    before = (len(scene.lise.mails()), len(scene.rose.mails()), len(lines(site)))
    statement = scene.hides()
    mails_of_statement = len(scene.rose.mails()) - before[1] if writer == "Rose" else 0
    scene.maud.post(f"{statement}/contestation", reason="Je ne désigne personne.")
    site.works()
    address = f"/animation/contestations/{statement.rsplit('/', 1)[1]}"
    may_answer = 'name="decision"' in read(scene.lise, address)
    of_lise = len(scene.lise.mails()) - before[0]
    of_rose = len(scene.rose.mails()) - before[1] - mails_of_statement
    kinds = [kind for kind, _ in lines(site)[before[2] :]]
    return may_answer, of_lise, of_rose, kinds
