"""Which methods could ship a placed order, and what another one makes of it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import one_of
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders import queries
from jiedan.orders.queries.hanging import Details
from jiedan.orders.rules import at_placement, drafts, planning, repricing
from jiedan.orders.rules import reshipping as rules
from jiedan.orders.rules.planning import Plan
from jiedan.orders.rules.quoting import Quoted
from jiedan.orders.rules.reshipping import MethodChoice, Reshipped
from jiedan.orders.service import again
from jiedan.orders.service.measure import rules_of
from jiedan.orders.values import Line, LineId, OrderEdit, OrderWithLines, Rejected
from jiedan.orders.values.prices import PriceStory
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing.errors.drafts import PriceBookNotFound
from jiedan.pricing.rules import shipping
from jiedan.pricing.values.quotes import TakenMethod


class _Asked(NamedTuple):
    """An order, what was kept of its price, where it is to go, and the locations there are."""

    found: OrderWithLines
    story: PriceStory
    ship_to: Address | None
    details: Details
    locations: Sequence[Location]

    @property
    def is_sent(self) -> bool:
        """Whether it goes to somebody, and does not wait for them at a location."""
        return self.ship_to is not None or self.found.order.requested_location_id is None


async def methods_of(tx: ReadTx, *, found: OrderWithLines, details: Details) -> tuple[MethodChoice, ...]:
    """Return the methods that could ship a placed order where it goes, the cheapest first, with what they ask of it.

    None where that is not known any more. A fee by hand stays whatever ships.
    """
    asked = await _asked(tx, found, details, details.addresses.get("ship_to"))
    if not asked.is_sent:
        return ()
    if rules.is_given(asked.story):
        settings = await tx.load_one(accounts.settings())
        book = await rules_of(tx, found, settings)
        return tuple([MethodChoice(x.method.code, x.method.name, None) for x in book.shipping.methods])
    try:
        planned = await _planned(tx, asked, None)
    except PriceBookNotFound:
        return ()
    return () if isinstance(planned, Rejected) else rules.choices(planned[0].offers)


async def reshipped(
    tx: Tx,
    *,
    found: OrderWithLines,
    details: Details,
    edit: OrderEdit,
    lines: Sequence[Line],
    changed: Mapping[str, object],
) -> Reshipped | None:
    """Return what another method makes of an order, None where the one that ships it stays; no statement without need.

    A method that was chosen has to serve the new address of an edit that names no other. Raises
    ShippingMethodUnavailable naming those that do, ShippingNotChosen, PriceBookNotFound, or why the order has no price.
    """
    order = found.order
    wanted = rules.wanted(order, edit)
    if wanted is None and ("ship_to" not in changed or order.shipping_method is None):
        return None
    ship_to = edit.ship_to if isinstance(edit.ship_to, Address) else details.addresses.get("ship_to")
    asked = await _asked(tx, found, details, ship_to)
    if wanted is None:
        await _require_served(tx, asked)
        return None
    if not asked.is_sent:
        raise pricing_errors.ShippingNotChosen(field=shipping.FIELD)
    if rules.is_given(asked.story):
        settings = await tx.load_one(accounts.settings())
        about = shipping.named((await rules_of(tx, found, settings)).shipping, wanted)
        return Reshipped(TakenMethod(about.code, about.name, is_chosen=True), tuple(lines), 0)
    planned = await _planned(tx, asked, wanted)
    if isinstance(planned, Rejected):
        raise one_of(rules.of_shipping(planned.reasons) or planned.reasons)
    plan, quote = planned
    fee = next(iter(quote.priced.fees), None)
    method = plan.method or TakenMethod(wanted, wanted, is_chosen=True)
    (line_id,) = tx.new_ids(1)
    return rules.reshipped(order, lines, method, fee, LineId(line_id))


async def _require_served(tx: ReadTx, asked: _Asked) -> None:
    """Raise ShippingMethodUnavailable where the method that somebody chose does not go to the new address."""
    if rules.is_given(asked.story) or not rules.is_chosen(asked.found.order, asked.story):
        return
    try:
        planned = await _planned(tx, asked, asked.found.order.shipping_method)
    except PriceBookNotFound:
        return
    refused = rules.of_shipping(planned.reasons) if isinstance(planned, Rejected) else []
    if refused:
        raise one_of(refused)


async def _asked(tx: ReadTx, found: OrderWithLines, details: Details, ship_to: Address | None) -> _Asked:
    order = found.order
    kept, locations = await tx.load(queries.price_story(order.order_id), stock.locations())
    return _Asked(found, kept or PriceStory(order.price_rules_version), ship_to, details, locations)


async def _planned(tx: ReadTx, asked: _Asked, method: str | None) -> tuple[Plan, Quoted] | Rejected:
    """Return what the order would have been with a method, as it was placed. Raises PriceBookNotFound."""
    placed = at_placement.order_of(asked.found)
    code = again.code_of(asked.locations, placed.order.requested_location_id)
    body = repricing.body_of(placed, asked.story, asked.ship_to, code, asked.details.attributes)
    body = msgspec.structs.replace(body, shipping_method=method)
    c = await again.circumstances(tx, placed, asked.story, body, asked.locations)
    return planning.explained(drafts.unsent(body), c, repricing.given(placed))
