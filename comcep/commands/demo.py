"""`flask demo`: the community of January with its dates brought to today, the real cases as topics, accounts to try.

A demo is a state of the database: it listens on this machine only, sends no mail, and never stands beside real members.
"""

import random
import shutil
from dataclasses import dataclass
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete, func, select, update

from comcep.access.viewer import Viewer
from comcep.accounts import passwords, site
from comcep.accounts.models import GroupMember, Member, Network, Referent, Region
from comcep.accounts.viewing import viewer_of_member
from comcep.analytics import drafting, releasing
from comcep.clock import now
from comcep.commands import growing, reference
from comcep.commands.community import SECTION_OF_THEME, Community, Said, Thread
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.forum.models import Section, Topic
from comcep.moderation import acting

PASSWORD = "comcep-demo"  # noqa: S105  (a demo's, on this machine only)


@dataclass(frozen=True)
class Account:
    """A demo account: what it may do, and how the start page presents it."""

    email: str
    name: str
    says: str
    network: str
    standing: str = "adviser"
    role: str = ""


ACCOUNTS = (
    Account("conseillere@demo.example", "Maud Perrin-Demo", "conseillère (Fongecif)", "fongecif"),
    Account("conseiller@demo.example", "Ilyes Caradec-Demo", "conseiller (Pôle emploi)", "pole-emploi"),
    Account("horspair@demo.example", "Agnès Valory-Demo", "hors pair (Carif-Oref)", "carif-oref", "hors_pair"),
    Account(
        "animatrice@demo.example",
        "Lise Morvan-Demo",
        "animatrice (Mission locale)",
        "missions-locales",
        role="animator",
    ),
    Account(
        "comite@demo.example", "Paul Estève-Demo", "comité opérationnel", "tetes-de-reseau", "hors_pair", "committee"
    ),
    Account(
        "referente@demo.example",
        "Nadia Roussel-Demo",
        "référente des réseaux",
        "tetes-de-reseau",
        "hors_pair",
        "referent",
    ),
    Account("admin@demo.example", "Administration-Demo", "administration technique", "", "none", "admin"),
)

FRESH_HOURS = (2, 5, 9, 20, 26, 31, 40, 47, 53, 70, 97)  # ages of the newest open questions: the desk has some of each


@click.group()
def demo() -> None:
    """La démonstration."""


@demo.command("load")
@with_appcontext
def load_command() -> None:
    """Charge la démonstration dans une base vide."""
    ensure_schema()
    if not site.is_empty():
        raise click.UsageError("La base contient déjà des membres.")
    load()


@demo.command("grow")
@click.option("--advisers", default=900, show_default=True, help="Conseillers en plus de ceux de janvier 2017.")
@with_appcontext
def grow_command(advisers: int) -> None:
    """Charge dans une base vide une démonstration plus grande, avec trois synthèses qui se suivent."""
    ensure_schema()
    if not site.is_empty():
        raise click.UsageError("La base contient déjà des membres.")
    load(more_advisers=advisers)


@demo.command("remove")
@with_appcontext
def remove() -> None:
    """Efface les personnes et les messages de la démonstration ; les rubriques, réseaux et thèmes restent."""
    ensure_schema()
    if site.fact(site.DEMO) is None:
        raise click.UsageError("Ce n'est pas une démonstration.")
    refuse_beside_real_members()
    kept = {"network", "region", "theme", "category", "section", "peer_group"}
    db.session.execute(update(Section).values(topics_count=0, posts_count=0, last_post_id=None))
    for table in reversed(db.metadata.sorted_tables):
        if table.name not in kept:
            db.session.execute(delete(table))
    db.session.commit()
    for name in ("index", "mails"):
        shutil.rmtree(current_app.config["DATA"] / name, ignore_errors=True)
    click.echo("La démonstration est effacée. Ouvrez un premier compte : flask members create --help")


def refuse_beside_real_members() -> None:
    """Raise an error when a demo holds somebody who is not of the demo."""
    if site.fact(site.DEMO) is not None and db.session.scalar(select(func.count()).where(Member.is_demo.is_(False))):
        raise click.ClickException("Une démonstration ne tourne pas à côté de vrais membres : flask demo remove.")


def load(more_advisers: int = 0) -> None:
    """Build the whole demo in an empty database, in one transaction but for the digests; larger when asked."""
    reference.load()
    community = Community(newest=now())
    community.load_people()
    accounts = _load_accounts(community)
    community.plan_topics()
    _plan_cases(community)
    if more_advisers:
        growing.grow(community, more_advisers)
    community.write()
    site.set_fact(site.DEMO, now().isoformat())
    db.session.commit()
    current_app.config["DEMO"] = True
    animator = viewer_of_member(accounts["animatrice@demo.example"].id)
    _relay(animator)
    if more_advisers:
        growing.publish_three(animator)
        growing.nominate(viewer_of_member(accounts["comite@demo.example"].id), animator)
    else:
        _publish_digest(animator)


def _load_accounts(community: Community) -> dict[str, Member]:
    password_hash = passwords.hash_password(PASSWORD)
    region = db.session.scalar(select(Region).where(Region.code == "27"))
    members = {}
    for account in ACCOUNTS:
        member = Member(
            email=account.email,
            name=account.name,
            password_hash=password_hash,
            session_key=passwords.new_session_key(),
            network=community.networks.get(account.network),
            region=region,
            standing=account.standing,
            is_animator=account.role == "animator",
            is_committee=account.role == "committee",
            is_admin=account.role == "admin",
            is_demo=True,
            joined_at=now() - timedelta(days=200),
            address_confirmed_at=now(),
        )
        db.session.add(member)
        members[account.email] = member
    db.session.flush()
    # One demo referent for every network, so that a request to any of them finds its reader.
    for network_id in db.session.scalars(select(Network.id)):
        db.session.add(Referent(member_id=members["referente@demo.example"].id, network_id=network_id))
    group = db.session.scalar(select(Section.group_id).where(Section.audience == "group"))
    db.session.add(GroupMember(group_id=group, member_id=members["animatrice@demo.example"].id))
    community.animators.append(members["animatrice@demo.example"])
    community.advisers += [members["conseillere@demo.example"], members["conseiller@demo.example"]]
    return members


def _plan_cases(community: Community) -> None:
    """The real cases as questions: solved ones with their solution, others as far as the field got with them."""
    chance = random.Random(4)
    sections = {section.slug: section for section in db.session.scalars(select(Section))}
    cases = list(reference.table("cases.tsv"))
    chance.shuffle(cases)
    fresh = iter(FRESH_HOURS)
    for case in cases:
        section = sections[SECTION_OF_THEME.get(case["theme"], "aider-a-monter-un-dossier")]
        age = timedelta(days=4 + chance.random() ** 1.6 * 270)
        if case["state"] == "open":
            age = timedelta(hours=next(fresh, 24 * (5 + chance.random() * 20)))
        community.threads.append(_case(community, chance, section, case, age))


def _case(
    community: Community, chance: random.Random, section: Section, case: dict[str, str], age: timedelta
) -> Thread:
    words = community.fragments["cases"]
    author, asked = chance.choice(community.advisers), community.newest - age
    body = f"{chance.choice(words['came'])}\n\n{case['title']}\n\n{chance.choice(words['asked'])}"
    thread = Thread(section, "question", case["title"], case["theme"], [Said(author, body, asked)])
    if case["state"] != "open":
        found = (
            f"{chance.choice(words['found'])} {case['answer']}." if case["answer"] else chance.choice(words["nothing"])
        )
        answered = min(asked + timedelta(hours=chance.expovariate(1 / 14)), community.newest)
        thread.posts.append(Said(community.of_another_network(author), found, answered))
    thread.is_solved = case["state"] == "solved"
    return thread


def _relay(viewer: Viewer) -> None:
    """What an animator relayed lately from the hors-pairs section."""
    relayed = select(Topic).join(Section, Section.id == Topic.section_id).where(Section.slug == "echanges-hors-pairs")
    for topic in db.session.scalars(relayed.order_by(Topic.last_post_id.desc()).limit(2)):
        acting.relay(viewer, topic, True)


def _publish_digest(viewer: Viewer) -> None:
    today = now().date()
    digest = releasing.draft(viewer, today - timedelta(days=67), today - timedelta(days=7))
    words = (
        "Les questions sur les restes à charge portent moins sur les montants que sur l'ordre des demandes : "
        "qui répond le premier, et qui attend la décision de qui.\n\n"
        "Plusieurs réseaux donnent des consignes différentes pour une même situation. "
        "**Proposition de thématique nationale** : un ordre de sollicitation commun, selon le statut de la personne."
    )
    title = "Les financements se croisent, les conseillers cherchent qui décide"
    releasing.write(viewer, digest, title, words, digest.version)
    drafting.compute_drafts()
    db.session.refresh(digest)
    if findings := releasing.publish(viewer, digest):
        raise click.ClickException(f"La synthèse de démonstration n'est pas publiable : {findings}")
