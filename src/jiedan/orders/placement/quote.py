"""Price carts that are no orders: by the very function that prices orders, each as if it were alone."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import turns
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.orders import errors
from jiedan.orders.placement import load
from jiedan.orders.rules import alone, askable, explaining, gifting, placing, planning, quoting, refusing, stepping
from jiedan.orders.rules import drafts as checking
from jiedan.orders.rules.planning import Circumstances, Plan
from jiedan.orders.values import Draft, NewOrder, Rejected
from jiedan.orders.values.prices import Explanation
from jiedan.orders.values.quotes import QuoteCart
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.promoted import Facts


class Quote(NamedTuple):
    """What a cart costs: the order it would be, its price with the whole trace, and that in words.

    `steps` are what a unit of its goods costs by quantity, by SKU code.
    """

    plan: Plan
    quote: quoting.Quoted
    explanation: Explanation
    steps: stepping.Steps


async def quote_carts(
    tx: ReadTx, carts: Sequence[QuoteCart], *, locale: str, at: datetime | None = None
) -> list[Quote | Rejected]:
    """Return what each cart costs, or every reason why it has no price; of the moment `at`, or of now.

    Stock is asked for gifts alone, and nothing is promised. Rules and prices are read in sets, whatever the number of
    carts.
    Uses of promotions and earlier orders are those of now. Raises DateOutOfRange.
    """
    if at is not None:
        checking.check_moment(at, tx.now, "at")
    drafts = [checking.unsent(checking.order_of(cart)) for cart in carts]
    refused = [checking.check_cart(draft.body) for draft in drafts]
    asked = [draft.body for draft, reasons in zip(drafts, refused, strict=True) if _may_be_priced(reasons)]
    if not asked:
        return [Rejected(reasons) for reasons in refused]
    circumstances = await load.look(tx, asked, at=at)
    circumstances = circumstances._replace(no_stores={})  # where a cart goes may not be known yet
    return await turns.taken(_each(drafts, refused, circumstances, locale))


async def price_alone(tx: ReadTx, bodies: Sequence[NewOrder], *, has_steps: bool = False) -> list[alone.Alone]:
    """Return what the one line of each body costs by itself, without codes and delivery, whatever is in stock.

    The bodies are of one channel, currency and customer. Rules and prices are read in sets: as many statements as a
    quote, however many bodies. Of each, the prices by quantity are told where `has_steps`.
    """
    refused = {
        i: reasons
        for i, body in enumerate(bodies)
        if body.lines[0].attributes and (reasons := checking.check_cart(body))
    }
    good = [body for i, body in enumerate(bodies) if i not in refused]
    if not good:
        return [alone.Alone(None, reasons=refused[i]) for i in range(len(bodies))]
    circumstances = await load.look(tx, good)
    priced = iter(await turns.taken(alone.alone(good, circumstances, has_steps=has_steps)))
    return [alone.Alone(None, reasons=refused[i]) if i in refused else next(priced) for i in range(len(bodies))]


async def facts_of(
    tx: ReadTx,
    body: NewOrder,
    *,
    book: RuleBook | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Facts:
    """Return what rules may ask about an order beside its goods, read as placement reads it.

    By the rules of a `version`, or of a `book` that was not published. Uses of promotions and codes, earlier orders and
    stock of gifts are those of now. As many statements as a quote. Raises PriceBookNotFound.
    """
    trial = None if book is None else load.Trial(_trial_of(book), book)
    c = await load.look(tx, [body], at=at, version=version, trial=trial)
    customer = None if body.customer_id is None else c.customers.get(body.customer_id)
    terms = askable.Terms(
        body.currency or c.settings.currency,
        askable.place_of(body.ship_to, c.settings.country),
        None if customer is None else customer.customer_id,
        body.payment_terms or c.settings.payment_terms,
        body.payment_method or "",
        gifting.there(body, c, c.stock, placing.locations_by_sku(c.stock)),
    )
    return askable.facts(body, terms, c.prices)


def _trial_of(book: RuleBook) -> UUID:
    """Return an id for a book that says this: the same book again is compiled already."""
    return UUID(bytes=hashlib.sha256(msgspec.json.encode(book)).digest()[:16])


def _may_be_priced(reasons: Sequence[Refusal]) -> bool:
    return not any(isinstance(reason, errors.TooManyLines) for reason in reasons)


def _each(
    drafts: Sequence[Draft], refused: Sequence[tuple[Refusal, ...]], c: Circumstances, locale: str
) -> Iterator[Quote | Rejected]:
    told_to = explaining.reader(locale, c.settings.time_zone, c.prices.rules, c.skus)
    locations = placing.locations_by_sku(c.stock)
    for draft, reasons in zip(drafts, refused, strict=True):
        if not _may_be_priced(reasons):
            yield Rejected(reasons)
            continue
        body = refusing.readable(draft.body, c.settings.country) if reasons else draft.body
        gifts = gifting.there(body, c, c.stock, locations)
        found = planning.explained(draft._replace(body=body), c, gifts)
        if isinstance(found, Rejected) and gifts:  # they stand in the way of nothing that is bought
            found = planning.explained(draft._replace(body=body), c)
        if isinstance(found, Rejected):
            yield Rejected(refusing.all_of(reasons, found.reasons))
        elif reasons:
            yield Rejected(reasons)
        else:
            plan, quote = found
            yield Quote(plan, quote, explaining.in_words(quote, told_to), stepping.steps_of(body, c))
