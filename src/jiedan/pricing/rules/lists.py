"""Choose a price list, and read the price of a quantity from its tiers.

Contracts go first, then the lower priority, then the list that is most particular (customers before groups before
channels), then the lower price for this quantity, then the code. The catalog's own prices come last of all.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.rules import conversion
from jiedan.pricing.values import lists
from jiedan.pricing.values.conversion import DatedRate, Exchange, Rounding

_LAST = lists.Rank(2, 0, 0)
CATALOG = lists.ListTrace()
"""The catalog's only price."""

_CUSTOMERS, _GROUPS, _CHANNELS = 4, 2, 1


class CompiledLists(NamedTuple):
    """Price lists, each found under the rarest thing it asks for."""

    by_customer: Mapping[str, tuple[lists.PriceList, ...]]
    by_group: Mapping[str, tuple[lists.PriceList, ...]]
    by_channel: Mapping[str, tuple[lists.PriceList, ...]]
    others: tuple[lists.PriceList, ...]


class Offer(NamedTuple):
    """What one list asks for a quantity of one SKU; `amount_minor` is for all units together."""

    rank: lists.Rank
    amount_minor: int
    entry: lists.ListEntry
    tier: int


def compile_lists(every: Iterable[lists.PriceList]) -> CompiledLists:
    """Return lists ready to find; those that are not active are left out."""
    found: tuple[dict[str, list[lists.PriceList]], ...] = ({}, {}, {})
    others = []
    for one in every:
        if not one.is_active:
            continue
        scopes = (one.customers, one.groups, one.channels)
        place = next((i for i, scope in enumerate(scopes) if scope), None)
        if place is None:
            others.append(one)
        else:
            for key in scopes[place]:
                found[place].setdefault(key, []).append(one)
    by_customer, by_group, by_channel = ({key: tuple(ones) for key, ones in scope.items()} for scope in found)
    return CompiledLists(by_customer, by_group, by_channel, tuple(others))


def serving(compiled: CompiledLists, buyer: lists.Buyer) -> lists.Serving:
    """Return the lists that serve a buyer now, whatever their currency."""
    ranks: dict[str, dict[str, lists.Rank]] = {}
    for one in _candidates(compiled, buyer):
        if _serves(one, buyer):
            ranks.setdefault(one.currency, {})[one.code] = rank_of(one)
    return lists.Serving(ranks)


def rank_of(one: lists.PriceList) -> lists.Rank:
    """Return where a list stands among the others; lower first."""
    particularity = _CUSTOMERS * bool(one.customers) + _GROUPS * bool(one.groups) + _CHANNELS * bool(one.channels)
    return lists.Rank(int(one.kind != "contract"), one.priority, -particularity)


def _candidates(compiled: CompiledLists, buyer: lists.Buyer) -> Iterator[lists.PriceList]:
    if buyer.customer and compiled.by_customer:
        for customer in (buyer.customer, *buyer.known_as):
            yield from compiled.by_customer.get(customer, ())
    for group in buyer.groups:
        yield from compiled.by_group.get(group, ())
    yield from compiled.by_channel.get(buyer.channel, ())
    yield from compiled.others


def _serves(one: lists.PriceList, buyer: lists.Buyer) -> bool:
    return (
        (not one.customers or buyer.customer in one.customers or not buyer.known_as.isdisjoint(one.customers))
        and (not one.groups or not buyer.groups.isdisjoint(one.groups))
        and (not one.channels or buyer.channel in one.channels)
        and (one.from_at is None or one.from_at <= buyer.at)
        and (one.until_at is None or buyer.at < one.until_at)
    )


def list_price(
    sku: values.SkuPrices, quantity: int, served: lists.Serving, exchange: Exchange, buyer: lists.Buyer
) -> lists.ListPrice | int | None:
    """Return what one of `quantity` units costs: by a list in the buyer's currency, else converted from the base's.

    An int is the least quantity that has a price, where `quantity` has none; None: no price at all.
    """
    if not sku.entries and (plain := _catalog_price(sku.catalog.get(buyer.currency), quantity)) is not None:
        return plain
    least = None
    for currency in dict.fromkeys((buyer.currency, exchange.base_currency)):
        rate = None
        if currency != buyer.currency:
            rate = conversion.rate_at(exchange, buyer.currency, buyer.at)
            if rate is None:
                break
        ranks = served.ranks.get(currency, {})
        found = [(rank, entry) for entry in sku.entries if (rank := ranks.get(entry.list_code)) is not None]
        if own := sku.catalog.get(currency):
            found.append((_LAST, lists.ListEntry("", own)))
        if not found:
            continue
        offers = [offer for rank, entry in found if (offer := _offer(rank, entry, quantity)) is not None]
        offers.sort()
        if offers:
            missed = _next_tier(offers[0], found, quantity)
            price = lists.ListPrice(*_unit_and_off(offers[0].entry, offers[0].tier, quantity), _trace(offers, missed))
            if rate is None:
                return price
            return _converted(price, offers[0], quantity, rate, conversion.rounding_into(exchange, buyer.currency))
        if least is None:
            least = min(entry.tiers[0].min_quantity for _, entry in found if entry.tiers)
    return least


def _catalog_price(tiers: Sequence[values.Tier] | None, quantity: int) -> lists.ListPrice | None:
    """Return the catalog's price of a quantity, where no list has one; most goods have that and nothing else."""
    if not tiers or quantity < tiers[0].min_quantity:
        return None
    if len(tiers) == 1 and tiers[0].min_quantity == 1:
        return lists.ListPrice(tiers[0].unit_minor, 0, CATALOG)
    entry = lists.ListEntry("", tuple(tiers))
    offer = _offer(_LAST, entry, quantity)
    if offer is None:
        return None
    unit_minor, off = _unit_and_off(entry, offer.tier, quantity)
    return lists.ListPrice(unit_minor, off, _trace([offer], _next_tier(offer, [(_LAST, entry)], quantity)))


def only_price(sku: values.SkuPrices, currency: str) -> int | None:
    """Return the catalog's price of a unit where it is the same for every quantity, in minor units; None elsewhere."""
    tiers = sku.catalog.get(currency)
    if tiers is None or len(tiers) != 1 or tiers[0].min_quantity != 1:
        return None
    unit_minor = tiers[0].unit_minor
    return unit_minor if unit_minor <= money.AMOUNT_MINOR_MAX else None


def _offer(rank: lists.Rank, entry: lists.ListEntry, quantity: int) -> Offer | None:
    """Return what a list asks for a quantity, or None below its first tier."""
    reached = bisect_right(entry.tiers, quantity, key=lambda tier: tier.min_quantity)
    if not reached:
        return None
    unit, off = _unit_and_off(entry, reached - 1, quantity)
    return Offer(rank, unit * quantity - off, entry, reached - 1)


def _unit_and_off(entry: lists.ListEntry, tier: int, quantity: int) -> tuple[int, int]:
    """Return the price of one unit, and what the bands of graduated tiers take off all units together."""
    tiers = entry.tiers
    if entry.mode == "volume":
        return tiers[tier].unit_minor, 0
    return tiers[0].unit_minor, graduated_off(tiers, quantity)


def graduated_off(tiers: Sequence[values.Tier], quantity: int) -> int:
    """Return what graduated tiers take off `quantity` units at the price of the first band, in minor units.

    The unit that reaches a tier is the first to be cheaper: from 10 on, units 1 to 9 cost the band before.
    """
    off = 0
    for before, tier in itertools.pairwise(tiers):
        beyond = quantity - tier.min_quantity + 1
        if beyond <= 0:
            break
        off += beyond * (before.unit_minor - tier.unit_minor)
    return off


def _trace(offers: Sequence[Offer], missed: lists.NextTier | None) -> lists.ListTrace:
    first, *others = offers
    return lists.ListTrace(
        list_code=first.entry.list_code,
        is_contract=first.rank.kind == 0,
        mode=first.entry.mode,
        tier_from=first.entry.tiers[first.tier].min_quantity,
        next_list=others[0].entry.list_code if others else None,
        won_by=_won_by(first, others[0]) if others else "",
        next_tier=missed,
    )


def _won_by(first: Offer, second: Offer) -> lists.WonBy:
    if second.rank == _LAST:
        return "list"
    if first.rank.kind != second.rank.kind:
        return "contract"
    if first.rank.priority != second.rank.priority:
        return "priority"
    if first.rank.particularity != second.rank.particularity:
        return "particular"
    return "price" if first.amount_minor != second.amount_minor else "code"


def _next_tier(
    first: Offer, found: Sequence[tuple[lists.Rank, lists.ListEntry]], quantity: int
) -> lists.NextTier | None:
    """Return the nearest lower price that more units would reach, on this list or one that goes before it."""
    now = first.entry.tiers[first.tier].unit_minor
    missed = []
    for rank, entry in found:
        if rank > first.rank:
            continue
        reached = bisect_right(entry.tiers, quantity, key=lambda tier: tier.min_quantity)
        after = entry.tiers[reached] if reached < len(entry.tiers) else None
        if after is not None and after.unit_minor < now:
            missed.append((after.min_quantity - quantity, after.unit_minor, entry.list_code))
    return lists.NextTier(*min(missed)) if missed else None


def _converted(
    price: lists.ListPrice, offer: Offer, quantity: int, rate: DatedRate, rounding: Rounding
) -> lists.ListPrice:
    """Return a price of the base currency in the buyer's: every tier is converted and rounded by itself."""
    tiers = tuple(t._replace(unit_minor=conversion.convert(t.unit_minor, rate, rounding)) for t in offer.entry.tiers)
    unit, off = _unit_and_off(offer.entry._replace(tiers=tiers), offer.tier, quantity)
    trace, missed = price.trace, price.trace.next_tier
    if missed is not None:
        then = conversion.convert(missed.unit_minor, rate, rounding)
        is_lower = then < tiers[offer.tier].unit_minor
        after = lists.NextTier(missed.more, then, missed.list_code) if is_lower else None
        trace = msgspec.structs.replace(trace, next_tier=after)
    return lists.ListPrice(unit, off, trace, conversion.converted(price.unit_minor, rate))


def problems_of_price_list(one: lists.PriceList) -> tuple[Refusal, ...]:
    """Return what is wrong with a price list."""
    found: list[Refusal] = []
    if not 0 < len(one.code) <= lists.CODE_CHARACTERS_MAX or one.code.strip() != one.code:
        found.append(errors.PriceCodeInvalid(one.code, lists.CODE_CHARACTERS_MAX, field="code"))
    if not money.is_currency(one.currency):
        found.append(errors.PriceCurrencyUnknown(one.currency, field="currency"))
    if one.from_at is not None and one.until_at is not None and one.until_at <= one.from_at:
        found.append(errors.PricePeriodInvalid(field="until_at"))
    for name, scope in (("channels", one.channels), ("groups", one.groups), ("customers", one.customers)):
        if len(scope) > lists.LIST_SCOPES_MAX or len(set(scope)) != len(scope) or "" in scope:
            found.append(errors.PriceScopeInvalid(lists.LIST_SCOPES_MAX, field=name))
    if one.kind == "contract" and not (one.customers or one.groups):
        found.append(errors.ContractWithoutParty(one.code, field="customers"))
    return tuple(found)


def problems_of_entry(entry: lists.ListEntry) -> tuple[Refusal, ...]:
    """Return what is wrong with the tiers of one SKU in one list."""
    if not 0 < len(entry.tiers) <= lists.TIERS_MAX:
        return (errors.TiersInvalid(lists.TIERS_MAX, field="tiers"),)
    found: list[Refusal] = []
    before = None
    for i, tier in enumerate(entry.tiers):
        field = f"tiers[{i}]"
        lowest = 1 if before is None else before.min_quantity + 1
        if not lowest <= tier.min_quantity <= lists.TIER_QUANTITY_MAX:
            found.append(errors.TierQuantityInvalid(lowest, lists.TIER_QUANTITY_MAX, field=f"{field}.min_quantity"))
        if not 0 <= tier.unit_minor <= money.AMOUNT_MINOR_MAX:
            out = errors.AmountOutOfRange(tier.unit_minor, money.AMOUNT_MINOR_MAX, field=f"{field}.unit_minor")
            found.append(out)
        elif entry.mode == "graduated" and before is not None and tier.unit_minor >= before.unit_minor:
            found.append(errors.TierMustFall(tier.min_quantity, field=f"{field}.unit_minor"))
        before = tier
    return tuple(found)
