"""Refusals as answers: the one place that knows which HTTP status a refusal has (RFC 9457)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE, HTTP_500_INTERNAL_SERVER_ERROR

from jiedan.base import connections, db, errors, i18n
from jiedan.base.i18n import N_
from jiedan.base.web.bodies import refusal_of as refusal_of_value
from jiedan.base.web.errors import (
    BodyMissing,
    BodyTooLarge,
    MalformedRequest,
    MediaTypeRefused,
    MethodRefused,
    MissingParameter,
    NoSuchPage,
    TooManyRequests,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:jiedan:problem:"
INTERNAL_CODE = "internal_error"
BODY_PARAMETER = "data"
NO_RESOURCES_RETRY_S = 30

_TOO_SLOW = frozenset({"55P03", "57014"})  # a lock or a statement took longer than its time-out
_NO_RESOURCES = "53"  # class: disk full, out of memory, too many connections
_READ_ONLY = "25006"  # the server has become a standby

_STATUS_BY_CLASS: Mapping[type[errors.Refusal], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.Invalid: 422,
    errors.Unavailable: 503,
    Unauthenticated: 401,
    TooManyRequests: 429,
    MethodRefused: 405,
    BodyTooLarge: 413,
    MediaTypeRefused: 415,
    MalformedRequest: 400,
    errors.Refusal: 422,
}

_TITLE_BY_STATUS: Mapping[int, str] = {
    400: N_("Unreadable request"),
    401: N_("Not signed in"),
    403: N_("Not permitted"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    409: N_("Conflict"),
    413: N_("Too large"),
    415: N_("Not a type that is taken"),
    422: N_("Not valid"),
    429: N_("Too many requests"),
    500: N_("Internal error"),
    503: N_("Not available"),
}

_INTERNAL_DETAIL = N_("Something went wrong on our side. It was logged under {request_id}.")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An RFC 9457 problem. `code` is stable; `title` and `detail` are for people and translated.

    `field` is the path of the input concerned, `data` the typed facts, `errors` the reasons when there are several.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    data: dict[str, Any] | None = None
    errors: "list[Reason] | None" = None
    request_id: str | None = None


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of several reasons."""

    code: str
    detail: str
    field: str | None = None
    data: dict[str, Any] | None = None


def status_of(refusal: errors.Refusal) -> int:
    """Return the HTTP status of `refusal`: that of its nearest class."""
    return next(_STATUS_BY_CLASS[c] for c in type(refusal).__mro__ if c in _STATUS_BY_CLASS)


def problem_of(refusal: errors.Refusal, *, locale: str, request_id: str | None = None) -> Problem:
    """Return `refusal` as a problem in `locale`; a single reason speaks for itself."""
    if isinstance(refusal, errors.Rejections) and len(refusal.reasons) == 1:
        refusal = refusal.reasons[0]
    status = status_of(refusal)
    reasons = None
    if isinstance(refusal, errors.Rejections):
        reasons = [Reason(r.code, i18n.say(locale, r), r.field, dict(r.data()) or None) for r in refusal.reasons]
    return Problem(
        type=TYPE_PREFIX + refusal.code,
        title=title(status, locale),
        status=status,
        code=refusal.code,
        detail=i18n.say(locale, refusal),
        field=refusal.field,
        data=dict(refusal.data()) or None,
        errors=reasons,
        request_id=request_id,
    )


def internal(*, locale: str, request_id: str) -> Problem:
    """Return what is said about a bug: nothing but where it was logged."""
    return Problem(
        type=TYPE_PREFIX + INTERNAL_CODE,
        title=title(500, locale),
        status=500,
        code=INTERNAL_CODE,
        detail=i18n.translate(locale, _INTERNAL_DETAIL, request_id=request_id),
        request_id=request_id,
    )


def title(status: int, locale: str) -> str:
    """Return the heading of a status."""
    return i18n.gettext(locale, _TITLE_BY_STATUS.get(status, _TITLE_BY_STATUS[500]))


def headers_of(refusal: errors.Refusal) -> dict[str, str]:
    """Return the headers that go with `refusal`."""
    if isinstance(refusal, errors.Unavailable):
        return {"Retry-After": str(refusal.retry_after_s)}
    if isinstance(refusal, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="jiedan"'}
    if isinstance(refusal, MethodRefused):
        return {"Allow": refusal.allowed}
    return {}


class Asked(NamedTuple):
    """What was asked, as far as a refusal of it needs to know; `allowed` are the methods of the path.

    `aliases` are the names that parameters have outside, where they differ from the handler's.
    """

    method: str
    allowed: str
    body_bytes_max: int
    aliases: Mapping[str, str]


def refusal_of(error: Exception, asked: Asked) -> errors.Refusal | None:
    """Return the refusal that `error` amounts to, or None when it is a bug."""
    if isinstance(error, errors.Refusal):
        return error
    if isinstance(error, HTTPException):
        return _of_framework(error, asked)
    if isinstance(error, sa.exc.TimeoutError):
        return db.DatabaseUnavailable()
    if connections.is_connection_lost(error):
        return db.DatabaseUnavailable()
    if connections.is_retryable(error):
        return errors.Overtaken()
    cause = connections.driver_error(error)
    state = (cause.sqlstate or "") if cause is not None else ""
    if state in _TOO_SLOW:
        return errors.Unavailable()
    if state.startswith(_NO_RESOURCES) or state == _READ_ONLY:
        return db.DatabaseUnavailable(retry_after_s=NO_RESOURCES_RETRY_S)
    return None


def _of_framework(error: HTTPException, asked: Asked) -> errors.Refusal | None:
    if isinstance(error, ValidationException):
        return _of_parameters(error, asked.aliases)
    if isinstance(error, NotFoundException):
        return NoSuchPage()
    if isinstance(error, MethodNotAllowedException):
        return MethodRefused(method=asked.method, allowed=asked.allowed)
    if error.status_code == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
        return BodyTooLarge(bytes_max=asked.body_bytes_max)
    if error.status_code < HTTP_500_INTERNAL_SERVER_ERROR:
        return MalformedRequest(problem=str(error.detail))
    return None


def _of_parameters(error: ValidationException, aliases: Mapping[str, str]) -> errors.Refusal:
    """Return what Litestar found wrong with a path, query or header parameter, by name."""
    extra = error.extra
    first: Mapping[str, Any] = extra[0] if isinstance(extra, list) and extra else {}
    key = str(first.get("key", ""))
    name = aliases.get(key, key) or None
    problem = str(first.get("message", "") or error.detail)
    if "issing required" in problem and name is None:
        named = problem.split("'")[1] if "'" in problem else problem.split("`")[1] if "`" in problem else ""
        return MissingParameter(name=named, field=named or None)
    if name == BODY_PARAMETER and first.get("source") == "body":
        return BodyMissing()
    refusal = _of_convert(problem, name)
    return refusal if first.get("source") != "path" else errors.NotFound(field=name)


def _of_convert(problem: str, name: str | None) -> errors.Refusal:
    refusal = refusal_of_value(msgspec.ValidationError(problem))
    refusal.field = name
    return refusal
