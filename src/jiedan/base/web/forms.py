"""HTML forms: read into a struct, with every field's problem collected for the page that shows the form again."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from litestar.datastructures import UploadFile

from jiedan.base import errors, i18n
from jiedan.base.web import csrf, problems, prose, sending
from jiedan.base.web.bodies import refusal_of, unstorable_character
from jiedan.base.web.errors import CharacterRefused, UnknownField
from jiedan.base.web.unit import Unit

F = TypeVar("F", bound="Form")

OK_STATUS = 200


class Form(msgspec.Struct, kw_only=True):
    """A form's fields; names are those of its inputs. Empty inputs count as not sent, so optional fields have defaults.

    A field of type `list[...]` takes all inputs of its name that are filled in; one of type `list[... | None]` takes
    all, those left empty as None, so that the inputs of a row stay together. A `bool` is a checkbox.
    """

    __multiple__: ClassVar[frozenset[str]] = frozenset()
    __as_sent__: ClassVar[frozenset[str]] = frozenset()


@dataclasses.dataclass(eq=False)
class Filled(Generic[F]):
    """A form as it was sent: the struct when it is whole, what was typed, and what is wrong with it.

    Problems stand by field, or `above` the form; `headers` are those that go with them, such as `Retry-After`.
    """

    locale: str
    value: F | None
    raw: Mapping[str, list[str]]
    files: Mapping[str, list[UploadFile]]
    errors_by_field: dict[str, str] = dataclasses.field(default_factory=dict)
    above: list[str] = dataclasses.field(default_factory=list)
    status: int = OK_STATUS
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def text(self, name: str, default: object = "") -> str:
        """Return what was typed into `name`."""
        values = self.raw.get(name)
        return values[0] if values else str(default)

    def file(self, name: str) -> UploadFile | None:
        """Return the file that was chosen for `name`, the first of several."""
        return next(iter(self.files.get(name, ())), None)

    def error(self, name: str) -> str:
        """Return what is wrong with `name`, or an empty text."""
        return self.errors_by_field.get(name, "")

    def refuse(self, refusal: errors.Refusal) -> None:
        """Show `refusal` under the field it concerns, or above the form."""
        self.status = problems.status_of(refusal)
        self.headers.update(problems.headers_of(refusal))
        self.value = None
        for reason in errors.reasons_of(refusal):
            said = i18n.say(self.locale, reason)
            if reason.field and reason.field in self.raw:
                self.errors_by_field.setdefault(reason.field, said)
            else:
                self.above.append(said)


def empty(unit: Unit, **values: object) -> "Filled[Any]":
    """Return a form not sent yet, showing `values`."""
    return Filled(unit.locale, None, {name: [str(v)] for name, v in values.items() if v is not None}, {})


async def read(unit: Unit, kind: type[F]) -> Filled[F]:
    """Read the form that was sent as a `kind`; what is wrong is collected in the result, not raised."""
    data = await unit.request.form()
    raw: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.setdefault(name, []).append(value)
        elif name not in {csrf.FIELD, sending.FIELD}:
            typed = str(value).replace("\r\n", "\n").strip()
            raw.setdefault(name, []).append(prose.masked(kind, name, typed))
    filled: Filled[F] = Filled(unit.locale, None, raw, files)
    for refusal in _unstorable(raw):
        filled.refuse(refusal)
    if filled.status == OK_STATUS:
        _convert(filled, kind)
    return filled


def _unstorable(raw: Mapping[str, list[str]]) -> list[errors.Refusal]:
    return [
        CharacterRefused(character=character, field=name)
        for name, values in raw.items()
        for value in values
        if (character := unstorable_character(value)) is not None
    ]


def _convert(filled: Filled[F], kind: type[F]) -> None:
    """Fill the struct field by field, so that each field's problem is found."""
    values: dict[str, Any] = {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in filled.raw:
        if name not in fields:
            filled.refuse(UnknownField(name=name))
    for name, field in fields.items():
        sent = filled.raw.get(name, [])
        of_many = _of_many(field.type)
        is_list = of_many is not None
        keeps_empty = isinstance(of_many, msgspec.inspect.UnionType) and of_many.includes_none
        given = [value or None for value in sent] if keeps_empty else [value for value in sent if value != ""]
        if field.type is bool:
            values[field.name] = bool(given)
        elif given:
            try:
                values[field.name] = msgspec.convert(given if is_list else given[0], field.type, strict=False)
            except msgspec.ValidationError as error:
                refusal = refusal_of(error)
                filled.raw = {**filled.raw, name: filled.raw[name]}
                refusal.field = name
                filled.refuse(refusal)
        elif field.required:
            filled.raw = {name: [""], **filled.raw}
            filled.refuse(_required(name))
    if filled.status == OK_STATUS:
        filled.value = kind(**values)


def _of_many(kind: Any) -> msgspec.inspect.Type | None:
    """Return what a list holds, None for what is no list."""
    info = msgspec.inspect.type_info(kind)
    return info.item_type if isinstance(info, msgspec.inspect.ListType) else None


def _required(name: str) -> errors.Refusal:
    return FieldRequired(field=name)


@dataclasses.dataclass(eq=False)
class FieldRequired(errors.Invalid):
    """An input that must be filled in was left empty."""

    code: ClassVar[str] = "field_required"
    message: ClassVar[str] = i18n.N_("This is empty.")
    remedy: ClassVar[str] = i18n.N_("Please fill this in.")
