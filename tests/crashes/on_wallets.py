"""How wallets change: what is put in and taken out, cards by their code, and what runs out."""

from collections.abc import Mapping
from datetime import timedelta

from tests.crashes import forms
from tests.crashes.calls import TEA, Stage, plain
from tests.crashes.ground import AT, KEY, Ground
from tests.crashes.nursery import Work

ADJUST = "/api/v1/wallets/adjustments"
CARDS = "/api/v1/gift-cards"


async def _adjust(ground: Ground) -> Work:
    item = {"customer_id": ground.world.ids["customer_id"], "unit": "CNY", "amount": 500, "reason": "goodwill"}
    return ground.request("POST", ADJUST, {"items": [item]})


async def _look_up(ground: Ground) -> Work:
    (issued,) = await ground.post("/gift-cards", {"items": [{"amount": 700, "currency": "CNY"}]})
    return ground.request("POST", f"{CARDS}/look-ups", {"code": issued["code"]})


async def _order_with_a_card(ground: Ground) -> Work:
    (issued,) = await ground.post("/gift-cards", {"items": [{"amount": 700, "currency": "CNY"}]})
    uses = [*await _with_points(ground), {"kind": "gift_card", "code": issued["code"]}]
    body = {"lines": [TEA], "customer_id": ground.world.ids["customer_id"], "wallets": uses}
    return ground.request("POST", "/api/v1/orders", body)


async def _with_points(ground: Ground) -> list[dict[str, object]]:
    """Give the customer points that pay, and return their use."""
    rule = {"currency": "CNY", "points": 1, "step_minor": 100, "pays_points": 1, "pays_minor": 100}
    await ground.call("PUT", "/loyalty-rules", {"rules": [rule]})
    item = {"customer_id": ground.world.ids["customer_id"], "kind": "points", "amount": 3, "reason": "goodwill"}
    await ground.post("/wallets/adjustments", {"items": [item]})
    return [{"kind": "points"}]


async def _refund_to_a_card(ground: Ground) -> Work:
    (issued,) = await ground.post("/gift-cards", {"items": [{"amount": 700, "currency": "CNY"}]})
    uses = [*await _with_points(ground), {"kind": "gift_card", "code": issued["code"]}]
    body = {"lines": [TEA], "customer_id": ground.world.ids["customer_id"], "wallets": uses}
    placed = await ground.post("/orders", body)
    address = f"/api/v1/orders/{placed['order_id']}/refunds"
    return ground.request("POST", "/api/v1/orders/{order_id}/refunds", {"amount_minor": 500}, address=address)


async def _look_at_a_refund(ground: Ground) -> Work:
    work = await _refund_to_a_card(ground)
    return ground.request(
        "POST", "/api/v1/orders/{order_id}/refunds/preview", {"amount_minor": 500}, address=f"{work.address}/preview"
    )


async def _pay_out_of_a_card(ground: Ground) -> Work:
    (issued,) = await ground.post("/gift-cards", {"items": [{"amount": 700, "currency": "CNY"}]})
    placed = await ground.post("/orders", {"lines": [TEA]})
    body = {"wallets": [{"kind": "gift_card", "code": issued["code"]}]}
    address = f"/api/v1/orders/{placed['order_id']}/wallet-payments"
    return ground.request("POST", "/api/v1/orders/{order_id}/wallet-payments", body, address=address)


async def _what_runs_out(ground: Ground) -> Work:
    soon = {"amount": 700, "currency": "CNY", "expires_at": (AT + timedelta(days=1)).isoformat()}
    await ground.post("/gift-cards", {"items": [soon, soon]})
    return ground.work("periodic", "wallets.expire", after=timedelta(days=2))


CALLS: Mapping[tuple[str, str], Stage] = {
    ("PATCH", f"{CARDS}/{{wallet_id}}"): plain("PATCH", f"{CARDS}/{{wallet_id}}", {"is_blocked": True}),
    ("POST", f"{CARDS}/look-ups"): _look_up,
    ("POST", "/api/v1/orders"): _order_with_a_card,
    ("POST", "/api/v1/orders/{order_id}/refunds"): _refund_to_a_card,
    ("POST", "/api/v1/orders/{order_id}/refunds/preview"): _look_at_a_refund,
    ("POST", "/api/v1/orders/{order_id}/wallet-payments"): _pay_out_of_a_card,
    ("POST", ADJUST): _adjust,
}
"""By method and path."""

FORMS: Mapping[str, Stage] = {
    "/c/{slug}/gift-cards": forms.plain("/gift-cards", key=KEY, amount="7.00", currency="CNY", quantity="2"),
}
"""By path; each is posted."""

PERIODIC: Mapping[str, Stage] = {"wallets.expire": _what_runs_out}
"""By the name of the periodic work."""
