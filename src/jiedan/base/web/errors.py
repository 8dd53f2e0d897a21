"""The ways the frame itself refuses a request.

Their statuses stand in `problems`, with everybody else's.
"""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class Unauthenticated(errors.Refusal):
    """Nobody is known to be calling: no credential, or one that is not valid."""

    code: ClassVar[str] = "unauthenticated"
    message: ClassVar[str] = N_("Sign-in is required.")
    remedy: ClassVar[str] = N_("Sign in, or send a valid API key as “Authorization: Bearer …”.")


@dataclasses.dataclass(eq=False)
class PermissionMissing(errors.Forbidden):
    """The caller is known and lacks a permission."""

    code: ClassVar[str] = "permission_missing"
    message: ClassVar[str] = N_("This needs the permission “{permission}”.")
    remedy: ClassVar[str] = N_("Ask an owner of the merchant to grant it.")

    permission: str


@dataclasses.dataclass(eq=False)
class ForgeryRefused(errors.Forbidden):
    """A request that changes something came with a cookie but without the page's token."""

    code: ClassVar[str] = "csrf_token_missing"
    message: ClassVar[str] = N_("This form is not valid any more.")
    remedy: ClassVar[str] = N_("Load the page again and repeat the change.")


@dataclasses.dataclass(eq=False)
class TooManyRequests(errors.Unavailable):
    """The caller is asking faster than is allowed."""

    code: ClassVar[str] = "too_many_requests"
    message: ClassVar[str] = N_("Too many requests.")
    remedy: ClassVar[str] = N_("Wait {retry_after_s} s and go slower.")


@dataclasses.dataclass(eq=False)
class TooManyStreams(TooManyRequests):
    """A credential keeps as many streams of events open as one may."""

    code: ClassVar[str] = "too_many_streams"
    message: ClassVar[str] = N_("{streams_max} streams of events are open already with this credential.")
    remedy: ClassVar[str] = N_("Close one, or try again in {retry_after_s} s.")

    streams_max: int


@dataclasses.dataclass(eq=False)
class NoSuchPage(errors.NotFound):
    """No route has this path."""

    code: ClassVar[str] = "no_such_path"
    message: ClassVar[str] = N_("There is nothing at this address.")
    remedy: ClassVar[str] = N_("Check the address.")


@dataclasses.dataclass(eq=False)
class IdMalformed(errors.NotFound):
    """The path is right but for an id that is none."""

    code: ClassVar[str] = "id_malformed"
    message: ClassVar[str] = N_("{given} is not an id.")
    remedy: ClassVar[str] = N_("Send the id as an answer gave it: a UUID of 36 characters.")

    given: str


@dataclasses.dataclass(eq=False)
class MethodRefused(errors.Refusal):
    """The path exists, but not with this method."""

    code: ClassVar[str] = "method_not_allowed"
    message: ClassVar[str] = N_("{method} is not possible here.")
    remedy: ClassVar[str] = N_("Use one of: {allowed}.")

    method: str
    allowed: str


@dataclasses.dataclass(eq=False)
class MediaTypeRefused(errors.Refusal):
    """The body is said to be something that this address does not take."""

    code: ClassVar[str] = "media_type_refused"
    message: ClassVar[str] = N_("A body of type {given} is not taken here.")
    remedy: ClassVar[str] = N_("Send JSON, as “Content-Type: application/json”.")

    given: str


@dataclasses.dataclass(eq=False)
class BodyTooLarge(errors.Refusal):
    """The body is over the limit."""

    code: ClassVar[str] = "body_too_large"
    message: ClassVar[str] = N_("The body is larger than {bytes_max} bytes.")
    remedy: ClassVar[str] = N_("Send less at once.")

    bytes_max: int


@dataclasses.dataclass(eq=False)
class MalformedRequest(errors.Refusal):
    """The request is not well-formed HTTP or JSON, so nothing can be said about its fields."""

    code: ClassVar[str] = "malformed_request"
    message: ClassVar[str] = N_("The request cannot be read: {problem}.")
    remedy: ClassVar[str] = N_("Correct it and send it again.")

    problem: str


@dataclasses.dataclass(eq=False)
class MalformedJson(MalformedRequest):
    """The body is not JSON."""

    code: ClassVar[str] = "malformed_json"
    message: ClassVar[str] = N_("The body is not well-formed JSON: {problem}.")
    remedy: ClassVar[str] = N_("Send one JSON value, encoded as UTF-8.")


@dataclasses.dataclass(eq=False)
class BodyMissing(errors.Invalid):
    """A body is needed and none came."""

    code: ClassVar[str] = "body_missing"
    message: ClassVar[str] = N_("A JSON body is needed.")
    remedy: ClassVar[str] = N_("Send one; the reference at /api/docs shows its fields.")


@dataclasses.dataclass(eq=False)
class FileMissing(BodyMissing):
    """The body is to be a file, and is empty."""

    message: ClassVar[str] = N_("A file is needed, and the body is empty.")
    remedy: ClassVar[str] = N_("Send the file itself as the body: {formats}.")

    formats: str


@dataclasses.dataclass(eq=False)
class RepeatedKey(errors.Invalid):
    """An object has a key twice, and only one of its values could be meant."""

    code: ClassVar[str] = "repeated_key"
    message: ClassVar[str] = N_("The field {name} stands twice in one object.")
    remedy: ClassVar[str] = N_("Send it once.")

    name: str


@dataclasses.dataclass(eq=False)
class UnknownField(errors.Invalid):
    """The body has a field that does not exist."""

    code: ClassVar[str] = "unknown_field"
    message: ClassVar[str] = N_("There is no field {name} here.")
    remedy: ClassVar[str] = N_("Remove it or correct its name.")

    name: str


@dataclasses.dataclass(eq=False)
class MissingField(errors.Invalid):
    """The body lacks a field."""

    code: ClassVar[str] = "missing_field"
    message: ClassVar[str] = N_("The field {name} is missing.")
    remedy: ClassVar[str] = N_("Send it.")

    name: str


@dataclasses.dataclass(eq=False)
class WrongType(errors.Invalid):
    """A value is of another type than is asked for."""

    code: ClassVar[str] = "wrong_type"
    message: ClassVar[str] = N_("Expected {expected}, got {given}.")
    remedy: ClassVar[str] = N_("Send a value of that type.")

    expected: str
    given: str


@dataclasses.dataclass(eq=False)
class OutOfBounds(errors.Invalid):
    """A value is too long, too short, too large or too small; `bound` is like `<= 200` or `of length >= 1`."""

    code: ClassVar[str] = "out_of_bounds"
    message: ClassVar[str] = N_("The value must be {bound}.")
    remedy: ClassVar[str] = N_("Send a value within the bound.")

    bound: str


@dataclasses.dataclass(eq=False)
class WrongValue(errors.Invalid):
    """A value is of the right type but not one that can be read; `problem` says why, in English."""

    code: ClassVar[str] = "wrong_value"
    message: ClassVar[str] = N_("This value is not accepted: {problem}.")
    remedy: ClassVar[str] = N_("Correct the value.")

    problem: str


@dataclasses.dataclass(eq=False)
class CharacterRefused(errors.Invalid):
    """A text holds a character that no text may hold: U+0000 or half of a surrogate pair."""

    code: ClassVar[str] = "character_refused"
    message: ClassVar[str] = N_("The text holds the character {character}, which cannot be stored.")
    remedy: ClassVar[str] = N_("Remove that character.")

    character: str


@dataclasses.dataclass(eq=False)
class IntegerTooLarge(errors.Invalid):
    """An integer does not fit in 64 bits."""

    code: ClassVar[str] = "integer_too_large"
    message: ClassVar[str] = N_("The integer does not fit in 64 bits.")
    remedy: ClassVar[str] = N_("Send a smaller one, or a string if it is an identifier.")


@dataclasses.dataclass(eq=False)
class UnknownParameter(errors.Invalid):
    """The query has a parameter that does not exist."""

    code: ClassVar[str] = "unknown_parameter"
    message: ClassVar[str] = N_("There is no parameter {name} here.")
    remedy: ClassVar[str] = N_("Use one of: {known}.")

    name: str
    known: str


@dataclasses.dataclass(eq=False)
class MissingParameter(errors.Invalid):
    """The query lacks a parameter."""

    code: ClassVar[str] = "missing_parameter"
    message: ClassVar[str] = N_("The parameter {name} is missing.")
    remedy: ClassVar[str] = N_("Send it.")

    name: str


@dataclasses.dataclass(eq=False)
class HeaderRefused(errors.Invalid):
    """A header has a value that cannot be used."""

    code: ClassVar[str] = "header_refused"
    message: ClassVar[str] = N_("The header {name} is not valid: {problem}.")
    remedy: ClassVar[str] = N_("Correct the header.")

    name: str
    problem: str
