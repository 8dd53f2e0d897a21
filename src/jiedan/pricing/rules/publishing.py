"""What is checked before a book is published: its rules, their examples, and what promotions do together. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from jiedan.accounts.values import CHANNELS, PAYMENT_METHODS, PAYMENT_TERMS, SHOP_CHANNEL
from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing.errors import CannotPrice, buyers
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.rules import books, drafts, promotions, trying, units, wording
from jiedan.pricing.rules.quoting import QuoteRules
from jiedan.pricing.rules.taxes import at_home
from jiedan.pricing.rules.trying import Circumstances
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.drafts import SETTINGS_CODE, Rule, Written
from jiedan.pricing.values.formulas import Formula
from jiedan.pricing.values.goods import PricedGoods
from jiedan.pricing.values.lists import Buyer, PriceList
from jiedan.pricing.values.lots import Lot
from jiedan.pricing.values.promoted import Coupon, Facts
from jiedan.pricing.values.promotions import Promotion
from jiedan.pricing.values.units import Wanted

_INDEXED = re.compile(r"([a-z_]+)\[([0-9]+)\]")
_KIND_BY_FIELD = {field: kind for kind, field in drafts.FIELDS.items()}
_KIND_BY_SETTINGS = {field: kind for kind, field in drafts.SETTINGS.items()}


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
            codes |= set(trying.gift_skus(rule.body))
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
    found += [problem for key, rule in written.items() for problem in trying.problems_of_examples(key, rule.examples)]
    found += _bespoke_unknown(written, c)
    if found:
        return Checked(tuple(found[: books.PROBLEMS_MAX]))
    compiled = books.compile_book(book, version=c.version, prices_include_tax=c.prices_include_tax)
    for key, rule in written.items():
        for i, example in enumerate(rule.examples):
            found += trying.tried(example, compiled, c, field=f"{key.kind}:{key.code}.examples[{i}]")
    found += _of_payment(book.promotions)
    found += _together(book.promotions, compiled, c)
    found += [
        errors.ConditionOfAnyCurrency(
            ", ".join(c.currencies), c.currencies[0], field=f"promotion:{name}.when.expression"
        )
        for name in promotions.of_any_currency(book.promotions, c.currencies)
    ]
    warnings = [*_not_there(book.promotions, c), *_nobody(written, c), *_no_channel(written, c)]
    return Checked(tuple(found[: books.PROBLEMS_MAX]), tuple(warnings[: books.PROBLEMS_MAX]))


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


def _at_home(book: RuleBook, c: Circumstances) -> RuleBook:
    return msgspec.structs.replace(book, tax=at_home(book.tax, c.country))


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
        priced = _as_priced(samples, compiled, c, currency)
        for excess in promotions.excesses(compiled.promotions, priced, facts):
            worth, asked = [str(money.decimal_amount(m, currency)) for m in (excess.worth_minor, excess.asked_minor)]
            names = ", ".join(excess.promotions)
            told = errors.DiscountBeyondWorth if excess.is_asked_for else errors.GoodsForNothing
            yield told(
                excess.code, excess.quantity, worth, asked, currency, names, field=f"promotion:{excess.promotions[0]}"
            )


def _as_priced(samples: Sequence[Lot], compiled: QuoteRules, c: Circumstances, currency: str) -> list[Lot]:
    """Return samples at what a unit of them costs a guest by the book; what has no price without more is left out."""
    buyer = Buyer(currency, c.at)
    found = []
    for sample in samples:
        known = c.goods[sample.code].prices._replace(quantities=None)
        try:
            priced = units.unit_prices([Wanted(1, sample.code, 1)], {sample.code: known}, compiled.units, buyer)
        except CannotPrice:
            continue
        unit_minor = priced.lines[0].unit_minor
        if unit_minor > 0:
            found.append(sample._replace(unit_minor=unit_minor, worth_minor=unit_minor))
    return found


def _of_payment(offered: Sequence[Promotion]) -> Iterator[Refusal]:
    """Yield what promotions ask of the payment that no order can meet, or that may mean two things."""
    methods, terms = ", ".join(PAYMENT_METHODS), ", ".join(PAYMENT_TERMS)
    for one in offered:
        field = f"promotion:{one.id}.when"
        for i, method in enumerate(one.when.payment_methods):
            if method not in PAYMENT_METHODS:
                yield errors.PaymentMethodUnknown(method, methods, field=f"{field}.payment_methods[{i}]")
        for i, asked in enumerate(one.when.payment_terms):
            if asked not in PAYMENT_TERMS:
                yield errors.PaymentTermsUnknown(asked, terms, field=f"{field}.payment_terms[{i}]")
        if one.when.expression and promotions.is_of_payment(one.when.expression):
            yield errors.ConditionOfPayment(field=f"{field}.expression")


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


def _nobody(written: Written, c: Circumstances) -> list[Refusal]:
    """Return whom rules name that is not there."""
    found: list[Refusal] = []
    for key, rule in written.items():
        who, of = _named(rule.body)
        field = f"{key.kind}:{key.code}.{of}"
        if c.groups is not None:
            missing = [(i, x) for i, x in enumerate(who.groups) if x not in c.groups]
            found += [buyers.GroupNotThere(group, field=f"{field}groups[{i}]") for i, group in missing]
        if c.customers is not None:
            missing = [(i, x) for i, x in enumerate(who.customers) if x not in c.customers]
            found += [buyers.CustomerNotThere(customer, field=f"{field}customers[{i}]") for i, customer in missing]
    return found


def _no_channel(written: Written, c: Circumstances) -> list[Refusal]:
    """Return for which channels rules are that are not known, or the shop's alone while that is closed."""
    found: list[Refusal] = []
    known = ", ".join(CHANNELS)
    for key, rule in written.items():
        who, of = _named(rule.body)
        field = f"{key.kind}:{key.code}.{of}channels"
        missing = [(i, x) for i, x in enumerate(who.channels) if x not in CHANNELS]
        found += [buyers.ChannelNotKnown(channel, known, field=f"{field}[{i}]") for i, channel in missing]
        if who.channels == (SHOP_CHANNEL,) and c.is_shop_open is False:
            found.append(buyers.ChannelClosed(SHOP_CHANNEL, field=f"{field}[0]"))
    return found


class _Who(NamedTuple):
    groups: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


def _named(body: Rule) -> tuple[_Who, str]:
    """Return whom a rule names, and what stands before the names of those fields."""
    if isinstance(body, Promotion):
        return _Who(body.when.groups, body.when.customers, body.when.channels), "when."
    if isinstance(body, PriceList):
        return _Who(body.groups, body.customers, body.channels), ""
    return _Who(), ""


def groups_asked(written: Written) -> set[str]:
    """Return the codes of the groups of customers that rules are for."""
    return {group for rule in written.values() for group in _named(rule.body)[0].groups}


def channels_asked(written: Written) -> set[str]:
    """Return the channels that rules are for."""
    return {channel for rule in written.values() for channel in _named(rule.body)[0].channels}


def customers_asked(written: Written) -> set[str]:
    """Return the customers that rules name, as they name them."""
    return {customer for rule in written.values() for customer in _named(rule.body)[0].customers}


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
