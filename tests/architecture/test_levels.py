"""The file name of a test is its level: `test_rules.py` decides about values and touches no database."""

import ast
import functools
from pathlib import Path

from tests.architecture import tree

WORLD = ("asyncio", "jiedan.base.db", "litestar", "psycopg", "sqlalchemy")
KINDS_WITH_IO = frozenset({"api", "hot path", "jobs", "pages", "portal", "queries", "service", "tables"})


def _rule_tests() -> list[Path]:
    return [p for p in tree.python_files("tests") if p.name == "test_rules.py" or p.parent.name == "test_rules"]


@functools.cache
def _shared_fixtures(folder: Path) -> frozenset[str]:
    """Return the fixtures that conftests give to `folder`: those are the ones with a world behind them."""
    return frozenset(
        node.name
        for path in tree.python_files("tests")
        if path.name == "conftest.py" and folder.is_relative_to(path.parent)
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_fixture(node)
    )


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_rules_are_tested_without_a_world() -> None:
    broken = []
    for path in _rule_tests():
        where = path.relative_to(tree.ROOT)
        for node in ast.walk(tree.parse(path)):
            if isinstance(node, ast.AsyncFunctionDef):
                broken.append(f"{where}:{node.lineno} {node.name} is async")
            elif isinstance(node, ast.FunctionDef) and (node.name.startswith("test_") or _is_fixture(node)):
                asked = {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]} & _shared_fixtures(
                    path.parent
                )
                broken += [f"{where}:{node.lineno} {node.name} asks for {fixture}" for fixture in asked]
            elif isinstance(node, ast.ImportFrom) and node.module:
                broken += [
                    f"{where}:{node.lineno} imports {dotted}"
                    for dotted in (f"{node.module}.{alias.name}" for alias in node.names)
                    if dotted.startswith(WORLD) or tree.owner_of(dotted)[1] in KINDS_WITH_IO
                ]
    assert not broken, "\n".join(broken)


def test_tests_of_rules_and_of_modules_stand_together() -> None:
    """A folder under `tests` is named after a module, or after one of the few kinds of suites."""
    suites = {
        "api",
        "architecture",
        "benchmarks",
        "browser",
        "concurrency",
        "crashes",
        "histories",
        "interleavings",
        "journeys",
        "properties",
        "security",
        "strangers",
        "tools",
    }
    known = suites | set(tree.modules()) | tree.MECHANISMS | tree.FACES | {"cli", "app", "worker"}
    folders = {parts[1] for p in tree.python_files("tests") if len(parts := p.relative_to(tree.ROOT).parts) > 2}
    assert folders <= known, sorted(folders - known)
