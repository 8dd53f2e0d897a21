"""Runs that were asked for over HTTP: the worker does them, and goes on with them after a crash."""

from collections.abc import Mapping
from uuid import UUID

import structlog

from jiedan.base import i18n
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Handler
from jiedan.base.errors import Refusal, Unavailable
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task, per_tenant, starting
from jiedan.imports import errors, events, queries, reader, run, service
from jiedan.imports.targets import target

log = structlog.get_logger()


async def save_rows(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Do one run, from where it is; a run that is through is left alone.

    A refusal of the file stops the run with the reason; a run that another process has in hand, or has brought to its
    end, is left to it; anything else fails the job, a database that is away too: it is tried again and goes on.
    """
    import_id = UUID(ids["import_id"])
    async with database.read(Scope(tenant)) as tx:
        wanted = await queries.import_run(tx, import_id=import_id)
        content = await queries.file_content(tx, import_id=import_id)
    if not wanted.is_under_way or content is None:
        return
    scope = Scope(tenant, wanted.begun_by)
    try:
        await run.run(
            database,
            scope,
            begun=wanted,
            source=reader.of_bytes(wanted.file_name, content),
            target=target(wanted.kind),
            locale=ids["locale"],
        )
    except (errors.RunElsewhere, errors.AlreadyImported):
        log.info("imports.elsewhere", import_id=str(import_id))
    except Unavailable:
        raise
    except Refusal as refusal:
        reason = i18n.say(ids["locale"], refusal)
        log.warning("imports.stopped", import_id=str(import_id), reason=reason)
        await database.write(scope, lambda tx: service.stop_run(tx, import_id=import_id, reason=reason))


async def give_up_rows(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Stop a run that no try has brought to its end: it may be let go on."""
    import_id, locale = UUID(ids["import_id"]), ids["locale"]
    await database.write(Scope(tenant), lambda tx: service.give_up_run(tx, import_id=import_id, locale=locale))


SAVE_ROWS = Task("imports.save_rows", save_rows, give_up=give_up_rows)


START_RUNS = Handler("imports.start_runs", starting(SAVE_ROWS, events.ImportQueued, "import_id", "locale"))

PERIODIC: tuple[Periodic, ...] = (Periodic("imports.forget_old", "41 3 * * *", per_tenant(service.forget_old)),)
"""The periodic work of imports."""
