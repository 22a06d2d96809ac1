"""Every route, every method, every kind of viewer, and the answer expected. A route without a row fails the test.

What a cell says: the status for that viewer. NO is 404, the answer of what does not exist.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from comcep.accounts import tokens
from tests.community import Person, Site

NO = 404
VIEWERS = (
    "anonymous", "asker", "suspended", "adviser", "author", "groupmate", "animator", "hors_pair", "committee", "referent",
    "admin",
)  # fmt: skip
OUTSIDE = ("anonymous", "asker", "suspended", "referent", "admin")
PEERS = ("adviser", "author", "groupmate", "animator")
HORS_PAIRS = ("hors_pair", "committee")
SIGNED_IN = ("asker", *PEERS, *HORS_PAIRS, "referent", "admin")


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(VIEWERS, status)


def only(status: int, *viewers: str, **others: int) -> dict[str, int]:
    return {**everybody(NO), **dict.fromkeys(viewers, status), **others}


@dataclass(frozen=True)
class Row:
    """What is asked: values of the address, fields of the form, and the answer for each viewer."""

    expected: dict[str, int]
    address: dict[str, Any]
    fields: dict[str, Any]


def row(expected: dict[str, int], fields: dict[str, Any] | None = None, **address: Any) -> Row:
    return Row(expected, address, fields or {})


MEMBERS = (*PEERS, *HORS_PAIRS)
MATRIX: dict[tuple[str, str], Row] = {
    ("static", "GET"): row(everybody(200), filename="css/base.css"),
    ("home.show", "GET"): row(everybody(200)),
    ("health.show", "GET"): row(everybody(200)),
    ("documents.guide", "GET"): row(everybody(200)),
    ("documents.charter", "GET"): row(everybody(200)),
    ("documents.privacy", "GET"): row(everybody(200)),
    ("documents.accessibility", "GET"): row(everybody(200)),
    ("documents.legal", "GET"): row(everybody(200)),
    ("search.results", "GET"): row(everybody(200)),
    ("search.close_cases", "GET"): row(only(NO)),  # of no topic; test_searching.py asks for one
    ("search.close_to_a_title", "POST"): row(only(200, *MEMBERS), {"title": "Un congé"}),
    ("search.suggestions", "POST"): row(only(200, *MEMBERS), {"q": "con"}),
    ("forum.begin", "POST"): row(only(200, *MEMBERS), {"title": "Un congé"}),
    ("search.note_opening", "POST"): row(only(204, *PEERS), {"search": "123456789012345", "rank": "1"}),
    ("search.kept", "GET"): row(only(200, *MEMBERS)),
    ("search.keep", "POST"): row(only(302, *MEMBERS), {"address": "q=vae"}),
    ("search.forget", "POST"): row(only(302, "author"), kept_id="kept"),
    ("search.in_vain", "GET"): row(only(200, "animator")),
    ("forum.index", "GET"): row(everybody(200)),
    ("forum.section", "GET"): row(only(200, *PEERS), slug="pairs"),
    ("forum.active", "GET"): row(only(200, *MEMBERS)),
    ("forum.waiting", "GET"): row(only(200, *MEMBERS)),
    ("forum.unread", "GET"): row(only(200, *MEMBERS)),
    ("forum.show", "GET"): row(only(200, *PEERS), topic_id="topic", slug="sujet"),
    ("forum.ask", "GET"): row(only(200, *MEMBERS)),
    ("forum.create", "POST"): row(
        only(302, *PEERS, hors_pair=422, committee=422), {"title": "Titre", "body": "Corps", "section": "pairs"}
    ),
    ("forum.preview", "POST"): row(only(200, *MEMBERS), {"body": "**gras**"}),
    ("forum.reply", "POST"): row(only(302, *PEERS), {"body": "Une réponse"}, topic_id="topic"),
    ("forum.resolve", "POST"): row(
        only(302, "author", "animator", adviser=403, groupmate=403), {"post": "answer"}, topic_id="topic"
    ),
    ("forum.say_worth", "POST"): row(only(403, *PEERS), {"helped": "yes"}, topic_id="topic"),
    ("forum.follow", "POST"): row(only(302, *PEERS), topic_id="topic"),
    ("forum.mark_all_read", "POST"): row(only(302, *MEMBERS)),
    ("forum.show_post", "GET"): row(only(302, *PEERS), post_id="answer"),
    ("forum.edit", "GET"): row(only(200, "author", "animator", adviser=403, groupmate=403), post_id="question"),
    ("forum.save_edit", "POST"): row(
        only(302, "author", "animator", adviser=403, groupmate=403),
        {"title": "Sujet", "body": "Corps", "version": "1", "reason": "Motif"},
        post_id="question",
    ),
    ("forum.history", "GET"): row(only(200, "author", "animator", adviser=403, groupmate=403), post_id="question"),
    ("members.directory", "GET"): row(only(200, *PEERS)),
    ("members.profile", "GET"): row(only(200, *MEMBERS), member_id="author"),
    ("accounts.sign_in_page", "GET"): row({**everybody(302), "anonymous": 200, "suspended": 200}),
    ("accounts.sign_in", "POST"): row(everybody(422), {"email": "x@essai.example", "password": "faux"}),
    ("accounts.sign_out", "POST"): row(everybody(302)),
    ("accounts.forgotten", "GET"): row(everybody(200)),
    ("accounts.send_reset", "POST"): row(everybody(200), {"email": "x@essai.example"}),
    ("accounts.choose_password", "GET"): row(everybody(200), token="token"),
    ("accounts.change_password", "POST"): row(everybody(422), {"password": "court"}, token="token"),
    ("accounts.account", "GET"): row(only(200, *SIGNED_IN)),
    ("accounts.end_sessions", "POST"): row(only(302, *SIGNED_IN)),
    ("accounts.end_session", "POST"): row(only(302, "author"), session_id="session"),
    ("accounts.forget_device", "POST"): row(only(302, "author"), device_id="device"),
    ("membership.join", "GET"): row({**everybody(302), "anonymous": 200, "suspended": 200}),
    ("membership.ask", "POST"): row(everybody(422), {"name": ""}),
    ("membership.lost_link", "GET"): row(everybody(200)),
    ("membership.send_link", "POST"): row(everybody(200), {"email": "x@essai.example"}),
    ("membership.confirm_address", "GET"): row(everybody(410), token="inconnu"),
    ("membership.confirm", "POST"): row(everybody(410), {"password": "trois mots simples"}, token="inconnu"),
    ("membership.own_request", "GET"): row(only(200, *SIGNED_IN)),
    ("membership.ask_again", "POST"): row(only(422, "asker", "referent", "admin"), {"network": ""}),
    ("membership.requests", "GET"): row(only(200, "referent")),
    ("membership.decide", "POST"): row(
        only(422, "referent"), {"decision": "refuse", "reason": ""}, request_id="request"
    ),
    ("moderation.desk", "GET"): row(only(200, "animator")),
    ("moderation.journal", "GET"): row(only(200, "animator")),
    ("moderation.hide", "POST"): row(only(422, "animator"), {"reason": ""}, post_id="answer"),
    ("moderation.check", "POST"): row(only(302, "animator"), post_id="answer"),
    ("moderation.reveal", "POST"): row(only(409, "animator"), {"reason": "Un motif"}, post_id="answer"),
    ("moderation.move", "POST"): row(
        only(409, "animator"), {"section": "pairs", "reason": "Un motif"}, topic_id="topic"
    ),
    ("moderation.close", "POST"): row(only(302, "animator"), {"undo": "1"}, topic_id="topic"),
    ("moderation.pin", "POST"): row(only(302, "animator"), topic_id="topic"),
    ("moderation.relay", "POST"): row(only(409, "animator"), topic_id="topic"),
    ("moderation.statement", "GET"): row(only(200, "author"), statement_id="statement"),
    ("moderation.contest", "POST"): row(only(422, "author"), {"reason": ""}, statement_id="statement"),
    ("moderation.contested", "GET"): row(only(200, "animator"), statement_id="contested"),
    ("moderation.answer_contest", "POST"): row(only(422, "animator"), {"reason": ""}, statement_id="contested"),
    ("notify.index", "GET"): row(only(200, *SIGNED_IN)),
    ("notify.follow", "GET"): row(only(302, "author"), notification_id="notification"),
    ("notify.mark_all", "POST"): row(only(302, *SIGNED_IN)),
    ("resuming.resume", "GET"): row(only(200, "author"), kept_id="left"),
    ("analytics.index", "GET"): row(only(200, "committee", "animator")),
    ("analytics.digest", "GET"): row(only(200, "committee", "animator"), digest_id="digest"),
    ("analytics.drafts", "GET"): row(only(200, "animator")),
    ("analytics.create", "POST"): row(only(422, "animator"), {"starts_on": ""}),
    ("analytics.draft", "GET"): row(only(200, "animator"), digest_id="draft"),
    ("analytics.write", "POST"): row(only(422, "animator"), {"title": ""}, digest_id="draft"),
    ("analytics.as_csv", "GET"): row(only(200, "committee", "animator"), digest_id="digest"),
    ("analytics.as_json", "GET"): row(only(200, "committee", "animator"), digest_id="digest"),
    ("analytics.columns", "GET"): row(only(200, "committee", "animator")),
    ("analytics.correct", "POST"): row(only(422, "animator"), {"correction": ""}, digest_id="digest"),
    ("analytics.redact", "POST"): row(only(422, "animator"), {"passage": ""}, digest_id="digest"),
    ("analytics.national", "GET"): row(only(200, *PEERS, "committee")),
    ("analytics.nominate", "POST"): row(only(422, "committee"), {"title": ""}),
    ("analytics.decide", "POST"): row(only(302, "animator"), {"step": "accepted"}, theme_id="national"),
    ("analytics.comment", "POST"): row(only(302, "committee"), {"words": "Oui"}, theme_id="national"),
    ("analytics.suggested", "POST"): row(only(200, *MEMBERS), {"title": "Un congé pour une formation"}),
    ("analytics.themes", "GET"): row(only(200, "animator")),
    ("analytics.change_themes", "POST"): row(only(422, "animator"), {"act": "add", "label": ""}),
    ("analytics.approve_term", "POST"): row(only(302, "animator"), {"term": "x", "label": "x"}),
    ("administration.index", "GET"): row(only(200, "admin")),
    ("administration.find", "POST"): row(only(200, "admin"), {"account": "admin@essai.example"}),
    ("administration.rename", "POST"): row(only(302, "admin"), {"name": "Pairs", "position": "1"}, slug="pairs"),
    ("administration.set_state", "POST"): row(only(409, "admin"), {"state": "active"}, member_id="author"),
    ("demo_mailbox.show", "GET"): row(everybody(NO)),  # of a demo only; its own test opens it there
}


@dataclass
class World:
    people: dict[str, Person]
    things: dict[str, Any]


@pytest.fixture
def world(site: Site) -> World:
    author = site.adviser("Auteure", "fongecif")
    people = {
        "anonymous": site.anonymous(),
        "asker": site.person("Demandeur", "none"),
        "suspended": site.adviser("Suspendue", state="suspended"),
        "adviser": site.adviser("Pair", "pole-emploi"),
        "author": author,
        "groupmate": site.adviser("Membre", "apec", in_group=True),
        "animator": site.animator(),
        "hors_pair": site.hors_pair(),
        "committee": site.hors_pair("Comite", is_committee=True),
        "referent": site.person("Referente", "none", referent_of="fongecif"),
        "admin": site.person("Admin", "none", is_admin=True),
    }
    topic = author.asks("Sujet", "Question posée")
    question = re.findall(r'data-post-id="(\d+)"', author.get(f"/sujets/{topic}-sujet").text)[0]
    answer = people["adviser"].answers(topic, "Réponse")
    hidden = author.answers(topic, "À masquer")
    people["animator"].post(f"/messages/{hidden}/masquage", reason="Motif")
    contested = author.answers(topic, "À masquer aussi")
    people["animator"].post(f"/messages/{contested}/masquage", reason="Motif")
    site.works()
    return World(people, {"topic": topic, "question": question, "answer": answer, **rows_behind(site, author)})


def rows_behind(site: Site, author: Person) -> dict[str, Any]:
    """What has no page to make it quickly: digests, a request, a token; and ids that pages do not show to all."""
    from datetime import date

    from sqlalchemy import select

    from comcep.accounts.models import KeptForm, KnownDevice, Member, MemberSession, Network
    from comcep.analytics.models import Digest, NationalTheme
    from comcep.clock import now
    from comcep.extensions import db
    from comcep.membership.models import MembershipRequest
    from comcep.moderation.models import Statement
    from comcep.notify.models import Notification
    from comcep.search.models import SavedSearch

    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == author.member_id)).one()
        network = db.session.scalars(select(Network).where(Network.slug == "fongecif")).one()
        published = Digest(
            starts_on=date(2017, 1, 1), ends_on=date(2017, 1, 31), created_by_id=member.id, number=1, title="Titre",
            figures='{"k": 5, "cells": []}', published_at=now(),
        )  # fmt: skip
        draft = Digest(starts_on=date(2017, 2, 1), ends_on=date(2017, 2, 28), created_by_id=member.id)
        request = MembershipRequest(
            member_id=site.people["Demandeur"].member_id, network_id=network.id, asks_as="adviser"
        )
        kept = SavedSearch(member_id=member.id, address="q=cpf")
        national = NationalTheme(title="Une thématique", reason="Parce que", nominated_by_id=member.id)
        contested = db.session.scalars(select(Statement).order_by(Statement.id.desc())).first()
        assert contested is not None
        contested.contested_at, contested.contest = now(), "Contestation"
        left = KeptForm(member_id=member.id, path="/poser", fields='[["title", "Un titre"]]')
        device = KnownDevice(member_id=member.id, token_hash="a" * 64)
        used = KnownDevice(member_id=member.id, token_hash="b" * 64)
        db.session.add_all([published, draft, request, kept, national, left, device, used])
        db.session.flush()
        other = MemberSession(member_id=member.id, device_id=used.id, token_hash="c" * 64)
        db.session.add(other)
        db.session.commit()
        return {
            "digest": published.public_id,
            "draft": draft.public_id,
            "national": national.public_id,
            "request": request.public_id,
            "author": author.public_id,
            "kept": kept.public_id,
            "left": left.public_id,
            "statement": db.session.scalar(select(Statement.public_id).order_by(Statement.id)),
            "contested": contested.public_id,
            "notification": db.session.scalar(select(Notification.public_id).where(Notification.kind == "answer")),
            "device": device.public_id,
            "session": other.public_id,
            "token": tokens.token_for(member, tokens.RESET),
        }


def routes(site: Site) -> set[tuple[str, str]]:
    rules = site.app.url_map.iter_rules()
    return {(rule.endpoint, method) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def test_every_route_has_its_row_and_every_row_its_route(lite: Site) -> None:
    assert routes(lite) == set(MATRIX)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_each_viewer_gets_the_expected_answer_everywhere(world: World, site: Site, viewer: str) -> None:
    person = world.people[viewer]
    wrong = []
    for (endpoint, method), cell in sorted(MATRIX.items()):
        with site.app.test_request_context():
            from flask import url_for

            values = {name: world.things.get(value, value) for name, value in cell.address.items()}
            address = url_for(endpoint, **values)
        fields = {name: world.things.get(value, value) for name, value in cell.fields.items()}
        answer = person.get(address) if method == "GET" else person.post(address, **fields)
        if answer.status_code != cell.expected[viewer]:
            wrong.append(f"{method} {endpoint}: {answer.status_code}, not {cell.expected[viewer]}")
        person.signs_in()  # some routes end sessions
    assert wrong == []


def test_a_suspended_member_is_a_stranger(world: World) -> None:
    assert 'data-viewer="anonymous"' in world.people["suspended"].get("/").text
