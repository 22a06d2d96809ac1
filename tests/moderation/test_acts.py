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


def called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in names:
            yield node


def hands_on_a_kind(call: ast.Call) -> bool:
    named = [word.value for word in call.keywords if word.arg == "kind"]
    return any(isinstance(each, ast.Name) and each.id == "kind" for each in (*call.args[:1], *named))


def functions_that_take_a_kind(modules: list[ast.Module]) -> dict[str, int]:
    """Names of functions that hand a parameter called kind on to Act or to a signal, and its place among their arguments."""
    found = {}
    for module in modules:
        for function in ast.walk(module):
            if isinstance(function, ast.FunctionDef):
                names = [argument.arg for argument in function.args.args]
                if "kind" in names and any(hands_on_a_kind(call) for call in calls(function, "Act", "send")):
                    found[function.name] = names.index("kind")
    return found


def kinds_in(node: ast.expr) -> set[str] | None:
    """The kinds an argument may be: a literal, or one of two; none when it cannot be told from the source."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        one, other = kinds_in(node.body), kinds_in(node.orelse)
        return None if one is None or other is None else one | other
    return None


def kind_given(call: ast.Call, place: int | None) -> ast.expr | None:
    """The argument that is the act's kind; none when the call hands on a parameter called kind."""
    named = next((word.value for word in call.keywords if word.arg == "kind"), None)
    given = named or (call.args[place] if place is not None and len(call.args) > place else None)
    return None if getattr(given, "id", "") == "kind" else given


def recorded() -> tuple[set[str], list[str]]:
    """The kinds the source records, and the places where a kind is neither a literal nor a parameter called so."""
    sources = {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
    public = functions_that_take_a_kind(list(sources.values()))
    kinds, unclear = set(), []
    for path, module in sources.items():
        takers = {"Act": 0, **public, **functions_that_take_a_kind([module])}
        signals = [call for call in calls(module, "send") if "acted_by_role" in ast.unparse(call.func)]
        for call in (*calls(module, *takers), *signals):
            if ast.unparse(call.func) == "journal.record":  # it takes a whole Act
                continue
            given = kind_given(call, takers.get(called(call)))
            if given is not None:
                found = kinds_in(given)
                unclear += [f"{path}:{call.lineno}"] if found is None else []
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
    last = len(ACTS) * len(SUBJECTS) // 50 + 1
    pages = unescape("".join(lise.get(f"/animation/journal?page={page}").text for page in range(1, last + 1)))

    assert [str(words) for words in (*ACTS.values(), *SUBJECTS.values()) if f">{words}<" not in pages] == []
