"""The rules that every file of the project keeps, as functions from source text to complaints.

Each rule returns one line per violation, without the file's name.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = [
    "bare_errors",
    "camel_case_names",
    "forbidden_words",
    "inexact_exports",
    "long_functions",
    "too_many_lines",
    "undocumented_commands",
    "unfinished_work",
    "unwelcome_places",
    "vacuous_tests",
]

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 40

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FORBIDDEN = {"asset", "frame", "handler", "helper", "item", "manager", "util"}
_PRESCRIBED_METHODS = {"item", "items", "sub_items"}  # by NumPy, Mapping and Gen2's data refs
_PRESCRIBED_BY_PEX_CONFIG = {"setDefaults"}
_BARE_ERRORS = {"BaseException", "Exception", "NotImplementedError", "RuntimeError"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Written in pieces: this file obeys its own rules.
_UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
_PLACES = re.compile(
    r"(?<![\w.])/(?:work|root|home)" + r"/|\bpy" + r"pi\.org\b|\bpython" + r"hosted\.org\b"
    r"|\bin" + r"dex-url\b"
)


def too_many_lines(source: str) -> list[str]:
    """A file of 500 lines or more."""
    count = len(source.splitlines())
    return [f"{count} lines"] if count >= MAX_FILE_LINES else []


def long_functions(source: str) -> list[str]:
    """Functions of 40 lines or more from ``def`` to the end, the docstring not counted."""
    complaints = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _FUNCTIONS):
            count = _last_line(node) - node.lineno + 1 - _docstring_lines(node)
            if count >= MAX_FUNCTION_LINES:
                complaints.append(f"line {node.lineno}: {node.name} has {count} lines")
    return complaints


def inexact_exports(source: str) -> list[str]:
    """A missing ``__all__``, or one that differs from the public names of the module.

    The order is ruff's concern (RUF022).
    """
    tree = ast.parse(source)
    if all(isinstance(node, ast.Expr) for node in tree.body):  # a docstring alone
        return []
    exported = _exported(tree)
    if exported is None:
        return ["no __all__ that is a literal list of strings"]
    bound = set(_bound_names(tree.body))
    public = {
        node.name
        for node in _statements(tree.body)
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_")
    }
    complaints = [f"__all__ names {name}, which does not exist" for name in exported - bound]
    complaints += [f"{name} is public but not in __all__" for name in public - exported]
    return sorted(complaints)


def camel_case_names(source: str) -> list[str]:
    """Functions, arguments, variables and attributes in camelCase.

    Fields of configuration classes keep the names that users' files have.
    """
    tree = ast.parse(source)
    fields = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(_is_config(base) for base in node.bases)
        for name in _bound_names(node.body)
    }
    return [
        f"line {line}: {name}"
        for line, name in _chosen_names(tree)
        if _is_camel_case(name) and name not in fields | _PRESCRIBED_BY_PEX_CONFIG
    ]


def forbidden_words(source: str, module: str) -> list[str]:
    """Names of the module, its classes and functions that hold a word saying nothing."""
    names = [(1, module)]
    names += [
        (node.lineno, node.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef))
    ]
    return [
        f"line {line}: {name}"
        for line, name in names
        if name not in _PRESCRIBED_METHODS and _words(name) & _FORBIDDEN
    ]


def bare_errors(source: str) -> list[str]:
    """Raised errors that say nothing; in abstract classes NotImplementedError is accepted."""
    tree = ast.parse(source)
    abstract = {id(inner) for node in _abstract(tree) for inner in ast.walk(node)}
    complaints = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        name = _name(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        if name in _BARE_ERRORS and not (name == "NotImplementedError" and id(node) in abstract):
            complaints.append(f"line {node.lineno}: raises {name}")
    return complaints


def vacuous_tests(source: str) -> list[str]:
    """Tests without an assertion, ``pytest.raises`` or a call to assert_... or check_..."""
    return [
        f"line {node.lineno}: {node.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, _FUNCTIONS)
        and node.name.startswith("test_")
        and not any(_asserts(inner) for inner in ast.walk(node))
    ]


def unfinished_work(text: str) -> list[str]:
    """Marks of work that somebody meant to do."""
    return _lines_with(_UNFINISHED, text)


def unwelcome_places(text: str) -> list[str]:
    """Paths of one machine, and hosts of package indexes."""
    return _lines_with(_PLACES, text)


def undocumented_commands(commands: Collection[str], text: str) -> list[str]:
    """Commands that the documentation does not show as ``butler NAME``."""
    return [name for name in commands if not re.search(rf"\bbutler {re.escape(name)}\b", text)]


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    return _last_line(node.body[0]) - node.body[0].lineno + 1


def _exported(tree: ast.Module) -> set[str] | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            value = getattr(node, "value", None)
            if isinstance(value, (ast.List, ast.Tuple)):
                return {str(ast.literal_eval(element)) for element in value.elts}
    return None


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of its conditions, not of its functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []))
            for clause in getattr(node, "handlers", []):
                yield from _statements(clause.body)


def _bound_names(body: list[ast.stmt]) -> Iterator[str]:
    for node in _statements(body):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    yield inner.id


def _chosen_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The names that this source chose itself, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def _is_camel_case(name: str) -> bool:
    bare = name.lstrip("_")
    return bare[:1].islower() and re.search(r"[a-z0-9][A-Z]", bare) is not None


def _is_config(base: ast.expr) -> bool:
    return (_name(base) or "").endswith("Config")


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _words(name: str) -> set[str]:
    words = {word.lower() for word in _WORD.findall(name)}
    return words | {word.removesuffix("s") for word in words}


def _abstract(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            if any(_name(base) in {"ABC", "Protocol"} for base in node.bases):
                yield node
        elif isinstance(node, _FUNCTIONS) and any(
            _name(decorator) == "abstractmethod" for decorator in node.decorator_list
        ):
            yield node


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = _name(node.func) or ""
    return name in {"raises", "warns"} or name.startswith(("assert_", "check_"))


def _lines_with(pattern: re.Pattern[str], text: str) -> list[str]:
    return [
        f"line {number}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
