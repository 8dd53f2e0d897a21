"""Try a cart: what it would cost at any moment, for any kind of customer, by the draft or as published, and why."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console.errors import CustomersFit, NoCustomerFits
from jiedan.console.prices import carts, names, typed
from jiedan.console.prices.carts import FACTS, Line
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.shown import how_of
from jiedan.console.prices.typed import LIST_CHARACTERS_MAX
from jiedan.customers import queries as customers
from jiedan.customers.values import Customer, CustomerBrief
from jiedan.orders import service as orders
from jiedan.orders.rules import taxing
from jiedan.orders.rules.gifting import UNCOUNTED
from jiedan.orders.values import CHANNEL_API, NewLine, NewOrder
from jiedan.pricing import queries
from jiedan.pricing.errors.drafts import CannotPublish
from jiedan.pricing.rules import compile_book, problems_of_book, publishing, wording
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.rules import trying as rules_of_trying
from jiedan.pricing.rules.coupons import canonical
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.promoted import Facts, Outcome
from jiedan.pricing.values.quotes import Priced, PricedTrace
from jiedan.pricing.values.taxes import TaxRow

DRAFT, PUBLISHED = "draft", "published"
OUTCOMES_SHOWN_MAX = 200

LINES_MORE, LINES_MAX = 3, 20
GOODS = "goods"
LINE_COLUMNS = ("sku", "quantity", "price", "said")
CUSTOMER_COLUMNS = ("customer", "customer_id")
CODES = "codes"
_NAMED_MAX = 3


class PricedRow(NamedTuple):
    """A line of the cart with its price, and why; `off_minor` is its discount without what is relief from tax."""

    code: str
    name: str
    quantity: int
    unit_minor: int
    off_minor: int
    total_minor: int
    why: str


class Explained(NamedTuple):
    """What a cart costs, and every reason in words.

    `off_minor` came off the goods, `fees_minor` are fees after discounts, with the tax where prices include it;
    `relief_minor` is tax in the prices of goods and fees that is not asked for.
    """

    priced: Priced
    off_minor: int
    fees_minor: int
    relief_minor: int
    lines: Sequence[PricedRow]
    applied: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str, bool]]
    coupons: Sequence[str]
    gifts: Sequence[str]
    shipping: Sequence[tuple[str, int | None, Sequence[str]]]
    taxes: Sequence[str]
    is_bounded: bool
    version: int
    by_rate: Sequence[TaxRow] = ()
    """Its tax by rate; nothing where the sum says it all."""
    known: Sequence[tuple[str, str]] = ()
    """What was looked up of the customer, of limits and of gifts."""


class Tried(NamedTuple):
    """A cart to be tried: what was typed, codes of coupons, for whom; `is_counted` says that earlier orders are.

    `groups` are the customer's own, by name.
    """

    example: Example
    codes: Sequence[str]
    customer: Customer | None
    is_counted: bool
    groups: Sequence[str]


@get("/prices/try", permission="prices:read")
async def try_page(unit: Unit) -> Response[str]:
    """Show what a cart costs and why; without goods, ask for them."""
    given = unit.request.query_params
    of = PUBLISHED if given.get("of") == PUBLISHED else DRAFT
    form = forms.empty(unit, of=of)
    names_of = (*LINE_COLUMNS, *FACTS, *CUSTOMER_COLUMNS, CODES)
    form.raw = {
        **form.raw,
        GOODS: [""],
        **{
            name: [text.strip()[:LIST_CHARACTERS_MAX] for text in given.getall(name, [])[:LINES_MAX]]
            for name in names_of
        },
    }
    lines = [Line(*row) for row in typed.rows(*[form.raw[name] for name in LINE_COLUMNS])]
    goods = [line for line in lines if line.sku or line.price]
    customer, explained = None, None
    async with unit.read() as tx:
        rules = await tx.load_one(queries.draft_rules())
        choices = await carts.choices(tx, unit, [rule.body for rule in rules])
        try:
            customer = await _customer(tx, unit, form)
            if goods:
                example, held = await _example(tx, unit, form, goods, customer)
                tried = Tried(example, typed.texts(form.text(CODES)), customer, form.text("orders") == "", held)
                explained = await _explained(tx, unit, tried, of)
        except Refusal as refusal:
            form.refuse(refusal)
    return pages.render(
        unit,
        "console/prices_try.html",
        form=form,
        of=of,
        told=explained,
        customer=customer,
        choices=choices,
        facts={fact: form.text(fact) for fact in FACTS},
        codes=form.text(CODES),
        lines=[*goods, *[Line("", "", "")] * (LINES_MORE if given.get("more") or not goods else 1)][:LINES_MAX],
    )


async def _customer(tx: ReadTx, unit: Unit, form: Filled[Any]) -> Customer | None:
    """Return the customer for whom a cart is tried: the one that what was typed fits, or was chosen before.

    Raises NoCustomerFits, CustomersFit.
    """
    if not unit.may("customers:read"):
        return None
    text = form.text("customer")
    found = [known] if (known := _id(text or form.text("customer_id"))) is not None else []
    if text and not found:
        found = list((await customers.matching_customers(tx, text=text)).customer_ids)
    whole = await customers.customers_by_id(tx, found[:_NAMED_MAX]) if found else {}
    if len(whole) > 1:
        told = ", ".join(sorted(one.name for one in whole.values()))
        raise CustomersFit(text, told, field="customer")
    if text and not whole:
        raise NoCustomerFits(text, field="customer")
    return next(iter(whole.values()), None)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _example(
    tx: ReadTx, unit: Unit, form: Filled[Any], goods: Sequence[Line], customer: Customer | None
) -> tuple[Example, Sequence[str]]:
    """Return the cart as typed, in the groups of its customer too, and these by name. Raises what is wrong with it."""
    reading = Reading(how_of(unit), form.raw)
    cart = carts.cart_of(reading, goods, {fact: form.text(fact) for fact in FACTS}, GOODS)
    reading.finish()
    groups = () if customer is None else (await tx.load_one(customers.groups_of([customer.customer_id]))).values()
    names_by_code = {group.code: group.name for held in groups for group in held}
    known = {"groups": tuple(sorted({*cart["groups"], *names_by_code}))}
    return Example(name=GOODS, **{**cart, **known}), sorted(names_by_code.values())


async def _explained(tx: ReadTx, unit: Unit, tried: Tried, of: str) -> Explained:
    """Price the cart and tell it in words. Raises what is wrong with the draft."""
    example, customer = tried.example, tried.customer
    settings = await tx.load_one(accounts.settings())
    book, version = await _book(tx, example, of)
    buyers = {} if customer is None else await tx.load_one(customers.existing([customer.customer_id]))
    found = await _found(tx, tried, book, None if of == DRAFT else version)
    priced, trace = await _quoted(tx, example, book, settings, buyer=next(iter(buyers.values()), None), found=found)
    reader = await names.reader(tx, unit, book.promotions)
    skus = {line.code for line in priced.lines} | {gift.sku for gift in priced.gifts}
    reader = await names.with_skus(tx, reader, skus)
    return _told(priced, trace, reader, version)._replace(known=_known(tried, found, reader))


async def _found(tx: ReadTx, tried: Tried, book: RuleBook, version: int | None) -> Facts:
    """Return what placement would know of such an order: earlier orders, what is left of limits, codes, gifts there.

    A promotion for which a code is taken to be there has its gifts looked for, too.
    """
    example = tried.example
    body = NewOrder(
        lines=tuple(NewLine(sku=x.sku, quantity=x.quantity) for x in example.lines),
        channel=example.channel or CHANNEL_API,
        currency=example.currency,
        customer_id=None if tried.customer is None else tried.customer.customer_id,
        coupons=(*tried.codes, *example.coupons),
    )
    found = await orders.facts_of(tx, body, at=example.at, book=book if version is None else None, version=version)
    typed_codes = {canonical(code) or code for code in tried.codes}
    return found._replace(coupons=tuple(x for x in found.coupons if x.code in typed_codes))


def _known(tried: Tried, found: Facts, reader: Reader) -> Sequence[tuple[str, str]]:
    """Return what holds of the customer and of limits beside what was typed: what it is, and what it says."""
    told: list[tuple[str, str]] = []
    if tried.customer is not None:
        if found.earlier_orders is not None:
            counted = reader.say(N_("{count}, counted"), count=found.earlier_orders)
            typed_in = reader.say(N_("{count}, as typed"), count=tried.example.earlier_orders)
            told.append((reader.say(N_("Earlier orders")), counted if tried.is_counted else typed_in))
        if tried.groups:
            told.append((reader.say(N_("Customer groups")), reader.row(tried.groups)))
    for left, message in (
        (found.uses_left, N_("orders left: {count}")),
        (found.customer_uses_left if tried.customer is not None else {}, N_("orders of this customer left: {count}")),
        (found.units_left, N_("units left: {count}")),
    ):
        told += [(reader.name("promotion", name), reader.say(message, count=count)) for name, count in left.items()]
    told += [
        (reader.name("sku", sku), reader.say(N_("to be given: {count}"), count=gift.available))
        for sku, gift in found.gifts.items()
        if gift.available < UNCOUNTED
    ]
    return told[:OUTCOMES_SHOWN_MAX]


async def _book(tx: ReadTx, example: Example, of: str) -> tuple[RuleBook, int]:
    """Return the rules to price by, and their version, 0 for the draft's.

    Raises CannotPublish where the draft contradicts itself.
    """
    version = 0
    if of == DRAFT:
        book = rules.book_of(queries.written(await tx.load_one(queries.draft_rules())))
    else:
        version = await tx.load_one(queries.version_then(at=example.at or tx.now))
        found = await tx.load_one(queries.book_or_none(version))
        book = RuleBook() if found is None else found.book
    problems = problems_of_book(book)
    if problems:
        raise CannotPublish(problems)
    return book, version


async def _quoted(
    tx: ReadTx,
    example: Example,
    book: RuleBook,
    settings: MerchantSettings,
    *,
    buyer: CustomerBrief | None,
    found: Facts,
) -> tuple[Priced, PricedTrace]:
    """Return what the engine makes of the cart. Raises CannotPrice."""
    codes = publishing.skus_asked(rules.parts_of(book)) | {line.sku for line in example.lines}
    circumstances = rules_of_trying.Circumstances(
        at=tx.now,
        zone=ZoneInfo(settings.time_zone),
        version=0,
        prices_include_tax=settings.prices_include_tax,
        country=settings.country,
        goods=await queries.goods(tx, codes=codes),
    )
    compiled = compile_book(book, version=0, prices_include_tax=settings.prices_include_tax)
    return rules_of_trying.explained(example, compiled, circumstances, buyer=buyer, found=found)


def _told(priced: Priced, trace: PricedTrace, reader: Reader, version: int) -> Explained:
    currency = priced.currency
    units = {unit.line: wording.unit(unit, currency, reader) for unit in trace.units}
    near = {outcome.promotion for outcome in trace.near_misses}

    def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
        return [
            (reader.name("promotion", outcome.promotion), wording.outcome(outcome, currency, reader))
            for outcome in outcomes
        ]

    others = [o for o in trace.outcomes if o.code != "applied" and o.promotion not in near]
    goods_relief_minor = sum([line.relief_minor for line in priced.lines])
    return Explained(
        priced=priced,
        off_minor=priced.discount_minor - goods_relief_minor,
        by_rate=taxing.told(taxing.planned([*[x.taxes for x in priced.lines], *[x.taxes for x in priced.fees]])),
        fees_minor=sum([fee.unit_minor - fee.discount_minor + fee.relief_minor for fee in priced.fees]),
        relief_minor=goods_relief_minor + sum([fee.relief_minor for fee in priced.fees]),
        lines=[
            PricedRow(
                line.code,
                reader.name("sku", line.code),
                line.quantity,
                line.unit_minor,
                line.discount_minor - line.relief_minor,
                line.total_minor,
                units.get(line.line, ""),
            )
            for line in priced.lines
        ],
        applied=rows([outcome for outcome in trace.outcomes if outcome.code == "applied"]),
        others=[
            *[(*row, True) for row in rows(trace.near_misses)],
            *[(*row, False) for row in rows(others)],
        ][:OUTCOMES_SHOWN_MAX],
        coupons=[wording.coupon(coupon, reader) for coupon in trace.coupons],
        gifts=[f"{gift.quantity} × {reader.name('sku', gift.sku)}" for gift in priced.gifts],
        shipping=[
            (
                offer.name,
                offer.fee_minor if offer.serves else None,
                [wording.shipping_step(step, currency, reader) for step in offer.steps]
                if offer.serves
                else [wording.shipping_reason(reason, currency, reader) for reason in offer.reasons],
            )
            for offer in trace.shipping
        ],
        taxes=[
            *[wording.found_rate(rate, reader) for rate in trace.tax_rates],
            *[wording.tax_note(note, reader) for note in trace.tax_notes],
        ],
        is_bounded=trace.search == "bounded",
        version=version,
    )


HANDLERS: tuple[Any, ...] = (try_page,)
