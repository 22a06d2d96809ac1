"""Other code for functions that are already held: of decorators, registries and caches, which an import anew would miss."""

import ast
import gc
from collections import Counter
from pathlib import Path
from types import CodeType, FunctionType


def put_in_place(path: str, source: str | ast.Module) -> None:
    """Give every function of a module, wherever it is held, the code it has in that source."""
    new = _by_name(compile(source, path, "exec"))
    held = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    theirs = [each for each in held if each.__code__.co_filename.endswith(f"/{path}")]
    old = {code: name for each in theirs[:1] for name, code in _by_name_of_file(each.__code__.co_filename).items()}
    for function in theirs:
        name = old.get(function.__code__)
        if name in new:
            function.__code__ = new[name]


def _by_name_of_file(path: str) -> dict[tuple[str, int], CodeType]:
    return _by_name(compile(Path(path).read_text(), path, "exec"))


def _by_name(module: CodeType) -> dict[tuple[str, int], CodeType]:
    """The code of every function, by its qualified name and its number among those of that name."""
    found: dict[tuple[str, int], CodeType] = {}
    seen: Counter[str] = Counter()
    waiting = [module]
    while waiting:
        for constant in waiting.pop(0).co_consts:
            if isinstance(constant, CodeType):
                found[constant.co_qualname, seen[constant.co_qualname]] = constant
                seen[constant.co_qualname] += 1
                waiting.append(constant)
    return found
