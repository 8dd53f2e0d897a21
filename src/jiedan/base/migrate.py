"""Migrations as functions: bring a database to the newest revision."""

import alembic.command
import alembic.config
import psycopg
import sqlalchemy as sa

from jiedan.base import revisions

_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext('jiedan migrate'))")


def config(connection: sa.Connection | None = None) -> alembic.config.Config:
    """Return Alembic's configuration for our migrations, running on `connection`."""
    made = alembic.config.Config()
    made.set_main_option("script_location", str(revisions.MIGRATIONS))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def owner_engine(owner_url: str) -> sa.Engine:
    """Return an engine as the owner role; sockets and passwords of a libpq URL are the driver's business."""
    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url), poolclass=sa.NullPool)


def migrate(owner_url: str) -> None:
    """Bring the database to the newest revision, as the owner role; a second caller waits for the first."""
    engine = owner_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(_ONE_AT_A_TIME)
        alembic.command.upgrade(config(connection), "head")
