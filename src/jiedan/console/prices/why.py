"""Why something costs what it costs, as pages draw it: each line step by step, and what became of every rule. Pure."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from jiedan.base.i18n import N_
from jiedan.catalog.rules import quantities
from jiedan.orders.rules import taxing
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.quoting import BY_HAND
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values import UnitTrace
from jiedan.pricing.values.drafts import RuleKind
from jiedan.pricing.values.promoted import CouponOutcome, Outcome
from jiedan.pricing.values.quotes import Priced, PricedFee, PricedLine, PricedTrace, Reduction
from jiedan.pricing.values.shipping import ShippingOffer
from jiedan.pricing.values.taxes import FoundRate, TaxPart, TaxRow

LINES_SHOWN_MAX = 200
RULES_SHOWN_MAX = 200

Link = Callable[[RuleKind, str], str]
"""Where a rule can be read, by its kind and code; an empty text where it cannot."""


class Step(NamedTuple):
    """One step to a price; without an amount it only tells something. `is_sum` is what the steps so far come to."""

    text: str
    minor: int | None = None
    href: str = ""
    is_sum: bool = False


class Line(NamedTuple):
    """A line, or a fee, with every step to what it costs."""

    name: str
    code: str
    quantity: int
    steps: Sequence[Step]
    total_minor: int


class Rule(NamedTuple):
    """What became of a rule; `spread` tells how what it gave was shared out."""

    name: str
    text: str
    href: str
    spread: str = ""


class Method(NamedTuple):
    """A shipping method: its fee, None where it does not serve, and every step to it, or reason."""

    name: str
    fee_minor: int | None
    is_taken: bool
    reasons: Sequence[str]
    href: str


class Why(NamedTuple):
    """What a basket costs, and why; `sums` are its parts with their names, `more` lines that are not shown.

    `near` are promotions that were nearly given, `others` all else that became of promotions.
    """

    currency: str
    total_minor: int
    lines: Sequence[Line]
    more: int
    sums: Sequence[Step]
    given: Sequence[Rule]
    near: Sequence[Rule]
    others: Sequence[Rule]
    gifts: Sequence[str]
    coupons: Sequence[str]
    methods: Sequence[Method]
    taxes: Sequence[Rule]
    tax: Step | None
    is_bounded: bool
    by_rate: Sequence[TaxRow] = ()
    """Its tax by rate; nothing where the sum says it all."""


def why(priced: Priced, trace: PricedTrace, reader: Reader, link: Link) -> Why:
    """Return every step to each price, and what became of every rule."""
    told = _Told(priced, trace, reader, link)
    near = {outcome.promotion for outcome in trace.near_misses}
    lines = [*[told.line(line) for line in priced.lines[:LINES_SHOWN_MAX]], *[told.fee(fee) for fee in priced.fees]]
    return Why(
        currency=priced.currency,
        total_minor=priced.total_minor,
        lines=lines,
        more=max(len(priced.lines) - LINES_SHOWN_MAX, 0),
        sums=list(told.sums()),
        given=told.rules([one for one in trace.outcomes if one.code == "applied"]),
        near=told.rules(trace.near_misses),
        others=told.rules([one for one in trace.outcomes if one.code != "applied" and one.promotion not in near]),
        gifts=[f"{gift.quantity} × {reader.name('sku', gift.sku)}" for gift in priced.gifts],
        coupons=[told.coupon(one) for one in trace.coupons],
        methods=[told.method(offer) for offer in trace.shipping],
        taxes=[*[told.rate(rate) for rate in trace.tax_rates], *told.notes()],
        tax=told.tax(),
        is_bounded=trace.search == "bounded",
        by_rate=taxing.told(taxing.planned([*[x.taxes for x in priced.lines], *[x.taxes for x in priced.fees]])),
    )


class _Told:
    """Everything that is told of one basket, to one reader."""

    def __init__(self, priced: Priced, trace: PricedTrace, reader: Reader, link: Link) -> None:
        self.priced, self.trace, self.reader, self.link = priced, trace, reader, link
        self.units: Mapping[int, UnitTrace] = {unit.line: unit for unit in trace.units}
        self.parts: dict[str, list[int]] = {}
        reductions = [*[line.reductions for line in priced.lines], *[fee.reductions for fee in priced.fees]]
        for one in itertools.chain.from_iterable(reductions):
            self.parts.setdefault(one.promotion, []).append(one.minor)

    def line(self, line: PricedLine) -> Line:
        trace = self.units.get(line.line)
        steps = [] if trace is None else list(self._unit(trace))
        gross = line.quantity * line.unit_minor
        each = self._money(line.unit_minor)
        if line.quantity != 1 or not steps:
            steps.append(Step(f"{line.quantity} × {each}", gross, is_sum=bool(steps)))
        if line.tier_off_minor:
            steps.append(Step(self._say(N_("Further tiers take off")), -line.tier_off_minor))
        is_sold = trace is not None and trace.source == "as_sold"
        steps += self._off(line.reductions, line.relief_minor, is_sold=is_sold)
        steps += self._taxes(line.taxes, line.tax_minor)
        if trace is not None and (asked := quantities.in_words(trace.quantities, self.reader.locale)):
            steps.append(Step(asked))
        return Line(self.reader.name("sku", line.code), line.code, line.quantity, steps, line.total_minor)

    def fee(self, fee: PricedFee) -> Line:
        offer = next((one for one in self.trace.shipping if one.method == fee.method), None)
        text, href = self._say(N_("fee by hand")), ""
        if offer is not None:
            text = self.reader.clauses([offer.name, *self._steps(offer)])
            href = self.link("shipping_method", fee.method)
        steps = [Step(text, fee.unit_minor, href)]
        steps += self._off(fee.reductions, fee.relief_minor)
        steps += self._taxes(fee.taxes, fee.tax_minor)
        return Line(self._say(N_("Shipping fee")), "", 1, steps, fee.total_minor)

    def _unit(self, trace: UnitTrace) -> Iterator[Step]:
        base = trace.unit_minor - sum([one.amount_minor for one in trace.surcharges])
        yield Step(wording.unit_source(trace, self.priced.currency, self.reader), base, self._source(trace))
        for one in trace.surcharges:
            was = "" if one.converted is None else wording.converted(one.converted, self.reader)
            text = self.reader.clauses([wording.added(one), was])
            yield Step(text, one.amount_minor, self.link("surcharge", one.code))
        if trace.surcharges:
            yield Step(self._say(N_("Unit price")), trace.unit_minor, is_sum=True)

    def _source(self, trace: UnitTrace) -> str:
        """Return where the list or the formula that gave a unit its price can be read."""
        if trace.formula is not None:
            return self.link("formula", trace.formula.formula)
        if trace.listed is not None and trace.listed.list_code:
            return self.link("price_list", trace.listed.list_code)
        return ""

    def _off(self, reductions: Sequence[Reduction], relief_minor: int, *, is_sold: bool = False) -> Iterator[Step]:
        for i, one in enumerate(reductions):
            if one.promotion == BY_HAND and is_sold and not i:
                yield Step(self._say(N_("Discount, as it was sold")), -one.minor)
            elif one.promotion == BY_HAND:
                reason = self.trace.discount
                yield Step(self.reader.clauses([self._say(N_("Discount by hand")), reason]), -one.minor)
            else:
                text = self.reader.clauses([self.reader.name("promotion", one.promotion), self._share(one)])
                yield Step(text, -one.minor, self.link("promotion", one.promotion))
        if relief_minor:
            yield Step(self._say(N_("Tax in the price, not charged")), -relief_minor)

    def _share(self, one: Reduction) -> str:
        """Return of how much a reduction is a part; nothing where it is all."""
        parts = self.parts.get(one.promotion, ())
        if len(parts) < 2:  # noqa: PLR2004 - one part is the whole
            return ""
        return self._say(N_("its part of {amount} on {count} lines"), amount=self._money(sum(parts)), count=len(parts))

    def _taxes(self, parts: Sequence[TaxPart], tax_minor: int) -> Iterator[Step]:
        message = N_("{name} {rate}, included") if self.priced.tax_included else N_("{name} {rate}")
        taxed = [part for part in parts if part.treatment == "taxed"]
        for part in taxed:
            name = self._say(N_("Tax")) if part.name == "tax" else part.name
            yield Step(self._say(message, name=name, rate=self.reader.rate(part.rate_ppm)), part.minor)
        if tax_minor and not taxed:
            yield Step(self._say(N_("Tax, as it was sold")), tax_minor)

    def sums(self) -> Iterator[Step]:
        priced = self.priced
        goods_relief = sum([line.relief_minor for line in priced.lines])
        fees = sum([fee.unit_minor - fee.discount_minor + fee.relief_minor for fee in priced.fees])
        relief = goods_relief + sum([fee.relief_minor for fee in priced.fees])
        yield Step(self._say(N_("Goods")), priced.subtotal_minor)
        for text, minor in (
            (N_("Discount"), goods_relief - priced.discount_minor),
            (N_("Shipping fee"), fees),
            (N_("Tax not charged"), -relief),
        ):
            if minor:
                yield Step(self._say(text), minor)
        tax = self.tax()
        if tax is not None:
            yield tax

    def tax(self) -> Step | None:
        if not self.priced.tax_minor:
            return None
        text = N_("Tax, included") if self.priced.tax_included else N_("Tax")
        return Step(self._say(text), self.priced.tax_minor)

    def rules(self, outcomes: Sequence[Outcome]) -> list[Rule]:
        return [self._rule(outcome) for outcome in outcomes[:RULES_SHOWN_MAX]]

    def _rule(self, outcome: Outcome) -> Rule:
        name = outcome.promotion
        parts = self.parts.get(name, ())
        spread = ""
        if outcome.code == "applied" and len(parts) > 1:
            amounts = self.reader.row(self._money(minor) for minor in parts)
            spread = self._say(N_("shared out by what the lines were worth: {amounts}"), amounts=amounts)
        text = wording.outcome(outcome, self.priced.currency, self.reader)
        return Rule(self.reader.name("promotion", name), text, self.link("promotion", name), spread)

    def coupon(self, told: CouponOutcome) -> str:
        return wording.coupon(told, self.reader)

    def method(self, offer: ShippingOffer) -> Method:
        taken = self.priced.method
        href = self.link("shipping_method", offer.method)
        if not offer.serves:
            reasons = [wording.shipping_reason(one, self.priced.currency, self.reader) for one in offer.reasons]
            return Method(offer.name, None, is_taken=False, reasons=reasons, href=href)
        is_taken = taken is not None and taken.code == offer.method
        return Method(offer.name, offer.fee_minor, is_taken, self._steps(offer), href)

    def _steps(self, offer: ShippingOffer) -> list[str]:
        return [wording.shipping_step(step, self.priced.currency, self.reader) for step in offer.steps]

    def rate(self, found: FoundRate) -> Rule:
        code = f"{found.country}|{found.region}|{found.postal}|{found.tax_class}|{found.component}"
        return Rule("", wording.found_rate(found, self.reader), self.link("tax_rate", code))

    def notes(self) -> list[Rule]:
        return [Rule("", wording.tax_note(note, self.reader), "") for note in self.trace.tax_notes]

    def _money(self, minor: int) -> str:
        return self.reader.money(minor, self.priced.currency)

    def _say(self, message: str, /, **values: object) -> str:
        return self.reader.say(message, **values)
