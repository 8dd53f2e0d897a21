"""What is stored for a merchant: how many rows of each table, and a sum over what they say."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from jiedan import schema
from jiedan.base.ids import TenantId

LEASED = frozenset({"number_series"})
"""What moves although nothing is stored: numbers are leased before an order is judged."""

Stored = Mapping[str, tuple[int, int]]


def everything(owner: psycopg.Connection[Any], tenant: TenantId) -> Stored:
    """Return the number of rows and a sum over their texts, by table."""
    parts = [
        sql.SQL(
            "SELECT {name}, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)"
            " FROM {table} t WHERE tenant_id = {id}"
        ).format(name=sql.Literal(name), table=sql.Identifier(name), id=sql.Literal(tenant))
        for name in tenant_tables()
    ]
    return {name: (rows, total) for name, rows, total in owner.execute(sql.SQL(" UNION ALL ").join(parts))}


def tenant_tables() -> list[str]:
    """Return the names of the tables that belong to a tenant."""
    return sorted(
        name for name, table in schema.metadata.tables.items() if "tenant_id" in table.columns and name not in LEASED
    )


def changes(before: Stored, after: Stored) -> list[str]:
    """Return the tables that changed, with their numbers of rows."""
    return [f"{name}: {before[name][0]} → {after[name][0]} rows" for name in before if before[name] != after[name]]
