"""Following: who replies follows, one topic at a time, and is told of what others write there."""

from sqlalchemy import select

from comcep.extensions import db
from comcep.forum.models import Topic, TopicFollow
from tests.community import Person, Site


def followed(site: Site, person: Person) -> set[int]:
    """The topics somebody follows."""
    with site.app.app_context():
        own = select(Topic.public_id).join(TopicFollow, TopicFollow.topic_id == Topic.id)
        return set(db.session.scalars(own.where(TopicFollow.member_id == person.member_id)))


def test_who_asks_and_who_replies_follow_and_are_told_once_of_each_message(site: Site) -> None:
    maud, ines, lea = site.adviser("Maud"), site.adviser("Ines"), site.adviser("Lea")
    topic = maud.asks("Titre")
    assert followed(site, ines) == set()

    for number in range(2):
        ines.answers(topic, f"Réponse {number}")
    site.works()
    assert followed(site, maud) == followed(site, ines) == {topic}
    assert followed(site, lea) == set()
    assert ines.mails() == [], "nobody is told of their own message"

    maud.answers(topic, "Une précision")
    site.works()
    site.works()
    [mail] = ines.mails()
    assert "Un sujet que vous suivez a reçu un message" in mail
    assert lea.mails() == []


def test_unfollowing_one_topic_unfollows_that_one_for_that_member(site: Site) -> None:
    maud, ines = site.adviser("Maud"), site.adviser("Ines")
    first, second = maud.asks("Premier"), maud.asks("Second")
    for topic in (first, second):
        ines.post(f"/sujets/{topic}/suivi")
        ines.post(f"/sujets/{topic}/suivi")

    for _ in range(2):
        assert ines.post(f"/sujets/{first}/suivi", stop="1").status_code == 302

    assert followed(site, ines) == {second}
    assert followed(site, maud) == {first, second}
    site.works()
    maud.answers(first, "Un mot"), maud.answers(second, "Un autre")
    site.works()
    [mail] = ines.mails()
    assert f"/sujets/{second}" in mail


def test_who_stopped_following_follows_again_by_a_new_reply_only(site: Site) -> None:
    maud, ines = site.adviser("Maud"), site.adviser("Ines")
    topic = maud.asks("Titre")
    ines.answers(topic, "Réponse")
    ines.post(f"/sujets/{topic}/suivi", stop="1")

    ines.get(f"/sujets/{topic}", follow_redirects=True)
    maud.answers(topic, "Une précision")
    assert followed(site, ines) == set()

    ines.answers(topic, "Encore un mot")
    assert followed(site, ines) == {topic}
