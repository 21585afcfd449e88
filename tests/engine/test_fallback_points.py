"""Starts of fallbacks have named failpoints as repeats have: one before every await, one inside every transaction."""

from __future__ import annotations

import ast

from aof_tui.engine.points import FallbackPoint
from tests.engine.test_points import FOLDER, functions, has_unit, holes, reached

FILES = sorted(FOLDER.glob("fallback*.py"))
TRANSACTIONS = frozenset(
    {"_prepare_start", "_mark_sending_start", "_conclude_start", "take_up_open_starts", "observe", "_record_look"}
)


def test_there_is_a_point_before_every_await() -> None:
    assert {path.name: holes(path.read_text(encoding="utf-8")) for path in FILES} == {path.name: [] for path in FILES}


def test_every_point_is_in_use() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    used = {point for tree in trees for node in ast.walk(tree) if (point := reached(node)) is not None}
    assert used == {point.name for point in FallbackPoint}


def test_every_transaction_has_a_point_inside_and_none_is_left_out() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    found = [function for tree in trees for function in functions(tree) if function.name in TRANSACTIONS]
    assert {function.name for function in found} == TRANSACTIONS
    assert all(has_unit(function) for function in found)
    assert all(any(reached(node) for node in ast.walk(function)) for function in found)
    given: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write":
                calls = [inner.func for inner in ast.walk(node.args[0]) if isinstance(inner, ast.Call)]
                given |= {call.attr if isinstance(call, ast.Attribute) else ast.unparse(call) for call in calls}
    assert given == TRANSACTIONS
