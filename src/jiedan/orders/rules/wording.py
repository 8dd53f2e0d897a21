"""The words an order is found by. Pure: the drain reads and stores, this decides.

Free words (number, ids, references, names, phones, SKUs) have no sign before them; filters begin with one that no word
begins with: `:tag:`, `:hold:`, `:channel:`, `:location:`, `:shipping:`, `:sku:`, and `:is:` for what is or is not.
"""

import functools
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from jiedan.base import terms

HELD = ":is:held"
WAITING = ":is:waiting"

_MOVING = (":hold:", ":location:", ":is:")
"""How terms begin that come and go; words never begin so."""

SKUS_KEPT = 4096
"""SKUs whose terms a process remembers."""

_DIGITS = re.compile(r"\d+")
_CODE = re.compile(r"(?=[^@]*\d)[^\W_]+(?:[-_./#:][^\W_]+)+")
"""A word with digits and separators, like SO-20261121-000042 or AB-12/x: it is looked for whole."""

_PART = re.compile(r"(.*\d)-f\d+(?:-p\d+)?")
"""The number of a fulfillment or a parcel: that of its order, and which one it is."""


class Wording(NamedTuple):
    """What an order is found by, as stored."""

    number: str
    channel: str
    external_id: str | None = None
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    location_ids: tuple[UUID, ...] = ()
    is_waiting: bool = False
    shipping_method: str | None = None


def order_terms(order: Wording) -> list[str]:
    """Return the distinct terms of an order, in order.

    A word that another one begins with is left out: whoever looks for it finds the other.
    """
    found = _moving_terms(order)
    found.update(number_terms(order.number))
    if order.external_id:
        found.update(terms.code_terms(order.external_id))
    for name in _distinct(order.names):
        found.update(terms.name_terms(name))
    for phone in _distinct(order.phones):
        found.update(terms.phone_terms(phone))
    for email in _distinct(order.emails):
        found.update(terms.email_terms(email))
    for sku in _distinct(order.skus):
        found.update(_sku_terms(sku))
    found.add(channel_term(order.channel))
    if order.shipping_method is not None:
        found.add(shipping_term(order.shipping_method))
    found.update([tag_term(tag) for tag in order.tags])
    return _without_beginnings(found)


def moved_terms(before: Collection[str], order: Wording) -> list[str]:
    """Return what `order_terms` does, of an order whose terms were `before` and that has only moved on since.

    It may have more references, and other holds, locations and waiting goods; nothing else of `order` is looked at.
    """
    return _without_beginnings({x for x in before if not x.startswith(_MOVING)} | _moving_terms(order))


def _moving_terms(order: Wording) -> set[str]:
    """Return the terms of what becomes of an order."""
    found = {_cut(term) for reference in _distinct(order.references) for term in terms.code_terms(reference)}
    found.update([hold_term(kind) for kind in order.holds])
    found.update([location_term(location_id) for location_id in order.location_ids])
    if order.holds:
        found.add(HELD)
    if order.is_waiting:
        found.add(WAITING)
    return found


def _without_beginnings(found: Collection[str]) -> list[str]:
    rising = sorted(found)
    return [
        term
        for term, following in zip(rising, [*rising[1:], ""], strict=True)
        if not following.startswith(term) or _is_whole(term)
    ]


def _is_whole(term: str) -> bool:
    """Tell whether a term is looked for as it stands, not by how it begins: filters and e-mail addresses."""
    return term.startswith(":") or "@" in term


@functools.lru_cache(maxsize=SKUS_KEPT)
def _sku_terms(code: str) -> tuple[str, ...]:
    written = terms.normalize(code)
    digits = terms.digits_of_number(written)  # 978-7-111 would be looked for like a phone number
    return tuple(_distinct((_cut(written), digits, sku_term(code))))


def number_terms(number: str) -> list[str]:
    """Return the terms of an order number: as written, its digits in one, each run of digits, and that without zeros.

    `SO-20261121-000042` is found by so-2026…, 20261121, 000042 and 42.
    """
    written = terms.normalize(number)
    runs = _DIGITS.findall(written)
    return _distinct(_cut(x) for x in (written, "".join(runs), *runs, *(run.lstrip("0") for run in runs)))


def query_ranges(text: str) -> list[tuple[str, str]]:
    """Return the range of terms that each word of a search must meet; none where there is no letter or digit.

    Codes and e-mail addresses are looked for whole, a phone number in any notation is one word. The number of a
    fulfillment or a parcel is looked for as that of its order.
    """
    cleaned = " ".join(_of_order(word) for word in terms.normalize(text[: terms.QUERY_CHARS_MAX]).split())
    whole = terms.query_tokens(cleaned)
    if len(whole) == 1:
        return [terms.prefix_range(whole[0])]
    tokens: dict[str, None] = {}
    for word in cleaned.split():
        tokens.update(dict.fromkeys([_cut(word)] if _CODE.fullmatch(word) else terms.query_tokens(word)))
    return [terms.prefix_range(token) for token in list(tokens)[: terms.QUERY_TOKENS_MAX]]


def _of_order(word: str) -> str:
    part = _PART.fullmatch(word)
    return word if part is None else part[1]


def sku_term(code: str) -> str:
    """Return the term of a line's SKU."""
    return _cut(f":sku:{terms.normalize(code)}")


def channel_term(channel: str) -> str:
    """Return the term of a channel."""
    return _cut(f":channel:{terms.normalize(channel)}")


def shipping_term(method: str) -> str:
    """Return the term of the shipping method that takes an order."""
    return _cut(f":shipping:{terms.normalize(method)}")


def tag_term(tag: str) -> str:
    """Return the term of a tag."""
    return _cut(f":tag:{terms.normalize(tag)}")


def hold_term(kind: str) -> str:
    """Return the term of a standing hold."""
    return _cut(f":hold:{terms.normalize(kind)}")


def location_term(location_id: UUID) -> str:
    """Return the term of a location that is asked for or holds the goods; its code may change, its id does not."""
    return f":location:{location_id.hex}"


def _cut(term: str) -> str:
    return term[: terms.TERM_CHARS_MAX]


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def changed(before: Collection[str], after: Collection[str]) -> tuple[list[str], list[str]]:
    """Return which terms go and which come."""
    old, new = set(before), set(after)
    return sorted(old - new), sorted(new - old)
