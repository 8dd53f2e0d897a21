"""One merchant reaching for another's things, through every address of the application."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_type_hints

import httpx2
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from jiedan.base.web import forms
from jiedan.base.web.site import VISITOR_COOKIE
from tests.api import operations, worlds
from tests.api.operations import JSON, Operation
from tests.api.worlds import World
from tests.base import web_client
from tests.security import shown

PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
STREAMS = frozenset({"/api/v1/events", "/c/{slug}/live"})
"""Answers that never end; tests/base/test_web_stream.py and test_web_live.py read them."""

SHARED = frozenset({"slug", "barcode", "digest", "name", "provider", "tenant", "country", "prefix", "version", "place"})
"""Parameters that are no ids of a merchant's things, or that two merchants may well share."""

OF_NO_MERCHANT = frozenset({"path", "box", "chapter"})
"""Parameters of what is the same for everybody: the pages of the API's document."""

FORM = {"reason": "Because.", "key": "a-key-of-this-form", "amount": "1.00", "kind": "check", "text": "Because."}
"""What the forms about one thing ask for, so that their pages go on to look for the thing."""

LEAD_BACK: frozenset[str] = frozenset(
    {"/c/{slug}/orders/drafts/{draft_id}/removal", "/c/{slug}/notices/{notice_id}/open"}
)
"""Forms that lead back to their list when there is no such thing: what is gone may be thrown away, or read, again."""

OF_SHOPS = frozenset({"product_id", "cart_id"})
"""Ids that visitors of a shop send: what is in it is anybody's, and a cart is its visitor's (tests/portal)."""

REFUSED_ROW = frozenset({"problem", "error", "errors"})
"""Keys of a row of a batch that say why it was refused."""

KEPT_AS_TEXT = frozenset({"filters.customer_id"})
"""Ids that are kept without being looked up: a saved filter that then finds nothing."""


def routes(client: web_client.Client) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield method, path with parameters (`/c/{slug}/orders/{order_id}`) and handler of every route."""
    app: Any = client.frame.app
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(str(m) for m in handler.http_methods - {"HEAD", "OPTIONS"}):
                    yield method, route.path_format, handler


def canary(world: World) -> str:
    """Return the word that stands in the names, notes and addresses of a merchant, and nowhere else."""
    return f"canary{world.at.tenant.hex[-12:]}"


async def plant(client: web_client.Client, world: World) -> None:
    """Write the merchant's canary into what people type: names, notes, reasons, e-mail addresses, tags."""
    word, ids = canary(world), world.ids
    planted: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("PATCH", f"/customers/{ids['customer_id']}", {"name": word, "email": f"{word}@example.com"}),
        ("POST", f"/customers/{ids['customer_id']}/notes", {"text": word}),
        ("PUT", f"/customers/{ids['customer_id']}/tags", {"tags": [word]}),
        ("PATCH", f"/orders/{ids['order_id']}", {"contact": {"name": word, "email": f"{word}@example.com"}}),
        ("POST", f"/orders/{ids['order_id']}/holds", {"kind": "other", "reason": word}),
        ("POST", f"/cases/{ids['case_id']}/notes", {"text": word}),
        ("PATCH", f"/products/{ids['product_id']}", {"name": word}),
        ("PATCH", f"/staff/{ids['staff_id']}", {"name": word}),
        ("PATCH", f"/roles/{ids['role_id']}", {"name": word}),
        ("POST", "/order-drafts", {"data": {"note": word}}),
        ("POST", "/orders", {"lines": [worlds.TEA], "external_id": word, "tags": [word]}),
        ("POST", "/stock/receipts", {"sku": "TEA-250", "location": "SH-1", "quantity": 1, "reference": word}),
        ("POST", "/order-views", {"name": word, "filters": {"tag": word}}),
    )
    for method, path, body in planted:
        answer = await client.request(method, f"/api/v1{path}", json=body, headers=world.headers)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"


def owners(world: World) -> frozenset[str]:
    """Return the texts that only this merchant's answers may hold: ids, the slug."""
    ids = {value for name, value in world.ids.items() if name not in SHARED}
    return frozenset(
        {*ids, world.invited_id, str(world.at.tenant), world.at.slug, str(world.at.owner_id), canary(world)}
    )


def leaks(answer: httpx2.Response, theirs: World) -> list[str]:
    """Return what of another merchant's an answer holds, except what was asked for by name."""
    asked = str(answer.request.url) + answer.request.content.decode(errors="replace")
    return sorted(text for text in owners(theirs) if text in answer.text and text not in asked)


async def read_everything(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Read everything there is to read as one merchant; return what of the other's is shown."""
    found: list[str] = []
    count = 0
    for method, path, handler in routes(client):
        if method != "GET" or path in STREAMS or handler.opt.get("public"):
            continue
        is_page = path.startswith("/c/")
        headers = ours.session_headers if is_page else ours.headers
        answer = await client.get(ours.address(path), headers=headers)
        count += answer.status_code == 200
        found += [f"GET {path} answered {answer.status_code}"] if answer.status_code >= 500 else []
        found += [f"GET {path} shows {leak}" for leak in leaks(answer, theirs)]
    assert count > 50, f"only {count} answers"
    return found + await _export_everything(client, ours, theirs)


async def _export_everything(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Take the whole table of one's own orders away, whose answer is no GET."""
    answer = await client.post("/api/v1/exports", json={}, headers=ours.headers)
    assert canary(ours) in answer.text
    return [f"an export shows {leak}" for leak in leaks(answer, theirs)]


async def reach_by_path(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Put each of the other merchant's ids into each path that takes one; return what was not answered with 404."""
    found: list[str] = []
    bodies = {(o.method.upper(), o.path): o for o in await operations.all_operations(client)}
    forms_shown = await fields_by_path(client, ours)
    for method, path, _ in routes(client):
        for name in PARAMETER.findall(path):
            if name in SHARED or name in OF_NO_MERCHANT:
                continue
            address = ours.address(path, others=theirs, only=name)
            sent = forms_shown.get(path, FORM)
            answer = await _call(client, ours, method, address, bodies.get((method, path)), fields=sent)
            if answer.status_code not in _no_such_thing(method, path):
                found.append(f"{method} {path} by {name}: {answer.status_code} {answer.text[:200]}")
            found += [f"{method} {path} by {name} shows {leak}" for leak in leaks(answer, theirs)]
    return found


def _no_such_thing(method: str, path: str) -> frozenset[int]:
    """Return the statuses that say so. Devices are people's: an API key is told so whatever it names."""
    if method == "POST" and path in LEAD_BACK:
        return frozenset({303})
    return frozenset({403, 404} if "/push-subscriptions/" in path else {404})


async def fields_by_path(client: web_client.Client, world: World) -> Mapping[str, Mapping[str, object]]:
    """Return what each form about a merchant's things is sent with, by its path."""
    every = [(method, path) for method, path, _ in routes(client) if path not in STREAMS]
    return {**await shown.forms(client, world, every), **_unshown(world)}


def _unshown(world: World) -> Mapping[str, Mapping[str, object]]:
    """Return what forms are sent with that no page shows as things stand, or shows with nothing ticked."""
    order, key = "/c/{slug}/orders/{order_id}", {"key": "a-key-of-this-form"}
    view, payment = "/c/{slug}/orders/views/{view_id}", f"{order}/payments/{{payment_id}}"
    settled = {"operation_id": world.ids["operation_id"], "outcome": "succeeded", "reason": "Because."}
    return {
        view: {"name": "Mine", "version": "1"},
        f"{view}/move": {"direction": "left"},
        f"{order}/holds/{{hold_id}}/refuse": {"reason": "Because."},
        f"{payment}/captures": key,
        f"{payment}/voids": key,
        f"{payment}/refunds": {**key, "amount": "1.00"},
        f"{payment}/settlements": settled,
        "/c/{slug}/customer-groups/{group_id}/members/removals": {"customer_ids": [world.ids["customer_id"]]},
        "/c/{slug}/collect/{fulfillment_id}": {"code": "ABCD EFGH"},
    }


async def _call(
    client: web_client.Client,
    ours: World,
    method: str,
    address: str,
    operation: Operation | None,
    *,
    fields: Mapping[str, object] = FORM,
) -> httpx2.Response:
    if address.startswith("/s/"):  # a shop knows visitors and customers alone
        headers = {**shop_headers(client, ours.shopper), "accept": "text/html"}
        return await client.request(method, address, headers=headers, data=dict(fields) if method == "POST" else None)
    if not address.startswith("/api/"):
        headers = {**ours.session_headers, "x-csrf-token": ours.form_token(client)}
        return await client.request(method, address, headers=headers, data=dict(fields) if method == "POST" else None)
    content = b"" if operation is None else _content(operation)
    return await client.request(method, address, content=content, headers={**ours.headers, "content-type": JSON})


def shop_headers(client: web_client.Client, cookie: str) -> dict[str, str]:
    """Return the headers of a browser in a shop where a customer is signed in by `cookie`."""
    token = client.frame.site.csrf.token("somebody")
    return {"cookie": f"{VISITOR_COOKIE}=somebody; {cookie}", "x-csrf-token": token, "accept": "text/html"}


def _content(operation: Operation) -> bytes:
    """Return a body that would do: the example, or a picture for what takes files."""
    if operation.schema is not None:
        return json.dumps(operation.example).encode()
    return worlds.picture() if "requestBody" in operation.told else b""


async def reach_by_body(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Put the other merchant's ids into each body that takes ids; return what was not refused."""
    found: list[str] = []
    count = 0
    for operation in await operations.all_operations(client):
        if operation.schema is None:
            continue
        for field, body in operations.bodies_with_ids(operation, theirs.ids):
            count += 1
            answer = await client.request(
                operation.method,
                ours.address(operation.path),
                content=body,
                headers={**ours.headers, "content-type": JSON},
            )
            if field not in KEPT_AS_TEXT and not is_refused(answer):
                found.append(f"{operation.name} by {field}: {answer.status_code} {answer.text[:200]}")
            found += [f"{operation.name} by {field} shows {leak}" for leak in leaks(answer, theirs)]
    assert count > 3, f"only {count} bodies take ids"
    return found


async def reach_by_query(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Ask with the other merchant's ids where ids are asked for behind the address; return what came of it."""
    found: list[str] = []
    named = {
        "subject_id": theirs.ids["order_id"],
        "before": theirs.ids["order_id"],
        "recipient_id": theirs.ids["customer_id"],
        "who": theirs.ids["assignee_id"],
        **theirs.ids,
    }
    count = 0
    for operation in await operations.all_operations(client):
        for name in _ids_in_query(operation):
            count += 1
            answer = await client.request(
                operation.method,
                ours.address(operation.path),
                params={name: named[name]},
                content=_content(operation),
                headers={**ours.headers, "content-type": JSON},
            )
            if answer.status_code >= 500 or (operation.method != "get" and not is_refused(answer)):
                found.append(f"{operation.name}?{name}: {answer.status_code} {answer.text[:200]}")
            found += [f"{operation.name}?{name} shows {leak}" for leak in leaks(answer, theirs)]
    assert count > 3, f"only {count} ids are asked for"
    for method, path, _ in routes(client):
        if method == "GET" and path.startswith("/c/") and path not in STREAMS and PARAMETER.findall(path) == ["slug"]:
            for name in ("customer_id", "assignee_id", "subject_id", "sku_id", "who"):
                asked = {name: named[name]}
                answer = await client.get(ours.address(path), params=asked, headers=ours.session_headers)
                found += [f"{path}?{name} answered {answer.status_code}"] if answer.status_code >= 500 else []
                found += [f"{path}?{name} shows {leak}" for leak in leaks(answer, theirs)]
    return found


def _ids_in_query(operation: Operation) -> list[str]:
    told = operation.told.get("parameters", ())
    return [each["name"] for each in told if each["in"] == "query" and '"uuid"' in json.dumps(each["schema"])]


async def reach_by_form(client: web_client.Client, ours: World, theirs: World) -> list[str]:
    """Put the other merchant's ids into each form that takes ids; return what was shown. Nothing may be changed."""
    found: list[str] = []
    reach = theirs.ids
    reason = {"reason": "customer_request", "text": "Because."}
    tried: dict[str, dict[str, Any]] = {
        "/orders/{order_id}/assignment": {"version": "1", "assignee_id": reach["assignee_id"]},
        "/bulk": {"action": "tag", "order_ids": [reach["order_id"]], "tag": "theirs"},
        "/categories": {"code": "theirs", "name": "Theirs", "parent_id": reach["category_id"]},
        "/products/{product_id}/images/order": {"image_id": reach["image_id"], "direction": "first"},
        "/customers/{customer_id}/merges": {"merged_id": reach["customer_id"]},
        "/customer-groups/{group_id}/members": {"customer_ids": [reach["customer_id"]]},
        "/customer-groups/{group_id}/members/removals": {"customer_ids": [reach["customer_id"]]},
        "/coupons/{coupon_batch_id}/blocking": {"coupon_id": reach["coupon_id"], "is_blocked": "1"},
        "/coupons/{coupon_batch_id}/customers": {"customer_id": reach["customer_id"], "is_named": "1"},
        "/fulfillment/bulk": {"act": "pick", "chosen": [reach["fulfillment_id"]]},
        "/fulfillment/releases": {"chosen": [reach["order_id"]]},
        "/shipments/leaving": {"chosen": [reach["parcel_id"]]},
        "/transfers/{transfer_id}/shipments": {"sku_id": [reach["sku_id"]], "quantity": ["1"]},
        "/mail/requeue": {"message_id": [reach["message_id"]]},
        "/orders/new": {
            "draft_id": reach["draft_id"], "customer_id": reach["customer_id"], "pick": reach["customer_id"],
            "use": reach["address_id"], **reason,
        },
        "/prices/try": {"customer_id": reach["customer_id"], "pick": reach["customer_id"], "sku": ["TEA"]},
        "/cases/{case_id}/assignment": {"version": "1", "assignee_id": reach["assignee_id"]},
        "/orders/{order_id}/payments/{payment_id}/settlements": {
            **FORM, "operation_id": reach["operation_id"], "outcome": "succeeded",
        },
    }  # fmt: skip
    assert {x for kind in form_kinds() for x in ids_of(kind)} - OF_SHOPS <= {x for y in tried.values() for x in y}
    for path, fields in tried.items():
        headers = {**ours.session_headers, "x-csrf-token": ours.form_token(client)}
        answer = await client.post(ours.address(f"/c/{{slug}}{path}"), data=fields, headers=headers)
        found += (
            [f"{path} answered {answer.status_code}"] if answer.status_code not in {200, 303, 404, 409, 422} else []
        )
        found += [f"{path} shows {leak}" for leak in leaks(answer, theirs)]
    return found


def form_kinds() -> list[type[forms.Form]]:
    """Return what is read from the forms of pages, each once."""
    kinds: list[type[forms.Form]] = [forms.Form]
    for kind in kinds:
        kinds += [x for x in kind.__subclasses__() if x not in kinds and x.__module__.startswith("jiedan.")]
    return kinds


def ids_of(kind: type[forms.Form]) -> list[str]:
    """Return the fields of a form that hold ids, by their type or by their name."""
    hints = get_type_hints(kind)
    return [name for name in kind.__struct_fields__ if "UUID" in str(hints[name]) or name.endswith(("_id", "_ids"))]


def is_refused(answer: httpx2.Response) -> bool:
    """Tell whether a call was refused, or every row of a batch."""
    if 400 <= answer.status_code < 500:
        return True
    rows: Sequence[Any] = answer.json() if answer.status_code == 200 else ()
    return isinstance(rows, list) and bool(rows) and all(REFUSED_ROW.intersection(row) for row in rows)
