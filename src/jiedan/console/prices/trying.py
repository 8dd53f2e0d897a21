"""Try a cart: what it would cost at any moment, for any kind of customer, by the draft or as published, and why."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console.prices import examples, names
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import LIST_CHARACTERS_MAX, Typing
from jiedan.pricing import queries
from jiedan.pricing.errors.drafts import CannotPublish
from jiedan.pricing.rules import compile_book, problems_of_book, publishing, wording
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.promoted import Outcome
from jiedan.pricing.values.quotes import Priced, PricedTrace

DRAFT, PUBLISHED = "draft", "published"
OUTCOMES_SHOWN_MAX = 200

_INPUTS: Mapping[str, str] = MappingProxyType({"goods": "example_lines", "with": "example_with"})


class Line(NamedTuple):
    """A line of the cart with its price, and why."""

    code: str
    name: str
    quantity: int
    unit_minor: int
    discount_minor: int
    total_minor: int
    why: str


class Explained(NamedTuple):
    """What a cart costs, and every reason in words."""

    priced: Priced
    lines: Sequence[Line]
    applied: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]
    coupons: Sequence[str]
    gifts: Sequence[str]
    shipping: Sequence[tuple[str, int | None, Sequence[str]]]
    taxes: Sequence[str]
    is_bounded: bool


@get("/prices/try", permission="prices:read")
async def try_page(unit: Unit) -> Response[str]:
    """Show what a cart costs and why; without goods, ask for them."""
    given = unit.request.query_params
    of = PUBLISHED if given.get("of") == PUBLISHED else DRAFT
    form = forms.empty(unit, of=of)
    form.raw = {**form.raw, **{name: [given.get(name, "")[:LIST_CHARACTERS_MAX]] for name in _INPUTS}}
    explained = None
    if form.text("goods"):
        try:
            explained = await _explained(unit, form, of)
        except Refusal as refusal:
            _refuse(form, refusal)
    return pages.render(unit, "console/prices_try.html", form=form, of=of, told=explained)


def _refuse(form: Filled[Any], refusal: Refusal) -> None:
    for reason in reasons_of(refusal):
        if reason.field == examples.FIELD:
            reason.field = "with" if reason.code == "example_with_unreadable" else "goods"
        form.refuse(reason)


async def _explained(unit: Unit, form: Filled[Any], of: str) -> Explained:
    """Price the cart and tell it in words. Raises what is wrong with the cart, or with the draft."""
    how = Typing(unit.principal.currency, unit.principal.time_zone)
    raw = {column: form.raw[name] for name, column in _INPUTS.items()}
    reading = Reading(how, raw)
    found = examples.examples_of(reading)
    reading.finish()
    async with unit.read() as tx:
        settings = await tx.load_one(accounts.settings())
        book = await _book(tx, found[0], of)
        priced, trace = await _quoted(tx, found[0], book, settings)
        reader = await names.reader(tx, unit, book.promotions)
        skus = {line.code for line in priced.lines} | {gift.sku for gift in priced.gifts}
        reader = await names.with_skus(tx, reader, skus)
    return _told(priced, trace, reader)


async def _book(tx: ReadTx, example: Example, of: str) -> RuleBook:
    """Return the rules to price by. Raises CannotPublish where the draft contradicts itself."""
    if of == DRAFT:
        book = rules.book_of(queries.written(await tx.load_one(queries.draft_rules())))
    else:
        version = await tx.load_one(queries.version_then(at=example.at or tx.now))
        found = await tx.load_one(queries.book_or_none(version))
        book = RuleBook() if found is None else found.book
    problems = problems_of_book(book)
    if problems:
        raise CannotPublish(problems)
    return book


async def _quoted(
    tx: ReadTx, example: Example, book: RuleBook, settings: MerchantSettings
) -> tuple[Priced, PricedTrace]:
    """Return what the engine makes of the cart. Raises CannotPrice."""
    codes = publishing.skus_asked(rules.parts_of(book)) | {line.sku for line in example.lines}
    circumstances = publishing.Circumstances(
        at=tx.now,
        zone=ZoneInfo(settings.time_zone),
        version=0,
        prices_include_tax=settings.prices_include_tax,
        goods=await queries.goods(tx, codes=codes),
    )
    compiled = compile_book(book, version=0, prices_include_tax=settings.prices_include_tax)
    return publishing.explained(example, compiled, circumstances)


def _told(priced: Priced, trace: PricedTrace, reader: Reader) -> Explained:
    currency = priced.currency
    units = {unit.line: wording.unit(unit, currency, reader) for unit in trace.units}
    near = {outcome.promotion for outcome in trace.near_misses}

    def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
        return [
            (reader.name("promotion", outcome.promotion), wording.outcome(outcome, currency, reader))
            for outcome in outcomes
        ]

    others = [o for o in trace.outcomes if o.code != "applied" and o.promotion not in near]
    return Explained(
        priced=priced,
        lines=[
            Line(
                line.code,
                reader.name("sku", line.code),
                line.quantity,
                line.unit_minor,
                line.discount_minor,
                line.total_minor,
                units.get(line.line, ""),
            )
            for line in priced.lines
        ],
        applied=rows([outcome for outcome in trace.outcomes if outcome.code == "applied"]),
        others=rows([*trace.near_misses, *others][:OUTCOMES_SHOWN_MAX]),
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
    )


HANDLERS: tuple[Any, ...] = (try_page,)
