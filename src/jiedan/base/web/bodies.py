"""Request bodies: strict structs, decoded from the bytes; what does not fit is refused by the JSON path of its place.

`StrictBody` hooks this into Litestar, so a handler only declares `data: SomeBody`.
"""

import functools
import json
import re
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.openapi.spec import Reference, Schema
from litestar.params import Parameter
from litestar.typing import FieldDefinition

from jiedan.base import errors
from jiedan.base.i18n import N_, Phrase, Series, Word
from jiedan.base.web import prose
from jiedan.base.web.errors import (
    BodyMissing,
    CharacterRefused,
    IntegerTooLarge,
    MalformedJson,
    MissingField,
    OutOfBounds,
    RepeatedKey,
    UnknownField,
    WrongType,
    WrongValue,
)

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
PAGE_LIMIT_MAX = 200
QUANTITY_MAX = 1_000_000_000
AMOUNT_MINOR_MAX = 10**15
NAME_LENGTH_MAX = 200
MOMENT_YEAR_MIN, MOMENT_YEAR_MAX = 1900, 2199
"""Inside these every moment can be stored, read back anywhere, and counted forth and back from."""

OFFSET_MAX = timedelta(hours=15, minutes=59)
"""PostgreSQL takes no time zone further away; the furthest on earth are 14 hours."""

TEXT_LENGTH_MAX = 2_000
CODE_LENGTH_MAX = 100

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=r"\S")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH_MAX, pattern=r"\S")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_LENGTH_MAX, pattern=r"^\S(.*\S)?$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
AmountMinor = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MINOR_MAX)]
Version = Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)]
Limit = Annotated[int, Parameter(ge=1, le=PAGE_LIMIT_MAX, description="Rows on the page.")]
"""A query parameter; msgspec.Meta is for bodies, Litestar's Parameter for the query."""


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON object that callers send; subclasses list its fields. `__example__` is shown in the reference.

    Card numbers in its texts are masked, but for the fields in `__as_sent__`, which the handler refuses them in.
    """

    __example__: ClassVar[Mapping[str, Any] | None] = None
    __as_sent__: ClassVar[frozenset[str]] = frozenset()


def sent(body: msgspec.Struct) -> dict[str, Any]:
    """Return the fields of a body that were sent, null ones too, lists as tuples; the others are UNSET."""
    given = {name: getattr(body, name) for name in body.__struct_fields__}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not msgspec.UNSET
    }


@functools.cache
def _decoder(target: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(target)


def decode(raw: bytes, target: Any) -> Any:
    """Return `raw` as a `target`.

    Raises MalformedJson, BodyMissing, RepeatedKey, or the Invalid that names the first field in the wrong by its path.
    """
    if not raw:
        raise BodyMissing
    if _SUSPECT.search(raw):
        _refuse_unstorable(raw)
    try:
        value = _decoder(target).decode(raw)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(problem=_syntax_problem(error)) from error
    _refuse_repeated(raw)
    if _ODD_MOMENT.search(raw):
        _refuse_moments(value)
    if prose.may_hold_a_card(raw):
        prose.mask_cards(value)
    return value


# A byte pattern that cheaply clears nearly every body: escaped NUL, escaped surrogates, nineteen digits in a row.
_SUSPECT = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|[0-9]{19}")


def _refuse_unstorable(raw: bytes) -> None:
    """Raise for the first U+0000, lone surrogate or integer beyond 64 bits, naming its path."""
    try:
        value = json.loads(raw, parse_int=_bounded_int)
    except (ValueError, RecursionError):
        return  # not JSON: the decoder says what is wrong
    for path, item in _walk(value, ""):
        if isinstance(item, _TooLarge):
            raise IntegerTooLarge(field=path or None)
        character = unstorable_character(item) if isinstance(item, str) else None
        if character is not None:
            raise CharacterRefused(character=character, field=path or None)


# What clears nearly every moment: a year of these centuries, and a time zone of less than fourteen hours; and no sign
# of them written as an escape, which nobody does without a reason.
_ODD_MOMENT = re.compile(rb'"(?!19|20|21)[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]|:[0-9.]+[+-](?:1[4-9]|2)[0-9:]+"|\\u00[235]')


def _refuse_moments(value: object) -> None:
    """Raise WrongValue for the first moment that is too far away to be stored, naming its path."""
    plain = msgspec.to_builtins(value, builtin_types=(datetime,), str_keys=True)
    for path, item in _walk(plain, ""):
        if isinstance(item, datetime) and not _can_be_stored(item):
            raise WrongValue(problem=Phrase("it is no moment like 2026-11-21T14:30:00Z"), field=path or None)


def _can_be_stored(moment: datetime) -> bool:
    try:
        year = moment.astimezone(UTC).year
    except OverflowError:
        return False
    return MOMENT_YEAR_MIN <= year <= MOMENT_YEAR_MAX and abs(moment.utcoffset() or timedelta()) <= OFFSET_MAX


class _Repeated(str):
    """Stand for an object that has this key twice."""

    __slots__ = ()


def _refuse_repeated(raw: bytes) -> None:
    """Raise for the first object that has a key twice, naming its path; the decoder keeps the last and says nothing."""
    found: list[str] = []

    def _whole(pairs: list[tuple[str, object]]) -> object:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        keys = [key for key, _ in pairs]
        found.append(next(key for i, key in enumerate(keys) if key in keys[:i]))
        return _Repeated(found[-1])

    try:
        value = json.loads(raw, object_pairs_hook=_whole)
    except RecursionError:
        return  # deeper than any body of ours: what was decoded has no room for it
    if found:
        path, name = next((path, str(item)) for path, item in _walk(value, "") if isinstance(item, _Repeated))
        raise RepeatedKey(name, field=_joined(path, name))


class _TooLarge:
    """Stand for an integer beyond 64 bits, which may be too long even to convert."""


_INT64_DIGITS_MAX = 20


def _bounded_int(text: str) -> object:
    if len(text) > _INT64_DIGITS_MAX or not INT64_MIN <= int(text) <= INT64_MAX:
        return _TooLarge()
    return int(text)


def _walk(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield every leaf and every key with its path, in the order of the text."""
    stack = [(path, value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, dict):
            for key in item:
                yield place, key
            stack.extend((f"{place}.{key}" if place else str(key), item[key]) for key in reversed(item))
        elif isinstance(item, list):
            stack.extend((f"{place}[{i}]", item[i]) for i in reversed(range(len(item))))
        else:
            yield place, item


def unstorable_character(text: str) -> str | None:
    """Return the name of the first character that no text may hold, like `U+0000`, or None."""
    if "\0" in text:
        return "U+0000"
    if text.isascii():
        return None
    for character in text:
        if "\ud800" <= character <= "\udfff":
            return f"U+{ord(character):04X}"
    return None


def _syntax_problem(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return Phrase("a string is not UTF-8")
    if isinstance(error, RecursionError):
        return Phrase("it is nested too deeply")
    text = str(error).removeprefix("JSON is malformed: ")
    return Phrase("it ends too early") if text == "Input data was truncated" else text


# What msgspec says, and what we make of it. Its messages are stable and tested in tests/base/test_web_bodies.py.
_PLACE = re.compile(r"^(?P<problem>.*?)(?: - at `(?P<key>key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(.*)`$")
_TYPE = re.compile(r"^Expected `([^`]*)`, got `([^`]*)`$")
_BOUND = re.compile(r"^Expected `[^`]*` (?!matching)(.*)$")


def refusal_of(error: msgspec.ValidationError) -> errors.Invalid:
    """Return what `error` says as a refusal with the path of the field."""
    match = _PLACE.match(str(error))
    problem = match["problem"] if match else str(error)
    path = (match["path"] or "").removeprefix(".") if match else ""
    if unknown := _UNKNOWN.match(problem):
        return UnknownField(name=unknown[1], field=_joined(path, unknown[1]))
    if missing := _MISSING.match(problem):
        return MissingField(name=missing[1], field=_joined(path, missing[1]))
    if wrong := _TYPE.match(problem):
        return WrongType(expected=_expected(wrong[1]), given=Word(wrong[2], _TYPES), field=path or None)
    if bound := _BOUND.match(problem):
        return OutOfBounds(bound=_bound(bound[1]), field=path or None)
    if problem == "Number out of range":
        return IntegerTooLarge(field=path or None)
    return WrongValue(problem=_problem(problem), field=path or None)


_TYPES: Mapping[str, str] = {
    "array": N_("array"),
    "bool": N_("true or false"),
    "date": N_("date"),
    "datetime": N_("moment"),
    "float": N_("number"),
    "int": N_("whole number"),
    "null": N_("nothing"),
    "object": N_("object"),
    "str": N_("text"),
    "uuid": N_("id"),
}
"""The words for types inside a sentence."""


def _expected(types: str) -> str:
    """Return the types that would do, like `int | str`; that a value may also be nothing helps nobody who sent one."""
    words = [Word(name, _TYPES) for name in types.split(" | ") if name != "null"]
    if len(words) == 1:
        return words[0]
    return Series(words) if words else Word(types, _TYPES)


_ENUM = re.compile(r"^Invalid enum value (.*)$", re.DOTALL)
_PATTERN = re.compile(r"^Expected `str` matching regex '(.*)'$", re.DOTALL)


def _problem(text: str) -> str:
    """Return why a value cannot be read, in words that are said in every language as far as we know them."""
    if found := _ENUM.match(text):
        return Phrase("{given} is none of its values", given=found[1].strip("'"))
    if found := _PATTERN.match(text):
        return Phrase("it does not match {pattern}", pattern=found[1])
    if text == "Invalid RFC3339 encoded date":
        return Phrase("it is no date like 2026-11-21")
    if text == "Invalid RFC3339 encoded datetime":
        return Phrase("it is no moment like 2026-11-21T14:30:00Z")
    if text == "Invalid UUID":
        return Phrase("it is no id")
    return text[:1].lower() + text[1:]


def _bound(text: str) -> str:
    """Return a bound like `<= 200`, or of a length like `of length >= 1`, whose words are said in every language."""
    limit = text.rpartition(" ")[2]
    if text.startswith("of length <="):
        return Phrase("of length <= {limit}", limit=limit)
    if text.startswith("of length >="):
        return Phrase("of length >= {limit}", limit=limit)
    return text


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


class StrictBody(AbstractDTO[Any]):
    """Decode `data` of every handler with `decode`: from the bytes, strictly, with paths in what is refused."""

    _types: ClassVar[dict[str, FieldDefinition]] = {}

    def decode_bytes(self, value: bytes) -> Any:
        """Return the body as the handler's annotation asks."""
        handler: Any = self.asgi_connection.route_handler  # its id, the key of `_types`, is put together at each use
        return decode(value, handler.parsed_data_field.annotation)

    def decode_builtins(self, value: dict[str, Any]) -> Any:
        """Return form fields as they came; pages read them with `forms.read`."""
        return value

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: Any = None,  # noqa: ARG003 - Litestar's signature
    ) -> None:
        """Remember the annotation of a handler's body."""
        cls._types[handler_id] = field_definition
        _decoder(field_definition.annotation)  # a type that cannot be decoded stops the start, not a request

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 - as above
        """Tell that answers are none of our business."""
        return False

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,  # noqa: ARG003 - as above
        handler_id: str,
        schema_creator: Any,
    ) -> Reference | Schema:
        """Return the schema of the body as it is declared."""
        schema: Reference | Schema = schema_creator.for_field_definition(cls._types[handler_id])
        return schema

    @classmethod
    def generate_field_definitions(
        cls,
        model_type: type[Any],  # noqa: ARG003 - as above
    ) -> Generator[DTOFieldDefinition, None, None]:
        """Yield nothing: there is no transfer model."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 - as above
        """Tell that nothing is nested, as there is no transfer model."""
        return False
