"""Examples of answers, made from their types: the same ones each time, in the words of a small shop.

A struct with an `__example__` of its own is shown with it. Otherwise each field is shown by its name where the name
says what it holds, by its unit, and by its type; lists and mappings have one entry. What holds something only rarely,
like `canceled_at`, is shown as nothing where it may be nothing.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from jiedan.base.web import samples


def of(kind: Any) -> object:
    """Return an example of an answer of the type `kind`, as JSON would hold it."""
    return _Drawing().value(msgspec.inspect.type_info(kind), "")


class _Drawing:
    """One example being made; `inside` are the structs around the present place, so that trees end."""

    def __init__(self) -> None:
        self.inside: list[type] = []

    def value(self, info: Any, name: str) -> object:
        """Return a value for the field `name`."""
        if isinstance(info, msgspec.inspect.Metadata):
            return self.value(info.type, name)
        draw = self._BY_TYPE.get(type(info))
        return self._text(info, name) if draw is None else draw(self, info, name)

    def _struct(self, info: Any, _name: str) -> object:
        own: Mapping[str, Any] | None = getattr(info.cls, "__example__", None)
        if own is not None:
            return dict(own)
        if info.cls in self.inside:
            return {}
        self.inside.append(info.cls)
        made = {field.encode_name: self.value(field.type, field.encode_name) for field in info.fields}
        self.inside.pop()
        tag = getattr(info, "tag", None)
        return made if tag is None else {info.tag_field: tag, **made}

    def _union(self, info: Any, name: str) -> object:
        present = [kind for kind in info.types if not isinstance(kind, msgspec.inspect.NoneType)]
        if len(present) < len(info.types) and (name in samples.RARE or self._is_inside(present[0])):
            return None
        return self.value(present[0], name)

    def _is_inside(self, info: Any) -> bool:
        return getattr(info, "cls", None) in self.inside

    def _list(self, info: Any, name: str) -> object:
        inner = info.item_type
        return [] if self._is_inside(inner) else [self.value(inner, name)]

    def _tuple(self, info: Any, name: str) -> object:
        return [self.value(kind, name) for kind in info.item_types]

    def _dict(self, info: Any, name: str) -> object:
        if isinstance(info.value_type, msgspec.inspect.AnyType):
            return {}
        return {str(self.value(info.key_type, "key")): self.value(info.value_type, name)}

    def _literal(self, info: Any, name: str) -> object:
        usual = samples.TEXTS.get(name)
        return usual if usual in info.values else info.values[0]

    def _enum(self, info: Any, _name: str) -> object:
        return next(iter(info.cls)).value

    def _text(self, info: Any, name: str) -> str:
        """Return a text by its place, by its name, or by what the end of its name says."""
        place = f"{self.inside[-1].__name__}.{name}" if self.inside else name
        if name.endswith("_url"):
            usual = samples.TEXTS.get(name, samples.TEXTS["url"])
        elif name.endswith("_at"):
            usual = samples.MOMENT
        elif name == "id" or name.endswith("_id"):
            usual = samples.TEXTS.get(name, samples.ID)
        else:
            usual = samples.TEXTS_BY_PLACE.get(place) or samples.TEXTS.get(name, name or "text")
        return usual[: getattr(info, "max_length", None) or len(usual)]

    _BY_TYPE: "Mapping[type, Callable[[_Drawing, Any, str], object]]" = MappingProxyType(
        {
            msgspec.inspect.StructType: _struct,
            msgspec.inspect.DataclassType: _struct,
            msgspec.inspect.NamedTupleType: lambda drawing, info, _name: [
                drawing.value(field.type, field.encode_name) for field in info.fields
            ],
            msgspec.inspect.UnionType: _union,
            msgspec.inspect.ListType: _list,
            msgspec.inspect.VarTupleType: _list,
            msgspec.inspect.SetType: _list,
            msgspec.inspect.FrozenSetType: _list,
            msgspec.inspect.CollectionType: _list,
            msgspec.inspect.TupleType: _tuple,
            msgspec.inspect.DictType: _dict,
            msgspec.inspect.LiteralType: _literal,
            msgspec.inspect.EnumType: _enum,
            msgspec.inspect.IntType: lambda _drawing, info, name: _integer(info, name),
            msgspec.inspect.FloatType: lambda _drawing, _info, name: samples.DEGREES.get(name, 1.5),
            msgspec.inspect.BoolType: lambda _drawing, _info, name: name in samples.TRUE,
            msgspec.inspect.UUIDType: lambda _drawing, _info, _name: samples.ID,
            msgspec.inspect.DateTimeType: lambda _drawing, _info, _name: samples.MOMENT,
            msgspec.inspect.DateType: lambda _drawing, _info, _name: samples.DAY,
            msgspec.inspect.NoneType: lambda _drawing, _info, _name: None,
            msgspec.inspect.AnyType: lambda _drawing, _info, _name: {},
        }
    )


def _integer(info: Any, name: str) -> int:
    """Return a number by what is counted and in which unit, within the bounds."""
    by_unit = next((number for unit, number in samples.NUMBERS_BY_UNIT.items() if name.endswith(unit)), 1)
    number = 0 if name in samples.ZERO else samples.NUMBERS.get(name, by_unit)
    if info.ge is not None:
        number = max(number, info.ge)
    return number if info.le is None else min(number, info.le)
