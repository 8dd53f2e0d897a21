"""Price a draft: defaults filled in, SKUs found, kits exploded, every reason against it named. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from jiedan.accounts.values import MerchantSettings, PaymentTerms, Split
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Series
from jiedan.carts import errors as cart_errors
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.customers.values import Address, CustomerBrief, CustomerId
from jiedan.orders import errors
from jiedan.orders.rules import askable, drafts, quoting, rows, taxing
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.values import (
    ORDER_ROWS_MAX,
    STOCKED_KINDS,
    Contact,
    Draft,
    NewLine,
    NewOrder,
    OrderTax,
    Rejected,
)
from jiedan.orders.values.prices import PriceStory
from jiedan.pricing.rules import regions
from jiedan.pricing.values import ShippingOffer, TaxRow
from jiedan.pricing.values.quotes import TakenMethod
from jiedan.sourcing import values as sources

COMPONENT_QUANTITY_MAX = 1_000_000_000

Key = tuple[UUID, UUID]
"""A stock counter: SKU and location."""


class Places(Protocol):
    """Tell where a postal code lies."""

    def find(self, country: str, postal_code: str) -> sources.Point | None:
        """Return the point of a postal code, or None."""
        ...


class Circumstances(NamedTuple):
    """Everything drafts are decided by, read at one moment.

    SKUs by code, `components` by id, `locations` the active ones by code, `candidates` the locations that hold stock by
    id, `stock` what may be promised by (SKU, location), `prices` what prices are made of, `no_stores` the names by code
    of locations where nobody collects goods.
    """

    settings: MerchantSettings
    prices: askable.Known
    skus: Mapping[str, SellableSku]
    components: Mapping[SkuId, SellableSku]
    customers: Mapping[CustomerId, CustomerBrief]
    locations: Mapping[str, UUID]
    candidates: Mapping[UUID, sources.Candidate]
    stock: Mapping[Key, int]
    places: Places | None = None
    carts: Mapping[UUID, bool] = MappingProxyType({})
    """The carts that drafts come from, and whether each is open."""
    held: Mapping[UUID, Mapping[Key, int]] = MappingProxyType({})
    """What carts hold of stock; no part of what others may be promised."""
    no_stores: Mapping[str, str] = MappingProxyType({})


class Header(NamedTuple):
    """What an order has once, with the merchant's defaults filled in."""

    currency: str
    locale: str
    payment_terms: PaymentTerms
    split: Split
    customer_id: CustomerId | None
    location_id: UUID | None
    contact: Contact
    ship_to: Address | None
    bill_to: Address | None


class Plan(NamedTuple):
    """A draft that can become an order, as far as is known."""

    draft: Draft
    header: Header
    lines: tuple[PlannedLine, ...]
    tax_included: bool
    total_minor: int
    tax_minor: int
    price_story: PriceStory
    tax: OrderTax | None
    wanted: sources.Wanted
    choice: sources.Choice
    sourcing_trace: sources.Trace | None
    method: TakenMethod | None = None
    """The shipping method that takes it."""
    offers: tuple[ShippingOffer, ...] = ()
    """What each method asks for it, those that do not serve too; nothing where the fee is by hand."""

    @property
    def allocated(self) -> int:
        """Units that found stock."""
        return sum(assignment.quantity for assignment in self.choice.assignments)

    @property
    def gift_lines(self) -> frozenset[int]:
        """The lines that are given, components of kits included."""
        if not self.price_story.applied:
            return frozenset()
        given = {line.line for line in self.lines if line.price_source == "gift"}
        return frozenset(line.line for line in self.lines if line.line in given or line.parent_line in given)

    @property
    def taxes(self) -> tuple[TaxRow, ...]:
        """The tax table, whose rows sum to its tax."""
        return taxing.planned(line.taxes for line in self.lines)

    @property
    def waiting(self) -> int:
        """Units that found none."""
        return sum(self.choice.missing.values()) if self.wanted.demands else _stocked(self.lines)


NOTHING = sources.Choice((), {})
NO_GIFTS: Mapping[str, int] = MappingProxyType({})


def priced(draft: Draft, c: Circumstances, gifts: Mapping[str, int] = NO_GIFTS) -> Plan | Rejected:
    """Fill in defaults, find SKUs, price, explode; every reason against it is named.

    `gifts` are how many there are of each SKU that may be given.
    """
    found = explained(draft, c, gifts)
    return found if isinstance(found, Rejected) else found[0]


def explained(
    draft: Draft, c: Circumstances, gifts: Mapping[str, int] = NO_GIFTS
) -> tuple[Plan, quoting.Quoted] | Rejected:
    """Return what `priced` returns beside the whole quote, whose trace is not kept with an order."""
    body = draft.body
    reasons: list[Refusal] = []
    header = _header(body, c, reasons)
    _check_cart(body, c, reasons)
    skus = [_sku(i, line, c, reasons) for i, line in enumerate(body.lines)]
    _check_store(body, skus, c, reasons)
    line_locations = [_location(line.location, f"lines[{i}].location", c, reasons) for i, line in enumerate(body.lines)]
    quote = _quote(body, header, skus, c, reasons, gifts=gifts)
    if reasons or quote is None:
        return Rejected(tuple(reasons))
    known = [sku for sku in skus if sku is not None]
    lines = rows.lines_of(body, known, line_locations, quote, c.components)
    if len(lines) > ORDER_ROWS_MAX:
        return Rejected((errors.TooManyRows(len(lines), ORDER_ROWS_MAX, field="lines"),))
    if any(line.ordered > COMPONENT_QUANTITY_MAX for line in lines):
        return Rejected((errors.QuantityOutOfRange(max(x.ordered for x in lines), field="lines"),))
    claims = body.history is None or body.history.claims_stock
    demands = tuple(
        sources.Demand(line.line, line.sku_id, line.ordered, line.location_id or header.location_id)
        for line in lines
        if claims and line.sku_id is not None and line.kind in STOCKED_KINDS
    )
    wanted = sources.Wanted(demands, header.split, c.settings.backorder, _destination(header.ship_to, c))
    price = quote.priced
    if body.expected_total_minor is not None and price.total_minor > body.expected_total_minor:
        expected = body.expected_total_minor
        return Rejected(
            (errors.TotalRisen(price.total_minor, expected, header.currency, field="expected_total_minor"),)
        )
    given = [line.line for line in lines if line.price_source == "gift"]
    story = quoting.story_of(quote, c.prices.rules, body, given)
    if body.discount is not None and body.discount.rate_ppm is not None:
        story = msgspec.structs.replace(story, discount_ppm=body.discount.rate_ppm)
    if header.ship_to is not None and regions.is_region_unknown(header.ship_to.country, header.ship_to.region):
        story = msgspec.structs.replace(story, place="region_unknown")
    plan = Plan(
        draft,
        header,
        lines,
        price.tax_included,
        price.total_minor,
        price.tax_minor,
        story,
        quote.tax,
        wanted,
        NOTHING,
        None,
        price.method,
        quote.trace.shipping,
    )
    return plan, quote


def _header(body: NewOrder, c: Circumstances, reasons: list[Refusal]) -> Header:
    settings = c.settings
    currency = body.currency or settings.currency
    if currency not in settings.currencies:
        reasons.append(errors.CurrencyNotAccepted(currency, Series(settings.currencies), field="currency"))
    locale = body.locale or settings.locale
    if locale not in settings.locales:
        reasons.append(errors.LocaleNotOffered(locale, Series(settings.locales), field="locale"))
    customer = None
    if body.customer_id is not None:
        customer = c.customers.get(body.customer_id)
        if customer is None:
            reasons.append(errors.UnknownCustomer(str(body.customer_id), field="customer_id"))
    country = body.ship_to.country if body.ship_to is not None else settings.country
    return Header(
        currency=currency,
        locale=locale,
        payment_terms=body.payment_terms or settings.payment_terms,
        split=body.split or settings.split,
        customer_id=customer.customer_id if customer is not None else None,
        location_id=_location(body.location, "location", c, reasons),
        contact=_contact(body.contact, customer, country, reasons),
        ship_to=None if body.ship_to is None else drafts.with_dialable_phone(body.ship_to, "ship_to", reasons),
        bill_to=None if body.bill_to is None else drafts.with_dialable_phone(body.bill_to, "bill_to", reasons),
    )


def _check_cart(body: NewOrder, c: Circumstances, reasons: list[Refusal]) -> None:
    """Add to `reasons` what is wrong with the cart that a draft comes from: unknown, or ordered before."""
    if body.cart_id is None:
        return
    is_open = c.carts.get(body.cart_id)
    if is_open is None:
        reasons.append(cart_errors.UnknownCart(str(body.cart_id), field="cart_id"))
    elif not is_open:
        reasons.append(cart_errors.CartOrdered(field="cart_id"))


def _check_store(body: NewOrder, skus: Sequence[SellableSku | None], c: Circumstances, reasons: list[Refusal]) -> None:
    """Add to `reasons` that nobody can collect the goods: they are sent nowhere, and are not asked for at a store.

    What happened elsewhere is not judged.
    """
    if body.location is None or body.ship_to is not None or body.history is not None:
        return
    name = c.no_stores.get(body.location)
    if name is not None and any(x is not None and (x.kind.value in STOCKED_KINDS or x.components) for x in skus):
        reasons.append(errors.LocationWithoutCounter(name, field="location"))


def held_of(draft: Draft, c: Circumstances) -> Mapping[Key, int]:
    """Return what the cart of a draft holds, by counter; nothing for a draft without one."""
    return {} if draft.body.cart_id is None else c.held.get(draft.body.cart_id, {})


def _contact(contact: Contact, customer: CustomerBrief | None, country: str, reasons: list[Refusal]) -> Contact:
    """Return whom to speak to: as given, else the customer as known."""
    phone = drafts.dialable(contact.phone, country, "contact.phone", reasons)
    if customer is None:
        return contact if phone == contact.phone else Contact(name=contact.name, phone=phone, email=contact.email)
    return Contact(
        name=contact.name or customer.name,
        phone=phone or customer.phone or "",
        email=contact.email or customer.email or "",
    )


def _location(code: str | None, field: str, c: Circumstances, reasons: list[Refusal]) -> UUID | None:
    if code is None:
        return None
    location_id = c.locations.get(code)
    if location_id is None:
        reasons.append(errors.UnknownLocation(code, field=field))
    return location_id


def _sku(i: int, line: NewLine, c: Circumstances, reasons: list[Refusal]) -> SellableSku | None:
    sku = c.skus.get(line.sku)
    if sku is None:
        reasons.append(errors.UnknownSku(line.sku, field=f"lines[{i}].sku"))
    elif not sku.is_active and line.as_sold is None:
        reasons.append(errors.InactiveSku(line.sku, field=f"lines[{i}].sku"))
    return sku


def _quote(
    body: NewOrder,
    header: Header,
    skus: Sequence[SellableSku | None],
    c: Circumstances,
    reasons: list[Refusal],
    *,
    gifts: Mapping[str, int],
) -> quoting.Quoted | None:
    """Price the lines whose SKU is known, so that every reason is named at once."""
    if header.currency not in c.settings.currencies:
        return None
    known = [
        quoting.Ordered(i, line, sku)
        for i, (line, sku) in enumerate(zip(body.lines, skus, strict=True))
        if sku is not None
    ]
    place = askable.place_of(header.ship_to, c.settings.country)
    home = c.settings.country
    method = body.payment_method or ""
    terms = askable.Terms(header.currency, place, header.customer_id, header.payment_terms, method, gifts, home)
    return quoting.quoted(body, known, terms, c.prices, reasons)


def _destination(address: Address | None, c: Circumstances) -> sources.Point | None:
    if address is None:
        return None
    if address.lat is not None and address.lon is not None:
        return sources.Point(address.lat, address.lon)
    return c.places.find(address.country, address.postal_code) if c.places is not None else None


def _stocked(lines: Iterable[PlannedLine]) -> int:
    return sum(line.ordered for line in lines if line.kind in STOCKED_KINDS)
