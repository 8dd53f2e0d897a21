"""Every statement there is, with and without its tenant predicates, and what its plan says keeps merchants apart."""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import sqlglot
from sqlglot import exp

from jiedan import schema
from jiedan.base import sql
from tests.architecture import tree
from tests.plans import nodes
from tools import portable_sql

PARAMETER = re.compile(r"%\((\w+)\)s")
ROW_SECURITY = "current_setting('app.tenant_id'"
CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Merge Cond", "Join Filter")
SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
TENANT_TABLES = frozenset(name for name, table in schema.metadata.tables.items() if "tenant_id" in table.columns) - {
    "directory"
}


def named() -> Iterator[tuple[str, str]]:
    """Yield each named statement of a merchant's, with where it stands."""
    for path in sorted(set(tree.PACKAGE.rglob("*.sql"))):
        package = ".".join(["jiedan", *path.parent.relative_to(tree.PACKAGE).parts])
        for name, statement in sql.load(package, path.name).items():
            yield f"{path.relative_to(tree.PACKAGE)}:{name}", statement.text.decode()


def is_of_one_merchant(text: str) -> bool:
    """Tell whether a statement is about a merchant's tables, and not a look across merchants that says why."""
    if portable_sql.ACROSS_TENANTS.search(text) or portable_sql.BOUNDARY.match(text):
        return False
    return any(table.name in TENANT_TABLES for table in _parsed(text).find_all(exp.Table))


def stripped(text: str) -> tuple[str, int]:
    """Return a statement without its tenant predicates, and how many it had; what an insert writes stays."""
    parsed = _parsed(text)
    count = 0
    for equality in [*parsed.find_all(exp.EQ), *parsed.find_all(exp.In)]:
        if _is_about_the_tenant(equality) and not isinstance(equality.parent, exp.Update):
            equality.replace(exp.true())
            count += 1
    for join in parsed.find_all(exp.Join):
        using = join.args.get("using") or []
        if any(column.name == "tenant_id" for column in using):
            join.set("using", [column for column in using if column.name != "tenant_id"])
            count += 1
    return re.sub(r"(?:%\(|:)p_(\w+?)(?:\)s)?\b(?!\))", r"%(\1)s", _written(parsed)), count


def _parsed(text: str) -> exp.Expr:
    found = sqlglot.parse_one(PARAMETER.sub(r":p_\1", text).replace("%%", "%"), read="postgres")
    assert isinstance(found, exp.Expr)
    return found


def _written(parsed: exp.Expr) -> str:
    return parsed.sql("postgres")


def _is_about_the_tenant(condition: exp.Expr) -> bool:
    return any(column.name == "tenant_id" for column in condition.find_all(exp.Column))


def plan(connection: psycopg.Connection[Any], text: str) -> dict[str, Any]:
    """Return the generic plan of a statement, with every condition spelled out."""
    names = list(dict.fromkeys(PARAMETER.findall(text)))
    numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%")
    values = f"({', '.join(['NULL'] * len(names))})" if names else ""
    connection.execute(f"PREPARE asked AS {numbered}".encode())
    try:
        ((found,),) = connection.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE asked{values}".encode()).fetchall()
    finally:
        connection.execute("DEALLOCATE asked")
    whole = json.loads(found) if isinstance(found, str) else found
    made: dict[str, Any] = whole[0]["Plan"]
    return made


def loose_scans(made: dict[str, Any], condition: str) -> list[str]:
    """Return the scans of merchants' tables that no condition holding `condition` bounds."""
    return [
        f"{node['Node Type']} of {node['Relation Name']}: {_conditions(node)}"
        for node in nodes(made)
        if node.get("Relation Name") in TENANT_TABLES
        and node["Node Type"] in SCANS
        and not any(condition in text for text in _conditions(node))
    ]


def _conditions(node: dict[str, Any]) -> list[str]:
    own = [str(node[name]) for name in CONDITIONS if name in node]
    below = [text for child in node.get("Plans", ()) for text in _conditions(child)]
    return own + (below if node["Node Type"] == "Bitmap Heap Scan" else [])
