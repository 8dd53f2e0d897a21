"""The roles and the database of the embedded server: made once, least right first.

The owner makes and changes tables. The app reads and writes rows under row-level security and owns nothing. The
dispatcher looks for tenants with due work. The backup reads everything, past row-level security, and writes nothing.
Which tables each may touch is granted by the migrations.
"""

import urllib.parse
from pathlib import Path

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
OWNER = "jiedan_owner"
APP = "jiedan_app"
DISPATCH = "jiedan_dispatch"
BACKUP = "jiedan_backup"
LOGINS = (SUPERUSER, OWNER, APP, DISPATCH, BACKUP)
DATABASE = "jiedan"

_RIGHTS = {
    OWNER: "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    APP: "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    DISPATCH: "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    BACKUP: "NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
}


def url(*, role: str, password: str, sockets: Path, database: str = DATABASE) -> str:
    """Return the libpq URL of `database` for `role` over the Unix socket."""
    query = urllib.parse.urlencode({"host": str(sockets), "port": "5432"})
    return f"postgresql://{role}:{urllib.parse.quote(password, safe='')}@/{database}?{query}"


async def provision(superuser_url: str, passwords: dict[str, str]) -> None:
    """Make what is missing of the roles and the database; a second time does nothing.

    `superuser_url` leads to the database `postgres`.
    """
    async with await psycopg.AsyncConnection.connect(superuser_url, autocommit=True) as connection:
        rows = await (await connection.execute("SELECT rolname FROM pg_roles")).fetchall()
        roles = {str(row[0]) for row in rows}
        for role, rights in _RIGHTS.items():
            if role not in roles:
                await connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                        sql.Identifier(role), sql.SQL(rights), sql.Literal(passwords[role])
                    )
                )
        if BACKUP not in roles:
            await connection.execute(
                sql.SQL("GRANT pg_read_all_data TO {0}; ALTER ROLE {0} SET default_transaction_read_only = on").format(
                    sql.Identifier(BACKUP)
                )
            )
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if await found.fetchone() is None:
            await _create(connection, DATABASE, template=None)


async def create_database(superuser_url: str, name: str, *, template: str | None = None) -> None:
    """Make a database owned by the owner role; from `template` it takes the content, else it is empty."""
    async with await psycopg.AsyncConnection.connect(superuser_url, autocommit=True) as connection:
        await _create(connection, name, template=template)


async def drop_database(superuser_url: str, name: str) -> None:
    """Drop a database if it exists, closing whatever is connected to it."""
    async with await psycopg.AsyncConnection.connect(superuser_url, autocommit=True) as connection:
        await connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


async def _create(connection: psycopg.AsyncConnection, name: str, *, template: str | None) -> None:
    await connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template0")
        )
    )
    await connection.execute(
        sql.SQL("REVOKE ALL ON DATABASE {0} FROM PUBLIC; GRANT CONNECT ON DATABASE {0} TO {1}").format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, (APP, DISPATCH, BACKUP)))
        )
    )
