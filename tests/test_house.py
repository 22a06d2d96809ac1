"""The source itself: who reads content past visibility, where a role is compared, which statements a page costs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from comcep.extensions import db
from tests.community import Person, Site

SOURCE = Path("comcep")
CONTENT = {"Topic", "Post", "Revision", "TopicEmbedding"}

# Every caller of the door past visibility, and why it has no reader.
SYSTEM_READERS = {
    "comcep/analytics/gathering.py": "counts for the digest",
    "comcep/analytics/counting.py": "counts for the digest",
    "comcep/analytics/guard/quotations.py": "what the words for the committee may not repeat",
    "comcep/analytics/guard/naming.py": "the names they may not hold",
    "comcep/analytics/guard/pointing.py": "the structures, topics and members they may not point at",
    "comcep/analytics/drafting.py": "whether a draft's figures are still those of the topics: counts alone",
    "comcep/analytics/emerging.py": "terms that rise; an animator is shown their topics through visibility",
    "comcep/commands/themes.py": "what the model of themes learns from",
    "comcep/analytics/themes/classing.py": "a theme for new topics that have none",
    "comcep/search/indexing.py": "the index sweep",
    "comcep/search/nearness.py": "the sweep that embeds what topics say",
    "comcep/notify/notifying.py": "the announcement sweep, which asks visibility for each recipient",
    "comcep/forum/rendering.py": "rendering sources again",
}
# Who selects content without a condition of visibility in the same function, and why that is right.
ALLOWED = {
    "comcep/forum/resending.py:already_sent": "the writer's own message",
    "comcep/forum/resending.py:said_just_now": "the writer's own message",
    "comcep/forum/reading/posts.py:was_unnamed": "whether the viewer wrote there themselves",
    "comcep/forum/reading/topics.py:_wrote_unnamed": "the same, correlated with a topic that visibility has found",
    "comcep/forum/reading/destinations.py:_has_grown": "whether, never what, of a topic that visibility has found",
    "comcep/forum/publishing.py:give_back": "a version of a post that the caller holds",
    "comcep/forum/counting.py": "counts of what is not hidden, kept for lists that check",
    "comcep/forum/rendering.py": "through system_read",
    "comcep/forum/changing.py:mark": "keys to lock; what is then read goes through visibility",
    "comcep/forum/reading/posts.py:revisions": "of a post whose history may be seen",
    "comcep/forum/reading/sections.py:_has_unread": "correlated with the sections the index has checked",
    "comcep/moderation/contesting.py:_place": "where one's own message stands, for the journal",
    "comcep/moderation/statements.py:_texts": "versions of one's own message",
    "comcep/search/indexing.py": "the index sweep",
    "comcep/search/nearness.py:_embed": "the sweep, which has read the topic through system_read",
    "comcep/search/nearness.py:_compared": "keys, of sections that may be seen; those that come near are read as listed",
    "comcep/search/nearness.py:_oldest_compared": "one key, of sections that may be seen",
    "comcep/analytics/gathering.py": "through system_read",
    "comcep/analytics/counting.py": "through system_read",
    "comcep/analytics/guard": "through system_read",
    "comcep/analytics/drafting.py:fingerprint": "through system_read",
    "comcep/analytics/themes/classing.py": "through system_read",
    "comcep/analytics/emerging.py:_titles": "through system_read",
    "comcep/notify/notifying.py": "through system_read",
    "comcep/commands": "the operator's own commands",
}
CONDITIONS = {"visible_topics", "visible_posts", "listed_topics", "listed_posts", "attributed_posts", "_own", "_rows"}


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parts[1] in ("access",):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield str(path), node


def called(node: ast.AST) -> set[str]:
    names = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            function = call.func
            names.add(function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""))
    return names


def selects_content(node: ast.FunctionDef) -> bool:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "select":
            names = {name.id for name in ast.walk(call) if isinstance(name, ast.Name)}
            if names & CONTENT:
                return True
    return False


def test_content_is_selected_only_under_a_condition_of_visibility() -> None:
    wrong = []
    for path, function in functions():
        is_allowed = any(f"{path}:{function.name}".startswith(allowed) for allowed in ALLOWED)
        if selects_content(function) and not called(function) & CONDITIONS and not is_allowed:
            wrong.append(f"{path}:{function.name}")
    assert wrong == []


def test_no_content_is_fetched_by_its_key_alone() -> None:
    pattern = re.compile(r"session\.get\(|\.query\.(get|filter|all|first)|get_or_404")
    assert [str(path) for path in SOURCE.rglob("*.py") if pattern.search(path.read_text())] == []


def test_the_callers_of_the_system_door_are_these() -> None:
    callers = {str(path) for path in SOURCE.rglob("*.py") if "system_read(" in path.read_text()}

    assert callers - {"comcep/access/system_read.py"} == set(SYSTEM_READERS)


def test_what_the_sweeps_follow_is_marked_in_one_place() -> None:
    """Written from what was read before, the mark of a change is lost to a sweep that came between."""
    written = re.compile(
        r"\.(changed|indexed_at|embedded_at)\s*=[^=]|\b(changed|indexed_at|embedded_at)=|\"indexed_at\":"
    )
    writers = {str(path) for path in SOURCE.rglob("*.py") if written.search(path.read_text())}

    assert {writer for writer in writers if not writer.startswith("comcep/commands/backup")} == {
        "comcep/forum/changing.py",  # marks
        "comcep/search/indexing.py",  # takes the mark away, where nothing changed since it was read
        "comcep/search/nearness.py",
    }


def test_audiences_and_standings_are_compared_in_access_alone() -> None:
    comparison = re.compile(r"\.(audience|standing)\s*(==|!=|in)\s*\S+")
    outside = {
        f"{path}:{number}"
        for path in SOURCE.rglob("*.py")
        if path.parts[1] not in ("access", "commands")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if comparison.search(line)
    }
    # Counting members by what they are, and what a relay is for, grant nothing.
    assert {place.split(":")[0] for place in outside} <= {
        "comcep/analytics/counting.py",
        "comcep/analytics/gathering.py",
        "comcep/analytics/guard/quotations.py",
        "comcep/moderation/acting.py",
        "comcep/moderation/reading.py",
        "comcep/membership/reading.py",
    }


def test_no_template_holds_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon[a-z]+=\"|\|\s*safe\b")
    assert [str(path) for path in Path("templates").rglob("*.html") if inline.search(path.read_text())] == []


def test_every_form_says_where_it_goes() -> None:
    """A form that comes back stands at another address than the one it was opened at."""
    silent = re.compile(r'<form(?=[^>]*method="post")(?![^>]*\saction=)')
    assert [str(path) for path in Path("templates").rglob("*.html") if silent.search(path.read_text())] == []


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


def statements(site: Site, person: Person, address: str) -> list[str]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:  # type: ignore[no-untyped-def]
        seen.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    assert person.get(address).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    return seen


def test_a_page_costs_at_most_eight_statements_whatever_it_holds(site: Site, maud: Person) -> None:
    ines = site.adviser("Ines", "pole-emploi")
    topic = maud.asks("Sujet")
    addresses = [f"/sujets/{topic}-sujet", "/rubriques/pairs", "/rubriques", "/", "/actifs", "/membres"]
    few = {}
    for address in addresses:
        ines.get(address)
        few[address] = len(statements(site, ines, address))
    for number in range(25):
        maud.asks(f"Autre sujet {number}")
        answer = maud.answers(topic, f"Réponse {number}")
    maud.solves(topic, answer) if answer else None
    for number in range(10):
        site.adviser(f"Membre{number}")

    for address in addresses:
        ines.get(address)
        many = len(statements(site, ines, address))
        assert many <= 8, (address, many)
        assert many <= few[address] + 1, address  # one more for the solving post, whatever the number of posts
