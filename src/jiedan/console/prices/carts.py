"""A small cart as people fill it in, to try it or as an example beside a rule: its lines, and all that may matter.

Pure but for `choices`, which reads what its fields offer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from jiedan.base import i18n, money
from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.console import amounts
from jiedan.console.errors import AmountUnreadable, AttributesUnreadable, ExampleGoodsMissing
from jiedan.console.prices import names, typed
from jiedan.console.prices.people import EXAMPLE, NAMED, NOBODY, Fitting
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.console.words import CHANNELS, METHODS, TERMS
from jiedan.customers import queries as customers
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.pricing.rules import attributes
from jiedan.pricing.values.drafts import Rule
from jiedan.pricing.values.examples import Example, ExampleGift, ExampleLine
from jiedan.pricing.values.promotions import Promotion
from jiedan.pricing.values.shipping import ShippingMethod

FACTS = (
    "at", "channel", "who", "groups", "coupons", "payment", "terms", "orders", "country", "region", "postal", "method",
    "location", "currency", "gifts", "attributes", "tax",
)  # fmt: skip
"""What may be said of a cart beside its goods, by the names of its inputs."""


_NOTHING: Mapping[str, Sequence[str]] = MappingProxyType({})

PEOPLE = (NAMED, EXAMPLE)
"""Inputs that name customers by their ids."""

BUSINESS = "business"
"""What a cart says of whom promotions take for a business: a company with a tax number, or who has a VAT number."""


NO_GIFTS = frozenset({"-", "–", "—", "0"})
"""What says that nothing is given."""


class Line(NamedTuple):
    """A line as it was typed."""

    sku: str
    quantity: str
    price: str
    said: str = ""


class Choices(NamedTuple):
    """What the fields of a cart offer, as pairs of code and word."""

    channels: Sequence[tuple[str, str]]
    groups: Sequence[tuple[str, str]]
    coupons: Sequence[tuple[str, str]]
    payments: Sequence[tuple[str, str]]
    terms: Sequence[tuple[str, str]]
    methods: Sequence[tuple[str, str]]
    countries: Sequence[tuple[str, str]]
    locations: Sequence[tuple[str, str]]
    currency: str
    people: Mapping[str, str]
    """Names of customers by their ids."""
    fitting: Fitting = NOBODY
    """Who fits what was typed to find somebody."""


async def choices(
    tx: ReadTx,
    unit: Unit,
    rules: Collection[Rule],
    raw: Mapping[str, Sequence[str]] = _NOTHING,
    fitting: Fitting = NOBODY,
) -> Choices:
    """Return what can be chosen among these rules, what the merchant knows, and who is named in what was typed.

    Two statements at most, one more where somebody is named.
    """
    groups = await customers.groups(tx) if unit.may("customers:read") else []
    places: tuple[Location, ...] = await tx.load_one(stock.locations())
    return Choices(
        channels=[(code, i18n.gettext(unit.locale, word)) for code, word in CHANNELS.items()],
        groups=[(group.code, group.name) for group in groups],
        coupons=sorted((r.id, r.name) for r in rules if isinstance(r, Promotion) and r.when.coupon == "required"),
        payments=[(code, i18n.gettext(unit.locale, word)) for code, word in METHODS.items()],
        terms=[(code, i18n.gettext(unit.locale, word)) for code, word in TERMS.items()],
        methods=sorted((rule.code, rule.name) for rule in rules if isinstance(rule, ShippingMethod)),
        countries=i18n.countries(unit.locale),
        locations=[(place.code, place.name) for place in places if place.is_active],
        currency=unit.principal.currency,
        people=await names.people(tx, unit, [text for name in PEOPLE for text in raw.get(name, ())]),
        fitting=fitting,
    )


def cart_of(reading: Reading, lines: Sequence[Line], facts: Mapping[str, str], field: str) -> dict[str, Any]:
    """Return the fields of an example that a cart means; what is wrong is remembered at `field`."""
    currency = (facts["currency"] or reading.how.currency).upper()
    if not money.is_currency(currency):
        reading.reasons.append(AmountUnreadable(facts["currency"], reading.how.currency, field=field))
        currency = reading.how.currency
    found = [
        ExampleLine(
            line.sku,
            reading.whole(line.quantity or "1", field),
            reading.amount(line.price, currency, field),
            _said(reading, line.said, field),
        )
        for line in lines
        if line.sku
    ]
    if not found:
        reading.reasons.append(ExampleGoodsMissing(field=field))
    said, unread = attributes.read(facts["attributes"])
    if unread:
        reading.reasons.append(AttributesUnreadable(unread, field=field))
    return {
        "currency": currency,
        "lines": tuple(found),
        "at": reading.moment(facts["at"], field),
        "channel": facts["channel"],
        "groups": typed.texts(facts["groups"]),
        "coupons": typed.texts(facts["coupons"]),
        "payment_method": facts["payment"],
        "payment_terms": facts["terms"],
        "customer": facts["who"],
        "location": facts["location"],
        "gift_choices": gifts_read(facts["gifts"]),
        "earlier_orders": reading.count(facts["orders"], field),
        "country": facts["country"].upper(),
        "region": facts["region"],
        "postal_code": facts["postal"],
        "shipping_method": facts["method"] or None,
        "attributes": said,
        "is_business": facts["tax"] == BUSINESS,
    }


def _said(reading: Reading, text: str, field: str) -> dict[str, int | str]:
    """Return what is said of a piece made to measure: `width=2.4 m; fabric=linen`."""
    said, unread = attributes.read_said(text)
    if unread:
        reading.reasons.append(AttributesUnreadable(unread, field=field))
    return said


def gifts_read(text: str) -> tuple[str | ExampleGift, ...]:
    """Return gifts that were chosen: SKUs, each with the promotion it is of or without, like `PEN, welcome=MUG`."""
    found: list[str | ExampleGift] = []
    for one in typed.texts(text):
        promotion, of_one, sku = one.rpartition("=")
        is_of_one = bool(of_one and promotion.strip() and sku.strip())
        found.append(ExampleGift(promotion.strip(), sku.strip()) if is_of_one else one)
    return tuple(found)


def gifts_typed(chosen: Iterable[str | ExampleGift]) -> str:
    """Return gifts that were chosen as they are typed."""
    return typed.listed(one if isinstance(one, str) else f"{one.promotion}={one.sku}" for one in chosen)


def given_read(reading: Reading, text: str, field: str) -> dict[str, int] | None:
    """Return how many of each SKU are to be given, like `PEN, MUG=2`; `-` is none at all, nothing is not said."""
    if not text:
        return None
    found: dict[str, int] = {}
    for one in () if text in NO_GIFTS else typed.texts(text):
        sku, of_many, count = one.rpartition("=")
        if not of_many:
            sku, count = one, "1"
        found[sku.strip()] = found.get(sku.strip(), 0) + reading.whole(count, field)
    return found


def given_typed(given: Mapping[str, int] | None) -> str:
    """Return what is to be given as it is typed."""
    if given is None:
        return ""
    return typed.listed(sku if count == 1 else f"{sku}={count}" for sku, count in given.items()) or "-"


def lines_typed(example: Example) -> list[Line]:
    """Return the lines of an example as they are typed."""
    return [
        Line(
            line.sku,
            str(line.quantity),
            amounts.written(line.unit_minor, example.currency),
            attributes.written(line.attributes),
        )
        for line in example.lines
    ]


def facts_typed(example: Example, how: Typing) -> dict[str, str]:
    """Return what is said of an example beside its goods, as it is typed."""
    return {
        "at": typed.moment_typed(example.at, how),
        "channel": example.channel,
        "groups": typed.listed(example.groups),
        "coupons": typed.listed(example.coupons),
        "payment": example.payment_method,
        "terms": example.payment_terms,
        "who": example.customer,
        "location": example.location,
        "gifts": gifts_typed(example.gift_choices),
        "orders": typed.count_typed(example.earlier_orders),
        "country": example.country,
        "region": example.region,
        "postal": example.postal_code,
        "method": example.shipping_method or "",
        "currency": "" if example.currency == how.currency else example.currency,
        "attributes": attributes.written(example.attributes),
        "tax": BUSINESS if example.is_business else "",
    }


def called(lines: Sequence[Line]) -> str:
    """Return goods in a few words: `3 × TEA @ 99.00`."""
    return typed.listed(
        f"{line.quantity or 1} × {line.sku}"
        + (f" ({line.said})" if line.said else "")
        + (f" @ {line.price}" if line.price else "")
        for line in lines
        if line.sku
    )
