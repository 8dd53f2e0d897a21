"""Doors: what one module may import from another, and who may speak SQL."""

import ast

from tests.architecture import tree

DOORS = frozenset({"service", "queries", "rules", "events", "errors", "values"})
TABLE_READERS = frozenset({"queries", "tables", "hot path"})
SQL_SPEAKERS = frozenset({"tables", "queries", "service", "hot path"})
SQL_LIBRARIES = frozenset({"sqlalchemy", "psycopg"})


def test_other_modules_are_entered_by_their_doors() -> None:
    broken = []
    for source in tree.sources():
        if not source.package or source.package in tree.MECHANISMS:
            continue
        for imported in source.imports():
            package, kind = tree.owner_of(imported.target)
            if package in {"", "base", source.package}:
                continue
            if kind in DOORS or (kind == "tables" and source.kind in TABLE_READERS):
                continue
            broken.append(f"{source.where}:{imported.line} imports {imported.target}")
    assert not broken, "\n".join(
        ["From another module import service, queries, rules, events, errors, values.", *broken]
    )


def test_base_knows_no_module() -> None:
    broken = [
        f"{source.where}:{imported.line} imports {imported.target}"
        for source in tree.sources()
        if source.package == "base"
        for imported in source.imports()
        if tree.owner_of(imported.target)[0] not in {"", "base"}
    ]
    assert not broken, "\n".join(broken)


def test_only_tables_queries_service_and_hot_paths_speak_sql() -> None:
    broken = [
        f"{source.where}:{imported.line} imports {imported.target}"
        for source in tree.sources()
        if source.package
        and source.package not in tree.MECHANISMS
        and (source.kind not in SQL_SPEAKERS or source.package in tree.FACES)
        for imported in source.imports()
        if imported.module.split(".")[0] in SQL_LIBRARIES
    ]
    assert not broken, "\n".join(["SQL belongs to tables, queries, service and hot paths.", *broken])


def test_modules_are_imported_not_opened_at_the_top() -> None:
    """A module's `__init__` says what it owns and imports nothing, so importing one kind never loads another."""
    broken = [
        source.where
        for source in tree.sources()
        if source.package in tree.modules() and source.parts[1:] == ("__init__",) and any(source.imports())
    ]
    assert not broken, broken


def test_only_the_frame_reads_forms() -> None:
    """A form is read into a struct, whose types say in which of its texts card numbers are masked."""
    broken = [
        f"{source.where}:{node.lineno} reads a form"
        for source in tree.sources()
        if source.parts[:2] != ("base", "web") and "processor" not in source.parts
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "form"
    ]
    assert not broken, "\n".join(
        ["Pages read forms with forms.read, and their numbers with sending.number_of.", *broken]
    )
