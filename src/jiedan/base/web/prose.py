"""Card numbers that people type into texts: masked as a body, form or query comes in, before anybody stores it.

The type of a field says first: what holds no text (an id, a number, a moment, one of a few words) is no prose, nor is
a text whose pattern leaves no room for words. Of the other texts, what names a thing (a SKU, a barcode, a tracking
number) may be as many digits and stays as it is; where a card number cannot be meant there either, as in a payment's
token, `payments` refuses it.

A body or form lists in `__as_sent__` which of its texts are not masked, because they are refused instead.
"""

import functools
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import inspect

from jiedan.base import cards

CODES = frozenset(
    {
        *("sku", "skus", "code", "codes", "barcode", "key", "number", "external_id", "reference", "references"),
        *("tracking_number", "carrier", "channel", "location", "locations", "from_location", "to_location"),
        *("email", "phone", "postal_code", "tax_number", "tax_class", "provider", "token", "provider_ref"),
        *("filters", "mapping", "q", "settings", "secrets", "password", "present", "repeated", "next"),
        *("merchant", "slug", "contact_email", "contact_phone", "order_number_pattern", "role", "permissions"),
    }
)
"""Names of texts that are no prose."""

_IDS = ("_id", "_ids")
"""How the names of fields end that hold ids: groups of their digits may look like a card, too."""

_NO_TEXT = (
    *(inspect.NoneType, inspect.BoolType, inspect.IntType, inspect.FloatType, inspect.DecimalType, inspect.UUIDType),
    *(inspect.DateTimeType, inspect.DateType, inspect.TimeType, inspect.TimeDeltaType),
    *(inspect.EnumType, inspect.LiteralType),
)
"""What nobody writes prose into."""

_WORDS = "two words"
"""What the pattern of a text takes where prose may be written."""

_ESCAPE = "\\u"


def may_hold_a_card(raw: bytes) -> bool:
    """Tell whether a body in UTF-8 may hold a card number; nearly every one is cleared, with phone numbers in it, too.

    JSON writes the digits of a text as they are, in one run between its quotes, or something in it as an escape.
    """
    text = raw.decode(errors="replace")
    return _ESCAPE in text or cards.masked(text) != text


def mask_cards(value: Any) -> None:
    """Mask the card numbers in the texts of a decoded body, in place."""
    _masked(value)


def masked(kind: type, name: str, text: str) -> str:
    """Return what was typed into the field `name` of a form, without card numbers where it is prose."""
    return text if _is_code(name) or name in _as_sent(kind) or name in _typed(kind) else cards.masked(text)


def no_prose(types: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of those parameters that are no prose by their type."""
    return frozenset(name for name, kind in types.items() if not _may_be_prose(inspect.type_info(kind)))


def masked_query(query: bytes, typed: Collection[str]) -> bytes:
    """Return the query of an address without card numbers where it is prose; `typed` are the names of what is none.

    What is no UTF-8 stays as it was sent, for others to refuse.
    """
    text = query.decode("ascii", errors="surrogateescape")
    asked = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value if name in typed or _is_code(name) else cards.masked(value)) for name, value in asked]
    return query if kept == asked else urlencode(kept, errors="surrogateescape").encode()


def _masked(value: Any) -> Any:
    """Return `value`, or what stands for it where it is a text with a card number; what holds others is changed."""
    if isinstance(value, str):
        text = cards.masked(value)
        return value if text == value else text
    if isinstance(value, list):
        value[:] = [_masked(item) for item in value]
    elif isinstance(value, dict):
        for key in value:
            if not _is_code(key):
                value[key] = _masked(value[key])
    elif isinstance(value, tuple):
        kept = tuple(_masked(item) for item in value)
        return value if all(a is b for a, b in zip(kept, value, strict=True)) else kept
    elif isinstance(value, msgspec.Struct):
        _mask_fields(value)
    return value


def _is_code(name: object) -> bool:
    return name in CODES or str(name).endswith(_IDS)


def _as_sent(kind: type) -> frozenset[str]:
    named: frozenset[str] = getattr(kind, "__as_sent__", frozenset())
    return named


@functools.cache
def _typed(kind: type) -> frozenset[str]:
    """Return the names of the fields that are no prose by their type."""
    fields = [x for x in msgspec.structs.fields(kind) if not _may_be_prose(inspect.type_info(x.type))]
    return frozenset([name for x in fields for name in (x.name, x.encode_name)])


def _may_be_prose(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _may_be_prose(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(_may_be_prose(x) for x in kind.types)
    if isinstance(kind, inspect.ListType):
        return _may_be_prose(kind.item_type)
    if isinstance(kind, inspect.StrType):
        return kind.pattern is None or re.search(kind.pattern, _WORDS) is not None
    return not isinstance(kind, _NO_TEXT)


def _mask_fields(value: msgspec.Struct) -> None:
    kept_as_sent = _as_sent(type(value)) | _typed(type(value))
    for field in value.__struct_fields__:
        found = getattr(value, field)
        kept = found if _is_code(field) or field in kept_as_sent else _masked(found)
        if kept is not found:
            msgspec.structs.force_setattr(value, field, kept)
