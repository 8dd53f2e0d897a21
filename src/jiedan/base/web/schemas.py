"""JSON schemas of what the API takes and answers, from the types that decode and encode it: bounds, nulls and all."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

Schema = dict[str, Any]

REFERENCES = "#/components/schemas/"

_MODULE = re.compile(r"^jiedan\.")
_KIND_OF_FILE = re.compile(r"\.(?:api|values|queries|service)(?=\.)")


def of_types(types: Sequence[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Return the schema of each type, in order, and the named schemas they refer to.

    Raises TypeError for a type that msgspec cannot describe.
    """
    found, components = msgspec.json.schema_components(types, ref_template=REFERENCES + "{name}")
    schemas = [*found, *components.values()]
    for info in _described(types):
        component = components.get(_qualified(info)) or components.get(info.cls.__name__)
        if component is not None:
            _date(component, info)
    names = {name: _short(name) for name in components}
    for schema in schemas:
        _tidy(schema, names)
    return list(found), {names[name]: schema for name, schema in components.items()}


def _short(name: str) -> str:
    """Return a name without the kinds of files: `inventory.counts.LineView`, `Listing_CaseView`."""
    return _KIND_OF_FILE.sub("", _MODULE.sub("", name)).rstrip("_")


def _tidy(node: object, names: Mapping[str, str]) -> None:
    """Follow the new names, and take the indentation of the source out of descriptions."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            node["$ref"] = REFERENCES + names[reference.removeprefix(REFERENCES)]
        if isinstance(node.get("description"), str):
            node["description"] = inspect.cleandoc(node["description"])
        for value in node.values():
            _tidy(value, names)
    elif isinstance(node, list):
        for value in node:
            _tidy(value, names)


def _qualified(info: Any) -> str:
    return f"{info.cls.__module__}.{info.cls.__qualname__}"


_WITH_FIELDS = (msgspec.inspect.StructType, msgspec.inspect.DataclassType)


def _described(types: Sequence[Any]) -> Iterator[Any]:
    """Yield every struct and dataclass that `types` lead to, once."""
    seen: set[tuple[type, str]] = set()
    stack: list[Any] = list(msgspec.inspect.multi_type_info(types))
    while stack:
        info = stack.pop()
        if isinstance(info, _WITH_FIELDS):
            if (info.cls, str(info.fields)) in seen:
                continue
            seen.add((info.cls, str(info.fields)))
            yield info
            stack.extend(field.type for field in info.fields)
        else:
            stack.extend(_parts(info))


def _parts(info: Any) -> list[Any]:
    """Return the types inside a union, a list, a dict or a tuple."""
    names = ("types", "item_types", "type", "item_type", "key_type", "value_type")
    found: list[Any] = []
    for name in names:
        part = getattr(info, name, ())
        found.extend(part if isinstance(part, tuple) else [part])
    return [part for part in found if isinstance(part, msgspec.inspect.Type)]


def _date(component: Schema, info: Any) -> None:
    """Say which texts are moments: msgspec writes a format only where a time zone is demanded."""
    for field in info.fields:
        schema = component.get("properties", {}).get(field.encode_name)
        kinds = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
        if schema is None or not any(isinstance(kind, msgspec.inspect.DateTimeType) for kind in kinds):
            continue
        for choice in schema.get("anyOf", [schema]):
            if choice.get("type") == "string":
                choice["format"] = "date-time"
