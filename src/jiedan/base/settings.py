"""Settings: everything an installation can be told, by environment variables named `JIEDAN_*`.

`load()` reads and checks them once per process; what it returns is frozen. `described()` lists each with its value and
where it came from, secrets masked.
"""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar, Literal

import platformdirs

from jiedan.base import failures, home
from jiedan.base import setting_kinds as kinds
from jiedan.base.i18n import N_, Phrase
from jiedan.base.setting_kinds import Secret

PREFIX = "JIEDAN_"
SECRET_LENGTH_MIN = 32

NOT_SETTINGS = frozenset({"data", "proof_report", "test_server"})
"""With our prefix, but for the test suite: where real data lies, what a proof counts in, a server to test on."""

_LIKENESS_MIN = 0.75

PORT_MAX = 65_535

SMTP_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}

_PORT = kinds.whole(1, PORT_MAX)
_MILLISECONDS = kinds.whole(1, 86_400_000)
_SECONDS = kinds.whole(1, 86_400)


@dataclasses.dataclass(eq=False)
class UnknownSetting(failures.Failure):
    """An environment variable has our prefix and names no setting."""

    message: ClassVar[str] = N_(
        "{name} is not a setting of Jiedan: remove it, or look its name up in `jiedan settings`."
    )
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    name: str


@dataclasses.dataclass(eq=False)
class MisspelledSetting(failures.Failure):
    """An environment variable has our prefix and nearly names a setting."""

    message: ClassVar[str] = N_("{name} is not a setting of Jiedan: did you mean {near}?")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    name: str
    near: str


@dataclasses.dataclass(eq=False)
class BadSetting(failures.Failure):
    """A setting has a value that can never be right."""

    message: ClassVar[str] = N_("{name} is not valid: {reason}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    name: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Described:
    """One setting as `jiedan settings` shows it."""

    name: str
    value: object
    source: Literal["environment", "default"]
    meaning: str


def _default_home() -> Path:
    """Return `.jiedan` beside the pyproject of the checkout this code runs from, else the user's data folder."""
    checkout = Path(__file__).resolve().parents[3]
    try:
        project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, tomllib.TOMLDecodeError):
        project = {}
    if project.get("name") == "jiedan":
        return checkout / ".jiedan"
    return platformdirs.user_data_path("jiedan", appauthor=False)


def _cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_KIND, _MEANING = "kind", "meaning"


def _told(kind: kinds.Kind, meaning: str) -> dict[str, Any]:
    """Return how the text of a field is read, and what it is for."""
    return {_KIND: kind, _MEANING: meaning}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting with its default and its unit; frozen. What is made elsewhere than in `load` is not checked."""

    home: Path = field(
        default_factory=_default_home,
        metadata=_told(kinds.folder(), N_("folder of the embedded database and the secret")),
    )
    database_url: Secret | None = field(
        default=None,
        metadata=_told(kinds.secret(), N_("PostgreSQL 15-18 as the app role; without it the embedded server is used")),
    )
    database_owner_url: Secret | None = field(
        default=None, metadata=_told(kinds.secret(), N_("the same database as its owner, for migrations"))
    )
    database_dispatch_url: Secret | None = field(
        default=None,
        metadata=_told(kinds.secret(), N_("the same database as the role that looks for due work, for the worker")),
    )
    database_backup_url: Secret | None = field(
        default=None,
        metadata=_told(kinds.secret(), N_("the same database as the role that reads everything, for backups")),
    )
    host: str = field(default="127.0.0.1", metadata=_told(kinds.text(), N_("address to listen on")))
    port: int = field(default=8000, metadata=_told(_PORT, N_("port to listen on")))
    tls_certificate: Path | None = field(
        default=None,
        metadata=_told(kinds.file(), N_("certificate to serve https with (PEM); `jiedan serve --tls` makes one")),
    )
    tls_key: Path | None = field(default=None, metadata=_told(kinds.file(), N_("key of the certificate (PEM)")))
    sandbox_port: int | None = field(
        default=None, metadata=_told(_PORT, N_("port of the sandbox card processor; default the one after JIEDAN_PORT"))
    )
    demo_orders: int = field(
        default=2_000, metadata=_told(kinds.whole(0, 100_000), N_("orders of the demo merchant's past"))
    )
    processes: int = field(
        default_factory=_cores, metadata=_told(kinds.whole(1, 512), N_("API processes; default one per core"))
    )
    public_url: str | None = field(
        default=None, metadata=_told(kinds.text(r"^https?://[^\s/]+"), N_("address people open Jiedan at"))
    )
    smtp_host: str | None = field(
        default=None,
        metadata=_told(kinds.text(), N_("mail server; without one, mails stay in the mailbox of the console")),
    )
    smtp_port: int | None = field(
        default=None, metadata=_told(_PORT, N_("port of the mail server; default 587, for tls 465, for none 25"))
    )
    smtp_security: Literal["starttls", "tls", "none"] = field(
        default="starttls",
        metadata=_told(kinds.one_of("starttls", "tls", "none"), N_("how the way to the mail server is encrypted")),
    )
    smtp_username: str | None = field(
        default=None, metadata=_told(kinds.text(), N_("name to sign in to the mail server with"))
    )
    smtp_password: Secret | None = field(
        default=None, metadata=_told(kinds.secret(), N_("password for the mail server"))
    )
    smtp_timeout_s: int = field(default=20, metadata=_told(_SECONDS, N_("wait for each answer of the mail server")))
    mail_from: str | None = field(
        default=None,
        metadata=_told(
            kinds.text(r"^[!-?A-~]{1,64}@[!-?A-~]{1,200}\Z"),
            N_("address that mails come from; needed with a mail server"),
        ),
    )
    secret: Secret | None = field(
        default=None,
        metadata=_told(
            kinds.secret(SECRET_LENGTH_MIN), N_("signing secret; default a random one kept in the home folder")
        ),
    )
    former_secret: Secret | None = field(
        default=None,
        metadata=_told(
            kinds.secret(SECRET_LENGTH_MIN),
            N_("signing secret before the present one: codes of gift cards made under it go on working"),
        ),
    )
    push_key: Secret | None = field(
        default=None,
        metadata=_told(
            kinds.push_key(),
            N_("private key of web push (VAPID, base64url); default a random one kept in the home folder"),
        ),
    )
    log_level: Literal["debug", "info", "warning", "error"] = field(
        default="info", metadata=_told(kinds.one_of("debug", "info", "warning", "error"), N_("least severity logged"))
    )
    log_format: Literal["auto", "console", "json"] = field(
        default="auto",
        metadata=_told(kinds.one_of("auto", "console", "json"), N_("auto: console on a terminal, else json")),
    )
    pool_size: int = field(default=10, metadata=_told(kinds.whole(1, 200), N_("database connections per process")))
    pool_timeout_s: int = field(default=5, metadata=_told(_SECONDS, N_("wait for a free connection")))
    connect_timeout_s: int = field(
        default=5, metadata=_told(_SECONDS, N_("wait for the database to answer a new connection"))
    )
    statement_timeout_ms: int = field(default=30_000, metadata=_told(_MILLISECONDS, N_("longest statement")))
    lock_timeout_ms: int = field(default=5_000, metadata=_told(_MILLISECONDS, N_("longest wait for a row lock")))
    idle_transaction_timeout_ms: int = field(
        default=15_000, metadata=_told(_MILLISECONDS, N_("longest pause inside a transaction"))
    )
    shutdown_timeout_s: int = field(
        default=30, metadata=_told(_SECONDS, N_("time for requests and jobs in flight to finish at a stop"))
    )
    drain_s: int = field(
        default=0,
        metadata=_told(
            kinds.whole(0, 600),
            N_("at a stop, how long /readyz says so before connections are refused: for a balancer to notice"),
        ),
    )
    body_bytes_max: int = field(default=10 * 1024 * 1024, metadata=_told(kinds.whole(1024), N_("largest request body")))
    trusted_proxies: tuple[str, ...] = field(
        default=(), metadata=_told(kinds.networks(), N_("addresses whose X-Forwarded-* headers are believed (JSON)"))
    )
    tracing_endpoint: str | None = field(
        default=None,
        metadata=_told(kinds.text("^https?://"), N_("OTLP/HTTP collector for traces; needs the extra jiedan[otel]")),
    )
    tracing_sample_ratio: float = field(
        default=1.0, metadata=_told(kinds.number(0, 1), N_("share of requests that are traced"))
    )
    strict_locks: bool = field(
        default=False, metadata=_told(kinds.switch(), N_("raise when locks are taken against their ranks (tests)"))
    )
    testing: bool = field(
        default=False, metadata=_told(kinds.switch(), N_("accept an unsafe database; for the test suite only"))
    )

    def base_url(self) -> str:
        """Return the address people open Jiedan at, without a trailing slash."""
        scheme = "http" if self.tls_certificate is None else "https"
        return (self.public_url or f"{scheme}://localhost:{self.port}").rstrip("/")

    def sandbox_port_or_next(self) -> int:
        """Return the port of the sandbox card processor: the given one, else the one after our own."""
        return self.sandbox_port or self.port % PORT_MAX + 1

    def smtp_port_or_usual(self) -> int:
        """Return the port of the mail server: the given one, else the usual one for the way it is encrypted."""
        return self.smtp_port or SMTP_PORTS[self.smtp_security]

    def signing_secret(self) -> str:
        """Return the signing secret: the given one, else the one kept in the home folder, made at first use.

        Raises HomeNotWritable or DiskFull.
        """
        if self.secret is not None:
            return self.secret.reveal()
        if not home.has_secret(self.home):
            home.prepare(self.home)
        return home.secret(self.home)

    def code_secrets(self) -> tuple[str, ...]:
        """Return the secrets under which gift cards are found: the present one, then the former one if any."""
        former = () if self.former_secret is None else (self.former_secret.reveal(),)
        return (self.signing_secret(), *former)


NAMES = tuple(each.name for each in dataclasses.fields(Settings))


def load() -> Settings:
    """Read the settings from this process's environment.

    Raises MisspelledSetting, UnknownSetting or BadSetting, which name the variable.
    """
    _refuse_unknown()
    given = {name.upper(): text for name, text in os.environ.items() if text}  # an empty one says nothing
    values: dict[str, Any] = {}
    for each in dataclasses.fields(Settings):
        text = given.get(_variable(each.name))
        if text is not None:
            try:
                values[each.name] = each.metadata[_KIND](text)
            except kinds.Unreadable as error:
                raise BadSetting(name=_variable(each.name), reason=error.reason) from error
    settings = Settings(**values)
    if (settings.tls_certificate is None) is not (settings.tls_key is None):
        reason = Phrase("JIEDAN_TLS_CERTIFICATE and JIEDAN_TLS_KEY go together")
        raise BadSetting(name=_variable("tls_key"), reason=reason)
    if settings.smtp_host is not None and settings.mail_from is None:
        raise BadSetting(name=_variable("mail_from"), reason=Phrase("JIEDAN_SMTP_HOST is set, so it is needed"))
    return settings


def described(settings: Settings) -> list[Described]:
    """Return every setting with its value and its source, in the order they are declared; secrets are masked."""
    return [
        Described(
            name=_variable(each.name),
            value=_shown(getattr(settings, each.name)),
            source="environment" if os.environ.get(_variable(each.name)) else "default",
            meaning=each.metadata[_MEANING],
        )
        for each in dataclasses.fields(settings)
    ]


def _shown(value: object) -> object:
    if isinstance(value, Secret):
        return kinds.MASK
    return str(value) if isinstance(value, Path) else value


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _refuse_unknown() -> None:
    for name in sorted(os.environ):
        asked = name.removeprefix(PREFIX).lower()
        if not name.startswith(PREFIX) or asked in NAMES or asked in NOT_SETTINGS:
            continue
        near = difflib.get_close_matches(asked, NAMES, n=1, cutoff=_LIKENESS_MIN)
        raise MisspelledSetting(name=name, near=_variable(near[0])) if near else UnknownSetting(name=name)
