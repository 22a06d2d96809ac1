"""What a network decided is told to who asked, by mail, once, and nothing before it is decided."""

from sqlalchemy import select

from comcep.accounts.models import Network
from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from comcep.notify import notifying
from tests.community import Person, Site


def requests(site: Site, *states: str, **what: object) -> list[Person]:
    people = [site.person(f"Z{state}", "none") for state in states]
    with site.app.app_context():
        network = db.session.scalar(select(Network.id).where(Network.slug == "apec"))
        for person, state in zip(people, states, strict=True):
            db.session.add(
                MembershipRequest(
                    member_id=person.member_id, network_id=network, asks_as="adviser", state=state, **what
                )
            )
        db.session.commit()
    return people


def test_only_what_was_decided_is_told_to_who_asked(lite: Site) -> None:
    waiting, withdrawn, accepted, refused = requests(
        lite, "waiting", "withdrawn", "accepted", "refused", reason="Inconnue de nous."
    )

    for _ in range(2):
        lite.works()

    assert waiting.mails() == withdrawn.mails() == []
    public = lite.app.config["PUBLIC_ADDRESS"]
    [mail] = accepted.mails()
    assert "Votre inscription est validée" in mail
    assert f"{public}/connexion" in mail
    assert "Inconnue" not in mail
    [mail] = refused.mails()
    assert "n'a pas validé" in mail
    assert "Inconnue de nous." in mail
    assert f"{public}/ma-demande" in mail


def test_a_hundred_decisions_told_before_do_not_keep_the_next_one_waiting(lite: Site) -> None:
    [old] = requests(lite, "refused")
    with lite.app.app_context():
        first = db.session.scalars(select(MembershipRequest)).one()
        first.told_at = first.created_at
        same = {"member_id": old.member_id, "network_id": first.network_id, "told_at": first.created_at}
        db.session.add_all(
            MembershipRequest(asks_as="adviser", state="refused", **same) for _ in range(notifying.BATCH)
        )
        db.session.commit()

    [accepted] = requests(lite, "accepted")
    lite.works()

    assert len(accepted.mails()) == 1
    assert old.mails() == []
