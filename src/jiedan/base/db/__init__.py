"""Connections and transactions: the boundary that opens, commits and retries; nobody else does.

A `Tx` is the unit of work: one connection, one tenant, one actor, one moment. It cannot be opened without a tenant.
SQLAlchemy statements go through `execute`; hot paths send named SQL through `sql` and `sql_many`, the latter in one
pipeline. The two never share a pipeline.
"""

from jiedan.base.db.database import TRIES_MAX, Database
from jiedan.base.db.errors import DatabaseUnavailable, LockOrderBroken, OutcomeUnknown
from jiedan.base.db.transactions import Load, LockRank, ReadTx, Scope, Tx

__all__ = [
    "TRIES_MAX",
    "Database",
    "DatabaseUnavailable",
    "Load",
    "LockOrderBroken",
    "LockRank",
    "OutcomeUnknown",
    "ReadTx",
    "Scope",
    "Tx",
]
