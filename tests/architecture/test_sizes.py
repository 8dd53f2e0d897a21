"""A file can be read in one sitting, a function on one screen."""

import ast

from tests.architecture import tree

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
MEASURED = ("src", "tests", "tools", "benchmarks")


def test_files_can_be_read_in_one_sitting() -> None:
    long = [
        f"{path.relative_to(tree.ROOT)}: {lines} lines"
        for path in tree.repository_files()
        if path.suffix in {".py", ".sql", ".html", ".css", ".js"} and path.relative_to(tree.ROOT).parts[0] in MEASURED
        if not {"static", "migrations"}.intersection(path.parts)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    ]
    assert not long, "\n".join(["Split into a folder of the same name, one use case per file.", *long])


def test_functions_fit_one_screen() -> None:
    long = [
        f"{path.relative_to(tree.ROOT)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in tree.python_files(*MEASURED)
        if "migrations" not in path.parts  # a migration is one long sentence
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long, "\n".join(["Keep the ifs, move the straight work out.", *long])
