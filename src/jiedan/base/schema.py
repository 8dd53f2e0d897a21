"""Row-level security, grants and storage parameters: what every table gets beside its columns.

Migrations call `protect` for each table they create; `everything` repeats it for all, and both are idempotent.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from jiedan.base import tables

APP_ROLE = "jiedan_app"
DISPATCH_ROLE = "jiedan_dispatch"
BACKUP_ROLE = "jiedan_backup"


def protect(table: sa.Table) -> Iterator[str]:
    """Yield the DDL that protects one table: its storage parameters, policies and the grants of each role."""
    name = table.name
    yield from _store(table)
    if table.info.get(tables.OUTSIDE_RLS):
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {APP_ROLE}"
        yield f"GRANT SELECT ON {name} TO {DISPATCH_ROLE}, {BACKUP_ROLE}"
        return
    verbs = "SELECT, INSERT" if table.info.get(tables.APPEND_ONLY) else "SELECT, INSERT, UPDATE, DELETE"
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS tenant_isolation ON {name}"
    yield (
        f"CREATE POLICY tenant_isolation ON {name}"
        " USING (tenant_id = current_setting('app.tenant_id')::uuid)"
        " WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid)"
    )
    yield f"REVOKE ALL ON {name} FROM {APP_ROLE}, {DISPATCH_ROLE}"
    yield f"GRANT {verbs} ON {name} TO {APP_ROLE}"
    yield f"GRANT SELECT ON {name} TO {BACKUP_ROLE}"
    erasable = table.info.get(tables.ERASABLE)
    if erasable:
        yield f"GRANT UPDATE ({', '.join(erasable)}) ON {name} TO {APP_ROLE}"
    columns = table.info.get(tables.DISPATCH_COLUMNS)
    if columns:
        yield f"DROP POLICY IF EXISTS dispatch_due ON {name}"
        yield f"CREATE POLICY dispatch_due ON {name} FOR SELECT TO {DISPATCH_ROLE} USING (true)"
        yield f"GRANT SELECT ({', '.join(columns)}) ON {name} TO {DISPATCH_ROLE}"


def _store(table: sa.Table) -> Iterator[str]:
    parameters = table.info.get(tables.STORAGE)
    if parameters:
        chosen = ", ".join(f"{key} = {str(value).lower()}" for key, value in parameters.items())
        yield f"ALTER TABLE {table.name} SET ({chosen})"


def everything(metadata: sa.MetaData) -> Iterator[str]:
    """Yield the protection of every table, in dependency order."""
    for table in metadata.sorted_tables:
        yield from protect(table)
