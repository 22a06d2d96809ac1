"""Nothing a person can send costs more than its length: every function of one text, every form, every address.

A text twice as long may cost two and a half times as much; the texts are in growth.py. Functions and forms are found in
the source, so that a new one is tried without being named here.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from wtforms import BooleanField, HiddenField

from comcep.web.forms import Form
from tests.attacks.growth import LONGEST, TEXTS, TOLERATED, growth
from tests.community import Person, Site
from tests.test_threads import OTHERS, functions_of_one_text

FUNCTIONS: dict[str, Callable[[str], Any]] = {**functions_of_one_text(), **OTHERS}


def grown(name: str, texts: Iterable[str]) -> dict[str, float]:
    """The texts for which a function takes more than twice as long, and how many times."""
    function = FUNCTIONS[name]
    function("un texte ordinaire")
    times = {text: round(growth(function, TEXTS[text]), 1) for text in texts}
    return {text: time for text, time in times.items() if time > TOLERATED}


# What froze the site once, and what the library of Markdown reads again and again.
KNOWN = ("marks upon one letter", "(", "www.-", "a-", "[", "*", "`", "> ", "a list ever deeper", "'", "-", "\u202f", "&", "<", "> a\nb\n\n",
         "fences that open", "a table to be filled up", "brackets far apart", "06 12 34 56 78 ")  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_text_twice_as_long_costs_about_twice_as_much(name: str) -> None:
    assert grown(name, KNOWN) == {}


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_hostile_text_twice_as_long_costs_about_twice_as_much(name: str) -> None:
    assert grown(name, TEXTS) == {}


def forms() -> Iterator[type[Form]]:
    known = Form.__subclasses__()
    while known:
        form = known.pop()
        known += form.__subclasses__()
        yield form


HOSTILE = {"marks": "\u0315\u0300", "brackets": "(", "spaces": "\u202f", "hearts": "❤\ufe0f", "quotes": "'"}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_form_reads_a_field_longer_than_it_may_be(lite: Site, kind: str) -> None:
    text = "a" + HOSTILE[kind] * 240_000
    with lite.app.test_request_context("/", method="POST"):
        for kind_of_form in forms():
            for name in kind_of_form(formdata=None)._fields:
                form = kind_of_form(formdata=MultiDict({name: text}))
                for field in form:
                    if getattr(field, "choices", ()) is None:
                        field.choices = []
                began = time.process_time()
                form.validate()
                assert time.process_time() - began < 0.5, (kind_of_form.__name__, name)
                assert form[name].errors or isinstance(form[name], BooleanField | HiddenField), (kind_of_form, name)


NAMES = ("body", "title", "name", "email", "password", "reason", "words", "section", "themes", "label", "term", "address", "post",
         "next", "csrf_token", "submission", "q", "network", "region", "decision", "version", "starts_on", "correction", "outcome")  # fmt: skip


def addresses(site: Site, method: str, **known: int) -> Iterator[str]:
    """Every address of the site that takes the method, with rows that exist where there are any."""
    adapter = site.app.url_map.bind("localhost")
    for rule in site.app.url_map.iter_rules():
        if isinstance(rule, Rule) and method in (rule.methods or ()) and rule.endpoint != "static":
            values = {
                name: known.get(name, "pairs" if "id" not in name else 999_999_999_999_999) for name in rule.arguments
            }
            yield adapter.build(rule.endpoint, values)


@pytest.fixture
def everybody(lite: Site) -> Person:
    """One person with every role, so that no view is out of reach."""
    return lite.person("Zoe", "adviser", is_animator=True, is_admin=True, is_committee=True, referent_of="fongecif")


@pytest.fixture(autouse=True)
def nothing_else_is_collected() -> Iterator[None]:
    """What earlier tests left is not gone through while a request is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def cost(act: Callable[[], Any]) -> float:
    began = time.process_time()
    answer = act()
    assert answer.status_code < 500
    return time.process_time() - began


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["marks", pytest.param("spaces", marks=pytest.mark.long)])
def test_no_request_costs_more_than_its_length(lite: Site, everybody: Person, kind: str) -> None:
    topic = everybody.asks("Un sujet")
    post = everybody.answers(topic, "Une réponse")
    short = HOSTILE[kind] * 40_000
    for address in addresses(lite, "POST", topic_id=topic, post_id=post):
        everybody.signs_in()
        fields = {name: short[: 120_000 // len(NAMES)] for name in NAMES}
        ordinary = cost(lambda: everybody.client.post(address, data={"body": "Un mot"}))  # noqa: B023
        assert cost(lambda: everybody.client.post(address, data=fields)) < ordinary + 1, address  # noqa: B023
        for name in ("body", "title", "name", "email", "words", "reason"):
            everybody.signs_in()
            once = cost(lambda: everybody.client.post(address, data={name: "a" + short[:40_000], "preview": "1"}))  # noqa: B023
            twice = cost(lambda: everybody.client.post(address, data={name: "a" + short[:80_000], "preview": "1"}))  # noqa: B023
            assert twice < TOLERATED * max(once, 0.1), (address, name)


@pytest.mark.parametrize(
    "kind", ["marks", *(pytest.param(kind, marks=pytest.mark.long) for kind in HOSTILE if kind != "marks")]
)
def test_no_address_costs_more_than_its_length(lite: Site, everybody: Person, kind: str) -> None:
    topic = everybody.asks("Un sujet")
    text = HOSTILE[kind] * (6_000 // len(HOSTILE[kind]))
    words = (
        "q",
        "title",
        "body",
        "nom",
        "reseau",
        "page",
        "next",
        "compte",
        "sujet",
        "rubrique",
        "titre",
        "etat",
        "tri",
    )
    for address in addresses(lite, "GET", topic_id=topic):
        for name in words if address.startswith(("/recherche", "/membres", "/poser", "/administration")) else ("q",):
            assert cost(lambda: everybody.get(address, query_string={name: text})) < 1, (address, name)  # noqa: B023


def test_an_address_longer_than_a_server_takes_is_refused_with_a_sentence(lite: Site) -> None:
    answer = lite.anonymous().get("/recherche", query_string={"q": "a" * 70_000})

    assert answer.status_code == 414
    assert "trop longue" in answer.text


def test_a_form_of_a_few_lines_takes_no_megabyte(lite: Site, everybody: Person) -> None:
    joining = {"name": "a" + "\u0315\u0300" * 120_000, "email": "a@b.example"}

    assert lite.anonymous().post("/rejoindre", **joining).status_code == 413
    assert everybody.post("/lecture", next="a" * 100_000).status_code == 413
    assert everybody.post("/apercu", body="é" * LONGEST).status_code == 200
