"""Migrations as functions: bring a database to the newest revision, or say how far it is."""

from pathlib import Path

import alembic.command
import alembic.config
import alembic.runtime.migration
import alembic.script
import psycopg
import sqlalchemy as sa

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def config(connection: sa.Connection | None = None) -> alembic.config.Config:
    """Return Alembic's configuration for our migrations, running on `connection`."""
    made = alembic.config.Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def owner_engine(owner_url: str) -> sa.Engine:
    """Return an engine as the owner role; sockets and passwords of a libpq URL are the driver's business."""
    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url), poolclass=sa.NullPool)


def newest() -> str:
    """Return the revision this code needs."""
    head = alembic.script.ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        message = "there are no migrations"
        raise RuntimeError(message)
    return head


def current(connection: sa.Connection) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    return alembic.runtime.migration.MigrationContext.configure(connection).get_current_revision()


def known(revision: str) -> bool:
    """Tell whether this code knows `revision`; if not, the database is ahead of it."""
    directory = alembic.script.ScriptDirectory.from_config(config())
    return any(script.revision == revision for script in directory.walk_revisions())


def migrate(owner_url: str) -> None:
    """Bring the database to the newest revision, as the owner role."""
    engine = owner_engine(owner_url)
    with engine.begin() as connection:
        alembic.command.upgrade(config(connection), "head")
