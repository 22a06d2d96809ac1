"""Every kind of act has words, wherever the source records one; a kind without words cannot be recorded."""

import ast
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from comcep.moderation.acts import ACTS, SUBJECTS
from comcep.moderation.journal import Act
from comcep.moderation.models import JournalEntry
from tests.community import Site

SOURCE = Path("comcep")


def functions_that_take_a_kind(module: ast.AST) -> dict[str, int]:
    """Names of a module's functions that hand a parameter called kind on to Act, and its place among their arguments;
    Act itself first."""
    found = {"Act": 0}
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            names = [argument.arg for argument in function.args.args]
            if "kind" in names and any(kind_of(call) == "kind" for call in calls(function, "Act")):
                found[function.name] = names.index("kind")
    return found


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
            yield node


def kind_of(call: ast.Call) -> str:
    return call.args[0].id if call.args and isinstance(call.args[0], ast.Name) else ""


def kinds_in(node: ast.expr) -> set[str] | None:
    """The kinds an argument may be: a literal, or one of two; none when it cannot be told from the source."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        one, other = kinds_in(node.body), kinds_in(node.orelse)
        return None if one is None or other is None else one | other
    return None


def recorded() -> tuple[set[str], list[str]]:
    """The kinds the source records, and the places where a kind is neither a literal nor a parameter called so."""
    kinds, unclear = set(), []
    for path in SOURCE.rglob("*.py"):
        module = ast.parse(path.read_text())
        takers = functions_that_take_a_kind(module)
        for call in calls(module, *takers):
            place = takers[getattr(call.func, "attr", getattr(call.func, "id", ""))]
            given = next((word.value for word in call.keywords if word.arg == "kind"), None)
            argument = given or (call.args[place] if len(call.args) > place else None)
            if argument is None or getattr(argument, "id", "") == "kind":
                continue
            found = kinds_in(argument)
            if found is None:
                unclear.append(f"{path}:{call.lineno}")
            kinds |= found or set()
    return kinds, unclear


def test_every_kind_of_act_in_the_source_has_words_and_every_word_is_used() -> None:
    kinds, unclear = recorded()

    assert unclear == []
    assert kinds == set(ACTS)


def test_the_database_refuses_no_kind_that_has_words() -> None:
    checks = [each for each in JournalEntry.__table__.constraints if isinstance(each, CheckConstraint)]

    assert checks == [], "a check of kinds in the database must be compared with ACTS here"


@pytest.mark.parametrize(("kind", "subject"), [("unheard-of", "post"), ("hide", "unheard-of"), ("", "post")])
def test_an_act_without_words_cannot_be_made(kind: str, subject: str) -> None:
    with pytest.raises(ValueError, match="no words"):
        Act(kind, subject)


def test_no_line_of_the_journals_page_is_blank(lite: Site) -> None:
    from comcep.extensions import db
    from comcep.moderation import journal

    lise = lite.animator()
    with lite.app.app_context():
        for kind in ACTS:
            for subject in SUBJECTS:
                journal.record(lise.viewer, Act(kind, subject, 123456789012345))
        db.session.commit()
    pages = unescape("".join(lise.get(f"/animation/journal?page={page}").text for page in range(1, 8)))

    assert [str(words) for words in (*ACTS.values(), *SUBJECTS.values()) if f">{words}<" not in pages] == []
