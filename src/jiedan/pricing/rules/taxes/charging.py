"""Charge tax: added to prices or contained in them, rounded per order or per line, nothing lost between parts.

Rounding is half up, and only here: the tax of an order is computed on the sum of what one tax and rate concern (or,
of prices that include it, on the sum of what the same taxes concern), and spread over lines by largest remainder.
Lines that tie get the remainder by amount, class and kind, so their order decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.base import money
from jiedan.pricing import errors, values
from jiedan.pricing.rules.taxes import chains, compiling, exempting


class _Entry(NamedTuple):
    """A line, a fee, or that part of a fee which goes with one class of goods."""

    item: int
    amount_minor: int
    tax_class: str
    kind: values.TaxedKind


class _Class(NamedTuple):
    """How a class is taxed: what is charged, and what is taken out of the price because it is not, and why."""

    charged: chains.Chain
    relieved: chains.Chain = chains.NO_TAX
    treatment: values.TaxTreatment = "taxed"


_UNTAXED = values.TaxedItem(0, 0, 0)

_Tax = tuple[str, int, bool, values.TaxTreatment]
_Parts = dict[_Tax, list[int]]
"""What taxes make of one item, and of how much of it."""


class _Shares(NamedTuple):
    """What entries carry, by position: of each tax of their chain, and of relief."""

    parts: list[list[int]]
    relief: list[int]


def tax(
    items: Sequence[values.Taxable],
    place: values.Place,
    status: values.TaxStatus,
    rules: compiling.CompiledTaxes,
    at: datetime,
) -> values.Taxed:
    """Return the tax of lines and fees that go to a place at a moment.

    Amounts are in minor units of one currency and not negative. A class without a rate is not taxed, with a note, or
    refused, as the merchant chooses. Of prices that include tax an exempt customer is relieved of what the merchant's
    home would charge, unless the merchant keeps the price. Raises CannotPrice naming each class without a rate.
    """
    if (alone := _alone(items, place, status, rules, at)) is not None:
        return alone
    entries = _entries(items, rules.settings)
    entries.sort(key=_in_order)
    classes = {entry.tax_class for entry in entries}
    freed = exempting.freed(classes, place, status, rules.settings, at)
    rates = {c: compiling.rates_at(rules, place, c, at) for c in sorted(classes - freed.classes)}
    missing = [c for c, found in rates.items() if not found]
    if missing and rules.settings.without_rate == "refuse":
        raise errors.CannotPrice(_refusals(entries, missing, place))
    treated = {
        c: _Class(chains.chain_of(found), treatment="taxed" if found else "untaxed") for c, found in rates.items()
    }
    treated |= {
        c: _Class(chains.NO_TAX, _relief(rules, c, at), "exempt" if note.code == "certificate" else "reverse_charge")
        for note in freed.notes
        for c in freed.classes.intersection(note.classes)
    }
    shares = _shares(entries, treated, rules)
    notes = [*freed.notes, *[values.TaxNote("no_rate", classes=(c,)) for c in missing]]
    return _taxed(len(items), entries, treated, shares, rules)._replace(
        notes=tuple(notes), found=tuple([_found(rate) for found in rates.values() for rate in found])
    )


def _alone(
    items: Sequence[values.Taxable],
    place: values.Place,
    status: values.TaxStatus,
    rules: compiling.CompiledTaxes,
    at: datetime,
) -> values.Taxed | None:
    """Return what one tax makes of everything, of one class and rounded per order; None where there is more to it.

    The same as all that follows comes to, without what most orders never ask.
    """
    if rules.settings.rounding == "line" or status.has_papers:
        return None
    classes = {item.tax_class for item in items}
    rates = compiling.rates_at(rules, place, classes.pop(), at) if len(classes) == 1 else ()
    if len(rates) != 1:
        return None
    (rate,) = rates
    order = sorted(range(len(items)), key=lambda i: (-items[i].amount_minor, items[i].kind, i))
    amounts = [items[i].amount_minor for i in order]
    whole = sum(amounts)
    is_included = rules.prices_include_tax
    tax_minor = money.round_half_up(whole * rate.rate_ppm, values.PPM + rate.rate_ppm if is_included else values.PPM)
    taxed: list[values.TaxedItem] = [_UNTAXED] * len(items)
    for i, own in zip(order, money.share_out(tax_minor, amounts), strict=True):
        net = items[i].amount_minor - own if is_included else items[i].amount_minor
        part = values.TaxPart(rate.component, rate.rate_ppm, own, net, rate.is_compound)
        taxed[i] = values.TaxedItem(net, own, net + own, (part,))
    net_minor = whole - tax_minor if is_included else whole
    row = values.TaxSum(rate.component, rate.rate_ppm, rate.is_compound, net_minor, tax_minor)
    return values.Taxed(tuple(taxed), net_minor, tax_minor, net_minor + tax_minor, (row,), (), (_found(rate),))


def _entries(items: Sequence[values.Taxable], settings: values.TaxSettings) -> list[_Entry]:
    """Return what is taxed on its own; a fee is split over the classes of the goods where the merchant says so."""
    worth: dict[str, int] = {}
    if settings.fees == "goods":
        for item in items:
            if item.kind == "goods" and item.amount_minor:
                worth[item.tax_class] = worth.get(item.tax_class, 0) + item.amount_minor
    by_worth = sorted(worth.items(), key=lambda pair: (-pair[1], pair[0]))
    entries = []
    for i, item in enumerate(items):
        if item.kind == "goods" or not by_worth:
            entries.append(_Entry(i, item.amount_minor, item.tax_class, item.kind))
            continue
        shares = money.share_out(item.amount_minor, [minor for _, minor in by_worth])
        entries += [_Entry(i, share, c, "fee") for (c, _), share in zip(by_worth, shares, strict=True)]
    return entries


def _in_order(entry: _Entry) -> tuple[int, str, str, int]:
    return -entry.amount_minor, entry.tax_class, entry.kind, entry.item


def _refusals(
    entries: Iterable[_Entry], missing: Sequence[str], place: values.Place
) -> tuple[errors.TaxRateMissing, ...]:
    concerned = sorted({(entry.item, entry.tax_class) for entry in entries if entry.tax_class in missing})
    country = place.country or values.ANY_COUNTRY
    return tuple(errors.TaxRateMissing(c, country, field=f"items[{i}].tax_class") for i, c in concerned)


def _relief(rules: compiling.CompiledTaxes, tax_class: str, at: datetime) -> chains.Chain:
    """Return the taxes that prices of a class contain and an exempt customer need not pay: those of the home."""
    settings = rules.settings
    if not rules.prices_include_tax or settings.exempt_pays == "gross":
        return chains.NO_TAX
    home = values.Place(settings.home_country, settings.home_region, settings.home_postal_code)
    return chains.chain_of(compiling.rates_at(rules, home, tax_class, at))


def _shares(entries: Sequence[_Entry], treated: Mapping[str, _Class], rules: compiling.CompiledTaxes) -> _Shares:
    """Return what each entry carries, computed on all entries at once, or on each alone where lines are rounded."""
    shares = _Shares([[0] * len(treated[e.tax_class].charged.components) for e in entries], [0] * len(entries))
    everything = range(len(entries))
    charge = _contained if rules.prices_include_tax else _on_top
    for members in [[i] for i in everything] if rules.settings.rounding == "line" else [everything]:
        charge(entries, members, treated, shares)
    return shares


def _on_top(entries: Sequence[_Entry], members: Iterable[int], treated: Mapping[str, _Class], shares: _Shares) -> None:
    """Add each tax to the price: on the sum of all that it concerns at one rate."""
    concerned: dict[tuple[str, int, bool, int, int], list[tuple[int, int]]] = {}
    for i in members:
        for nth, component in enumerate(treated[entries[i].tax_class].charged.components):
            concerned.setdefault(component.key, []).append((i, nth))
    for (*_, numerator, denominator), places in concerned.items():
        amounts = [entries[i].amount_minor for i, _ in places]
        total = money.round_half_up(sum(amounts) * numerator, denominator)
        for (i, nth), share in zip(places, money.share_out(total, amounts), strict=True):
            shares.parts[i][nth] = share


def _contained(
    entries: Sequence[_Entry], members: Iterable[int], treated: Mapping[str, _Class], shares: _Shares
) -> None:
    """Take the taxes out of the price: on the sum of all that the same taxes concern."""
    charged: dict[chains.Chain, list[int]] = {}
    relieved: dict[chains.Chain, list[int]] = {}
    for i in members:
        treatment = treated[entries[i].tax_class]
        if treatment.charged.components:
            charged.setdefault(treatment.charged, []).append(i)
        if treatment.relieved.components:
            relieved.setdefault(treatment.relieved, []).append(i)
    for chain, places in relieved.items():
        for i, share in zip(places, _taken_out(chain, [entries[i].amount_minor for i in places]), strict=True):
            shares.relief[i] = share
    for chain, places in charged.items():
        left = _taken_out(chain, [entries[i].amount_minor for i in places])
        totals = money.share_out(sum(left), chain.weights)
        # One tax after the other from what is left: no line ever carries more than is in its price.
        for nth, total in enumerate(totals):
            taken = money.share_out(total, left)
            left = [rest - share for rest, share in zip(left, taken, strict=True)]
            for i, share in zip(places, taken, strict=True):
                shares.parts[i][nth] = share


def _taken_out(chain: chains.Chain, amounts: Sequence[int]) -> list[int]:
    """Return the tax contained in each amount: computed on their sum, spread by largest remainder."""
    together = sum(chain.weights)
    total = money.round_half_up(sum(amounts) * together, chain.denominator + together)
    return money.share_out(total, amounts)


def _taxed(
    items: int,
    entries: Sequence[_Entry],
    treated: Mapping[str, _Class],
    shares: _Shares,
    rules: compiling.CompiledTaxes,
) -> values.Taxed:
    """Return items, sums and tax table of what the entries carry."""
    nets, taxes, reliefs = [0] * items, [0] * items, [0] * items
    parts: list[_Parts] = [{} for _ in range(items)]
    table: dict[tuple[int, str, int, bool], list[int]] = {}
    for entry, carried, relief in zip(entries, shares.parts, shares.relief, strict=True):
        own = sum(carried)
        net = entry.amount_minor - relief - (own if rules.prices_include_tax else 0)
        nets[entry.item] += net
        taxes[entry.item] += own
        reliefs[entry.item] += relief
        treatment = treated[entry.tax_class]
        if not carried:
            _add(parts[entry.item], ("", 0, False, treatment.treatment), 0, net)
        for component, minor in zip(treatment.charged.components, carried, strict=True):
            _add(parts[entry.item], (*component[1:4], "taxed"), minor, net)
            row = table.setdefault(component[:4], [0, 0])
            row[0] += net
            row[1] += minor
    net_minor, tax_minor = sum(nets), sum(taxes)
    return values.Taxed(
        items=tuple(
            [
                values.TaxedItem(net, own, net + own, tuple([_part(*pair) for pair in made.items()]), off)
                for net, own, made, off in zip(nets, taxes, parts, reliefs, strict=True)
            ]
        ),
        net_minor=net_minor,
        tax_minor=tax_minor,
        gross_minor=net_minor + tax_minor,
        sums=tuple([values.TaxSum(*key[1:], *table[key]) for key in sorted(table)]),
    )


def _add(parts: _Parts, key: _Tax, minor: int, base_minor: int) -> None:
    """Add to what one tax makes of an item; a fee may meet it with several classes of goods."""
    sums = parts.setdefault(key, [0, 0])
    sums[0] += minor
    sums[1] += base_minor


def _part(tax: _Tax, sums: list[int]) -> values.TaxPart:
    name, rate_ppm, is_compound, treatment = tax
    minor, base_minor = sums
    return values.TaxPart(name, rate_ppm, minor, base_minor, is_compound, treatment)


def _found(rate: values.TaxRate) -> values.FoundRate:
    return values.FoundRate(
        rate.tax_class, rate.component, rate.rate_ppm, rate.country, rate.region, rate.postal, rate.is_compound
    )
