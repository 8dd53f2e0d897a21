"""A table is written only by the module that owns it: SQLAlchemy calls, `.sql` files and SQL in strings."""

import ast
import functools
import re
from collections.abc import Iterator

from tests.architecture import tree

WRITES = re.compile(
    r"(?:\bINSERT\s+INTO|\bDELETE\s+FROM|(?<!\bDO\s)(?<!\bFOR\s)(?<!\bKEY\s)\bUPDATE)\s+(?:ONLY\s+)?\"?([a-z_]+)\"?",
    re.IGNORECASE,
)
WRITERS = frozenset({"insert", "update", "delete"})


@functools.cache
def _owners() -> dict[str, str]:
    """Return table name → module, read from the `tables` files."""
    owners: dict[str, str] = {}
    for source in tree.sources():
        if source.kind != "tables":
            continue
        owners.update(dict.fromkeys(_declared(source), source.package))
    return owners


def _declared(source: tree.SourceFile) -> Iterator[str]:
    """Yield the name of every table declared in a file."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for statement in node.body:
            if (
                isinstance(statement, ast.Assign)
                and isinstance(target := statement.targets[0], ast.Name)
                and target.id == "__tablename__"
                and isinstance(statement.value, ast.Constant)
            ):
                yield str(statement.value.value)


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)


def _written_in_text(text: str) -> set[str]:
    return {name.lower() for name in WRITES.findall(_without_comments(text))} & _owners().keys()


def _written_in_code(source: tree.SourceFile) -> Iterator[tuple[int, str]]:
    """Yield (line, module that owns the table) of `insert(x)`, `update(tx, x)`, `delete(x)` calls."""
    names = {imported.alias: imported.target for imported in source.imports()}
    for node in ast.walk(source.tree):  # `t = OrderTable`
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.setdefault(node.targets[0].id, _resolved(node.value, names))
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in WRITERS:
            continue
        for argument in node.args[:2]:  # SQLAlchemy takes the table first, `base.errands` behind the transaction
            package, kind = tree.owner_of(_resolved(argument, names))
            if kind == "tables":
                yield node.lineno, package


def _resolved(expression: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted path that an expression like `tables.Order` stands for."""
    head, _, rest = ast.unparse(expression).partition(".")
    return ".".join(filter(None, [names.get(head, head), rest]))


def test_writes_are_recognized() -> None:
    """The reader of SQL tells writes from locks and upserts."""
    found = [
        name.strip() for name in WRITES.findall("UPDATE a SET x; SELECT FOR UPDATE OF b; ON CONFLICT DO UPDATE SET")
    ]
    assert found == ["a"]
    assert WRITES.findall("INSERT INTO c SELECT 1 FOR NO KEY UPDATE SKIP LOCKED") == ["c"]
    assert WRITES.findall("delete from only d") == ["d"]


def test_writes_of_errands_are_recognized() -> None:
    (service,) = (s for s in tree.sources() if s.where == "src/jiedan/replays/service.py")
    assert {package for _, package in _written_in_code(service)} == {"replays"}


def test_sqlalchemy_writes_own_tables_only() -> None:
    broken = [
        f"{source.where}:{line} writes a table of {package}"
        for source in tree.sources()
        if source.package and source.package not in tree.MECHANISMS
        for line, package in _written_in_code(source)
        if package != source.package
    ]
    assert not broken, "\n".join(broken)


def test_sql_writes_own_tables_only() -> None:
    broken = []
    for path in sorted(tree.PACKAGE.rglob("*.sql")):
        package = path.relative_to(tree.PACKAGE).parts[0]
        written = _written_in_text(path.read_text(encoding="utf-8"))
        broken += [f"{path.name} of {package} writes {table}" for table in written if _owners()[table] != package]
    for source in tree.sources():
        if not source.package or source.package in tree.MECHANISMS:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                broken += [
                    f"{source.where}:{node.lineno} writes {table}"
                    for table in _written_in_text(node.value)
                    if _owners()[table] != source.package
                ]
    assert not broken, "\n".join(broken)
