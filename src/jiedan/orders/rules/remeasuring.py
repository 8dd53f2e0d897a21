"""Decide what other measures make of the lines of a placed order: what they say, and what they cost then. Pure.

A piece costs what the formula asks that priced the order, as it was dated then. What promotions gave stays, and so does
a discount by hand, each as much as it was.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from jiedan.base import errors as base
from jiedan.base import money
from jiedan.base.errors import Refusal, reasons_of
from jiedan.orders import errors
from jiedan.orders.rules import at_placement, bespoke, by_hand
from jiedan.orders.values import Line, LineMeasures, OrderWithLines
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing import rules as pricing
from jiedan.pricing.rules import UnitRules, formulas
from jiedan.pricing.values import AttributeValue, Formula, Said, SkuPrices, Wanted
from jiedan.pricing.values.lists import Buyer


def check(found: OrderWithLines, wanted: Sequence[LineMeasures]) -> tuple[Refusal, ...]:
    """Return why measures of lines cannot be changed: of which lines there are none, or not by their rules."""
    reasons: list[Refusal] = []
    by_number = {x.line: x for x in found.lines}
    seen: set[int] = set()
    for i, one in enumerate(wanted):
        line, field = by_number.get(one.line), f"measures[{i}].line"
        if line is None:
            reasons.append(errors.LineNotFound(found.order.number, one.line, field=field))
        elif line.price_source == "manual" and line.attributes:
            reasons.append(errors.PriceByHandStands(one.line, field=field))
        elif one.line in seen or not is_measured(line):
            reasons.append(errors.LineNotMeasured(one.line, field=field))
        seen.add(one.line)
    return tuple(reasons)


def is_measured(line: Line) -> bool:
    """Tell whether the measures of a line may be others: a piece that a formula of this shop priced, and that stays."""
    return bool(line.attributes) and line.price_source == "rule" and line.canceled < line.ordered


def remeasured(
    found: OrderWithLines,
    wanted: Sequence[LineMeasures],
    skus: Mapping[str, SkuPrices],
    rules: UnitRules,
) -> tuple[tuple[Line, ...], Sequence[Refusal]]:
    """Return the lines with the measures wanted, their tax still as it was; or everything that is wrong with these.

    Measures that are not spoken of stay. `wanted` has passed `check`. Each piece is priced by the formula that priced
    it, whatever its goods are of by now.
    """
    rules = bespoke.staying(rules, bespoke.moved(found.lines, skus, rules))
    asked: dict[int, _Asked] = {}
    reasons: list[Refusal] = []
    by_number = {x.line: x for x in found.lines}
    for i, one in enumerate(wanted):
        try:
            said = cast("Mapping[str, AttributeValue]", one.attributes)  # numbers with decimals were made texts
            read = _read(by_number[one.line], said, f"measures[{i}]", skus, rules)
            if read.said != by_number[one.line].attributes:
                asked[one.line] = read
        except Refusal as refusal:
            reasons += reasons_of(refusal)
    changed: dict[int, Line] = {}
    if asked and not reasons:
        try:
            units = _unit_prices(found, asked, skus, rules)
        except pricing_errors.CannotPrice as refusal:
            return found.lines, reasons_of(refusal)
        for number, read in asked.items():
            try:
                changed[number] = _changed(by_number[number], read, units[number], found.order.currency)
            except Refusal as refusal:
                reasons += reasons_of(refusal)
    if reasons:
        return found.lines, reasons
    lines = tuple([changed.get(x.line, x) for x in found.lines])
    reasons = _repeated(lines, wanted)
    return (found.lines, reasons) if reasons else (at_placement.kept(found.lines, lines), ())


class _Asked(NamedTuple):
    """What is asked of a line: everything that it says then, as it was given and as the order keeps it."""

    given: Mapping[str, AttributeValue]
    said: tuple[Said, ...]
    field: str


def is_of(line: Line, formula: Formula) -> bool:
    """Tell whether a formula is the one that priced a line; of older lines, whether it asks for what they say."""
    if line.formula is not None:
        return line.formula == formula.code
    return {one.name for one in formula.attributes} == {one.name for one in line.attributes}


def _read(
    line: Line, given: Mapping[str, AttributeValue], field: str, skus: Mapping[str, SkuPrices], rules: UnitRules
) -> _Asked:
    prices = skus.get(line.code)
    formula = rules.formula_of(line.code, () if prices is None else prices.traits)
    if formula is None or not is_of(line, formula.formula):
        raise errors.FormulaNotKept(line.line, field=f"{field}.line")
    asked: dict[str, AttributeValue] = {**{one.name: one.measure for one in line.attributes}, **given}
    read = formulas.read_attributes(formula, asked, field=f"{field}.attributes")
    return _Asked(asked, formulas.said(formula.formula, read), f"{field}.attributes")


def _unit_prices(
    found: OrderWithLines, asked: Mapping[int, _Asked], skus: Mapping[str, SkuPrices], rules: UnitRules
) -> Mapping[int, int]:
    """Return what a unit of each line asked for costs, by its number, all pieces alike counted as placement does.

    Raises CannotPrice, each reason at the measures it is about.
    """
    order = found.order
    customer = "" if order.customer_id is None else str(order.customer_id)
    codes = {x.code for x in found.lines if x.line in asked}
    lines = [x for x in found.lines if x.line in asked or (x.code in codes and _counts(x))]
    wanted = [
        Wanted(
            i,
            x.code,
            x.ordered,
            attributes=asked[x.line].given if x.line in asked else {one.name: one.measure for one in x.attributes},
        )
        for i, x in enumerate(lines, start=1)
    ]
    bare = {code: skus.get(code, SkuPrices())._replace(quantities=None) for code in codes}
    buyer = Buyer(order.currency, order.placed_at, order.channel, customer)
    first = next(iter(asked.values())).field
    fields = {f"lines[{i}]": asked[x.line].field if x.line in asked else first for i, x in enumerate(lines)}
    try:
        priced = pricing.unit_prices(wanted, bare, rules, buyer)
    except pricing_errors.CannotPrice as refusal:
        raise base.renamed(refusal, lambda name: fields.get(name.partition(".")[0], first)) from refusal
    return {x.line: one.unit_minor for x, one in zip(lines, priced.lines, strict=True) if x.line in asked}


def _counts(line: Line) -> bool:
    """Tell whether the pieces of a line count with those alike: they are still to be made by a formula of this shop."""
    return bool(line.attributes) and line.price_source in {"rule", "manual"} and line.canceled < line.ordered


def _changed(line: Line, asked: _Asked, unit_minor: int, currency: str) -> Line:
    if unit_minor * line.ordered > money.AMOUNT_MINOR_MAX:
        raise errors.PriceTooHigh(line.line, field=asked.field)
    off = line.discount_minor - line.relief_minor  # what is freed of tax follows from the price
    if unit_minor * line.ordered < off:
        raise errors.PriceBelowDiscounts(line.line, -(-off // line.ordered), currency, field=asked.field)
    return msgspec.structs.replace(line, unit_minor=unit_minor, attributes=asked.said)


def _repeated(lines: Sequence[Line], wanted: Sequence[LineMeasures]) -> list[Refusal]:
    """Return a refusal of each line that says the same now as another one of its SKU."""
    first: dict[tuple[str, str, tuple[Said, ...]], int] = {}
    places = {one.line: i for i, one in enumerate(wanted)}
    reasons: list[Refusal] = []
    for line in sorted((x for x in lines if is_measured(x)), key=lambda x: (x.line in places, x.line)):
        there = first.setdefault((line.code, str(line.requested_location_id), line.attributes), line.line)
        if there != line.line and line.line in places:
            reasons.append(
                errors.RepeatedLine(line.code, there, field=f"measures[{places[line.line]}].attributes")
            )  # fmt: skip
    return reasons


def first_grown(before: Sequence[Line], after: Sequence[Line]) -> int | None:
    """Return the first line whose measures make discounts a larger part of its price, or of the order's; None without.

    Against what promotions took when it was placed: measures that go back to what they were give nothing.
    """
    pairs = [(was, now) for was, now in zip(before, after, strict=True) if was.attributes != now.attributes]
    grown = (now.line for was, now in pairs if by_hand.grown_minor(now) > by_hand.grown_minor(was))
    line = next(grown, None)
    if line is None and by_hand.taken_off(after).off_ppm > by_hand.taken_off(before).off_ppm:
        return next((now.line for was, now in pairs if now.unit_minor < was.unit_minor), None)
    return line


def told(before: Sequence[Line], after: Sequence[Line]) -> tuple[list[str], list[str]]:
    """Return what lines said that say something else now, and what they say, as the timeline shows it."""
    pairs = [(was, now) for was, now in zip(before, after, strict=True) if was.attributes != now.attributes]
    return [was.described for was, _ in pairs], [now.described for _, now in pairs]
