"""What each form of the console is sent with, and what it needs to succeed."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, NewStaff
from jiedan.base.web import sending
from jiedan.orders import queries as orders
from tests.accounts import factories
from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.ground import KEY, Ground
from tests.crashes.nursery import Work

FORM = "application/x-www-form-urlencoded"
ROLE = {"code": "packer", "name": "Packer", "permissions": ["orders:read"]}
LI = {"email": "li.lei@example.com", "name": "Li Lei", "role": "sales", "locale": "en"}
MORE = "eleven copper kettles"


def form(ground: Ground, path: str, fields: Mapping[str, Any], **ids: str) -> Work:
    """Return the work of answering a form of the owner's console; `path` begins after the merchant's slug."""
    address = f"/c/{ground.world.at.slug}{path}"
    for name, value in {**ground.world.ids, **ids}.items():
        address = address.replace(f"{{{name}}}", value)
    assert "{" not in address, address
    sent = {**fields, sending.FIELD: "the-page"}
    work = ground.request("POST", "", content=urlencode(sent, doseq=True).encode(), address=address)
    work.headers = {
        **ground.world.session_headers,
        "x-csrf-token": ground.world.form_token(ground.client),
        "content-type": FORM,
    }
    return work


def plain(path: str, **fields: Any) -> Stage:
    """Return the stage of a form of the console that needs nothing more than its fields."""

    async def stage(ground: Ground) -> Work:
        return form(ground, path, fields)

    return stage


async def _sign_in(ground: Ground) -> Work:
    work = form(ground, "", {"merchant": ground.world.at.slug, "email": ground.world.at.owner_email})
    shown = await ground.client.get("/sign-in", headers={"accept": "text/html"})
    visitor = "; ".join(f"{name}={value}" for name, value in shown.cookies.items())
    token = shown.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    ground.client.cookies.clear()
    fields = {"merchant": ground.world.at.slug, "email": ground.world.at.owner_email, "password": factories.PASSWORD}
    work.address, work.content = "/sign-in", urlencode(fields).encode()
    work.headers = {"cookie": visitor, "x-csrf-token": token, "content-type": FORM, "accept": "text/html"}
    return work


async def _sign_out(ground: Ground) -> Work:
    work = form(ground, "", {})
    work.address = "/sign-out"
    return work


async def _join(ground: Ground) -> Work:
    staff = NewStaff("li.lei@example.com", "Li Lei", "sales")
    async with ground.database.begin(ground.world.at.scope) as tx:
        link = await accounts.invite_staff(tx, staff=staff, held=ALL_PERMISSIONS)
    work = await _sign_in(ground)
    work.address = f"/c/{ground.world.at.slug}/join"
    fields = {"token": link.credential, "password": factories.PASSWORD, "repeated": factories.PASSWORD}
    work.content = urlencode(fields).encode()
    return work


async def _settings(ground: Ground) -> Work:
    fields = {
        "version": 1, "slug": ground.world.at.slug, "name": "Acme", "country": "CN", "time_zone": "Asia/Shanghai",
        "currency": "CNY", "currencies": "CNY, EUR", "locale": "en", "locales": ["en", "zh_Hans"],
        "expiry_minutes": 30, "order_number_pattern": "SO-{date}-{number:06d}", "payment_terms": "on_account",
        "split": "never", "backorder": "1",
    }  # fmt: skip
    return form(ground, "/settings", fields)


def _preference(name: str, value: str) -> Stage:
    async def stage(ground: Ground) -> Work:
        work = form(ground, "", {"value": value, "back": "/"})
        work.address = f"/preferences/{name}"
        return work

    return stage


async def _remove_view(ground: Ground) -> Work:
    made = form(ground, "/orders/views", {"name": "Mine", "filters": '{"payment": ["paid"]}'})
    await ground.client.post(made.address, content=made.content, headers=made.headers)
    async with ground.database.read(ground.world.at.scope) as tx:
        (view,) = [view for view in await orders.views(tx, owner_id=ground.world.at.owner_id) if view.name == "Mine"]
    return form(ground, f"/orders/views/{view.view_id}/removal", {})


async def _revoke_invitation(ground: Ground) -> Work:
    return form(ground, "/staff/{staff_id}/revoke-invitation", {}, staff_id=ground.world.invited_id)


async def _change_person(ground: Ground) -> Work:
    shown = await ground.call("GET", f"/staff/{ground.world.ids['staff_id']}")
    fields = {**LI, "role": "support", "version": shown["version"], "is_active": "1"}
    return form(ground, "/staff/{staff_id}", fields)


async def _end_session(ground: Ground) -> Work:
    passwords = accounts.Passwords(factories.CountingHasher())
    other = await factories.sign_in(ground.database, passwords, ground.world.at)
    passwords.close()
    return form(ground, "/account/sessions/{session_id}/end", {}, session_id=str(other.session_id))


async def _case(ground: Ground, path: str, **fields: Any) -> Work:
    shown = await ground.call("GET", f"/cases/{ground.world.ids['case_id']}")
    return form(ground, f"/cases/{{case_id}}/{path}", {"version": shown["version"], **fields})


async def _assign_case(ground: Ground) -> Work:
    return await _case(ground, "assignment", assignee_id=ground.world.ids["assignee_id"])


async def _resolve_case(ground: Ground) -> Work:
    return await _case(ground, "resolution", resolution="Called.")


async def _give_up(ground: Ground) -> Work:
    letter = f"orders.write_terms/{ground.world.ids['event_id']}"
    return form(ground, "/dead-letters", {"act": "discard", "letters": [letter], "reason": "It is known."})


async def _edit(ground: Ground) -> Work:
    order_id = await calls.order(ground)
    shown = await ground.call("GET", f"/orders/{order_id}")
    return form(
        ground,
        "/orders/{order_id}/edit",
        {"version": shown["version"], "action": "save", "tags": "gift"},
        order_id=order_id,
    )


async def _set_prices(ground: Ground) -> Work:
    order_id = await calls.order(ground)
    fields = {"version": 1, "line": ["1"], "price": ["1.00"], "price_reason": "A dent."}
    return form(ground, "/orders/{order_id}/prices", fields, order_id=order_id)


async def _refuse_prices(ground: Ground) -> Work:
    order_id, hold_id = await calls.haggled(ground)
    path = "/orders/{order_id}/holds/{hold_id}/refuse"
    return form(ground, path, {"reason": "Too much."}, order_id=order_id, hold_id=hold_id)


def _of_order(path: str, *lines: Any, before: str = "", **fields: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        order_id = await calls.order(ground, *lines)
        if before == "performances":
            await ground.post(f"/orders/{order_id}/performances", {"lines": [{"line": 1, "quantity": 2}]})
        elif before:
            await ground.post(f"/orders/{order_id}/{before}", {"reason": "customer_request"})
        return form(ground, f"/orders/{{order_id}}/{path}", fields, order_id=order_id)

    return stage


async def _arrange(ground: Ground) -> Work:
    placed = await ground.post("/orders", {"lines": [calls.TEA]})
    fields = {"key": KEY, "method": "bank_transfer"}
    return form(ground, "/orders/{order_id}/payments", fields, order_id=placed["order_id"])


async def _confirm(ground: Ground) -> Work:
    placed = await ground.post("/orders", {"lines": [calls.TEA]})
    made = await ground.post(f"/orders/{placed['order_id']}/payments", {"provider": "transfer"})
    ids = {"order_id": placed["order_id"], "payment_id": made["payment_id"]}
    return form(ground, "/orders/{order_id}/payments/{payment_id}/confirmations", {"key": KEY}, **ids)


async def _refund_order(ground: Ground) -> Work:
    ids = await calls.paid(ground)
    return form(ground, "/orders/{order_id}/refunds", {"key": KEY, "amount": "12.50"}, order_id=ids["order_id"])


def _of_payment(path: str, fields: Mapping[str, Any], **facts: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        ids = await calls.paid(ground, **facts)
        return form(ground, f"/orders/{{order_id}}/payments/{{payment_id}}/{path}", {"key": KEY, **fields}, **ids)

    return stage


async def _settle(ground: Ground) -> Work:
    with ground.outside.silence():
        ids = await calls.paid(ground)
    fields = {"operation_id": ids["operation_id"], "outcome": "succeeded", "reason": "It stands on the statement."}
    return form(ground, "/orders/{order_id}/payments/{payment_id}/settlements", fields, **ids)


def _of_work(path: str, upto: str, **fields: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        notes = [{"kind": "delivery", "text": "Ring twice."}] if path == "acknowledgement" else []
        ids = await calls.released(ground, upto=upto, **({"notes": notes} if notes else {}))
        sent = {**fields, "code": ids["code"]} if path == "collection" else fields
        return form(ground, f"/fulfillment/{{fulfillment_id}}/{path}", sent, **ids)

    return stage


def _of_parcel(path: str, upto: str, **fields: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        if path == "label":
            await ground.call("PUT", "/carriers", ground.operations["PUT", "/api/v1/carriers"].example)
        ids = await calls.released(ground, upto=upto, ship_to=calls.ADDRESS)
        return form(ground, f"/parcels/{{parcel_id}}/{path}", fields, **ids)

    return stage


STAGES: Mapping[str, Stage] = {
    "/sign-in": _sign_in,
    "/sign-out": _sign_out,
    "/c/{slug}/join": _join,
    "/c/{slug}/account/language": plain("/account/language", value="zh_Hant", back="/"),
    "/c/{slug}/account/password": plain("/account/password", present=factories.PASSWORD, password=MORE, repeated=MORE),
    "/c/{slug}/account/sessions/{session_id}/end": _end_session,
    "/c/{slug}/settings": _settings,
    "/c/{slug}/staff/invitations": plain("/staff/invitations", **LI),
    "/c/{slug}/staff/{staff_id}": _change_person,
    "/c/{slug}/staff/{staff_id}/password-reset": plain("/staff/{staff_id}/password-reset"),
    "/c/{slug}/staff/{staff_id}/revoke-invitation": _revoke_invitation,
    "/c/{slug}/roles/new": plain("/roles/new", **ROLE),
    "/c/{slug}/roles/{role_id}": plain("/roles/{role_id}", version=1, name="Helpers", permissions=["orders:read"]),
    "/c/{slug}/roles/{role_id}/remove": plain("/roles/{role_id}/remove"),
    "/c/{slug}/api-keys": plain("/api-keys", name="Till", permissions=["orders:read"], days="30"),
    "/c/{slug}/api-keys/{api_key_id}/revoke": plain("/api-keys/{api_key_id}/revoke"),
    "/c/{slug}/orders/views": plain("/orders/views", name="Paid", filters='{"payment": ["paid"]}'),
    "/c/{slug}/orders/views/{view_id}/removal": _remove_view,
    "/c/{slug}/orders/new": plain("/orders/new", key=KEY, action="place", sku=["TEA-250"], quantity=["2"]),
    "/c/{slug}/orders/{order_id}/edit": _edit,
    "/c/{slug}/orders/{order_id}/prices": _set_prices,
    "/c/{slug}/orders/{order_id}/holds/{hold_id}/refuse": _refuse_prices,
    "/c/{slug}/orders/{order_id}/cancellations": _of_order(
        "cancellations", reason="customer_request", line=["1"], quantity=["1"]
    ),
    "/c/{slug}/orders/{order_id}/holds": _of_order("holds", kind="manual", reason="Wait."),
    "/c/{slug}/orders/{order_id}/holds/{hold_id}/lift": plain(
        "/orders/{order_id}/holds/{hold_id}/lift", reason="Called."
    ),
    "/c/{slug}/orders/{order_id}/performances": _of_order(
        "performances", {"sku": "WRAP", "quantity": 2}, line=["1"], quantity=["1"]
    ),
    "/c/{slug}/orders/{order_id}/completion": _of_order(
        "completion", {"sku": "WRAP", "quantity": 2}, before="performances", reason="Called."
    ),
    "/c/{slug}/orders/{order_id}/reopening": _of_order("reopening", before="cancellations", reason="Called."),
    "/c/{slug}/orders/{order_id}/notes": _of_order("notes", text="Called.", kind="internal"),
    "/c/{slug}/orders/{order_id}/payments": _arrange,
    "/c/{slug}/orders/{order_id}/payments/{payment_id}/confirmations": _confirm,
    "/c/{slug}/orders/{order_id}/payments/{payment_id}/captures": _of_payment("captures", {}, capture="later"),
    "/c/{slug}/orders/{order_id}/payments/{payment_id}/voids": _of_payment("voids", {}, capture="later"),
    "/c/{slug}/orders/{order_id}/payments/{payment_id}/refunds": _of_payment("refunds", {"amount": "12.50"}),
    "/c/{slug}/orders/{order_id}/refunds": _refund_order,
    "/c/{slug}/orders/{order_id}/payments/{payment_id}/settlements": _settle,
    "/c/{slug}/dead-letters": _give_up,
    "/c/{slug}/cases/{case_id}/assignment": _assign_case,
    "/c/{slug}/cases/{case_id}/notes": plain("/cases/{case_id}/notes", key=KEY, text="Called."),
    "/c/{slug}/cases/{case_id}/resolution": _resolve_case,
    "/c/{slug}/fulfillment/{fulfillment_id}/picks": _of_work("picks", "released", line=["1"], quantity=["1"]),
    "/c/{slug}/fulfillment/{fulfillment_id}/put-backs": _of_work("put-backs", "unwanted", line=["1"], quantity=["1"]),
    "/c/{slug}/fulfillment/{fulfillment_id}/shorts": _of_work(
        "shorts", "released", line="1", quantity="1", reason="damaged"
    ),
    "/c/{slug}/fulfillment/{fulfillment_id}/acknowledgement": _of_work("acknowledgement", "released"),
    "/c/{slug}/fulfillment/{fulfillment_id}/parcels": _of_work(
        "parcels", "picked", line=["1"], quantity=["1"], weight_g="500"
    ),
    "/c/{slug}/parcels/{parcel_id}/unpacking": _of_parcel("unpacking", "packed"),
    "/c/{slug}/parcels/{parcel_id}/shipment": _of_parcel("shipment", "packed", carrier="SF", tracking_number="SF1"),
    "/c/{slug}/parcels/{parcel_id}/delivery": _of_parcel("delivery", "shipped"),
    "/c/{slug}/parcels/{parcel_id}/label": _of_parcel("label", "packed", carrier="OWN"),
    "/c/{slug}/fulfillment/{fulfillment_id}/ready": _of_work("ready", "packed"),
    "/c/{slug}/fulfillment/{fulfillment_id}/collection": _of_work("collection", "ready"),
    "/c/{slug}/shipping/carriers": plain("/shipping/carriers", code="SF", adapter="hand", name="SF", is_active="1"),
    "/c/{slug}/shipping/handling": plain(
        "/shipping/handling", location=["SH-1", "STORE-3"], p50_days=["1", "1"], p90_days=["2", "2"]
    ),
    "/preferences/language": _preference("language", "en"),
    "/preferences/theme": _preference("theme", "dark"),
}
"""By path; each is posted."""
