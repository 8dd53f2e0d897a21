"""Logs: one JSON object per line (or colors on a terminal), with the request, the tenant and the actor.

    log = structlog.get_logger()
    log.info("order placed", order=order_id)

What is bound with `context(…)` stands on every line of the same task. Secrets and personal data are masked by key and,
inside texts, by shape; logs hold ids, codes and amounts.
"""

import contextlib
import logging
import logging.config
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

MASK = "***"

_SECRET_WORDS = (
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "api_key",
    "apikey",
    "cookie",
    "session",
    "signature",
    "private_key",
    "credential",
)
_PERSONAL_WORDS = ("phone", "mobile", "email", "e_mail", "address", "contact", "recipient", "full_name", "birthday")
_SENSITIVE = re.compile("|".join((*_SECRET_WORDS, *_PERSONAL_WORDS)))
_SHAPES = (
    (re.compile(r"\bjd_[0-9A-Za-z-]+_[\w-]+"), "jd_" + MASK),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 " + MASK),
    (re.compile(r"(\w+://[^\s:/@]*:)[^\s@/]+@"), r"\1" + MASK + "@"),
    # Secret links: to an order that was placed, and those from mails.
    (re.compile(r"(/placed/)[^\s/?#\"']+"), r"\1" + MASK),
    (re.compile(r"([?&](?:token|ticket)=)[^\s&#\"']+"), r"\1" + MASK),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), MASK),
    # PostgreSQL repeats the row that broke a constraint.
    (re.compile(r"(?m)^(\s*DETAIL:\s).*$"), r"\1" + MASK),
)
_DEPTH_MAX = 6
_NOISY = {"granian": "WARNING", "procrastinate": "WARNING", "alembic": "WARNING", "httpx2": "WARNING"}


def configure(
    *, level: str = "info", style: Literal["auto", "console", "json"] = "auto", stream: TextIO | None = None
) -> None:
    """Set up logging for this process; `stream` defaults to standard error.

    Libraries that use the standard library's `logging` come out in the same shape.
    """
    out = stream or sys.stderr
    console = style == "console" or (style == "auto" and out.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # before masking, and without the values of local variables
        redact,
    ]
    render: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _NOISY.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


@contextlib.contextmanager
def context(
    *, request_id: str | None = None, tenant: object = None, actor: object = None, **more: object
) -> Iterator[None]:
    """Put these values on every line logged inside the block, by this task and those it starts."""
    values = {"request_id": request_id, "tenant": tenant, "actor": actor, **more}
    named = {name: str(value) for name, value in values.items() if value is not None}
    with structlog.contextvars.bound_contextvars(**named):
        yield


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Mask secrets and personal data in one log event: a structlog processor."""
    return {key: _masked(key, value, 0) for key, value in event.items()}


def _masked(key: str, value: object, depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return MASK if value is not None and _is_sensitive(key) and not isinstance(value, bool) else value
    if _is_sensitive(key):
        return MASK
    if isinstance(value, str):
        return without_secrets(value)
    if depth >= _DEPTH_MAX:
        return MASK
    if isinstance(value, Mapping):
        return {str(name): _masked(str(name), inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", inner, depth + 1) for inner in value]
    return value


def _is_sensitive(key: str) -> bool:
    return _SENSITIVE.search(key.lower().replace("-", "_")) is not None


def without_secrets(text: str) -> str:
    """Return a text without what has the shape of a secret or of personal data."""
    for shape, mask in _SHAPES:
        text = shape.sub(mask, text)
    return text
