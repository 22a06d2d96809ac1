"""The mutants of a module: each is the source with one rule changed or taken out. Which tests then run lives in killing.py.

What is changed is what carries a rule: a comparison, a condition, a no, a number, a statement, one condition of a query.
"""

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("access", "forum", "moderation", "membership", "accounts", "notify", "analytics/disclosure")
OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
# Of moments, before or at is the same to everybody: before becomes after.
TURNED: dict[type[ast.cmpop], str] = {ast.Lt: ">", ast.LtE: ">", ast.Gt: "<", ast.GtE: "<"}
MOMENTS = re.compile(r"\b(now\(\)|moment|monotonic\(\))")
NARROWING = ("where", "filter", "and_")  # of whose conditions each is a rule


@dataclass(frozen=True)
class Mutant:
    """A change of one place of a file: from character start to end, the text that takes its place."""

    path: str
    function: str
    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def name(self) -> str:
        """What it is told by, also after lines have moved."""
        return f"{self.path}:{self.function}: {' '.join(self.before.split())} → {' '.join(self.after.split()) or 'nothing'}"

    def applied_to(self, source: str) -> str:
        return source[: self.start] + self.after + source[self.end :]


def sample(root: Path, seed: int, count: int, rooms: tuple[str, ...] = ROOMS) -> list[Mutant]:
    """So many mutants of the rooms, the same for the same seed and source, at most two of one function."""
    found = [mutant for path in files(root, rooms) for mutant in mutants_of(path, root)]
    random.Random(seed).shuffle(found)
    taken: list[Mutant] = []
    for mutant in found:
        same = [each for each in taken if (each.path, each.function) == (mutant.path, mutant.function)]
        if len(taken) < count and len(same) < 2 and _compiles(mutant.applied_to((root / mutant.path).read_text())):
            taken.append(mutant)
    return taken


def files(root: Path, rooms: tuple[str, ...]) -> list[Path]:
    return sorted(path for room in rooms for path in (root / "comcep" / room).rglob("*.py"))


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Every mutant of a file, whether it compiles or not."""
    source = path.read_text()
    module = ast.parse(source)
    place = _Place(str(path.relative_to(root)), source)
    found = []
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            for node in _own_nodes(function):
                found += [place.mutant(function.name, *change) for change in _changes(node, source)]
    return list(dict.fromkeys(found))


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions inside it, without its docstring, and without what
    stands in a limit of one: whoever asks for one takes the first of two."""
    waiting: list[ast.AST] = [node for node in function.body if not _is_docstring(node)]
    while waiting:
        node = waiting.pop()
        yield node
        if not (isinstance(node, ast.Call) and ast.unparse(node).endswith(".limit(1)")):
            waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.FunctionDef)]
        else:
            waiting.append(node.func)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST, source: str) -> Iterator[tuple[ast.AST, str]]:
    """Each (node, text that takes its place)."""

    def text(part: ast.AST) -> str:
        return ast.get_source_segment(source, part) or ""

    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPPOSITES:
        turned = TURNED if MOMENTS.search(text(node)) else {}
        sign = turned.get(type(node.ops[0]), OPPOSITES[type(node.ops[0])])
        yield node, f"({text(node.left)}) {sign} ({text(node.comparators[0])})"
    elif isinstance(node, ast.BoolOp):
        other = " or " if isinstance(node.op, ast.And) else " and "
        yield node, "(" + other.join(f"({text(value)})" for value in node.values) + ")"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, f"bool({text(node.operand)})"
    elif isinstance(node, ast.IfExp):
        yield node, text(node.body)
        yield node, text(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node, str(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value > 0:
        yield node, str(node.value + 1)
    elif isinstance(node, ast.Call) and _name(node) in NARROWING and len(node.args) > 1:
        for left_out in node.args:
            kept = ", ".join(text(argument) for argument in node.args if argument is not left_out)
            yield node, f"{text(node.func)}({kept})"
    elif _does_something(node):
        yield node, "pass"


def _does_something(node: ast.AST) -> bool:
    """Whether a statement refuses, calls or sets something of an object; a line of the log is no rule."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute) for target in node.targets)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return not ast.unparse(node.value.func).startswith("logger.")
    return isinstance(node, ast.Raise)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


class _Place:
    """Where in a file a node stands, in characters; ast counts bytes of lines."""

    def __init__(self, path: str, source: str) -> None:
        self.path, self.source = path, source
        self.lines = source.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def mutant(self, function: str, node: ast.AST, after: str) -> Mutant:
        start = self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return Mutant(self.path, function, node.lineno, start, end, self.source[start:end], after)  # type: ignore[attr-defined]

    def _offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())


def _compiles(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
