"""Every await of the recovery protocol has a named failpoint directly before it, read from the sources themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import aof_tui.engine
from aof_tui.engine.points import Point

FOLDER = Path(aof_tui.engine.__file__).parent
FILES = sorted([*FOLDER.glob("recovery*.py"), *FOLDER.glob("reconcile*.py")])
TRANSACTIONS = frozenset(
    {
        "_prepare",
        "_mark_sending",
        "_outcome",
        "_record",
        "_record_unread",
        "_record_missing",
        "_record_overtaken",
        "_settle",
        "_give_way",
        "refer_gone",
        "take_up_open",
    }
)
"""Functions of these files that run as a whole transaction of the protocol."""


def functions(tree: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))


def has_unit(function: ast.AsyncFunctionDef) -> bool:
    """Whether it runs inside a transaction, in which nothing else is awaited than the transaction itself."""
    return any(argument.arg == "unit" for argument in function.args.args)


def reached(node: ast.AST) -> str | None:
    """The point of `await ….reach(Point.X)`."""
    if not (isinstance(node, ast.Await) and isinstance(node.value, ast.Call)):
        return None
    call = node.value
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "reach" and len(call.args) == 1):
        return None
    argument = call.args[0]
    return argument.attr if isinstance(argument, ast.Attribute) else None


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a statement evaluates itself; blocks inside of it have statements of their own."""
    for _, value in ast.iter_fields(statement):
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST) and not isinstance(part, ast.stmt | ast.excepthandler | ast.match_case):
                yield from ast.walk(part)


def awaits(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AsyncWith | ast.AsyncFor):
        return True
    return any(isinstance(node, ast.Await) and reached(node) is None for node in own_nodes(statement))


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef):
        return
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield part.body


def unguarded(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that await something without a point directly before them."""
    before: ast.stmt | None = None
    for statement in block:
        guarded = isinstance(before, ast.Expr) and reached(before.value) is not None
        if awaits(statement) and not guarded:
            yield statement
        for inner in blocks(statement):
            yield from unguarded(inner)
        before = statement


def holes(source: str) -> list[str]:
    found = [
        statement
        for function in functions(ast.parse(source))
        if not has_unit(function)
        for statement in unguarded(function.body)
    ]
    return [f"line {statement.lineno}: {ast.unparse(statement).splitlines()[0]}" for statement in found]


def test_the_protocol_has_a_point_before_every_await() -> None:
    assert len(FILES) >= 6
    assert {path.name: holes(path.read_text(encoding="utf-8")) for path in FILES} == {path.name: [] for path in FILES}


def test_a_missing_point_is_noticed() -> None:
    assert holes("async def f(self):\n    await self.reach(Point.A)\n    await self.x()\n") == []
    assert holes("async def f(self, unit):\n    await unit.x()\n") == []
    assert holes("async def f(self):\n    await self.reach(Point.A)\n    if x:\n        await self.x()\n")
    assert holes("async def f(self):\n    await self.reach(Point.A)\n    y = 1\n    return y and await self.x()\n")
    assert holes("async def f(self):\n    async with self.turn():\n        pass\n")
    assert holes("async def f(self):\n    try:\n        pass\n    except OSError:\n        await self.x()\n")


def test_every_point_is_in_use() -> None:
    used = {
        point
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (point := reached(node)) is not None
    }
    assert used == {point.name for point in Point}


def test_every_transaction_of_the_protocol_has_a_point_inside() -> None:
    inside: dict[str, int] = {}
    for path in FILES:
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            if function.name in TRANSACTIONS:
                assert has_unit(function), function.name
                inside[function.name] = sum(reached(node) is not None for node in ast.walk(function))
    assert inside.keys() == TRANSACTIONS
    assert all(inside.values()), inside


def test_no_transaction_of_the_protocol_is_left_out() -> None:
    """What `ctx.write` is given in these files is one of the transactions named above, or holds what may not go."""
    given: set[str] = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write":
                names = [inner.func for inner in ast.walk(node.args[0]) if isinstance(inner, ast.Call)]
                given |= {name.attr if isinstance(name, ast.Attribute) else ast.unparse(name) for name in names}
    # The list's behaviour is learned outside of any attempt.
    assert given - {"execute"} == TRANSACTIONS
