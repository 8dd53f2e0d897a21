"""What must be true of a database before anything is served from it; each refusal says what to do."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any, ClassVar, NamedTuple

import psycopg
from psycopg import conninfo

from jiedan.base import failures, reasons, revisions
from jiedan.base.i18n import N_
from jiedan.base.server import roles as server_roles
from jiedan.base.settings import BadSetting

VERSION_MIN = 15
VERSION_MAX = 18
CONNECT_S_MAX = 5
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")

DEFAULT_PASSWORDS = frozenset(
    {
        "one",
        "two",
        "three",
        "four",
        "jiedan",
        "postgres",
        "password",
        "passwort",
        "secret",
        "changeme",
        "admin",
        "123456",
    }
)
"""Those of `docs/howto/own-postgresql.md`, and those that are tried first."""

_NO_ROOM = "No space left on device"
_VERSION_UNIT = 10_000
_OWNER_SETTING = "JIEDAN_DATABASE_OWNER_URL"
_DISPATCH_SETTING = "JIEDAN_DATABASE_DISPATCH_URL"
_FACTS = """
SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
       pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool,
       role.rolname,
       role.rolsuper OR role.rolbypassrls
           OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = role.oid AND c.relkind IN ('r', 'p')),
       current_setting('fsync') = 'off', current_setting('synchronous_commit') = 'off',
       current_setting('full_page_writes') = 'off'
FROM pg_roles role WHERE role.rolname = current_user
"""
_IS_DISPATCH = "SELECT pg_has_role(current_user, %s, 'USAGE')"
_MISSING_ROLES = """
SELECT string_agg(name, ', ') FROM unnest(%s::text[]) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles)
"""


class Facts(NamedTuple):
    """What a server says of itself and of the role that asks."""

    version_num: int
    encoding: str
    is_read_only: bool
    role: str
    is_powerful: bool
    fsync_off: bool = False
    synchronous_commit_off: bool = False
    full_page_writes_off: bool = False


@dataclasses.dataclass(eq=False)
class DatabaseUnreachable(failures.Failure):
    """No connection could be made."""

    message: ClassVar[str] = N_(
        "The database {database} does not answer ({reason}): check that the server runs and what {setting} says."
    )

    database: str
    reason: str
    setting: str = "JIEDAN_DATABASE_URL"


@dataclasses.dataclass(eq=False)
class DefaultPassword(failures.Failure):
    """Anybody could guess the password: it stands in the documentation, or it is the role's name."""

    message: ClassVar[str] = N_(
        "The database role {role} has a password that everybody knows: give it one of its own (ALTER ROLE … PASSWORD "
        "…), and put that into {setting}."
    )

    role: str
    setting: str = "JIEDAN_DATABASE_URL"


@dataclasses.dataclass(eq=False)
class WrongVersion(failures.Failure):
    """The server is older or newer than what Jiedan was tried on."""

    message: ClassVar[str] = N_("The database server is PostgreSQL {found}: Jiedan needs version {least} to {most}.")

    found: int
    least: int = VERSION_MIN
    most: int = VERSION_MAX


@dataclasses.dataclass(eq=False)
class WrongEncoding(failures.Failure):
    """The database does not store Unicode."""

    message: ClassVar[str] = N_("The database stores text as {found}: make one with ENCODING 'UTF8' LOCALE 'C.UTF-8'.")

    found: str


@dataclasses.dataclass(eq=False)
class ReadOnlyDatabase(failures.Failure):
    """The database takes no writes."""

    message: ClassVar[str] = N_("The database {database} is read-only: point {setting} to the primary server.")

    database: str
    setting: str = "JIEDAN_DATABASE_URL"


@dataclasses.dataclass(eq=False)
class NotDurable(failures.Failure):
    """The server may lose what it has confirmed."""

    message: ClassVar[str] = N_(
        "The database server runs with {setting} off, so confirmed orders could be lost: set it to on and start again."
    )

    setting: str


@dataclasses.dataclass(eq=False)
class RoleTooPowerful(failures.Failure):
    """The role that serves could pass the wall between merchants."""

    message: ClassVar[str] = N_(
        "The database role {role} is a superuser, may bypass row-level security or owns tables: serve as a role that "
        "may not, and give the owner's URL in JIEDAN_DATABASE_OWNER_URL for migrations."
    )

    role: str


@dataclasses.dataclass(eq=False)
class RoleTooWeak(failures.Failure):
    """The role that serves may not read Jiedan's tables."""

    message: ClassVar[str] = N_(
        "The database role {role} may not use Jiedan's tables: serve as {app}, or make that role a member of it."
    )

    role: str
    app: str = server_roles.APP


@dataclasses.dataclass(eq=False)
class DispatchNotConfigured(failures.Failure):
    """There is to be a worker, and it is not told how to look for due work."""

    message: ClassVar[str] = N_(
        "The worker needs JIEDAN_DATABASE_DISPATCH_URL: the same database as the role jiedan_dispatch, "
        "which looks for merchants with due work."
    )


@dataclasses.dataclass(eq=False)
class DispatchRefused(failures.Failure):
    """The role that is to look for due work may not."""

    message: ClassVar[str] = N_(
        "The database role {role} cannot look for due work: give the URL of {dispatch} in {setting}."
    )

    role: str
    dispatch: str = server_roles.DISPATCH
    setting: str = _DISPATCH_SETTING


@dataclasses.dataclass(eq=False)
class RolesMissing(failures.Failure):
    """The server lacks roles that migrations give rights to."""

    message: ClassVar[str] = N_(
        "The database server lacks the roles {roles}: make them first, as docs/howto/own-postgresql.md shows."
    )

    roles: str


@dataclasses.dataclass(eq=False)
class TooFewConnections(failures.Failure):
    """The pools of all processes together are larger than what the server accepts."""

    message: ClassVar[str] = N_(
        "The processes of Jiedan may open {needed} database connections and the server accepts {allowed}: lower "
        "JIEDAN_PROCESSES or JIEDAN_POOL_SIZE, or raise max_connections."
    )

    needed: int
    allowed: int


@dataclasses.dataclass(eq=False)
class MigrationsBehind(failures.Failure):
    """The database lacks migrations that this code needs."""

    message: ClassVar[str] = N_(
        "The database is at revision {found} and this version needs {wanted}: run `jiedan migrate`."
    )

    found: str
    wanted: str


@dataclasses.dataclass(eq=False)
class MigrationsAhead(failures.Failure):
    """A newer Jiedan has migrated the database."""

    message: ClassVar[str] = N_(
        "The database was migrated by a newer Jiedan (revision {found}): install that version or a later one."
    )

    found: str


async def check(url: str, *, testing: bool = False) -> None:
    """Refuse a database that is not fit to serve from as the role of `url`.

    `testing` accepts a server that gave up durability. Raises one of the failures above, or BadSetting.
    """
    async with connected(url) as connection:
        facts = await _facts(connection)
        refuse_unfit(facts, database=shown(url), testing=testing)
        try:
            await _check_revision(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise RoleTooWeak(role=facts.role) from error


async def check_owner(url: str) -> str | None:
    """Return the revision of the database of the owner's `url`, None for an empty one; refuse what cannot be migrated.

    Raises WrongVersion, WrongEncoding, ReadOnlyDatabase, RolesMissing, DatabaseUnreachable or BadSetting.
    """
    async with connected(url, setting=_OWNER_SETTING) as connection:
        refuse_unusable(await _facts(connection), database=shown(url), setting=_OWNER_SETTING)
        wanted = [server_roles.APP, server_roles.DISPATCH, server_roles.BACKUP]
        (missing,) = await (await connection.execute(_MISSING_ROLES, [wanted])).fetchone() or (None,)
        if missing:
            raise RolesMissing(roles=missing)
        return await revisions.current(connection)


async def check_dispatch(url: str | None) -> None:
    """Refuse a URL by which a worker could not find what is due, before one starts; the database is checked.

    Raises DispatchNotConfigured, DispatchRefused, DatabaseUnreachable or BadSetting.
    """
    if not url:
        raise DispatchNotConfigured
    async with connected(url, setting=_DISPATCH_SETTING) as connection:
        row: Any = await (await connection.execute(_IS_DISPATCH, [server_roles.DISPATCH])).fetchone()
        if not row[0]:
            raise DispatchRefused(role=connection.info.user)


@contextlib.asynccontextmanager
async def connected(
    url: str, *, setting: str = "JIEDAN_DATABASE_URL"
) -> AsyncIterator[psycopg.AsyncConnection[tuple[Any, ...]]]:
    """Yield a connection to `url`, which stands in `setting`; it commits each statement.

    Raises DatabaseUnreachable, also when it breaks inside the block, DiskFull, BadSetting when `url` is none, and
    DefaultPassword.
    """
    refuse_default_password(url, setting=setting)
    try:
        connection = await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_S_MAX, autocommit=True)
    except psycopg.ProgrammingError as error:
        raise BadSetting(name=setting, reason=reasons.of_database(error)) from error
    except psycopg.OperationalError as error:
        raise unreachable(url, error, setting=setting) from error
    try:
        async with connection:
            yield connection
    except psycopg.OperationalError as error:
        raise unreachable(url, error, setting=setting) from error


async def _facts(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> Facts:
    row: Any = await (await connection.execute(_FACTS)).fetchone()
    return Facts(*row)


async def check_connections(url: str, *, needed: int) -> None:
    """Refuse to start more pools than the server of `url`, which is checked, can fill. Raises TooFewConnections."""
    async with connected(url) as connection:
        row: Any = await (await connection.execute("SELECT current_setting('max_connections')::int")).fetchone()
    if needed > row[0]:
        raise TooFewConnections(needed=needed, allowed=row[0])


def unreachable(url: str, error: BaseException, *, setting: str = "JIEDAN_DATABASE_URL") -> failures.Failure:
    """Return the failure for a connection to `url` that could not be made."""
    if _NO_ROOM in str(error):  # the server lives, and cannot begin another session
        return failures.DiskFull(path="PostgreSQL")
    return DatabaseUnreachable(database=shown(url), reason=reasons.of_database(error), setting=setting)


def shown(url: str) -> str:
    """Return where a libpq URL leads, without its password."""
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "?"
    return f"{parts.get('dbname', '')}@{parts.get('host', 'localhost')}"


def refuse_default_password(url: str, *, setting: str = "JIEDAN_DATABASE_URL") -> None:
    """Refuse to use a password that everybody knows. Raises DefaultPassword, and BadSetting when `url` is none."""
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise BadSetting(name=setting, reason=reasons.of_database(error)) from error
    role, password = str(parts.get("user") or ""), str(parts.get("password") or "")
    if password and password.lower() in DEFAULT_PASSWORDS | {role.lower()}:
        raise DefaultPassword(role=role, setting=setting)


def refuse_unfit(facts: Facts, *, database: str, testing: bool) -> None:
    """Refuse a server or a role that nothing may be served from. Raises one of the failures above."""
    refuse_unusable(facts, database=database)
    if facts.is_powerful:
        raise RoleTooPowerful(role=facts.role)
    off = (facts.fsync_off, facts.synchronous_commit_off, facts.full_page_writes_off)
    for setting, is_off in zip(DURABILITY, off, strict=True):
        if is_off and not testing:
            raise NotDurable(setting=setting)


def refuse_unusable(facts: Facts, *, database: str, setting: str = "JIEDAN_DATABASE_URL") -> None:
    """Refuse a server that Jiedan's tables cannot be in, whoever asks.

    Raises WrongVersion, WrongEncoding or ReadOnlyDatabase.
    """
    version = facts.version_num // _VERSION_UNIT
    if not VERSION_MIN <= version <= VERSION_MAX:
        raise WrongVersion(found=version)
    if facts.encoding != "UTF8":
        raise WrongEncoding(found=facts.encoding)
    if facts.is_read_only:
        raise ReadOnlyDatabase(database=database, setting=setting)


async def _check_revision(connection: psycopg.AsyncConnection) -> None:
    wanted = revisions.newest()
    found = await revisions.current(connection)
    if found == wanted:
        return
    if found is not None and not revisions.known(found):
        raise MigrationsAhead(found=found)
    raise MigrationsBehind(found=found or "-", wanted=wanted)
