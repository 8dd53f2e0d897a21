"""Settings: everything an installation can be told, by environment variables named `JIEDAN_*`.

`load()` reads and checks them once per process; what it returns is frozen. `described()` lists each with its value and
where it came from, secrets masked.
"""

import dataclasses
import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import platformdirs
import pydantic
import pydantic_settings
from pydantic import Field, SecretStr

from jiedan.base import failures, home
from jiedan.base.i18n import N_, Phrase, Series

PREFIX = "JIEDAN_"
MASK = "********"
SECRET_LENGTH_MIN = 32

NOT_SETTINGS = frozenset({"data", "proof_report", "test_server"})
"""With our prefix, but for the test suite: where real data lies, what a proof counts in, a server to test on."""

_LIKENESS_MIN = 0.75

_PUSH_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")

_QUOTED = re.compile("'([^']*)'")

_NOT_JSON = Phrase("it is a list and must be written as JSON")

PORT_MAX = 65_535

SMTP_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}

Port = Annotated[int, Field(ge=1, le=PORT_MAX)]
Milliseconds = Annotated[int, Field(ge=1, le=86_400_000)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


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


class Settings(pydantic_settings.BaseSettings):
    """Every setting with its default and its unit; frozen."""

    model_config = pydantic_settings.SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    home: Path = Field(default_factory=_default_home, description=N_("folder of the embedded database and the secret"))
    database_url: SecretStr | None = Field(
        default=None, description=N_("PostgreSQL 15-18 as the app role; without it the embedded server is used")
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description=N_("the same database as its owner, for migrations")
    )
    database_dispatch_url: SecretStr | None = Field(
        default=None, description=N_("the same database as the role that looks for due work, for the worker")
    )
    database_backup_url: SecretStr | None = Field(
        default=None, description=N_("the same database as the role that reads everything, for backups")
    )
    host: str = Field(default="127.0.0.1", description=N_("address to listen on"))
    port: Port = Field(default=8000, description=N_("port to listen on"))
    tls_certificate: Path | None = Field(
        default=None, description=N_("certificate to serve https with (PEM); `jiedan serve --tls` makes one")
    )
    tls_key: Path | None = Field(default=None, validate_default=True, description=N_("key of the certificate (PEM)"))
    sandbox_port: Port | None = Field(
        default=None, description=N_("port of the sandbox card processor; default the one after JIEDAN_PORT")
    )
    demo_orders: int = Field(default=2_000, ge=0, le=100_000, description=N_("orders of the demo merchant's past"))
    processes: int = Field(default_factory=_cores, ge=1, le=512, description=N_("API processes; default one per core"))
    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/]+", description=N_("address people open Jiedan at")
    )
    smtp_host: str | None = Field(
        default=None, description=N_("mail server; without one, mails stay in the mailbox of the console")
    )
    smtp_port: Port | None = Field(
        default=None, description=N_("port of the mail server; default 587, for tls 465, for none 25")
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description=N_("how the way to the mail server is encrypted")
    )
    smtp_username: str | None = Field(default=None, description=N_("name to sign in to the mail server with"))
    smtp_password: SecretStr | None = Field(default=None, description=N_("password for the mail server"))
    smtp_timeout_s: Seconds = Field(default=20, description=N_("wait for each answer of the mail server"))
    mail_from: str | None = Field(
        default=None,
        pattern=r"^[!-?A-~]{1,64}@[!-?A-~]{1,200}$",
        validate_default=True,
        description=N_("address that mails come from; needed with a mail server"),
    )
    secret: SecretStr | None = Field(
        default=None,
        min_length=SECRET_LENGTH_MIN,
        description=N_("signing secret; default a random one kept in the home folder"),
    )
    former_secret: SecretStr | None = Field(
        default=None,
        min_length=SECRET_LENGTH_MIN,
        description=N_("signing secret before the present one: codes of gift cards made under it go on working"),
    )
    push_key: SecretStr | None = Field(
        default=None,
        description=N_("private key of web push (VAPID, base64url); default a random one kept in the home folder"),
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description=N_("least severity logged")
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description=N_("auto: console on a terminal, else json")
    )
    pool_size: int = Field(default=10, ge=1, le=200, description=N_("database connections per process"))
    pool_timeout_s: Seconds = Field(default=5, description=N_("wait for a free connection"))
    connect_timeout_s: Seconds = Field(default=5, description=N_("wait for the database to answer a new connection"))
    statement_timeout_ms: Milliseconds = Field(default=30_000, description=N_("longest statement"))
    lock_timeout_ms: Milliseconds = Field(default=5_000, description=N_("longest wait for a row lock"))
    idle_transaction_timeout_ms: Milliseconds = Field(
        default=15_000, description=N_("longest pause inside a transaction")
    )
    shutdown_timeout_s: Seconds = Field(
        default=30, description=N_("time for requests and jobs in flight to finish at a stop")
    )
    drain_s: int = Field(
        default=0,
        ge=0,
        le=600,
        description=N_("at a stop, how long /readyz says so before connections are refused: for a balancer to notice"),
    )
    body_bytes_max: int = Field(default=10 * 1024 * 1024, ge=1024, description=N_("largest request body"))
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description=N_("addresses whose X-Forwarded-* headers are believed (JSON)")
    )
    tracing_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description=N_("OTLP/HTTP collector for traces; needs the extra jiedan[otel]"),
    )
    tracing_sample_ratio: float = Field(default=1.0, ge=0, le=1, description=N_("share of requests that are traced"))
    strict_locks: bool = Field(default=False, description=N_("raise when locks are taken against their ranks (tests)"))
    testing: bool = Field(default=False, description=N_("accept an unsafe database; for the test suite only"))

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
            return self.secret.get_secret_value()
        if not home.has_secret(self.home):
            home.prepare(self.home)
        return home.secret(self.home)

    def code_secrets(self) -> tuple[str, ...]:
        """Return the secrets under which gift cards are found: the present one, then the former one if any."""
        former = () if self.former_secret is None else (self.former_secret.get_secret_value(),)
        return (self.signing_secret(), *former)

    @pydantic.field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:  # ~somebody, whom this machine does not know
            raise ValueError(Phrase("there is no user of that name")) from error

    @pydantic.field_validator("tls_certificate", "tls_key")
    @classmethod
    def _file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(Phrase("there is no such file"))
        return value

    @pydantic.field_validator("push_key")
    @classmethod
    def _scalar(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _PUSH_KEY.fullmatch(value.get_secret_value()):
            raise ValueError(Phrase("it is not a private key of web push: 43 characters of base64url"))
        return value

    @pydantic.field_validator("tls_key")
    @classmethod
    def _key_of(cls, value: Path | None, info: pydantic.ValidationInfo) -> Path | None:
        if (value is None) is not (info.data.get("tls_certificate") is None):
            raise ValueError(Phrase("JIEDAN_TLS_CERTIFICATE and JIEDAN_TLS_KEY go together"))
        return value

    @pydantic.field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str | None, info: pydantic.ValidationInfo) -> str | None:
        if value is None and info.data.get("smtp_host") is not None:
            raise ValueError(Phrase("JIEDAN_SMTP_HOST is set, so it is needed"))
        return value

    @pydantic.field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError as error:
                raise ValueError(Phrase("{text} is no network, like 10.0.0.0/8", text=text)) from error
        return value


def load() -> Settings:
    """Read the settings from this process's environment.

    Raises MisspelledSetting, UnknownSetting or BadSetting, which name the variable.
    """
    _refuse_unknown()
    try:
        return Settings()
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadSetting(name=_variable(str(first["loc"][0])), reason=_reason(first)) from error
    except pydantic_settings.SettingsError as error:
        # The library's sentence, `error parsing value for field "x" from source "…"`, is all that names the field.
        field = str(error).partition('"')[2].partition('"')[0]
        raise BadSetting(name=_variable(field), reason=_NOT_JSON) from error


def _reason(problem: Mapping[str, Any]) -> str:
    """Return why a value can never be right, in words that are said in every language as far as we know them."""
    context = problem.get("ctx", {})
    match problem["type"]:
        case "int_parsing" | "int_type":
            return Phrase("it is not a whole number")
        case "float_parsing" | "float_type":
            return Phrase("it is not a number")
        case "bool_parsing" | "bool_type":
            return Phrase("it is neither true nor false")
        case "greater_than_equal":
            return Phrase("it must be at least {limit}", limit=context["ge"])
        case "less_than_equal":
            return Phrase("it must be at most {limit}", limit=context["le"])
        case "too_short" | "string_too_short":
            return Phrase("it must have at least {limit} characters", limit=context["min_length"])
        case "literal_error":
            return Phrase("it must be one of {choices}", choices=Series(_QUOTED.findall(context["expected"])))
        case "value_error":
            said: str = context["error"].args[0]  # the phrase of one of our own validators
            return said
        case "string_pattern_mismatch":
            return Phrase("it does not match {pattern}", pattern=context["pattern"])
        case _:
            return str(problem["msg"])


def described(settings: Settings) -> list[Described]:
    """Return every setting with its value and its source, in the order they are declared; secrets are masked."""
    return [
        Described(
            name=_variable(name),
            value=_shown(getattr(settings, name)),
            source="environment" if os.environ.get(_variable(name)) else "default",
            meaning=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return MASK
    return str(value) if isinstance(value, Path) else value


def _variable(field: str) -> str:
    """Return the variable of a field; errors sometimes name a field by its variable in lower case."""
    return PREFIX + field.removeprefix(PREFIX.lower()).upper()


def _refuse_unknown() -> None:
    for name in sorted(os.environ):
        field = name.removeprefix(PREFIX).lower()
        if not name.startswith(PREFIX) or field in Settings.model_fields or field in NOT_SETTINGS:
            continue
        near = difflib.get_close_matches(field, Settings.model_fields, n=1, cutoff=_LIKENESS_MIN)
        raise MisspelledSetting(name=name, near=_variable(near[0])) if near else UnknownSetting(name=name)
