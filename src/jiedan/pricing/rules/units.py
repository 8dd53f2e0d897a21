"""The price of one unit on each line of a cart: given, by formula, or by the list chosen, with surcharges.

Quantities count for all lines of a SKU together, those with a given price included: what the same goods cost never
hangs on how lines are split or in which order they stand.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.errors import Refusal, reasons_of
from jiedan.catalog.values import OrderQuantity
from jiedan.pricing import errors
from jiedan.pricing.rules import conversion, formulas, lists, quantities, surcharges
from jiedan.pricing.values import units as values
from jiedan.pricing.values.carts import REASON_CHARACTERS_MAX
from jiedan.pricing.values.conversion import Converted, Exchange
from jiedan.pricing.values.formulas import CompiledFormula, FormulaTrace
from jiedan.pricing.values.lists import Buyer, ListPrice, ListTrace, Serving
from jiedan.pricing.values.lots import Lot


class UnitRules(NamedTuple):
    """Everything that makes unit prices beside the entries of lists, compiled once per version of the rules.

    `bespoke` are the codes of formulas by the traits of what they price.
    """

    lists: lists.CompiledLists
    exchange: Exchange
    surcharges: surcharges.CompiledSurcharges
    formulas: Mapping[str, CompiledFormula]
    bespoke: Mapping[str, str] = {}

    def formula_of(self, code: str, traits: Collection[str] = ()) -> CompiledFormula | None:
        """Return the formula that prices a SKU: its own, or its product's; None where it has a price of lists."""
        if not self.bespoke:
            return None
        found = self.bespoke.get(f"sku:{code}")
        if found is None:
            found = next((self.bespoke[trait] for trait in traits if trait in self.bespoke), None)
        return None if found is None else self.formulas[found]


class _Base(NamedTuple):
    """The price of one unit before surcharges."""

    unit_minor: int
    source: values.UnitSource
    listed: ListTrace | None = None
    formula: FormulaTrace | None = None
    converted: Converted | None = None


class _Found(NamedTuple):
    """The price of one unit of a line, whole."""

    unit_minor: int
    base: _Base
    surcharges: tuple[values.SurchargeTrace, ...] = ()


_NOTHING = _Found(0, _Base(0, "manual"))
_UNKNOWN = values.SkuPrices()


class _Pricer:
    """One cart: what was found of its SKUs so far, and what is refused."""

    def __init__(
        self,
        wanted: Sequence[values.Wanted],
        skus: Mapping[str, values.SkuPrices],
        rules: UnitRules,
        buyer: Buyer,
        served: Serving,
    ) -> None:
        self.skus, self.rules, self.buyer, self.served = skus, rules, buyer, served
        self.reasons: list[Refusal] = []
        self.counted: dict[str, int] = {}
        for line in wanted:
            self.counted[line.code] = self.counted.get(line.code, 0) + line.quantity
        self.listed: dict[str, ListPrice | None] = {}
        self.bases: dict[str, _Base | None] = {}
        self.added: dict[tuple[str, tuple[tuple[str, str], ...], int], _Found | None] = {}
        self.given: dict[int, formulas.Given] = {}
        self.alike: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
        self.broken: set[str] = set()

    def read_attributes(self, wanted: Sequence[values.Wanted]) -> None:
        """Read what lines say about bespoke pieces, and count the pieces that are alike.

        What another system sold is not judged; a piece with a price by hand must still be one that can be made.
        """
        for line in wanted:
            formula = self.formula(line)
            if (formula is None and not line.attributes) or (
                line.given_minor is not None and line.given_as == "as_sold"
            ):
                continue
            field = f"{_field(line)}.attributes"
            if formula is None:
                self.reasons.append(errors.NotBespoke(line.code, field=field))
                continue
            try:
                given = formulas.read_attributes(formula, line.attributes, field=field)
            except Refusal as refusal:
                self.reasons += reasons_of(refusal)
                continue
            key = line.code, frozenset(given.texts.items())
            self.given[line.line] = given
            self.alike[key] = self.alike.get(key, 0) + line.quantity

    def formula(self, line: values.Wanted) -> CompiledFormula | None:
        return self.rules.formula_of(line.code, self.skus.get(line.code, _UNKNOWN).traits)

    def found(self, line: values.Wanted) -> _Found | None:
        """Return the price of one unit of a line, or None when its reason is noted."""
        if line.given_minor is not None:
            return self._as_given(line, line.given_minor)
        if line.code in self.broken:
            return None
        formula = self.formula(line)
        base = self._listed(line) if formula is None else self._reckoned(line, formula)
        if base is None:
            return None
        if not self.rules.surcharges and base.unit_minor <= money.AMOUNT_MINOR_MAX:
            return _Found(base.unit_minor, base)
        key = line.code, line.options, base.unit_minor
        if key not in self.added:
            self.added[key] = self._with_surcharges(line, base)
        found = self.added[key]
        if found is None or found.base is base:
            return found
        return _Found(found.unit_minor, base, found.surcharges)

    def _as_given(self, line: values.Wanted, given: int) -> _Found:
        field = _field(line)
        if not 0 <= given <= money.AMOUNT_MINOR_MAX:
            out = errors.AmountOutOfRange(given, money.AMOUNT_MINOR_MAX, field=f"{field}.unit_price_minor")
            self.reasons.append(out)
        is_told = line.reason.strip() and len(line.reason) <= REASON_CHARACTERS_MAX
        if line.given_as == "manual" and not is_told:
            self.reasons.append(errors.ReasonMissing(field=f"{field}.price_reason"))
        return _Found(given, _Base(given, line.given_as))

    def _listed(self, line: values.Wanted) -> _Base | None:
        """Return the list price of a SKU, found once for all its lines."""
        if line.code not in self.bases:
            price = self.listed[line.code] = self._list_price(line)
            self.bases[line.code] = None if price is None else _base(price)
        return self.bases[line.code]

    def _list_price(self, line: values.Wanted) -> ListPrice | None:
        sku = self.skus.get(line.code, _UNKNOWN)
        counted = self.counted[line.code]
        price = lists.list_price(sku, counted, self.served, self.rules.exchange, self.buyer)
        if price is None:
            self._no_price(line)
        elif isinstance(price, int):
            self.reasons.append(errors.TierNotReached(line.code, price, field=f"{_field(line)}.quantity"))
        return price if isinstance(price, ListPrice) else None

    def _no_price(self, line: values.Wanted) -> None:
        self.reasons.append(errors.PriceMissing(line.code, self.buyer.currency, field=f"{_field(line)}.sku"))

    def _reckoned(self, line: values.Wanted, formula: CompiledFormula) -> _Base | None:
        """Return what a formula makes of a line, in the buyer's currency or converted from the base's."""
        given = self.given.get(line.line)
        if given is None:
            return None
        own, base = self.buyer.currency, self.rules.exchange.base_currency
        rate = None
        if own not in formula.currencies:
            rate = conversion.rate_at(self.rules.exchange, own, self.buyer.at)
            if rate is None or base not in formula.currencies:
                self._no_price(line)
                return None
        alike = self.alike[line.code, frozenset(given.texts.items())]
        field = f"{_field(line)}.attributes"
        try:
            price = formulas.reckon(formula, given, own if rate is None else base, quantity=alike, field=field)
        except Refusal as refusal:
            self.reasons.append(refusal)
            return None
        if rate is None:
            return _Base(price.unit_minor, "formula", formula=price.trace)
        was = conversion.converted(price.unit_minor, rate)
        minor = conversion.convert(price.unit_minor, rate, conversion.rounding_into(self.rules.exchange, own))
        return _Base(minor, "formula", formula=price.trace, converted=was)

    def _with_surcharges(self, line: values.Wanted, base: _Base) -> _Found | None:
        sku = self.skus[line.code]
        options = (*sku.options, *line.options)
        met = () if sku.surcharged else surcharges.surcharges_of(self.rules.surcharges, sku.traits, options)
        unit = base.unit_minor
        told: tuple[values.SurchargeTrace, ...] = ()
        if met:
            try:
                unit, told = surcharges.add_surcharges(unit, met, line.code, self.buyer, self.rules.exchange)
            except Refusal as refusal:
                refusal.field = f"{_field(line)}.options"
                self.reasons.append(refusal)
                return None
        if unit > money.AMOUNT_MINOR_MAX:
            out = errors.AmountOutOfRange(unit, money.AMOUNT_MINOR_MAX, field=f"{_field(line)}.unit_price_minor")
            self.reasons.append(out)
        return _Found(unit, base, told)

    def check_quantities(self, wanted: Sequence[values.Wanted]) -> None:
        """Note which quantities may not be ordered, at the first line of each SKU; what was sold is not judged."""
        most = values.LINE_QUANTITY_MAX
        has_rules = False
        for line in wanted:
            if not 1 <= line.quantity <= most:
                self.broken.add(line.code)
                self.reasons.append(errors.QuantityOutOfRange(line.quantity, most, field=f"{_field(line)}.quantity"))
            sku = self.skus.get(line.code)
            has_rules = has_rules or (sku is not None and sku.quantities is not None)
        if not has_rules:
            return
        first = {line.code: line for line in reversed(wanted) if line.given_minor is None or line.given_as == "manual"}
        for code in sorted(first.keys() - self.broken, key=lambda code: first[code].line):
            sku = self.skus.get(code)
            if sku is not None and sku.quantities is not None:
                field = f"{_field(first[code])}.quantity"
                problem = quantities.quantity_problem(code, self.counted[code], sku.quantities, field=field)
                self.reasons += [problem] if problem is not None else []


def unit_prices(
    wanted: Sequence[values.Wanted], skus: Mapping[str, values.SkuPrices], rules: UnitRules, buyer: Buyer
) -> values.UnitPrices:
    """Return the price of one unit on each line, and the same goods as lots, by code and price.

    Raises CannotPrice with every reason, each naming its field. Quantities that another system sold are not judged.
    """
    plain = None if rules.surcharges else _plain(wanted, skus, rules, buyer.currency)
    if plain is not None:
        return plain
    pricer = _Pricer(wanted, skus, rules, buyer, lists.serving(rules.lists, buyer))
    pricer.check_quantities(wanted)
    pricer.read_attributes(wanted)
    found = [pricer.found(line) or _NOTHING for line in wanted]
    if pricer.reasons:
        raise errors.CannotPrice(tuple(pricer.reasons))
    lots, lot_of = _lots(wanted, found, skus)
    offs = _tier_offs(wanted, lots, lot_of, pricer.listed)
    if any(offs):
        lots_off = [0] * len(lots)
        for lot, off in zip(lot_of, offs, strict=True):
            lots_off[lot] += off
        lots = [lot._replace(worth_minor=lot.worth_minor - off) for lot, off in zip(lots, lots_off, strict=True)]
    counted = pricer.counted
    told = [
        _unit_price(line, one, off, counted[line.code], skus.get(line.code, _UNKNOWN).quantities)
        for line, one, off in zip(wanted, found, offs, strict=True)
    ]
    return values.UnitPrices(tuple(told), tuple(lots), tuple(lot_of))


def _plain(
    wanted: Sequence[values.Wanted], skus: Mapping[str, values.SkuPrices], rules: UnitRules, currency: str
) -> values.UnitPrices | None:
    """Return the prices of different goods that each have one price, in the catalog, and nothing else; None of others.

    The same as all else here comes to, without what most orders never ask: a third of the work.
    """
    lines, lots = [], []
    for line in wanted:
        sku = skus.get(line.code)
        if sku is None or sku.entries or sku.quantities is not None:
            return None
        if rules.bespoke and rules.formula_of(line.code, sku.traits) is not None:
            return None
        if line.given_minor is not None or line.attributes or not 1 <= line.quantity <= values.LINE_QUANTITY_MAX:
            return None
        unit_minor = lists.only_price(sku, currency)
        if unit_minor is None:
            return None
        trace = values.UnitTrace(line.line, "catalog", unit_minor, line.quantity, 0, "", lists.CATALOG)
        lines.append(values.UnitPrice(line.line, unit_minor, 0, trace))
        lots.append(Lot(line.code, line.quantity, unit_minor, line.quantity * unit_minor, sku.traits, True))
    order = sorted(range(len(lots)), key=lambda i: lots[i].code)
    place = {lots[i].code: at for at, i in enumerate(order)}
    if len(place) < len(lots):
        return None
    return values.UnitPrices(tuple(lines), tuple([lots[i] for i in order]), tuple([place[lot.code] for lot in lots]))


def _base(price: ListPrice) -> _Base:
    trace = price.trace
    source: values.UnitSource = "contract" if trace.is_contract else "list" if trace.list_code else "catalog"
    return _Base(price.unit_minor, source, trace, None, price.converted)


def _field(line: values.Wanted) -> str:
    return f"lines[{line.line - 1}]"


def _unit_price(
    line: values.Wanted, found: _Found, off: int, counted: int, ordered_in: OrderQuantity | None
) -> values.UnitPrice:
    base = found.base
    reason = line.reason if base.source == "manual" else ""
    # By position: a batch has hundreds of lines, and names cost half as much again.
    trace = values.UnitTrace(
        line.line,
        base.source,
        found.unit_minor,
        counted,
        off,
        reason,
        base.listed,
        base.formula,
        base.converted,
        found.surcharges,
        None if line.given_as == "as_sold" else ordered_in,
    )
    return values.UnitPrice(line.line, found.unit_minor, off, trace)


def _lots(
    wanted: Sequence[values.Wanted], found: Sequence[_Found], skus: Mapping[str, values.SkuPrices]
) -> tuple[list[Lot], list[int]]:
    """Return the same goods at the same price as lots, in an order of their own, and the lot of each line."""
    keys = [(line.code, one.unit_minor, line.given_minor is None) for line, one in zip(wanted, found, strict=True)]
    quantity: dict[tuple[str, int, bool], int] = {}
    for key, line in zip(keys, wanted, strict=True):
        quantity[key] = quantity.get(key, 0) + line.quantity
    place = {key: i for i, key in enumerate(sorted(quantity))}
    lots = []
    for key in place:
        code, unit, is_ours = key
        count = quantity[key]
        lots.append(Lot(code, count, unit, count * unit, skus.get(code, _UNKNOWN).traits, is_ours))
    return lots, [place[key] for key in keys]


def _tier_offs(
    wanted: Sequence[values.Wanted],
    lots: Sequence[Lot],
    lot_of: Sequence[int],
    listed: Mapping[str, ListPrice | None],
) -> list[int]:
    """Return each line's part of what graduated tiers take off.

    Of each SKU by quantity, over its lots and then over the lines of a lot, never more than they are worth. Units with
    a given price have counted for the tiers, and their part falls to nobody.
    """
    offs = [0] * len(wanted)
    reduced = {
        code: price.tier_off_minor for code, price in listed.items() if price is not None and price.tier_off_minor
    }
    if not reduced:
        return offs
    members: dict[int, list[int]] = {}
    for i in sorted(range(len(wanted)), key=lambda i: (-wanted[i].quantity, i)):
        members.setdefault(lot_of[i], []).append(i)
    for code, off in reduced.items():
        own = [i for i, lot in enumerate(lots) if lot.code == code]
        for i, share in zip(own, money.share_out(off, [lots[i].quantity for i in own]), strict=True):
            if lots[i].promotable:
                capped = min(share, lots[i].worth_minor)
                parts = money.share_out(capped, [wanted[j].quantity for j in members[i]])
                for j, part in zip(members[i], parts, strict=True):
                    offs[j] = part
    return offs
