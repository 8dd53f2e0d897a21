"""How the forms are sent that do what a call of the API does: after the stage of that call, about the same things."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from jiedan.orders.rules import tickets
from tests.api import worlds
from tests.api.operations import JSON
from tests.base import web_client
from tests.crashes import calls, forms
from tests.crashes.calls import Stage
from tests.crashes.forms import FORM, form
from tests.crashes.ground import KEY, Ground
from tests.crashes.nursery import Work
from tests.crashes.on_people import parts
from tests.security import crossing

Values = Mapping[str, Any]


class Form(NamedTuple):
    """What a form is sent with: fields, files, and what its address names that neither call nor world call so.

    `{name}` in a value is what the call names so, in its address or its body, or an id of the merchant's world.
    """

    fields: Mapping[str, Any] = {}
    files: Mapping[str, bytes] = {}
    ids: Mapping[str, str] = {}
    call: Stage | None = None
    """The stage of the call, where it is about another thing than its own stage has."""


def of(**fields: Any) -> Form:
    """Return a form that is sent with these fields."""
    return Form(fields)


async def _ready(ground: Ground) -> Work:
    """Ask for another code of what waits to be collected already."""
    ids = await calls.released(ground, upto="ready")
    return ground.request("POST", "/api/v1/fulfillments/ready", {"fulfillment_ids": [ids["fulfillment_id"]]})


async def _with_another_contact(ground: Ground) -> Work:
    """Change whom to speak to about an order, and nothing else: customers know no tags."""
    shown = await ground.call("GET", f"/orders/{ground.world.ids['order_id']}")
    body = {"contact": {"name": "李雷", "phone": "139 1234 5678"}}
    work = ground.request("PATCH", "/api/v1/orders/{order_id}", body)
    work.ids = {"version": str(shown["version"])}
    return work


async def _by_person(ground: Ground) -> Work:
    """Change a view of the person who signed in: those of a program are its own."""
    work = await forms.STAGES["/c/{slug}/orders/views/{view_id}/removal"](ground)
    address = f"/api/v1/order-views/{work.address.rpartition('/removal')[0].rpartition('/')[2]}"
    call = ground.request("PUT", "/api/v1/order-views/{view_id}", address=address)
    call.headers = {**work.headers, "content-type": JSON}
    return call


async def _labeled(ground: Ground) -> Work:
    """Let a parcel leave as its label says."""
    await ground.call("PUT", "/carriers", ground.operations["PUT", "/api/v1/carriers"].example)
    ids = await calls.released(ground, upto="packed", ship_to=calls.ADDRESS)
    await ground.post("/parcels/labels", {"carrier": "OWN", "parcel_ids": [ids["parcel_id"]]})
    return ground.request("POST", "/api/v1/parcels/shipments", {"items": [{"parcel_id": ids["parcel_id"]}]})


async def _with_credit(ground: Ground) -> Work:
    """Pay out of the credit of the order's customer."""
    customer_id = ground.world.ids["customer_id"]
    item = {"customer_id": customer_id, "unit": "CNY", "amount": 700, "reason": "goodwill"}
    await ground.post("/wallets/adjustments", {"items": [item]})
    placed = await ground.post("/orders", {"lines": [calls.TEA], "customer_id": customer_id})
    path = "/api/v1/orders/{order_id}/wallet-payments"
    address = path.replace("{order_id}", placed["order_id"])
    return ground.request("POST", path, {"wallets": [{"kind": "credit", "amount_minor": 700}]}, address=address)


async def filled(ground: Ground, path: str, template: str, call: Work) -> Work:
    """Return the work of answering the form at `path` about what `call`, whose route is `template`, is about."""
    wanted = BY_PATH[path]
    ids = {**ground.world.ids, **_named(template, call)}
    ids |= {name: _told(value, ids) for name, value in wanted.ids.items()}
    fields = {name: _told(value, ids) for name, value in wanted.fields.items()}
    if path.startswith("/s/"):
        return _in_shop(ground, path, fields, ids)
    work = form(ground, path.removeprefix("/c/{slug}"), fields, **ids)
    if wanted.files:
        work.headers["content-type"], work.content = parts(fields, wanted.files)
    return work


def _named(template: str, call: Work) -> dict[str, str]:
    """Return what a call names: in its address, and in the first row of its body or the body itself."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/?]+)", template)
    found = re.match(pattern, call.address)
    assert found is not None, f"{call.address} is not at {template}"
    named = {**call.ids, **found.groupdict()}
    body = msgspec.json.decode(call.content) if call.content.startswith(b"{") else {}
    rows = [body, *(row for value in body.values() if isinstance(value, list) for row in value[:1])]
    for row in rows:
        if isinstance(row, dict):
            named |= {name: str(value) for name, value in row.items() if isinstance(value, str | int)}
    named |= {
        f"{name}[{place}]": value
        for name, values in body.items()
        if isinstance(values, list)
        for place, value in enumerate(values)
        if isinstance(value, str)
    }
    return named


def _told(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_told(each, ids) for each in value]
    return re.sub(r"\{(\w+(?:\[\d+\])?)\}", lambda found: ids[found[1]], value) if isinstance(value, str) else value


def _in_shop(ground: Ground, path: str, fields: Values, ids: Mapping[str, str]) -> Work:
    """Return the work of answering a form of the shop: of the customer, or of whoever has the link to the order."""
    address = path.replace("{slug}", ground.world.at.slug)
    if "{order_id}" in path:
        order_id = UUID(ids["order_id"])
        ticket = tickets.ticket_of(web_client.SECRET, ground.world.at.tenant, order_id)
        address = f"{address.replace('{order_id}', str(order_id))}?ticket={ticket}"
    work = ground.request("POST", "", content=urlencode(fields, doseq=True).encode(), address=address)
    work.headers = {**crossing.shop_headers(ground.client, ground.world.shopper), "content-type": FORM}
    return work


_CATEGORY = {"code": "pots", "name": "Pots"}
_PROMOTION = {"id": "summer", "name": "Summer", "kind": "percent_off", "off": "10", "coupon": "1"}
_HOME = {
    "country": "CN", "region": "上海市", "city": "上海市", "district": "黄浦区", "line1": "南京东路 1 号",
    "postal_code": "200001",
}  # fmt: skip
_EXEMPTION = {"kind": "exempt", "number": "TX-2026-118", "places": "US-CA, US-NV", "from_on": "2026-01-01"}
_GOODS = {"location": "SH-1", "sku": ["TEA-250"], "quantity": ["2"]}
_PLACE = {"code": "BJ-1", "name": "Beijing", "kind": "warehouse", "is_active": "1"}

BY_PATH: Mapping[str, Form] = {
    "/c/{slug}/categories": of(**_CATEGORY),
    "/c/{slug}/categories/{category_id}": of(name="Teas", position="1"),
    "/c/{slug}/categories/{category_id}/removal": of(),
    "/c/{slug}/collect/{fulfillment_id}": of(code="{code}"),
    "/c/{slug}/collect/{fulfillment_id}/code": Form(ids={"fulfillment_id": "{fulfillment_ids[0]}"}, call=_ready),
    "/c/{slug}/counts/new": of(location="SH-1", skus="TEA-500"),
    "/c/{slug}/counts/{count_id}/application": of(),
    "/c/{slug}/counts/{count_id}/cancellation": of(),
    "/c/{slug}/counts/{count_id}/tallies": of(sku=["TEA-250"], quantity=["38"]),
    "/c/{slug}/coupons": of(key=KEY, promotion="spring", size="3"),
    "/c/{slug}/coupons/{coupon_batch_id}/blocking": of(coupon_id="{coupon_ids[0]}", is_blocked="1"),
    "/c/{slug}/coupons/{coupon_batch_id}/changes": of(version="1", last_day="2027-01-31"),
    "/c/{slug}/coupons/{coupon_batch_id}/codes": of(codes="WELCOME-10"),
    "/c/{slug}/coupons/{coupon_batch_id}/customers": of(customer_id="{customer_ids[0]}", is_named="1"),
    "/c/{slug}/customer-groups": of(code="vip", name="VIP"),
    "/c/{slug}/customer-groups/{group_id}": of(name="Dealers"),
    "/c/{slug}/customer-groups/{group_id}/members": of(customer_ids=["{customer_ids[0]}", "{customer_ids[1]}"]),
    "/c/{slug}/customer-groups/{group_id}/members/removals": of(customer_ids=["{customer_ids[0]}"]),
    "/c/{slug}/customer-groups/{group_id}/removal": of(),
    "/c/{slug}/customers/new": of(
        name="王敏", phone="138 0013 8000", email="wang.min@example.com", tags="VIP", **_HOME
    ),
    "/c/{slug}/customers/{customer_id}/account": of(),
    "/c/{slug}/customers/{customer_id}/account/links": of(),
    "/c/{slug}/customers/{customer_id}/addresses": of(label="Office", **_HOME),
    "/c/{slug}/customers/{customer_id}/addresses/{address_id}/removal": of(),
    "/c/{slug}/customers/{customer_id}/consents": of(purpose="marketing_email", is_granted="1", source="Shop"),
    "/c/{slug}/customers/{customer_id}/edit": of(name="王敏", phone="138 0013 8001"),
    "/c/{slug}/customers/{customer_id}/erasure": of(confirmation="{confirmation}", key=KEY),
    "/c/{slug}/customers/{customer_id}/groups": of(groups=["idle"]),
    "/c/{slug}/customers/{customer_id}/merges": of(merged_id="{merged_id}"),
    "/c/{slug}/customers/{customer_id}/merges/undoing": of(merged_id="{merged_id}"),
    "/c/{slug}/customers/{customer_id}/notes": of(text="Prefers delivery in the evening."),
    "/c/{slug}/customers/{customer_id}/tags": of(tags="VIP, wholesale"),
    "/c/{slug}/customers/{customer_id}/tax-exemptions": of(**_EXEMPTION),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}": of(**_EXEMPTION),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate": Form(
        files={"scan": worlds.PAPER + b", a newer one"}
    ),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate/removal": of(),
    "/c/{slug}/customers/{customer_id}/tax-exemptions/{exemption_id}/removal": of(),
    "/c/{slug}/customers/{customer_id}/wallets": of(wallet="CNY", amount="5.00", reason="goodwill"),
    "/c/{slug}/fulfillment/releases": of(chosen=["{order_ids[0]}", "{order_ids[1]}"]),
    "/c/{slug}/fulfillment/{fulfillment_id}/pack/notes": Form(ids={"fulfillment_id": "{fulfillment_ids[0]}"}),
    "/c/{slug}/gift-cards/{wallet_id}/blocking": of(version="1", is_blocked="1"),
    "/c/{slug}/guest-erasure": of(email="{email}", confirmation="{email}", key=KEY),
    "/c/{slug}/imports": Form({"kind": "products"}, {"file": b"sku,name,price\nPOT,Pot,48.00\n"}),
    "/c/{slug}/imports/{import_id}/columns": of(columns=["sku→sku", "name→name", "price→price", "barcode→sku"]),
    "/c/{slug}/imports/{import_id}/runs": of(),
    "/c/{slug}/locations/new": of(**_PLACE),
    "/c/{slug}/locations/{location_id}": of(**{**_PLACE, "code": "SH-1"}, version="1"),
    "/c/{slug}/locations/{location_id}/removal": of(),
    "/c/{slug}/loyalty": of(
        currency="CNY",
        points="1",
        step="1.00",
        lives_days="365",
        pays_points="100",
        pays="1.00",
        pays_points_min="500",
        pays_share_percent="50",
    ),
    "/c/{slug}/orders/drafts/{draft_id}/placement": of(),
    "/c/{slug}/orders/drafts/{draft_id}/removal": of(version="1"),
    "/c/{slug}/orders/drafts/{draft_id}/restoration": of(),
    "/c/{slug}/orders/views/{view_id}": Form(
        {"name": "Unpaid today", "version": "1", "filters": '{"payment": ["pending"]}', "is_shared": "1"},
        call=_by_person,
    ),
    "/c/{slug}/orders/{order_id}/wallet-payments": Form(
        {"key": KEY, "amount": "7.00", "agreed": "1"}, call=_with_credit
    ),
    "/c/{slug}/payment-providers": of(provider="sandbox", is_active="1"),
    "/c/{slug}/payment-providers/bank-transfer": of(version="1", transfer_instructions="To account 12-34."),
    "/c/{slug}/payment-providers/on-delivery": of(pays_on_delivery="1"),
    "/c/{slug}/payment-providers/switching": of(provider="sandbox", is_active="1"),
    "/c/{slug}/payments/export": of(),
    "/c/{slug}/payments/refunds/export": of(),
    "/c/{slug}/payments/{payment_id}/assignment": of(number="{number}"),
    "/c/{slug}/postal-areas": of(country="CN", prefix="2000", lat="31.23", lon="121.47"),
    "/c/{slug}/postal-areas/removal": of(country="CN", prefix="2000"),
    "/c/{slug}/prices/discard": of(),
    "/c/{slug}/prices/lists": of(price_list="wholesale", rows="TEA-250\t90.00\t1\nTEA-250\t80.00\t10"),
    "/c/{slug}/prices/lists/removals": of(price_list="wholesale", sku="TEA-250"),
    "/c/{slug}/prices/promotions/new": of(**_PROMOTION),
    "/c/{slug}/prices/promotions/{rule_id}": of(**{**_PROMOTION, "id": "spring"}),
    "/c/{slug}/prices/promotions/{rule_id}/removal": of(version="1"),
    "/c/{slug}/prices/publish": of(note="Summer"),
    "/c/{slug}/prices/removals/{removal_id}/restoration": of(),
    "/c/{slug}/prices/rules/{place}/new": of(role="packer", rate_ppm="5"),
    "/c/{slug}/prices/rules/{place}/{plain_rule_id}": of(role="clerk", rate_ppm="6"),
    "/c/{slug}/prices/rules/{place}/{plain_rule_id}/removal": of(version="1"),
    "/c/{slug}/prices/versions/{version}/restoring": of(),
    "/c/{slug}/prices/versions/{version}/withdrawal": of(),
    "/c/{slug}/prices/try": of(sku=["TEA-250"], quantity=["1"]),
    "/c/{slug}/products/new": of(code="MUG", name="Mug", sku=["MUG"], price=["39.00"], active=["0"]),
    "/c/{slug}/products/{product_id}": of(
        name="Green tea",
        status="active",
        category="tea",
        option_name=["Size"],
        option_choices=["250 g, 500 g"],
        sku=["TEA-250", "TEA-500"],
        barcode=["{barcode}", ""],
        price=["39.00", "39.00"],
        value_1=["250 g", "500 g"],
        active=["0", "1"],
    ),
    "/c/{slug}/products/{product_id}/images": Form(files={"pictures": worlds.picture()}),
    "/c/{slug}/products/{product_id}/images/order": of(image_id="{image_ids[0]}", to="left"),
    "/c/{slug}/products/{product_id}/images/{image_id}/description": of(alt_text="A cup of tea"),
    "/c/{slug}/products/{product_id}/images/{image_id}/removal": of(),
    "/c/{slug}/products/{product_id}/skus/{sku_id}": of(
        barcode="{barcode}",
        weight_g="60",
        is_active="1",
        order_maximum="48",
        currency=["CNY"],
        min_quantity=["1"],
        price=["39.00"],
    ),
    "/c/{slug}/shipments/leaving": Form({"chosen": ["{parcel_id}"]}, call=_labeled),
    "/c/{slug}/stock/adjust": of(**{**_GOODS, "quantity": ["-2"]}, reason="damaged"),
    "/c/{slug}/stock/levels/{sku_id}/{location_id}": of(safety_stock="5", low_threshold="20", restock_level="100"),
    "/c/{slug}/stock/receive": of(**_GOODS),
    "/c/{slug}/transfers/new": of(**_GOODS, to="STORE-3"),
    "/c/{slug}/transfers/{transfer_id}/closure": of(),
    "/c/{slug}/transfers/{transfer_id}/receipts": of(sku_id=["{sku_id}"], quantity=["12"]),
    "/c/{slug}/transfers/{transfer_id}/shipments": of(sku_id=["{sku_id}"], quantity=["12"]),
    "/s/{slug}/account/wallets": of(code="{code}"),
    "/s/{slug}/orders/{order_id}/cancel": of(what="some", action="cancel", line=["1"], quantity=["1"]),
    "/s/{slug}/orders/{order_id}/edit": Form(
        {"version": "{version}", "action": "save", "contact_name": "李雷", "contact_phone": "139 1234 5678"},
        call=_with_another_contact,
    ),
    "/s/{slug}/orders/{order_id}/requests": of(text="Could it be delivered to my neighbor at number 12?"),
}
"""By path, each of `unwalked.AS_BY_API`."""
