"""What is checked before a book is published: its rules, their examples, and what promotions do together. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

import msgspec

from jiedan.base import money
from jiedan.base.errors import Refusal, reasons_of
from jiedan.customers.values import CustomerBrief
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.rules import books, drafts, promotions, wording
from jiedan.pricing.rules.quoting import QuoteRules, quote
from jiedan.pricing.rules.taxes import at_home, status_of
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.drafts import SETTINGS_CODE, RuleKey, Written
from jiedan.pricing.values.examples import (
    EXAMPLE_COUPONS_MAX,
    EXAMPLE_LINES_MAX,
    EXAMPLE_NAME_CHARACTERS_MAX,
    EXAMPLE_QUANTITY_MAX,
    EXAMPLES_PER_RULE_MAX,
    Example,
    ExampleLine,
)
from jiedan.pricing.values.formulas import Formula
from jiedan.pricing.values.goods import PricedGoods
from jiedan.pricing.values.lots import Lot, Place
from jiedan.pricing.values.promoted import Coupon, Facts, GiftStock
from jiedan.pricing.values.promotions import Gift, Promotion
from jiedan.pricing.values.quotes import Basket, BasketLine, GiftGoods, Priced, PricedTrace
from jiedan.pricing.values.shipping import Piece
from jiedan.pricing.values.units import SkuPrices, Wanted

STANDARD_CLASS = "standard"
GIFTS_THERE = 1_000_000
"""Examples do not ask how many gifts are in stock."""

_INDEXED = re.compile(r"([a-z_]+)\[([0-9]+)\]")
_KIND_BY_FIELD = {field: kind for kind, field in drafts.FIELDS.items()}
_KIND_BY_SETTINGS = {field: kind for kind, field in drafts.SETTINGS.items()}


class Circumstances(NamedTuple):
    """What a book is tried in: when it begins, the merchant's clock, tax setting and country, goods, goods to try.

    `there` are the traits that the catalog has of those that rules ask for; None where nobody looked. `currencies` are
    those that the merchant sells in.
    """

    at: datetime
    zone: tzinfo
    version: int
    prices_include_tax: bool
    country: str
    goods: Mapping[str, PricedGoods]
    samples: Mapping[str, Sequence[Lot]] = {}
    there: frozenset[str] | None = None
    currencies: tuple[str, ...] = ()


def traits_asked(written: Written) -> set[str]:
    """Return by what promotions and formulas choose goods, but by SKU."""
    bodies = [rule.body for rule in written.values() if isinstance(rule.body, Promotion)]
    found = {trait for one in bodies for trait in wording.traits(one)} | {trait for _, trait in _bespoke(written)}
    return {trait for trait in found if not trait.startswith("sku:")}


def _bespoke(written: Written) -> list[tuple[str, str]]:
    """Return what formulas price, each with the code of its formula."""
    every = [rule.body for rule in written.values() if isinstance(rule.body, Formula)]
    return [(formula.code, trait) for formula in every for trait in formula.goods]


def skus_asked(written: Written) -> set[str]:
    """Return the codes of all SKUs that examples, gifts, conditions and formulas name: what has to be known of them."""
    codes = {line.sku for rule in written.values() for example in rule.examples for line in example.lines}
    for rule in written.values():
        if isinstance(rule.body, Promotion):
            codes |= {trait.removeprefix("sku:") for trait in rule.body.goods.any_of if trait.startswith("sku:")}
            codes |= set(_gift_skus(rule.body))
    return codes | {trait.removeprefix("sku:") for _, trait in _bespoke(written) if trait.startswith("sku:")}


def currencies_asked(written: Written) -> set[str]:
    """Return the currencies in which promotions are offered and examples are reckoned."""
    found = {example.currency for rule in written.values() for example in rule.examples}
    for rule in written.values():
        if isinstance(rule.body, Promotion):
            found |= set(getattr(rule.body.offer, "amounts", {})) | set(rule.body.when.min_spend)
    return found


class Checked(NamedTuple):
    """What is said of a book before it is published: why it cannot be, and what may not be meant."""

    problems: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...] = ()


def check_publication(written: Written, c: Circumstances) -> Checked:
    """Return every reason why a book cannot be published, and what to look at, each with its rule as its field."""
    book = drafts.book_of(written)
    found = [_at_its_rule(problem, book) for problem in books.problems_of_book(_at_home(book, c))]
    found += [problem for key, rule in written.items() for problem in problems_of_examples(key, rule.examples)]
    found += _bespoke_unknown(written, c)
    if found:
        return Checked(tuple(found[: books.PROBLEMS_MAX]))
    compiled = books.compile_book(book, version=c.version, prices_include_tax=c.prices_include_tax)
    for key, rule in written.items():
        for i, example in enumerate(rule.examples):
            found += _tried(example, compiled, c, field=f"{key.kind}:{key.code}.examples[{i}]")
    found += _together(book.promotions, compiled, c)
    found += [
        errors.ConditionOfAnyCurrency(
            ", ".join(c.currencies), c.currencies[0], field=f"promotion:{name}.when.expression"
        )
        for name in promotions.of_any_currency(book.promotions, c.currencies)
    ]
    warnings = [*_not_there(book.promotions, c), *[one for one in found if isinstance(one, errors.GoodsForNothing)]]
    problems = [one for one in found if not isinstance(one, errors.GoodsForNothing)]
    return Checked(tuple(problems[: books.PROBLEMS_MAX]), tuple(warnings[: books.PROBLEMS_MAX]))


def problems_of_examples(key: RuleKey, examples: Sequence[Example]) -> list[Refusal]:
    """Return which examples cannot be tried at all."""
    found: list[Refusal] = []
    for i, example in enumerate(examples):
        amounts = [example.total_minor, example.discount_minor]
        fine = (
            i < EXAMPLES_PER_RULE_MAX
            and 0 < len(example.name.strip()) <= EXAMPLE_NAME_CHARACTERS_MAX
            and money.is_currency(example.currency)
            and 0 < len(example.lines) <= EXAMPLE_LINES_MAX
            and len(example.coupons) <= EXAMPLE_COUPONS_MAX
            and all(map(_is_sound, example.lines))
            and any(amount is not None for amount in amounts)
            and all(amount is None or 0 <= amount <= money.AMOUNT_MINOR_MAX for amount in amounts)
        )
        if not fine:
            field = f"{key.kind}:{key.code}.examples[{i}]"
            found.append(errors.ExampleInvalid(example.name, EXAMPLE_LINES_MAX, field=field))
    return found


def _is_sound(line: ExampleLine) -> bool:
    is_priced = line.unit_minor is None or 0 <= line.unit_minor <= money.AMOUNT_MINOR_MAX
    return bool(line.sku.strip()) and 1 <= line.quantity <= EXAMPLE_QUANTITY_MAX and is_priced


def _at_its_rule(problem: Refusal, book: RuleBook) -> Refusal:
    """Return a problem with its rule named by kind and code, not by where it stands in the book."""
    match = _INDEXED.match(problem.field or "")
    kind = _KIND_BY_FIELD.get(match[1]) if match else None
    if match is not None and kind is not None:
        body = getattr(book, match[1])[int(match[2])]
        problem.field = f"{kind}:{drafts.code_of(kind, body)}{(problem.field or '')[match.end() :]}"
        return problem
    settings, dot, field = (problem.field or "").partition(".")
    if dot and settings in _KIND_BY_SETTINGS:
        problem.field = f"{_KIND_BY_SETTINGS[settings]}:{SETTINGS_CODE}.{field}"
    return problem


def _tried(example: Example, compiled: QuoteRules, c: Circumstances, *, field: str) -> Iterator[Refusal]:
    """Yield where the engine comes to something else than an example says."""
    try:
        priced = quote_of_example(example, compiled, c)
    except Refusal as refusal:
        for reason in reasons_of(refusal):
            yield errors.ExampleNotPriced(example.name, str(reason), field=field)
        return
    currency = example.currency
    for name, expected, got in (
        ("total_minor", example.total_minor, priced.total_minor),
        ("discount_minor", example.discount_minor, priced.discount_minor),
    ):
        if expected is not None and expected != got:
            told = [str(money.decimal_amount(minor, currency)) for minor in (expected, got)]
            yield errors.ExampleFails(example.name, told[0], told[1], currency, field=f"{field}.{name}")


def quote_of_example(example: Example, compiled: QuoteRules, c: Circumstances) -> Priced:
    """Return what the engine makes of an example. Raises CannotPrice."""
    return explained(example, compiled, c)[0]


def explained(
    example: Example, compiled: QuoteRules, c: Circumstances, *, buyer: CustomerBrief | None = None
) -> tuple[Priced, PricedTrace]:
    """Return what the engine makes of an example, for a customer where one is named, and why. Raises CannotPrice.

    Whether the customer is a business is said by the customer or by the example.
    """
    at = example.at or c.at
    place = Place(example.country, example.region, example.postal_code) if example.country else None
    status = status_of(buyer, at)
    lines, skus = [], {}
    for i, line in enumerate(example.lines):
        known = c.goods.get(line.sku) or _unknown(line.sku)
        prices = known.prices
        if line.unit_minor is not None:
            prices = prices._replace(entries=(), catalog={example.currency: (Tier(1, line.unit_minor),)})
        skus[line.sku] = prices
        wanted = Wanted(i + 1, line.sku, line.quantity, attributes=line.attributes)
        lines.append(BasketLine(wanted, known.tax_class, known.piece))
    gifts = _gifts(compiled, c, example.currency)
    facts = Facts(
        currency=example.currency,
        at=at,
        local_at=at.astimezone(c.zone),
        channel=example.channel,
        customer="" if buyer is None else str(buyer.customer_id),
        groups=frozenset(example.groups),
        earlier_orders=example.earlier_orders,
        payment_method=example.payment_method,
        place=place,
        attributes=example.attributes,
        coupons=tuple(Coupon(promotion, promotion) for promotion in example.coupons),
        is_business=example.is_business or status.is_business,
        gifts={sku: stock for sku, (stock, _) in gifts.items()},
    )
    basket = Basket(
        facts,
        tuple(lines),
        tax_status=status,
        shipping_method=example.shipping_method,
        gifts={sku: goods for sku, (_, goods) in gifts.items()},
    )
    return quote(basket, skus, compiled.at_home(c.country))


def _at_home(book: RuleBook, c: Circumstances) -> RuleBook:
    return msgspec.structs.replace(book, tax=at_home(book.tax, c.country))


def _unknown(sku: str) -> PricedGoods:
    """Return goods that only an example knows: a piece that nobody weighed."""
    return PricedGoods(sku, sku, STANDARD_CLASS, SkuPrices(frozenset({f"sku:{sku}"})), Piece(sku, 1))


def _gifts(compiled: QuoteRules, c: Circumstances, currency: str) -> dict[str, tuple[GiftStock, GiftGoods]]:
    found = {}
    for one in compiled.promotions.promotions:
        for sku in _gift_skus(one.promotion):
            known = c.goods.get(sku) or _unknown(sku)
            tiers = known.prices.catalog.get(currency, ())
            stock = GiftStock(GIFTS_THERE, tiers[0].unit_minor if tiers else 0)
            found[sku] = (stock, GiftGoods(known.tax_class, known.piece))
    return found


def _gift_skus(promotion: Promotion) -> Sequence[str]:
    return promotion.offer.skus if isinstance(promotion.offer, Gift) else ()


def _together(offered: Sequence[Promotion], compiled: QuoteRules, c: Circumstances) -> Iterator[Refusal]:
    """Yield what promotions do to each other: shadows, rings of gifts, discounts beyond what goods are worth."""
    for shadow in promotions.shadows(offered):
        yield errors.PromotionShadowed(shadow.promotion, shadow.by, field=f"promotion:{shadow.promotion}")
    traits = {code: goods.prices.traits for code, goods in c.goods.items()}
    for ring in promotions.gift_loops(offered, traits):
        yield errors.GiftsInRing(" → ".join([*ring, ring[0]]), field=f"promotion:{ring[0]}.offer.skus")
    coupons = tuple(Coupon(p.id, p.id) for p in offered if p.when.coupon == "required")
    for currency, samples in sorted(c.samples.items()):
        facts = Facts(currency, c.at, c.at.astimezone(c.zone), coupons=coupons)
        for excess in promotions.excesses(compiled.promotions, samples, facts):
            worth, asked = [str(money.decimal_amount(m, currency)) for m in (excess.worth_minor, excess.asked_minor)]
            names = ", ".join(excess.promotions)
            told = errors.DiscountBeyondWorth if excess.is_asked_for else errors.GoodsForNothing
            yield told(
                excess.code, excess.quantity, worth, asked, currency, names, field=f"promotion:{excess.promotions[0]}"
            )


def _not_there(offered: Sequence[Promotion], c: Circumstances) -> list[Refusal]:
    """Return by what promotions choose goods that no product has."""
    if c.there is None:
        return []
    return [
        errors.NothingHasTrait(trait, field=f"promotion:{one.id}.goods")
        for one in offered
        for trait in dict.fromkeys(wording.traits(one))
        if not trait.startswith("sku:") and trait not in c.there
    ]


def _bespoke_unknown(written: Written, c: Circumstances) -> list[Refusal]:
    """Return what formulas price that is not in the catalog."""
    if c.there is None:
        return []
    known = c.there | {f"sku:{code}" for code in c.goods}
    return [
        errors.FormulaGoodsUnknown(trait, field=f"formula:{code}.goods")
        for code, trait in _bespoke(written)
        if trait not in known
    ]


def samples(goods: Mapping[str, PricedGoods], currencies: Sequence[str]) -> dict[str, list[Lot]]:
    """Return one unit of each SKU that costs something, by currency: what promotions are tried on."""
    found: dict[str, list[Lot]] = {}
    for currency in currencies:
        for code in sorted(goods):
            tiers = goods[code].prices.catalog.get(currency, ())
            if tiers and tiers[0].unit_minor > 0:
                unit = tiers[0].unit_minor
                found.setdefault(currency, []).append(Lot(code, 1, unit, unit, goods[code].prices.traits))
    return found


def lists_missing(written: Written, currency_by_list: Mapping[str, str]) -> list[Refusal]:
    """Return which price lists have prices, and are not in the book in the currency of those."""
    lists = {key.code: rule.body for key, rule in written.items() if key.kind == "price_list"}
    return [
        errors.PriceListInUse(code, currency, field=f"price_list:{code}")
        for code, currency in sorted(currency_by_list.items())
        if getattr(lists.get(code), "currency", "") != currency
    ]
