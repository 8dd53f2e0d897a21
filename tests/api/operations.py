"""The operations of the API as its own document tells them, and everything wrong that can be sent to each."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from jiedan.base.web import document
from tests.base import web_client

JSON = "application/json"
TEXT_CHARS = 70_000
"""Longer than any text that the API takes."""

BEYOND_INT64 = 2**63
QUANTITIES = frozenset({"quantity", "counted", "min_quantity"})
OF_ANOTHER_TYPE: dict[str, Any] = {
    "string": 7,
    "integer": "7",
    "number": "7",
    "boolean": "yes",
    "array": {},
    "object": [],
}


class Operation(NamedTuple):
    """One method of one path; `path` has parameters: `/api/v1/orders/{order_id}`."""

    method: str
    path: str
    told: dict[str, Any]
    schema: dict[str, Any] | None
    """What its JSON body must be, or None where it takes none."""

    example: Any

    @property
    def name(self) -> str:
        """How reports call it."""
        return f"{self.method.upper()} {self.path}"


class Wrong(NamedTuple):
    """A body that must be refused: what is wrong, the codes the answer may have, and the field it must name."""

    what: str
    body: bytes
    codes: frozenset[str]
    field: str | None


class Place(NamedTuple):
    """A place in a body: its path as the API writes it, the keys that lead there, and its schema."""

    body: Any
    path: str
    keys: tuple[str | int, ...]
    schema: dict[str, Any]
    is_property: bool
    """A property that may be changed, rather than an object that more may be put into."""

    is_required: bool = False


async def all_operations(client: web_client.Client) -> list[Operation]:
    """Return every operation of the application's document."""
    made = (await client.get(document.DOCUMENT_PATH)).json()
    return list(read(made))


def read(made: dict[str, Any]) -> Iterator[Operation]:
    """Yield the operations of a document."""
    for path, item in made["paths"].items():
        for method, told in item.items():
            content = told.get("requestBody", {}).get("content", {}).get(JSON)
            schema = None if content is None else _resolved(made, content["schema"])
            yield Operation(method, path, told, schema, content and content.get("example"))


def _resolved(made: dict[str, Any], node: Any) -> Any:
    """Return a schema with every reference followed; ours do not refer to themselves."""
    if isinstance(node, list):
        return [_resolved(made, item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return _resolved(made, made["components"]["schemas"][name])
    return {key: value if key == "default" else _resolved(made, value) for key, value in node.items()}


def wrong_bodies(operation: Operation) -> Iterator[Wrong]:
    """Yield every body that is wrong in one thing, made from the operation's example."""
    raw = json.dumps(operation.example).encode()
    not_json = {"a word": b"nothing", "cut off": raw[:-1], "two values": raw + b" {}"}
    for what, body in not_json.items():
        yield Wrong(what, body, frozenset({"malformed_json"}), None)
    if b'": "' in raw:
        yield Wrong(
            "not UTF-8", raw.replace(b'": "', b'": "\xff', 1), frozenset({"malformed_json", "wrong_value"}), None
        )
    yield Wrong("empty", b"", frozenset({"body_missing"}), None)
    yield Wrong("of another type", b'"text"', frozenset({"wrong_type"}), None)
    assert operation.schema is not None
    for place in _places(operation.schema, operation.example, "", ()):
        yield from _wrong_at(place)


def bodies_with_integers(operation: Operation, values: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """Yield the example with each of its integers, also those it leaves out, made each of `values`."""
    assert operation.schema is not None
    for place in _places(operation.schema, operation.example, "", ()):
        if place.is_property and place.schema.get("type") == "integer":
            for value in values:
                yield f"{place.path}={value}", json.dumps(_with(place.body, place.keys, value)).encode()


def bodies_with_ids(operation: Operation, ids: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the example with each place that takes an id, or a list of them, filled from `ids` by its name."""
    assert operation.schema is not None
    for place in _places(operation.schema, operation.example, "", ()):
        name = str(place.keys[-1]) if place.keys else ""
        is_list = place.schema.get("type") == "array"
        kind = place.schema["items"] if is_list and "items" in place.schema else place.schema
        if place.is_property and kind.get("format") == "uuid":
            given = ids[{"parent_id": "category_id"}.get(name, name.removesuffix("s"))]
            value = [given] if is_list else given
            yield place.path, json.dumps(_with(place.body, place.keys, value)).encode()


def _places(schema: dict[str, Any], body: Any, path: str, keys: tuple[str | int, ...]) -> Iterator[Place]:
    """Yield the objects and the properties of a body, also those that the example leaves out."""
    schema, value = _without_null(schema), _at(body, keys)
    if schema.get("type") == "object" and "properties" in schema:
        yield Place(body, path, keys, schema, is_property=False)
        for name, inner in schema["properties"].items():
            is_required = name in schema.get("required", [])
            place = Place(
                body,
                _joined(path, name),
                (*keys, name),
                _without_null(inner),
                is_property=True,
                is_required=is_required,
            )
            yield place
            fuller = body if value.get(name) else _with(body, place.keys, _sample(place.schema))
            yield from _places(place.schema, fuller, place.path, place.keys)
    elif schema.get("type") == "array" and value:
        yield from _places(schema["items"], body, f"{path}[0]", (*keys, 0))


def _sample(schema: dict[str, Any]) -> Any:
    """Return something like what a schema asks for: an object with what it must have, a list of one."""
    schema = _without_null(schema)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: _sample(schema["properties"][name]) for name in schema.get("required", [])}
    if schema.get("type") == "array":
        return [_sample(schema["items"])] if "items" in schema else []
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    if schema.get("pattern") == "^[A-Z]{3}$":
        return "CNY"
    return {"string": "A", "integer": schema.get("minimum", 1), "number": 1.5, "boolean": True}.get(
        str(schema.get("type"))
    )


def _at(body: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        body = body[key]
    return body


def _with(body: Any, keys: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    _at(changed, keys[:-1])[keys[-1]] = value
    return changed


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema asks for when it is not null; a choice between several kinds is left as it is."""
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _wrong_at(place: Place) -> Iterator[Wrong]:
    if not place.is_property:
        unknown = place._replace(path=_joined(place.path, "unexpected"), keys=(*place.keys, "unexpected"))
        yield _changed(unknown, 1, "unknown field", "unknown_field")
        return
    if place.is_required:
        body = copy.deepcopy(place.body)
        _at(body, place.keys[:-1]).pop(place.keys[-1], None)
        yield Wrong(f"{place.path} missing", json.dumps(body).encode(), frozenset({"missing_field"}), place.path)
    yield from _wrong_values(place)


def _wrong_values(place: Place) -> Iterator[Wrong]:
    kind, name = str(place.schema.get("type")), place.keys[-1]
    if kind in OF_ANOTHER_TYPE:
        yield _changed(place, OF_ANOTHER_TYPE[kind], "wrong type", "wrong_type")
    if kind == "integer":
        yield _changed(place, BEYOND_INT64, "beyond 64 bits", "integer_too_large")
        yield _changed(place, 1.5, "a fraction", "wrong_type")
        if name in QUANTITIES:
            yield _changed(place, -1, "negative")
            yield _changed(place, 10**15, "absurd")
        if name == "quantity" and place.schema.get("minimum") != 0:
            yield _changed(place, 0, "zero")
    if kind == "string":
        yield _changed(place, "a\0b", "U+0000", "character_refused")
        surrogate = _changed(place, "SURROGATE", "a lone surrogate", "character_refused")
        yield surrogate._replace(body=surrogate.body.replace(b"SURROGATE", b"\\ud800"))
        yield _changed(place, "x" * TEXT_CHARS, "over-long")


def _changed(place: Place, value: Any, what: str, code: str = "") -> Wrong:
    """Return the body with one value changed; without a code, any will do."""
    body = _with(place.body, place.keys, value)
    codes = frozenset({code} if code else ())
    return Wrong(f"{place.path}: {what}", json.dumps(body).encode(), codes, place.path)
