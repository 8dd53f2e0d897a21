"""What the worker is given to do: events that wait, carts that end, money that nobody answered for."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from jiedan import wiring
from jiedan.base.drain import Drain, Subscriptions
from jiedan.catalog import queries as catalog
from jiedan.catalog import service as catalog_service
from jiedan.catalog.values import SkuId
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationId, StockKey
from tests.api import worlds
from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work
from tests.inventory import factories as stock_factories


def _handles(name: str, before: Stage | None = None) -> Stage:
    """Return the stage of a handler: what it reads about has happened, and nobody was told yet."""

    async def stage(ground: Ground) -> Work:
        if before is not None:
            await before(ground)
        return ground.work("drain", name)

    return stage


async def _waiting_lines(ground: Ground) -> Work:
    await ground.call("PATCH", "/settings", {"backorder": True})
    await calls.order(ground, {"sku": "TEA-500", "quantity": 2_000})
    await ground.drain()
    await ground.post("/stock/receipts", {"sku": "TEA-500", "location": "SH-1", "quantity": 5_000})
    return ground.work("drain")


async def _canceled_paid(ground: Ground) -> Work:
    ids = await calls.paid(ground)
    await ground.post(f"/orders/{ids['order_id']}/cancellations", {"reason": "customer_request"})
    return ground.work("drain")


async def _completed_authorized(ground: Ground) -> Work:
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    wrap = {"sku": "WRAP", "quantity": 1}
    order_id = await calls.order(ground, wrap)
    card = {"provider": "sandbox", "token": "tok_visa", "capture": "later"}
    await ground.post(f"/orders/{order_id}/payments", card)
    await ground.post(f"/orders/{order_id}/performances", {"lines": [{"line": 1, "quantity": 1}]})
    await ground.post(f"/orders/{order_id}/completion", {"reason": "Done."})
    return ground.work("drain")


async def _completed_for_points(ground: Ground) -> Work:
    rule = {"currency": "CNY", "points": 1, "step_minor": 100}
    await ground.call("PUT", "/loyalty-rules", {"rules": [rule]})
    body = {"lines": [{"sku": "WRAP", "quantity": 1}], "customer_id": ground.world.ids["customer_id"]}
    placed = await ground.post("/orders", body)
    made = await ground.post(f"/orders/{placed['order_id']}/payments", {"provider": "transfer"})
    await ground.post(f"/payments/{made['payment_id']}/confirmations", {})
    await ground.post(f"/orders/{placed['order_id']}/performances", {"lines": [{"line": 1, "quantity": 1}]})
    return ground.work("drain")


async def _late_money(ground: Ground) -> Work:
    await ground.call("PATCH", "/settings", {"late_money": "refund"})
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    placed = await ground.post("/orders", {"lines": [calls.TEA]})
    made = await ground.post(f"/orders/{placed['order_id']}/payments", {"provider": "transfer"})
    await ground.post(f"/orders/{placed['order_id']}/cancellations", {"reason": "customer_request"})
    await ground.drain()
    await ground.post(f"/payments/{made['payment_id']}/confirmations", {})
    return ground.work("drain")


async def _tracked_before_it_left(ground: Ground) -> Work:
    await ground.post("/tracking-events", ground.operations["POST", "/api/v1/tracking-events"].example)
    await calls.released(ground, upto="shipped")
    return ground.work("drain")


async def _released_by_itself(ground: Ground) -> Work:
    await calls.order(ground)
    return ground.work("drain")


async def _queued_import(ground: Ground) -> Work:
    await ground.post(f"/imports/{ground.world.ids['import_id']}/run")
    return ground.work("drain")


HANDLERS: Mapping[str, Stage] = {
    "catalog.index_products": _handles("catalog.index_products"),
    "customers.write_terms": _handles("customers.write_terms"),
    "fulfillment.follow_parcels": _handles("fulfillment.follow_parcels", _tracked_before_it_left),
    "fulfillment.promise_orders": _handles("fulfillment.promise_orders"),
    "fulfillment.reconsider_release": _handles("fulfillment.reconsider_release", _released_by_itself),
    "imports.start_runs": _handles("imports.start_runs", _queued_import),
    "orders.fill_waiting": _handles("orders.fill_waiting", _waiting_lines),
    "orders.write_terms": _handles("orders.write_terms"),
    "payments.follow_late_money": _handles("payments.follow_late_money", _late_money),
    "payments.give_back": _handles("payments.give_back", _canceled_paid),
    "payments.let_go": _handles("payments.let_go", _completed_authorized),
    "payments.settle_points": _handles("payments.settle_points", _completed_for_points),
}
"""By the handler's name."""

TOGETHER: Mapping[str, Stage] = {
    "goods came in": _waiting_lines,
    "money came late": _late_money,
    "a paid order was canceled": _canceled_paid,
}
"""By what happened: every handler hears of it in one drain, and of what the others did."""


async def _expired_keys(ground: Ground) -> Work:
    return ground.work("periodic", "base.expire_idempotency_keys", after=timedelta(days=31))


async def _forgotten_pictures(ground: Ground) -> Work:
    await ground.call("DELETE", f"/images/{ground.world.ids['image_id']}")
    return ground.work("periodic", "catalog.sweep_images", after=timedelta(days=400))


async def _pictures_without_copies(ground: Ground) -> Work:
    """Let a picture be there from before there were copies."""
    product_id = UUID(ground.world.ids["product_id"])
    made = await ground.call("POST", f"/products/{product_id}/images", content=worlds.picture("red", 200))
    async with ground.database.begin(ground.world.at.scope) as tx:
        kept = await catalog.image(tx, image_id=UUID(made["image_id"]))
        await catalog_service.add_image(
            tx,
            product_id=product_id,
            storage_key=kept.storage_key,
            media_type=kept.media_type,
            width_px=kept.width_px,
            height_px=kept.height_px,
            size_bytes=kept.size_bytes,
        )
    return ground.work("periodic", "catalog.render_images")


async def _old_files(ground: Ground) -> Work:
    return ground.work("periodic", "imports.forget_old", after=timedelta(days=31))


async def _left_cart(ground: Ground) -> Work:
    ids = ground.world.ids
    key = StockKey(SkuId(UUID(ids["sku_id"])), LocationId(UUID(ids["location_id"])))
    claim = stock_factories.cart_claim(key, 3, expires_at=ground.clock.now() + timedelta(minutes=5))
    async with ground.database.begin(ground.world.at.scope) as tx:
        await inventory.reserve_many(tx, claims=[claim])
    return ground.work("periodic", "inventory.release_expired_reservations")


async def _unpaid(ground: Ground) -> Work:
    await ground.post("/orders", {"lines": [calls.TEA]})
    return ground.work("periodic", "orders.expire", after=timedelta(hours=2))


async def _thrown_away(ground: Ground) -> Work:
    await ground.call("DELETE", f"/order-drafts/{ground.world.ids['draft_id']}")
    return ground.work("periodic", "orders.forget_discarded", after=timedelta(days=2))


async def _unheard_of(ground: Ground) -> Work:
    """Lines wait, goods are there, and the event that told of them has found no line."""
    await _waiting_lines(ground)
    deaf: Subscriptions = dict.fromkeys(wiring.SUBSCRIPTIONS, ())
    await Drain(ground.database, None, deaf).drain_tenant(ground.world.at.tenant)
    return ground.work("periodic", "orders.sweep_waiting")


async def _unanswered(ground: Ground) -> Work:
    with ground.outside.silence():
        await calls.paid(ground)
    return ground.work("periodic", "payments.sweep", after=timedelta(minutes=5))


PERIODIC: Mapping[str, Stage] = {
    "base.expire_idempotency_keys": _expired_keys,
    "catalog.render_images": _pictures_without_copies,
    "catalog.sweep_images": _forgotten_pictures,
    "imports.forget_old": _old_files,
    "inventory.release_expired_reservations": _left_cart,
    "orders.expire": _unpaid,
    "orders.forget_discarded": _thrown_away,
    "orders.sweep_waiting": _unheard_of,
    "payments.sweep": _unanswered,
}
"""By the name of the periodic work."""


async def _running_import(ground: Ground) -> Work:
    import_id = ground.world.ids["import_id"]
    await ground.post(f"/imports/{import_id}/run")
    return ground.work("task", "imports.save_rows", import_id=import_id, locale="en")


async def _due_refund(ground: Ground) -> Work:
    await _canceled_paid(ground)
    await ground.drain()
    return ground.work("task", "payments.perform_due")


TASKS: Mapping[str, Stage] = {
    "imports.save_rows": _running_import,
    "payments.perform_due": _due_refund,
}
"""By the task's name."""
