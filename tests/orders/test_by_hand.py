"""Prices by hand beyond the limit of a role: the order waits, somebody approves or refuses; prices of placed orders."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from jiedan import wiring
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.errors import Forbidden, Refusal
from jiedan.base.events import Actor
from jiedan.base.recorder import StatementRecorder
from jiedan.notifications.tables import Notice
from jiedan.orders import errors, placement, queries, service
from jiedan.orders.rules import at_placement, by_hand
from jiedan.orders.service import Repriced
from jiedan.orders.values import (
    CancelRequest,
    Hold,
    HoldId,
    HoldRequest,
    LiftRequest,
    LinePrice,
    NewLine,
    NewOrder,
    OrderId,
    OrderWithLines,
    Placed,
    PriceEdit,
    RefuseRequest,
)
from jiedan.pricing import service as pricing
from jiedan.pricing.values import ManualLimit, OrderDiscount
from tests.accounts import factories as staff
from tests.accounts.factories import Opened
from tests.orders import factories
from tests.orders.test_lifecycle import kinds

RIGHTS = frozenset({"orders:price", "orders:lift"})
DENTED = "A dent in the tin."


@pytest.fixture
async def at(db: Database) -> Opened:
    """Open a merchant with tea of 10.00 and 13 % of tax in it, where sales may take off a tenth."""
    made = await staff.opened(db, backorder=True)
    async with db.begin(made.scope) as tx:
        await factories.sku(tx, "TEA")
        await factories.sku(tx, "CUP")
        await pricing.set_tax_rates(tx, rows=[pricing.TaxRateRow("*", "standard", 130_000)])
        await pricing.create_rule(tx, kind="manual_limit", body=ManualLimit("sales", 100_000))
        await pricing.publish(tx)
    return made


@pytest.fixture
async def lin(db: Database, at: Opened) -> Scope:
    """Hire somebody for sales."""
    return Scope(at.tenant, Actor("staff", str(await staff.person(db, at, "sales"))))


def tea(unit_minor: int, **facts: Any) -> NewOrder:
    return factories.order(NewLine(sku="TEA", quantity=2, unit_price_minor=unit_minor, price_reason=DENTED), **facts)


async def place(db: Database, scope: Scope, body: NewOrder) -> OrderId:
    draft = factories.draft(body, actor=scope.actor)
    return (await factories.place_one(db, scope, draft)).order_id


async def read(db: Database, scope: Scope, order_id: UUID) -> tuple[OrderWithLines, list[Hold]]:
    async with db.read(scope) as tx:
        found = await queries.order(tx, order_id)
        details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
    return found, list(details.standing_holds)


async def approve(db: Database, scope: Scope, hold: Hold) -> Sequence[HoldId | Refusal]:
    wish = LiftRequest(hold.hold_id, "He is a good customer.", RIGHTS)
    return await db.write(scope, lambda tx: service.lift_holds(tx, requests=[wish]))


async def refuse(db: Database, scope: Scope, hold: Hold, reason: str = "Too much.") -> None:
    wish = RefuseRequest(hold.order_id, hold.hold_id, reason)
    await db.write(scope, lambda tx: service.refuse_prices(tx, request=wish, key=None))


async def set_prices(
    db: Database, scope: Scope, order_id: UUID, edit: PriceEdit, version: int | None = None
) -> Repriced:
    return await db.write(scope, lambda tx: service.set_prices(tx, order_id=order_id, edit=edit, version=version))


def priced(line: int, minor: int | None, reason: str = DENTED) -> LinePrice:
    return LinePrice(line=line, unit_price_minor=minor, price_reason=reason)


async def test_within_the_limit_nothing_waits(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, tea(900))
    found, holds = await read(db, at.scope, order_id)
    assert (found.lines[0].ruled_minor, found.order.total_minor, holds) == (2_000, 1_800, [])


async def test_beyond_the_limit_the_order_waits_for_somebody_who_may(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, tea(700))
    _, (hold,) = await read(db, at.scope, order_id)
    assert (hold.kind, hold.reason, hold.lift_permission) == (by_hand.APPROVAL, DENTED, "orders:price")
    assert hold.placed_by == lin.actor
    assert "orders.approval_asked" in await kinds(db, at.scope, order_id)
    (refused,) = await approve(db, lin, hold)
    assert isinstance(refused, errors.BeyondLimit)
    assert str(refused).startswith("Up to 30.0% is taken off by hand; you may decide about 10.0%.")
    (lifted,) = await approve(db, at.scope, hold)
    assert lifted == hold.hold_id
    found, holds = await read(db, at.scope, order_id)
    assert (found.order.total_minor, holds) == (1_400, [])


async def test_who_may_lift_holds_is_told_once(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, tea(700))
    await Drain(db, None, wiring.SUBSCRIPTIONS).drain_tenant(at.tenant)
    async with db.read(at.scope) as tx:
        rows = (await tx.execute(sa.select(Notice.kind, Notice.subject_id).where(Notice.tenant_id == tx.tenant))).all()
    assert [tuple(row) for row in rows] == [("approval_asked", order_id)]


async def test_the_owner_and_a_role_without_a_limit_are_not_limited(db: Database, at: Opened) -> None:
    boss = Scope(at.tenant, Actor("staff", str(await staff.person(db, at, "manager"))))
    for scope in (at.scope, boss):
        _, holds = await read(db, at.scope, await place(db, scope, tea(1)))
        assert holds == []


async def test_an_api_key_may_what_its_maker_may(db: Database, at: Opened, lin: Scope) -> None:
    made = await staff.api_key(db, at)
    key = Scope(at.tenant, Actor("api_key", str(made.api_key.api_key_id)))
    _, holds = await read(db, at.scope, await place(db, key, tea(1)))
    assert holds == []  # the owner made it


async def test_a_discount_on_the_order_counts_too(db: Database, at: Opened, lin: Scope) -> None:
    discount = OrderDiscount("Late last time.", rate_ppm=100_000)
    plain = factories.order(("TEA", 2), discount=discount)
    _, holds = await read(db, at.scope, await place(db, lin, plain))
    assert holds == []
    found, (hold,) = await read(db, at.scope, await place(db, lin, tea(900, discount=discount)))
    assert (found.lines[0].by_hand_minor, hold.reason) == (180, f"{DENTED} · Late last time.")


async def test_who_refuses_puts_back_the_price_of_the_rules(db: Database, at: Opened, lin: Scope) -> None:
    discount = OrderDiscount("Late last time.", amount_minor=100)
    order_id = await place(db, lin, tea(700, discount=discount))
    _, (hold,) = await read(db, at.scope, order_id)
    with pytest.raises(errors.BeyondLimit):
        await refuse(db, lin, hold)
    with pytest.raises(errors.ReasonMissing):
        await refuse(db, at.scope, hold, " ")
    await refuse(db, at.scope, hold)
    found, holds = await read(db, at.scope, order_id)
    (line,) = found.lines
    assert (line.unit_minor, line.discount_minor, line.price_source, line.price_reason) == (1_000, 0, "list", None)
    # 20.00 × 13/113 = 2.30 of it is tax.
    assert (found.order.total_minor, found.order.tax_minor, found.order.version, holds) == (2_000, 230, 2, [])
    told = await kinds(db, at.scope, order_id)
    assert {"orders.prices_refused", "orders.hold_lifted", "orders.order_edited"} <= set(told)
    with pytest.raises(errors.HoldAlreadyLifted):
        await refuse(db, at.scope, hold)


async def test_an_order_that_was_to_be_free_and_is_not_waits_for_its_money_as_any(
    db: Database, at: Opened, lin: Scope
) -> None:
    order_id = await place(db, lin, tea(0))
    found, (hold,) = await read(db, at.scope, order_id)
    assert (found.order.total_minor, found.order.expires_at) == (0, None)
    await refuse(db, at.scope, hold)
    found, _ = await read(db, at.scope, order_id)
    assert found.order.total_minor == 2_000
    assert found.order.expires_at is not None


async def test_only_a_hold_for_prices_is_refused(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, tea(700))
    wish = HoldRequest(order_id, "manual", "Wait.")
    await db.write(at.scope, lambda tx: service.place_holds(tx, requests=[wish]))
    _, holds = await read(db, at.scope, order_id)
    other = next(hold for hold in holds if hold.kind == "manual")
    with pytest.raises(errors.NotForApproval):
        await refuse(db, at.scope, other)


async def test_prices_of_a_placed_order_are_set_by_hand(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, factories.order(("TEA", 2), ("CUP", 1)))
    edit = PriceEdit(lines=(priced(1, 950),), discount=OrderDiscount("Late.", rate_ppm=50_000))
    done = await set_prices(db, lin, order_id, edit, version=1)
    # 19.00 and 10.00, less 1.45 (5 %): 0.95 and 0.50 of it.
    assert [(x.unit_minor, x.discount_minor, x.total_minor) for x in done.lines] == [(950, 95, 1_805), (1_000, 50, 950)]
    assert (done.order.total_minor, done.order.tax_minor, done.is_held) == (2_755, 317, False)
    found, holds = await read(db, at.scope, order_id)
    assert (found.lines, found.order.total_minor, found.order.version, holds) == (done.lines, 2_755, 2, [])
    with pytest.raises(errors.NothingToEdit):
        await set_prices(db, lin, order_id, edit)
    back = await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, None),), discount=None))
    assert back.order.total_minor == 3_000


async def test_an_edit_beyond_the_limit_waits_and_one_within_it_does_not(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, factories.order(("TEA", 2)))
    assert (await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, 500),)))).is_held
    assert (await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, 600),)))).is_held
    _, (hold,) = await read(db, at.scope, order_id)
    assert hold.reason == DENTED
    assert not (await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, 900),)))).is_held
    assert (await read(db, at.scope, order_id))[1] == []
    assert not (await set_prices(db, at.scope, order_id, PriceEdit(lines=(priced(1, 1),)))).is_held


async def test_lines_keep_what_they_cost_when_they_were_placed(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, tea(950, discount=OrderDiscount("Late.", amount_minor=100)))
    for unit_minor in (900, 990, None):
        await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, unit_minor),), discount=None))
        found, _ = await read(db, at.scope, order_id)
        (line,) = found.lines
        assert line.placed_source == "manual"
        assert (line.placed_unit_minor, line.placed_discount_minor, line.placed_by_hand_minor) == (950, 100, 100)
        assert at_placement.is_changed(found)
    (was,) = at_placement.order_of(found).lines
    assert (was.unit_minor, was.discount_minor, was.by_hand_minor, was.price_source) == (950, 100, 100, "manual")
    untouched = await place(db, lin, factories.order(("TEA", 2), ("CUP", 1)))
    for unit_minor in (950, None):
        await set_prices(db, lin, untouched, PriceEdit(lines=(priced(1, unit_minor),)))
    found, _ = await read(db, at.scope, untouched)
    assert [x.placed_source for x in found.lines] == ["list", None]
    assert not at_placement.is_changed(found), "it costs what it did"


async def test_prices_that_cannot_come_back_are_not_refused_in_silence(
    db: Database, at: Opened, lin: Scope, owner: psycopg.Connection[Any]
) -> None:
    order_id = await place(db, lin, tea(700))
    _, (hold,) = await read(db, at.scope, order_id)
    # As if promotions had given more than the goods cost by the rules.
    owner.execute(
        "UPDATE order_line SET discount_minor = 500, total_minor = 900, ruled_minor = 400"
        " WHERE tenant_id = %s AND order_id = %s",
        [at.tenant, order_id],
    )
    with pytest.raises(errors.PriceBelowDiscounts):
        await refuse(db, at.scope, hold)
    found, holds = await read(db, at.scope, order_id)
    assert (found.lines[0].unit_minor, holds) == (700, [hold])


async def test_details_are_read_once(db: Database, at: Opened, lin: Scope, recorder: StatementRecorder) -> None:
    order_id = await place(db, lin, tea(900))
    for unit_minor in (800, 700):
        with recorder.watching() as sent:
            await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, unit_minor),)))
        assert sum("FROM order_hold" in statement and "UPDATE" not in statement for statement in sent) <= 2


async def test_an_order_that_has_ended_keeps_its_prices(db: Database, at: Opened, lin: Scope) -> None:
    order_id = await place(db, lin, factories.order(("TEA", 2)))
    async with db.begin(at.scope) as tx:
        await service.cancel_orders(tx, requests=[CancelRequest(order_id, "changed_mind")])
    with pytest.raises(errors.OrderEnded):
        await set_prices(db, lin, order_id, PriceEdit(lines=(priced(1, 900),)))


async def test_approvals_are_read_once_for_a_batch(
    db: Database, at: Opened, lin: Scope, recorder: StatementRecorder
) -> None:
    counts = []
    for number in (1, 1, 20):  # at first the rules are read
        drafts = [factories.draft(tea(700), actor=lin.actor) for _ in range(number)]
        made = await factories.leased(db, at.scope, *drafts)
        with recorder.watching() as sent:
            async with db.begin(at.scope) as tx:
                outcomes = await placement.place_orders(tx, made)
        assert all(isinstance(x, Placed) for x in outcomes)
        counts.append(len(sent))
    assert counts[1] == counts[2]


def test_being_beyond_a_limit_is_no_mistake_of_the_body() -> None:
    assert issubclass(errors.BeyondLimit, Forbidden)
