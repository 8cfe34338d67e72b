"""What the stubs promise of lsst-pex-config is there."""

from __future__ import annotations

import ast
import inspect

import lsst.pex.config as real
import pytest
from support.shared_data import REPOSITORY

STUB = ast.parse((REPOSITORY / "typings" / "lsst" / "pex" / "config" / "__init__.pyi").read_text())
CLASSES = [node for node in STUB.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
OURS = {"Configurable"}  # a protocol
INNER = {"ConfigInstanceDict"}  # not exported


@pytest.mark.parametrize("node", [one for one in CLASSES if one.name not in OURS | INNER])
def test_methods_of_the_stub_exist_with_their_arguments(node: ast.ClassDef) -> None:
    found = getattr(real, node.name)
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or method.name.startswith("__"):
            continue
        there = inspect.getattr_static(found, method.name)
        if inspect.isfunction(there):
            assert {one.arg for one in method.args.args} <= set(
                inspect.signature(there).parameters
            ), method.name


@pytest.mark.parametrize("name", [n.name for n in STUB.body if isinstance(n, ast.FunctionDef)])
def test_functions_of_the_stub_exist(name: str) -> None:
    assert callable(getattr(real, name))
