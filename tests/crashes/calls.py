"""What each call of the API needs to succeed, beyond what every merchant of these tests has."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jiedan.base.web.site import SESSION_COOKIE
from tests.api import worlds
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work

Stage = Callable[[Ground], Awaitable[Work]]

TEA = {"sku": "TEA-250", "quantity": 2}
PRICE = {"currency": "CNY", "unit_minor": 3900}
MUG = {"code": "MUG", "name": "Mug", "skus": [{"code": "MUG", "prices": [PRICE]}]}
PLACE = {"code": "BJ-1", "name": "Beijing", "kind": "warehouse"}
BY_HAND = {"lines": [{"line": 1, "unit_price_minor": 100, "price_reason": "A dent."}]}
ADDRESS = {"country": "CN", "region": "北京市", "city": "北京市", "line1": "长安街 1 号", "postal_code": "100006"}


async def order(ground: Ground, *lines: Any, **facts: Any) -> str:
    """Place an order on account, which may go out at once."""
    body = {"lines": list(lines or [TEA]), "payment_terms": "on_account", **facts}
    return str((await ground.post("/orders", body))["order_id"])


async def released(ground: Ground, *, upto: str = "released", **facts: Any) -> dict[str, str]:
    """Bring an order as far as `upto`, and return its ids."""
    order_id = await order(ground, **facts)
    (work,) = await ground.post(f"/orders/{order_id}/releases")
    ids = {"order_id": order_id, "fulfillment_id": work["fulfillment_id"]}
    item = {"fulfillment_id": work["fulfillment_id"]}
    if upto == "released":
        return ids
    await ground.post("/fulfillments/picks", {"items": [{**item, "line": 1, "quantity": 2}]})
    if upto == "unwanted":
        wish = {"reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]}
        await ground.post(f"/orders/{order_id}/cancellations", wish)
    if upto in {"picked", "unwanted"}:
        return ids
    (packed,) = await ground.post("/parcels", {"items": [{**item, "weight_g": 500}]})
    ids["parcel_id"] = packed["parcel"]["parcel_id"]
    if upto == "packed":
        return ids
    parcel = {"parcel_id": ids["parcel_id"], "carrier": "SF", "tracking_number": "SF1234567890"}
    if upto == "ready":
        (ready,) = await ground.post("/fulfillments/ready", {"fulfillment_ids": [work["fulfillment_id"]]})
        return {**ids, "code": ready["code"]}
    await ground.post("/parcels/shipments", {"items": [parcel]})
    return ids


async def paid(ground: Ground, token: str = "tok_visa", **facts: Any) -> dict[str, str]:
    """Pay an order by card; with `capture="later"` the money is only set aside."""
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    placed = await ground.post("/orders", {"lines": [TEA]})
    body = {"provider": "sandbox", "token": token, **facts}
    made = await ground.post(f"/orders/{placed['order_id']}/payments", body)
    operation = made["operations"][0]["operation_id"] if made["operations"] else ""
    return {"order_id": placed["order_id"], "payment_id": made["payment_id"], "operation_id": operation}


async def arrived(ground: Ground, *, amount_minor: int | None = None, **facts: Any) -> dict[str, str]:
    """Pay an order by bank transfer."""
    placed = await ground.post("/orders", {"lines": [TEA], **facts})
    wish = {"provider": "transfer"}
    made = await ground.post(f"/orders/{placed['order_id']}/payments", wish)
    got = {} if amount_minor is None else {"amount_minor": amount_minor}
    await ground.post(f"/payments/{made['payment_id']}/confirmations", got)
    return {"order_id": placed["order_id"], "payment_id": made["payment_id"]}


def plain(method: str, path: str, body: object = None, **options: Any) -> Stage:
    """Return the stage of a call that needs nothing more than its body, by default its example."""

    async def stage(ground: Ground) -> Work:
        return ground.request(method, path, body, **options)

    return stage


async def _end_session(ground: Ground) -> Work:
    work = ground.request("DELETE", "/api/v1/me/sessions/{session_id}")
    work.headers = {
        "cookie": f"{SESSION_COOKIE}={ground.world.session}",
        "x-csrf-token": ground.world.form_token(ground.client),
    }
    return work


async def _remove_category(ground: Ground) -> Work:
    made = await ground.post("/categories", {"code": "pots", "name": "Pots"})
    return ground.request(
        "DELETE", "/api/v1/categories/{category_id}", address=f"/api/v1/categories/{made['category_id']}"
    )


async def _variants(ground: Ground) -> Work:
    options = [{"name": "Color", "choices": ["blue", "red"]}]
    skus = [{"code": "MUG-BLUE", "option_values": ["blue"], "prices": [PRICE]}]
    made = await ground.post("/products", {**MUG, "options": options, "skus": skus})
    path = "/api/v1/products/{product_id}/variants"
    return ground.request("POST", path, address=f"/api/v1/products/{made['product_id']}/variants")


async def _add_image(ground: Ground) -> Work:
    work = ground.request("POST", "/api/v1/products/{product_id}/images", content=worlds.picture())
    work.headers["content-type"] = "image/png"
    return work


async def _keep_certificate(ground: Ground) -> Work:
    path = "/api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"
    return ground.request("PUT", path, content=worlds.PAPER + b", a newer one")


async def _arrange_images(ground: Ground) -> Work:
    path = f"/products/{ground.world.ids['product_id']}/images"
    second = await ground.call("POST", path, content=worlds.picture("red"))
    body = {"image_ids": [second["image_id"], ground.world.ids["image_id"]]}
    return ground.request("PUT", "/api/v1/products/{product_id}/images/order", body)


async def _merge(ground: Ground) -> Work:
    other = await ground.post("/customers", {"name": "王敏", "phone": "138 0013 8000"})
    return ground.request("POST", "/api/v1/customers/{customer_id}/merges", {"merged_id": other["customer_id"]})


async def _release(ground: Ground) -> Work:
    order_id = await order(ground)
    path = "/api/v1/orders/{order_id}/releases"
    return ground.request("POST", path, {}, address=f"/api/v1/orders/{order_id}/releases")


async def _release_many(ground: Ground) -> Work:
    ids = [await order(ground), await order(ground)]
    return ground.request("POST", "/api/v1/orders/releases", {"order_ids": ids})


def _of_work(path: str, upto: str, item: Mapping[str, Any]) -> Stage:
    async def stage(ground: Ground) -> Work:
        ids = await released(ground, upto=upto)
        body = {"items": [{**item, "fulfillment_id": ids["fulfillment_id"]}]}
        return ground.request("POST", f"/api/v1{path}", body)

    return stage


def _of_parcel(path: str, upto: str) -> Stage:
    async def stage(ground: Ground) -> Work:
        ids = await released(ground, upto=upto, ship_to=ADDRESS)
        if path == "/parcels/labels":
            await ground.call("PUT", "/carriers", ground.operations["PUT", "/api/v1/carriers"].example)
            return ground.request("POST", f"/api/v1{path}", {"carrier": "OWN", "parcel_ids": [ids["parcel_id"]]})
        item = {"parcel_id": ids["parcel_id"]}
        body = {"parcel_ids": [ids["parcel_id"]]} if path == "/parcels/unpackings" else {"items": [item]}
        return ground.request("POST", f"/api/v1{path}", body)

    return stage


async def _acknowledge(ground: Ground) -> Work:
    ids = await released(ground, notes=[{"kind": "delivery", "text": "Ring twice."}])
    return ground.request("POST", "/api/v1/fulfillments/acknowledgements", {"fulfillment_ids": [ids["fulfillment_id"]]})


async def _make_ready(ground: Ground) -> Work:
    ids = await released(ground, upto="packed")
    return ground.request("POST", "/api/v1/fulfillments/ready", {"fulfillment_ids": [ids["fulfillment_id"]]})


async def _collect(ground: Ground) -> Work:
    ids = await released(ground, upto="ready")
    address = f"/api/v1/fulfillments/{ids['fulfillment_id']}/collection"
    path = "/api/v1/fulfillments/{fulfillment_id}/collection"
    return ground.request("POST", path, {"code": ids["code"]}, address=address)


async def _ship_orders(ground: Ground) -> Work:
    item = {"order_id": await order(ground), "carrier": "SF", "tracking_number": "SF99"}
    return ground.request("POST", "/api/v1/orders/shipments", {"items": [item]})


async def _track(ground: Ground) -> Work:
    await released(ground, upto="shipped")
    return ground.request("POST", "/api/v1/tracking-events")


async def _begin_import(ground: Ground) -> Work:
    content = b"sku,name,price\nPOT,Pot,48.00\n"
    return ground.request("POST", "/api/v1/imports", content=content, address="/api/v1/imports?kind=products")


async def _remove_location(ground: Ground) -> Work:
    made = await ground.post("/locations", PLACE)
    address = f"/api/v1/locations/{made['location_id']}"
    return ground.request("DELETE", "/api/v1/locations/{location_id}", address=address)


async def _receive_transfer(ground: Ground) -> Work:
    items = {"items": [{"sku": "TEA-250", "quantity": 12}]}
    await ground.post(f"/transfers/{ground.world.ids['transfer_id']}/shipments", items)
    return ground.request("POST", "/api/v1/transfers/{transfer_id}/receipts", items)


async def _apply_count(ground: Ground) -> Work:
    for _ in range(2):
        tallies = {"items": [{"sku": "TEA-250", "counted": 995}]}
        await ground.post(f"/counts/{ground.world.ids['count_id']}/tallies", tallies)
    return ground.request("POST", "/api/v1/counts/{count_id}/application")


def _of_new_order(method: str, path: str, body: Any, *, before: str = "", **facts: Any) -> Stage:
    """Return the stage of a call about a fresh order, after a post to its address `before`."""

    async def stage(ground: Ground) -> Work:
        order_id = await order(ground, **facts)
        if before:
            await ground.post(f"/orders/{order_id}/{before}", {"reason": "customer_request"})
        told = f"/api/v1/orders/{{order_id}}/{path}"
        sent = body(order_id) if callable(body) else body
        if path.startswith("/"):
            return ground.request(method, f"/api/v1/orders{path}", sent)
        return ground.request(method, told, sent, address=f"/api/v1/orders/{order_id}/{path}")

    return stage


async def haggled(ground: Ground) -> tuple[str, str]:
    """Place an order whose price by hand waits for approval, and return its id and its hold's."""
    line = {**TEA, "unit_price_minor": 100, "price_reason": "A dent."}
    order_id = await order(ground, line)
    held = await ground.post(f"/orders/{order_id}/holds", {"kind": "price_approval", "reason": "A dent."})
    return order_id, held["holds"][0]["hold_id"]


async def _refuse_prices(ground: Ground) -> Work:
    order_id, hold_id = await haggled(ground)
    address = f"/api/v1/orders/{order_id}/holds/{hold_id}/refuse"
    return ground.request("POST", "/api/v1/orders/{order_id}/holds/{hold_id}/refuse", address=address)


async def _complete(ground: Ground) -> Work:
    order_id = await order(ground, {"sku": "WRAP", "quantity": 1})
    await ground.post(f"/orders/{order_id}/performances", {"lines": [{"line": 1, "quantity": 1}]})
    path = "/api/v1/orders/{order_id}/completion"
    return ground.request("POST", path, address=f"/api/v1/orders/{order_id}/completion")


async def _perform(ground: Ground) -> Work:
    order_id = await order(ground, {"sku": "WRAP", "quantity": 2})
    path = "/api/v1/orders/{order_id}/performances"
    return ground.request("POST", path, address=f"/api/v1/orders/{order_id}/performances")


async def pay_by_card(ground: Ground, token: str = "tok_visa") -> Work:
    """Pay an order by card."""
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    placed = await ground.post("/orders", {"lines": [TEA]})
    address = f"/api/v1/orders/{placed['order_id']}/payments"
    body = {"provider": "sandbox", "token": token}
    return ground.request("POST", "/api/v1/orders/{order_id}/payments", body, address=address)


def _of_payment(path: str, body: Any, **facts: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        ids = await paid(ground, **facts)
        address = f"/api/v1/payments/{ids['payment_id']}/{path}"
        return ground.request("POST", f"/api/v1/payments/{{payment_id}}/{path}", body, address=address)

    return stage


def _of_transfer(path: str, body: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        ids = await arrived(ground)
        address = f"/api/v1/payments/{ids['payment_id']}/{path}"
        return ground.request("POST", f"/api/v1/payments/{{payment_id}}/{path}", body, address=address)

    return stage


async def _refund_many(ground: Ground) -> Work:
    first, second = await paid(ground), await arrived(ground)
    refunds = [{"payment_id": x["payment_id"], "amount_minor": 100, "key": x["payment_id"]} for x in (first, second)]
    return ground.request("POST", "/api/v1/payments/refunds", {"refunds": refunds})


async def _assign(ground: Ground) -> Work:
    got = await ground.post("/payments", {"amount_minor": 7800, "currency": "CNY", "reference": "R-1"})
    placed = await ground.post("/orders", {"lines": [TEA]})
    address = f"/api/v1/payments/{got['payment_id']}/assignment"
    path = "/api/v1/payments/{payment_id}/assignment"
    work = ground.request("POST", path, {"order_id": placed["order_id"]}, address=address)
    work.ids = {"number": placed["number"]}
    return work


async def _settle(ground: Ground) -> Work:
    with ground.outside.silence():
        ids = await paid(ground)
    address = f"/api/v1/payments/operations/{ids['operation_id']}/settlement"
    return ground.request("POST", "/api/v1/payments/operations/{operation_id}/settlement", address=address)


async def _remove_area(ground: Ground) -> Work:
    area = {"country": "CN", "prefix": "2000", "lat": 31.23, "lon": 121.47}
    await ground.call("PUT", "/postal-areas", {"postal_areas": [area]})
    return ground.request("DELETE", "/api/v1/postal-areas/{country}/{prefix}")


async def incoming(ground: Ground) -> Work:
    """Hear from the processor that money was taken."""
    await paid(ground, token="tok_hangs")
    (message, *_) = ground.outside.deliver()
    return Work(
        do="request",
        at=ground.outside.clock.at,
        tenant=ground.world.at.tenant,
        name="POST",
        address=message.url.path,
        headers=dict(message.headers),
        content=message.content,
    )


STAGES: Mapping[tuple[str, str], Stage] = {
    ("DELETE", "/api/v1/me/sessions/{session_id}"): _end_session,
    ("POST", "/api/v1/products"): plain("POST", "/api/v1/products", MUG),
    ("POST", "/api/v1/products/batch"): plain("POST", "/api/v1/products/batch", {"products": [MUG]}),
    ("POST", "/api/v1/products/{product_id}/variants"): _variants,
    ("POST", "/api/v1/prices/batch"): plain(
        "POST",
        "/api/v1/prices/batch",
        {"skus": [{"code": "TEA-250", "prices": [{"currency": "CNY", "unit_minor": 4100}]}]},
    ),
    ("POST", "/api/v1/categories"): plain("POST", "/api/v1/categories", {"code": "pots", "name": "Pots"}),
    ("DELETE", "/api/v1/categories/{category_id}"): _remove_category,
    ("POST", "/api/v1/products/{product_id}/images"): _add_image,
    ("PUT", "/api/v1/products/{product_id}/images/order"): _arrange_images,
    ("PATCH", "/api/v1/images/{image_id}"): plain("PATCH", "/api/v1/images/{image_id}", {"alt_text": "A cup of tea"}),
    ("POST", "/api/v1/customers/{customer_id}/merges"): _merge,
    ("PUT", "/api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"): _keep_certificate,
    ("POST", "/api/v1/orders/{order_id}/releases"): _release,
    ("POST", "/api/v1/orders/releases"): _release_many,
    ("POST", "/api/v1/fulfillments/picks"): _of_work("/fulfillments/picks", "released", {"line": 1, "quantity": 1}),
    ("POST", "/api/v1/fulfillments/shorts"): _of_work(
        "/fulfillments/shorts", "released", {"line": 1, "quantity": 1, "reason": "damaged"}
    ),
    ("POST", "/api/v1/fulfillments/put-backs"): _of_work(
        "/fulfillments/put-backs", "unwanted", {"line": 1, "quantity": 1}
    ),
    ("POST", "/api/v1/fulfillments/acknowledgements"): _acknowledge,
    ("POST", "/api/v1/parcels"): _of_work(
        "/parcels", "picked", {"lines": [{"line": 1, "quantity": 1}], "weight_g": 650}
    ),
    ("POST", "/api/v1/parcels/deliveries"): _of_parcel("/parcels/deliveries", "shipped"),
    ("POST", "/api/v1/fulfillments/ready"): _make_ready,
    ("POST", "/api/v1/fulfillments/{fulfillment_id}/collection"): _collect,
    ("POST", "/api/v1/orders/shipments"): _ship_orders,
    ("POST", "/api/v1/parcels/labels"): _of_parcel("/parcels/labels", "packed"),
    ("POST", "/api/v1/tracking-events"): _track,
    ("POST", "/api/v1/imports"): _begin_import,
    ("PUT", "/api/v1/imports/{import_id}/mapping"): plain(
        "PUT",
        "/api/v1/imports/{import_id}/mapping",
        {"mapping": {"sku": "sku", "name": "name", "price": "price", "barcode": "sku"}},
    ),
    ("POST", "/api/v1/locations"): plain("POST", "/api/v1/locations", PLACE),
    ("DELETE", "/api/v1/locations/{location_id}"): _remove_location,
    ("POST", "/api/v1/transfers/{transfer_id}/receipts"): _receive_transfer,
    ("POST", "/api/v1/counts"): plain("POST", "/api/v1/counts", {"location": "SH-1", "skus": ["TEA-500"]}),
    ("POST", "/api/v1/counts/{count_id}/application"): _apply_count,
    ("POST", "/api/v1/orders/{order_id}/cancellations"): _of_new_order(
        "POST", "cancellations", {"reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]}
    ),
    ("POST", "/api/v1/orders/{order_id}/holds"): _of_new_order("POST", "holds", {"kind": "manual", "reason": "Wait."}),
    ("POST", "/api/v1/orders/holds"): _of_new_order(
        "POST", "/holds", lambda x: {"holds": [{"order_id": x, "kind": "manual", "reason": "Wait.", "key": "h"}]}
    ),
    ("PATCH", "/api/v1/orders/{order_id}/prices"): _of_new_order("PATCH", "prices", BY_HAND),
    ("POST", "/api/v1/orders/{order_id}/holds/{hold_id}/refuse"): _refuse_prices,
    ("POST", "/api/v1/orders/{order_id}/performances"): _perform,
    ("POST", "/api/v1/orders/{order_id}/completion"): _complete,
    ("POST", "/api/v1/orders/{order_id}/reopening"): _of_new_order(
        "POST", "reopening", {"reason": "Called."}, before="cancellations"
    ),
    ("POST", "/api/v1/orders/{order_id}/payments"): pay_by_card,
    ("POST", "/api/v1/payments/{payment_id}/captures"): _of_payment("captures", {}, capture="later"),
    ("POST", "/api/v1/payments/{payment_id}/voids"): _of_payment("voids", {}, capture="later"),
    ("POST", "/api/v1/payments/{payment_id}/refunds"): _of_payment("refunds", {"amount_minor": 1250}),
    ("POST", "/api/v1/payments/refunds"): _refund_many,
    ("POST", "/api/v1/payments/{payment_id}/assignment"): _assign,
    ("POST", "/api/v1/payments/{payment_id}/chargebacks"): _of_payment(
        "chargebacks", {"amount_minor": 1250, "reason": "fraud", "reference": "cb_0042"}
    ),
    ("POST", "/api/v1/payments/{payment_id}/adjustments"): _of_transfer(
        "adjustments", {"amount_minor": -250, "reason": "misread"}
    ),
    ("POST", "/api/v1/payments/operations/{operation_id}/settlement"): _settle,
    ("PUT", "/api/v1/payment-providers/{provider}"): plain(
        "PUT",
        "/api/v1/payment-providers/{provider}",
        {"is_active": True},
        address="/api/v1/payment-providers/sandbox",
    ),
    ("DELETE", "/api/v1/postal-areas/{country}/{prefix}"): _remove_area,
    ("POST", "/in/{tenant}/{provider}"): incoming,
}
"""By method and path. A call that is not here is made as its example stands."""
