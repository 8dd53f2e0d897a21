"""Price lists, surcharges, rates of exchange and limits in words."""

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values.conversion import ExchangeRate, Rounding
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.units import ManualLimit, Surcharge


def price_list(told: PriceList, reader: Reader) -> str:
    """Return whom a price list serves, in one sentence."""
    scopes = (
        (N_("only through {names}"), "channel", told.channels),
        (N_("only for {names}"), "group", told.groups),
        (N_("only for {names}"), "customer", told.customers),
    )
    kind = N_("Contract prices in {currency}") if told.kind == "contract" else N_("Prices in {currency}")
    return reader.clauses([
        reader.say(kind, currency=told.currency),
        *[reader.say(message, names=reader.named(name, codes)) for message, name, codes in scopes if codes],
        reader.period(told.from_at, told.until_at),
        "" if told.is_active else reader.say(N_("switched off")),
    ])  # fmt: skip


def surcharge(told: Surcharge, reader: Reader) -> str:
    """Return what an option adds to the price of one unit."""
    option = " ".join(part for part in (told.option, told.value) if part)
    amount = reader.amounts(told.amounts) if told.rate_ppm is None else reader.rate(told.rate_ppm)
    kind, _, code = told.trait.partition(":")
    return reader.clauses([
        reader.say(N_("{what}: {amount}"), what=option or told.code, amount=amount),
        reader.say(N_("only for {names}"), names=reader.name(kind, code)) if told.trait else "",
    ])  # fmt: skip


def exchange_rate(told: ExchangeRate, reader: Reader) -> str:
    """Return what one unit of a currency is worth in another, and from when on."""
    return reader.clauses([
        f"1 {told.base} = {told.rate} {told.quote}",
        reader.say(N_("from {begin} on"), begin=reader.moment(told.from_at)),
    ])  # fmt: skip


def rounding(currency: str, told: Rounding, reader: Reader) -> str:
    """Return how converted prices end: `on a multiple of 1.00, less 0.01`."""
    multiple = reader.money(told.multiple_minor, currency)
    if not told.minus_minor:
        return reader.say(N_("rounded to multiples of {amount}"), amount=multiple)
    less = reader.money(told.minus_minor, currency)
    return reader.say(N_("rounded to multiples of {amount}, less {less}"), amount=multiple, less=less)


def manual_limit(told: ManualLimit, reader: Reader) -> str:
    """Return how much a role may take off by hand."""
    return reader.say(N_("{role} may take off up to {rate}"), role=told.role, rate=reader.rate(told.rate_ppm))
