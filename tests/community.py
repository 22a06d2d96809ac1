"""People of the tests and what they do: each signs in, asks, answers and reads through the real pages."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from comcep.access.viewer import Viewer
from comcep.accounts import devices, sessions
from comcep.accounts.models import Group, GroupMember, Member, Network, Referent, Region
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.commands import reference
from comcep.extensions import background, db
from comcep.forum.models import Category, Post, Section, Topic

ID = re.compile(r"/sujets/(\d{15})")
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]*')


def seen(answer: TestResponse) -> str:
    """A page without its form tokens, which carry the second they were made in: two pages can then be compared."""
    return TOKEN.sub("", answer.text)


def open_session(member_id: int) -> str:
    """A session of the member on a device of its own: the token that its cookie holds. In an application context."""
    member = db.session.execute(select(Member.id, Member.public_id).where(Member.id == member_id)).one()
    device, _ = devices.remember(member, "", "")
    token = sessions.open_session(member.id, device)
    db.session.commit()
    return token


@dataclass
class Person:
    """Somebody with a browser; anonymous when they have no member."""

    site: "Site"
    client: FlaskClient
    member_id: int | None = None
    public_id: int | None = None
    name: str = ""

    @property
    def viewer(self) -> Viewer:
        with self.site.app.app_context():
            return viewer_of_member(self.member_id) if self.member_id else Viewer()

    def signs_in(self) -> None:
        """Take up a session as the account allows now, without the password's cost."""
        if self.member_id is None:
            return
        with self.site.app.app_context():
            token = open_session(self.member_id)
        with self.client.session_transaction() as session:
            session[sessions.IN_COOKIE], session["_fresh"] = token, True

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(path, data=fields)

    def asks(
        self, title: str, body: str = "Avez-vous rencontré ce cas ?", section: str = "pairs", **fields: Any
    ) -> int:
        """Ask at /poser; the public id of the new topic."""
        answer = self.post(
            "/poser", title=title, body=body, section=section, kind=fields.pop("kind", "question"), **fields
        )
        assert answer.status_code == 302, answer.text
        found = ID.search(answer.location)
        assert found is not None
        return int(found[1])

    def answers(self, topic: int, body: str, **fields: Any) -> int:
        """Reply in a topic; the public id of the new post."""
        answer = self.post(f"/sujets/{topic}/messages", body=body, **fields)
        assert answer.status_code == 302, answer.text
        return int(answer.location.rsplit("#message-", 1)[1])

    def solves(self, topic: int, post: int) -> TestResponse:
        return self.post(f"/sujets/{topic}/resolution", post=str(post))

    def searches(self, query: str) -> list[int]:
        """The public ids of the topics found, in order."""
        page = self.get("/recherche", query_string={"q": query}).text
        return [int(number) for number in re.findall(r'class="topic result" data-kind="topic" data-id="(\d+)"', page)]

    def mails(self) -> list[str]:
        """The texts of the mails sent to this person, oldest first."""
        with self.site.app.app_context():
            address = db.session.scalar(select(Member.email).where(Member.id == self.member_id))
        return self.site.mails_to(address or "")

    def joins(self, **changes: str) -> None:
        """Ask to join, follow the link in the mail, choose a password, confirm, sign in."""
        fields = {**JOINING, **changes}
        password = fields.pop("password")
        asked = self.post("/rejoindre", **fields)
        assert asked.status_code == 200, asked.text
        self.site.works()
        link = self.site.joining_link(fields["email"])
        confirmed = self.post(link, **{**fields, "password": password})
        assert confirmed.status_code == 302, confirmed.text
        with self.site.app.app_context():
            member = db.session.scalars(select(Member).where(Member.email == fields["email"])).one()
            self.member_id, self.public_id, self.name = member.id, member.public_id, member.name
        self.post("/connexion", email=fields["email"], password=password)


JOINING = {
    "name": "Zoé Nouvelle", "email": "zoe@essai.example", "password": "trois mots simples",
    "network": "missions-locales", "region": "53", "position": "adviser",
}  # fmt: skip


@dataclass
class Site:
    """An application with sections of every audience, and the people of a test."""

    app: Flask
    people: dict[str, Person] = field(default_factory=dict)

    def mails_to(self, address: str) -> list[str]:
        """The texts of the mails sent to an address, oldest first."""
        from email import message_from_bytes, policy

        folder = self.app.config["DATA"] / "mails"
        files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        messages = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [f"{m['Subject']}\n{m.get_content()}" for m in messages if m["To"] == address]

    def joining_link(self, address: str) -> str:
        """The path of the newest link that confirms an address."""
        links = re.findall(r"/rejoindre/adresse/\S+", "\n".join(self.mails_to(address)))
        return str(links[-1])

    def open(self) -> None:
        with self.app.app_context():
            reference.load()
            category = Category(name="Essais", position=99)
            for audience in ("public", "members", "peers", "animators"):
                slug = {"public": "publique", "members": "hors-pairs", "peers": "pairs", "animators": "animateurs"}[
                    audience
                ]
                db.session.add(Section(slug=slug, name=f"Rubrique {slug}", category=category, audience=audience))
            group = Group(name="Groupe des essais")
            db.session.add(
                Section(slug="groupe", name="Rubrique groupe", category=category, audience="group", group=group)
            )
            db.session.commit()

    def anonymous(self) -> Person:
        return Person(self, self.app.test_client())

    def person(self, name: str, standing: str = "adviser", network: str = "fongecif", **roles: Any) -> Person:
        """A new member, signed in."""
        with self.app.app_context():
            found = db.session.scalar(select(Network).where(Network.slug == network))
            region = db.session.scalar(select(Region).where(Region.code == roles.pop("region", "27")))
            in_group, referent_of = roles.pop("in_group", False), roles.pop("referent_of", None)
            member = Member(
                email=f"{name.lower()}@essai.example", name=f"{name} Essai", password_hash="x", session_key=f"cle-{name}",
                standing=standing, network=found, region=region, joined_at=now(), address_confirmed_at=now(), **roles,
            )  # fmt: skip
            db.session.add(member)
            db.session.flush()
            if in_group:
                group = db.session.scalar(select(Group.id).where(Group.name == "Groupe des essais"))
                db.session.add(GroupMember(group_id=group, member_id=member.id))
            if referent_of:
                network_id = db.session.scalar(select(Network.id).where(Network.slug == referent_of))
                db.session.add(Referent(member_id=member.id, network_id=network_id))
            db.session.commit()
            person = Person(self, self.app.test_client(), member.id, member.public_id, member.name)
        person.signs_in()
        self.people[name] = person
        return person

    def adviser(self, name: str, network: str = "fongecif", **roles: Any) -> Person:
        return self.person(name, "adviser", network, **roles)

    def animator(self, name: str = "Lise") -> Person:
        return self.person(name, "adviser", "missions-locales", is_animator=True)

    def hors_pair(self, name: str = "Agnes", **roles: Any) -> Person:
        return self.person(name, "hors_pair", "carif-oref", **roles)

    def works(self) -> None:
        """Let the background work be done."""
        background.run(self.app)

    def topic(self, public_id: int) -> Topic:
        """A topic's row, for looking behind the pages. Inside an application context."""
        return db.session.scalars(select(Topic).where(Topic.public_id == public_id)).one()

    def post(self, public_id: int) -> Post:
        return db.session.scalars(select(Post).where(Post.public_id == public_id)).one()
