"""Try a cart: what it would cost at any moment, for any kind of customer, by the draft or as published, and why."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple, cast
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console.errors import CustomersFit, NoCustomerFits
from jiedan.console.prices import carts, links, names, people, typed
from jiedan.console.prices import why as why_of
from jiedan.console.prices.carts import FACTS, Line
from jiedan.console.prices.examples import Text
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.shown import how_of
from jiedan.console.prices.why import Why
from jiedan.customers import queries as customers
from jiedan.customers.values import Customer, CustomerBrief, CustomerRow
from jiedan.orders import service as orders
from jiedan.orders.rules.gifting import UNCOUNTED
from jiedan.orders.values import CHANNEL_API, NewLine, NewOrder
from jiedan.pricing import queries
from jiedan.pricing.errors.drafts import CannotPublish
from jiedan.pricing.rules import compile_book, problems_of_book, publishing
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.rules import trying as rules_of_trying
from jiedan.pricing.rules.coupons import canonical
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.drafts import DraftRule
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.promoted import Facts
from jiedan.pricing.values.quotes import Priced, PricedTrace

DRAFT, PUBLISHED = "draft", "published"
OUTCOMES_SHOWN_MAX = 200

LINES_MORE, LINES_MAX = 3, 20
GOODS = "goods"
LINE_COLUMNS = ("sku", "quantity", "price", "said")
CODES = "codes"
TRY, MORE = "try", "more"
BOOKMARKED = ("of", "sku", "quantity", "price", "customer_id", *[fact for fact in FACTS if fact != "attributes"])
"""What an address may say of a cart."""
BOOKMARKED_CHARACTERS_MAX = 2_000


class Told(NamedTuple):
    """What a cart costs and why, by which version; `known` is what was looked up of the customer, limits and gifts."""

    why: Why
    version: int
    known: Sequence[tuple[str, str]]


class Tried(NamedTuple):
    """A cart to be tried: what was typed, codes of coupons, for whom; `is_counted` says that earlier orders are.

    `groups` are the customer's own, by name.
    """

    example: Example
    codes: Sequence[str]
    customer: Customer | None
    is_counted: bool
    groups: Sequence[str]


Rows = Annotated[list[Text], msgspec.Meta(max_length=LINES_MAX)]


class TryBase(Form):
    """A cart to be tried: lists have one place for each line.

    `customer` is what was typed to find somebody, `pick` who was chosen among those that fit.
    """

    action: str = TRY
    of: Literal["draft", "published"] = "draft"
    sku: Rows = msgspec.field(default_factory=list)
    quantity: Rows = msgspec.field(default_factory=list)
    price: Rows = msgspec.field(default_factory=list)
    said: Rows = msgspec.field(default_factory=list)
    customer: Text = ""
    customer_id: UUID | None = None
    pick: UUID | None = None
    codes: Text = ""


TryForm = cast(
    "type[TryBase]", msgspec.defstruct("TryForm", [(fact, Text, "") for fact in FACTS], bases=(TryBase,), kw_only=True)
)
"""A cart to be tried, with all that may be said of it beside its goods."""


@get("/prices/try", permission="prices:read")
async def try_page(unit: Unit) -> Response[str]:
    """Show what the cart of an address costs and why; without goods, ask for them. What was written stands in none."""
    given = unit.request.query_params
    form = forms.empty(unit, of=given.get("of", DRAFT))
    told = {name: [text.strip()[:BOOKMARKED_CHARACTERS_MAX] for text in given.getall(name, [])] for name in BOOKMARKED}
    form.raw = {**form.raw, **{name: texts[:LINES_MAX] for name, texts in told.items()}}
    return await _page(unit, form)


@post("/prices/try", permission="prices:read", status_code=200)
async def try_cart(unit: Unit) -> Response[str]:
    """Show what the cart that was typed costs and why, or who fits what was typed, or more rows."""
    form = await forms.read(unit, TryForm)
    if form.value is not None and form.value.pick is not None:
        form.raw = {**form.raw, "customer_id": [str(form.value.pick)], "customer": [""]}
    return await _page(unit, form)


async def _page(unit: Unit, form: Filled[Any]) -> Response[str]:
    of = PUBLISHED if form.text("of") == PUBLISHED else DRAFT
    action = form.text("action", TRY)
    form.raw = {GOODS: [""], **form.raw}
    lines = [Line(*row) for row in typed.rows(*[form.raw.get(name, []) for name in LINE_COLUMNS])]
    goods = [line for line in lines if line.sku or line.price]
    told, who = None, Who()
    async with unit.read() as tx:
        rules = await tx.load_one(queries.draft_rules())
        choices = await carts.choices(tx, unit, [rule.body for rule in rules])
        try:
            who = await _who(tx, unit, form, is_asked=action == people.FIND)
            if goods and action == TRY and not form.above and not form.errors_by_field:
                example, held = await _example(tx, unit, form, goods, who.customer)
                tried = Tried(example, typed.texts(form.text(CODES)), who.customer, form.text("orders") == "", held)
                told = await _explained(tx, unit, tried, of, rules)
        except Refusal as refusal:
            form.refuse(refusal)
    return pages.render(
        unit,
        "console/prices_try.html",
        form=form,
        of=of,
        told=told,
        customer=who.customer,
        fitting=who.fitting,
        choices=choices,
        facts={fact: form.text(fact) for fact in FACTS},
        codes=form.text(CODES),
        lines=[*goods, *[Line("", "", "")] * (LINES_MORE if action == MORE or not goods else 1)][:LINES_MAX],
        bookmark=_bookmark(form, who.customer) if told is not None else "",
    )


def _bookmark(form: Filled[Any], customer: Customer | None) -> str:
    """Return the address of a cart, without what was written, typed to find somebody, or is a coupon's code."""
    said = {name: form.raw.get(name, []) for name in BOOKMARKED}
    said["customer_id"] = [] if customer is None else [str(customer.customer_id)]
    kept = {name: texts for name, texts in said.items() if any(texts)}
    return f"/prices/try?{urlencode(kept, doseq=True)}"


class Who(NamedTuple):
    """For whom a cart is tried, and who fits what was typed where that is not one."""

    customer: Customer | None = None
    fitting: Sequence[CustomerRow] = ()


async def _who(tx: ReadTx, unit: Unit, form: Filled[Any], *, is_asked: bool) -> Who:
    """Return for whom a cart is tried: whoever what was typed fits alone, or was chosen before.

    Raises NoCustomerFits; and CustomersFit, unless `is_asked` who fits.
    """
    if not unit.may("customers:read"):
        return Who()
    text = form.text("customer")
    chosen = people.id_of(text or form.text("customer_id"))
    if text and chosen is None:
        fitting = await people.fitting(tx, unit, text)
        if not fitting:
            raise NoCustomerFits(text, field="customer")
        if len(fitting) > 1 or is_asked:
            if not is_asked:
                form.refuse(CustomersFit(text, people.told(fitting), field="customer"))
            return Who(None, fitting)
        chosen = fitting[0].customer_id
    found = {} if chosen is None else await customers.customers_by_id(tx, [chosen])
    if text and not found:
        raise NoCustomerFits(text, field="customer")
    form.raw = {**form.raw, "customer": [""]}
    return Who(next(iter(found.values()), None))


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


async def _explained(tx: ReadTx, unit: Unit, tried: Tried, of: str, draft: Sequence[DraftRule]) -> Told:
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
    link = links.in_draft(unit, draft) if of == DRAFT else links.in_version(unit, version)
    return Told(why_of.why(priced, trace, reader, link), version, _known(tried, found, reader))


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


HANDLERS: tuple[Any, ...] = (try_page, try_cart)
