"""A merchant with one of everything, made through the API itself, so that every address has something behind it."""

import contextlib
import dataclasses
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import sqlalchemy as sa
from PIL import Image

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import tables
from jiedan.base.db import Database
from jiedan.base.sealing import Sealer
from jiedan.base.web.site import SESSION_COOKIE
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.customers import service as customers
from jiedan.customers.values import Browser, CustomerId
from jiedan.notifications import queries as mails
from jiedan.notifications import service as notifications
from jiedan.notifications.post import office
from jiedan.notifications.values import Push
from jiedan.orders.rules import tickets
from jiedan.portal import visitor as portal
from tests.accounts import authenticator, factories
from tests.base import web_client

PLACEHOLDER = "0193a000-0000-7000-8000-000000000001"
"""The id that stands in examples."""

PAPER = b"%PDF-1.7 a certificate"
"""The scan that is kept of it."""

TEA = {"sku": "TEA-250", "quantity": 2}
STOCK = 1_000


@dataclasses.dataclass(frozen=True)
class World:
    """A merchant, its owner's API key, and the ids of its things by the name of the path parameter."""

    at: factories.Opened
    credential: str
    ids: Mapping[str, str]
    invited_id: str
    session: str
    shopper: str
    """The cookie of the shop in the browser of the merchant's customer."""

    def known(self, example: Any) -> Any:
        """Return an example of the document; the id in it stands for a thing of this merchant."""
        body = json.dumps(example)
        for name in (
            *("order_id", "payment_id", "image_id", "customer_id", "assignee_id"),
            *("fulfillment_id", "parcel_id", "event_id", "message_id", "notice_id", "coupon_id"),
        ):
            if f'"{name}' in body:
                body = body.replace(PLACEHOLDER, self.ids[name])
        return json.loads(body)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a call by the owner's key."""
        return {"authorization": f"Bearer {self.credential}"}

    @property
    def session_headers(self) -> dict[str, str]:
        """The headers of the owner's browser."""
        return {"cookie": f"{SESSION_COOKIE}={self.session}", "accept": "text/html"}

    def form_token(self, client: web_client.Client) -> str:
        """Return the token that the owner's pages put into their forms."""
        return client.frame.site.csrf.token(self.session)

    def address(self, path: str, *, others: "World | None" = None, only: str = "") -> str:
        """Return the address of a route whose path has parameters: `/api/v1/orders/{order_id}`.

        Ids are this merchant's, but for the parameter `only`, which is of `others`.
        """
        ids = self._ids(path)
        if others is not None:
            ids[only] = others._ids(path)[only]
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: ids[found[1]], path)

    def _ids(self, path: str) -> "_Known":
        ids = _Known(
            {**self.ids, "slug": self.at.slug, "tenant": str(self.at.tenant), "chapter": "lists", "box": "0,0,9,9"}
        )
        if "/invitations/" in path or path.endswith("/revoke-invitation"):
            ids["staff_id"] = self.invited_id
        return ids


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        message = f"nothing is known for the path parameter {name}: add one to tests/api/worlds.py"
        raise LookupError(message)


@contextlib.asynccontextmanager
async def open_api(db: Database, home: Path, **settings: Any) -> AsyncIterator[web_client.Client]:
    """Open the whole application, as `wiring` puts it together; passwords are cheap, nobody is signed in."""
    parts = [
        factories.open_fast_passwords if part is accounts.open_passwords else part  # the real ones take seconds
        for part in wiring.PARTS
    ]
    async with web_client.open_client(
        routers=wiring.ROUTERS,
        authenticators=wiring.AUTHENTICATORS,
        parts=parts,
        navigation=wiring.NAVIGATION,
        permissions=wiring.PERMISSIONS,
        counters=wiring.COUNTERS,
        enter_shop=wiring.ENTER_SHOP,
        database=db,
        home=home,
        **settings,
    ) as client:
        yield client


async def build(client: web_client.Client, db: Database) -> World:
    """Make a merchant with one of everything."""
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    call = _Caller(client, {"authorization": f"Bearer {key.credential}"})
    ids = {"api_key_id": str(key.api_key.api_key_id), "barcode": "4006381333931"}
    await _goods(call, ids)
    await _places(call, ids)
    await _prices(call, ids)
    await _people(call, ids, db, at)
    await _orders(call, ids)
    await _parcels(call, ids)
    answered(await client.patch("/api/v1/storefront", json={"is_open": True}, headers=call.headers))
    ids["ticket"] = tickets.ticket_of(web_client.SECRET, at.tenant, UUID(ids["order_id"]))
    invited = await call.post("/invitations", {"email": "li@example.com", "name": "Li Na", "role": "warehouse"})
    passwords = accounts.Passwords(factories.CountingHasher())
    signed_in = await factories.sign_in(db, passwords, at)
    passwords.close()
    ids |= {"session_id": str(signed_in.session_id), "case_id": await open_case(db, at, UUID(ids["order_id"]))}
    ids["event_id"] = await give_up(db, at)
    ids |= await tell(db, at)
    ids["subscription_id"] = await push_to(db, at)
    _, passkey = await authenticator.enrolled(db, at, sealer=Sealer(web_client.SECRET))
    ids["passkey_id"] = str(passkey.passkey_id)
    shopper = await enter(db, at, UUID(ids["customer_id"]))
    return World(at, key.credential, ids, invited["staff_id"], signed_in.credential, shopper)


@dataclasses.dataclass(frozen=True)
class _Caller:
    """Call the API and insist that it works."""

    client: web_client.Client
    headers: dict[str, str]

    async def post(self, path: str, body: object = None, *, content: bytes | None = None) -> Any:
        sent: dict[str, Any] = {"json": body} if body is not None else {"content": content or b""}
        return answered(await self.client.post(f"/api/v1{path}", headers=self.headers, **sent))


def answered(response: httpx2.Response) -> Any:
    """Return what a call that must work was answered."""
    assert response.status_code < 300, f"{response.request.method} {response.request.url}: {response.text}"
    return response.json()


async def enter(db: Database, at: factories.Opened, customer_id: UUID) -> str:
    """Give a customer an account, sign them in to the shop, and return the browser's cookie."""
    async with db.begin(at.scope) as tx:
        account = CustomerId(customer_id)
        await customers.give_account(
            tx, customer_id=account, email=f"{customer_id}@customers.example", password_hash=None
        )
        begun = await customers.begin_session(tx, account_id=account, browser=Browser("203.0.113.7", "Firefox"))
    return f"{portal.SESSION_COOKIE}_{at.slug}={begun.credential}"


async def _goods(call: _Caller, ids: dict[str, str]) -> None:
    category = await call.post("/categories", {"code": "tea", "name": "Tea"})
    ids["category_id"] = category["category_id"]
    prices = [{"currency": "CNY", "unit_minor": 3900}]
    skus: list[dict[str, Any]] = [
        {"code": "TEA-250", "option_values": ["250 g"], "prices": prices, "barcode": ids["barcode"]},
        {"code": "TEA-500", "option_values": ["500 g"], "prices": prices},
    ]
    options = [{"name": "Size", "choices": ["250 g", "500 g"]}]
    tea = await call.post(
        "/products", {"code": "TEA", "name": "Tea", "category": "tea", "options": options, "skus": skus}
    )
    ids |= {"product_id": tea["product_id"], "sku_id": tea["skus"][0]["sku_id"]}
    wrapping = [{"code": "WRAP", "prices": prices}]
    await call.post("/products", {"code": "WRAP", "name": "Gift wrapping", "kind": "service", "skus": wrapping})
    image = await call.post(f"/products/{tea['product_id']}/images", content=picture())
    ids["image_id"] = image["image_id"]
    kept = await call.post("/imports?kind=products", content=b"sku,name,price\nCUP,Cup,12.00\n")
    ids["import_id"] = kept["run"]["import_id"]


def picture(color: str = "green", side_px: int = 4) -> bytes:
    """Return a small picture."""
    drawn = io.BytesIO()
    Image.new("RGB", (side_px, side_px), color).save(drawn, "PNG")
    return drawn.getvalue()


async def _places(call: _Caller, ids: dict[str, str]) -> None:
    place = await call.post("/locations", {"code": "SH-1", "name": "Shanghai", "kind": "warehouse"})
    await call.post("/locations", {"code": "STORE-3", "name": "Store 3", "kind": "store"})
    ids["location_id"] = place["location_id"]
    ids |= {"country": "CN", "prefix": "2000"}
    for sku in ("TEA-250", "TEA-500"):
        await call.post("/stock/receipts", {"sku": sku, "location": "SH-1", "quantity": STOCK})
    count = await call.post("/counts", {"location": "SH-1", "skus": ["TEA-250"]})
    ids["count_id"] = count["count_id"]
    items = [{"sku": "TEA-250", "quantity": 12}]
    transfer = await call.post("/transfers", {"from_location": "SH-1", "to_location": "STORE-3", "items": items})
    ids["transfer_id"] = transfer["transfer_id"]


async def _prices(call: _Caller, ids: dict[str, str]) -> None:
    offer = {"type": "percent_off", "rate_ppm": 50_000}
    spring = {"id": "spring", "name": "Spring", "offer": offer, "when": {"coupon": "required"}}
    rule = await call.post("/price-rules/drafts", {"kind": "promotion", "body": spring})
    limit = {"role": "clerk", "rate_ppm": 50_000}
    plain = await call.post("/price-rules/drafts", {"kind": "manual_limit", "body": limit})
    ids |= {"place": "limits", "plain_rule_id": plain["rule_id"]}
    wholesale = {"code": "wholesale", "currency": "CNY", "is_active": False}
    await call.post("/price-rules/drafts", {"kind": "price_list", "body": wholesale})
    listed = [{"price_list": "wholesale", "sku": "TEA-250", "tiers": [{"min_quantity": 1, "unit_minor": 9_500}]}]
    answered(await call.client.put("/api/v1/list-prices", headers=call.headers, json={"prices": listed}))
    published = await call.post("/price-rules/versions", {"note": "Spring"})
    small = {"role": "helper", "rate_ppm": 10_000}
    gone = await call.post("/price-rules/drafts", {"kind": "manual_limit", "body": small})
    left = await call.client.delete(f"/api/v1/price-rules/drafts/{gone['rule_id']}", headers=call.headers)
    assert left.status_code == 204, left.text
    (removal,) = answered(await call.client.get("/api/v1/price-rules/removals", headers=call.headers))
    ids["removal_id"] = removal["removal_id"]
    ids |= {"rule_id": rule["rule_id"], "version": str(published["version"])}


async def _people(call: _Caller, ids: dict[str, str], db: Database, at: factories.Opened) -> None:
    address = {"country": "CN", "region": "上海市", "city": "上海市", "district": "黄浦区", "line1": "南京东路 1 号"}
    person = {"name": "王敏", "phone": "138 0013 8000", "addresses": [{**address, "postal_code": "200001"}]}
    kept = await call.post("/customers", person)
    ids["customer_id"] = kept["customer_id"]
    ids["address_id"] = kept["addresses"][0]["address_id"]
    certificate = {"kind": "exempt", "number": "SH-2026-7", "places": ["CN-BJ"]}
    exempt = await call.post(f"/customers/{kept['customer_id']}/tax-exemptions", certificate)
    ids["exemption_id"] = exempt["exemption_id"]
    scan = f"/api/v1/customers/{kept['customer_id']}/tax-exemptions/{exempt['exemption_id']}/certificate"
    answered(await call.client.put(scan, headers=call.headers, content=PAPER))
    merged = await call.post("/customers", {**person, "addresses": None})
    ids["merged_id"] = merged["customer_id"]
    await call.post(f"/customers/{kept['customer_id']}/merges", {"merged_id": merged["customer_id"]})
    group = await call.post("/customer-groups", {"code": "wholesale", "name": "Wholesale"})
    ids["group_id"] = group["group_id"]
    await call.post(f"/customer-groups/{ids['group_id']}/members", {"customer_ids": [ids["customer_id"]]})
    card = {"amount": 20_000, "currency": "CNY", "customer_id": ids["customer_id"]}
    (issued,) = await call.post("/gift-cards", {"items": [card]})
    ids["wallet_id"] = issued["card"]["wallet_id"]
    wish = {"promotion": "welcome", "codes": ["FIRST-ORDER"], "uses_max": None}
    ids["coupon_batch_id"] = (await call.post("/coupon-batches", wish))["coupon_batch_id"]
    codes = f"/api/v1/coupon-batches/{ids['coupon_batch_id']}/coupons"
    ids["coupon_id"] = answered(await call.client.get(codes, headers=call.headers))["items"][0]["coupon_id"]
    role = await call.post("/roles", {"code": "helper", "name": "Helper", "permissions": ["orders:read"]})
    ids |= {"role_id": role["role_id"], "staff_id": str(await factories.person(db, at, "sales"))}
    ids["assignee_id"] = ids["mentioned"] = ids["staff_id"]


async def _orders(call: _Caller, ids: dict[str, str]) -> None:
    order = await call.post(
        "/orders", {"lines": [TEA, {"sku": "WRAP", "quantity": 1}], "customer_id": ids["customer_id"]}
    )
    ids["order_id"] = order["order_id"]
    held = await call.post(f"/orders/{order['order_id']}/holds", {"kind": "address_check", "reason": "No number."})
    ids["hold_id"] = held["holds"][0]["hold_id"]
    draft = await call.post("/order-drafts", {"data": {"lines": [TEA]}})
    payment = await call.post(f"/orders/{order['order_id']}/payments", {"provider": "transfer", "amount_minor": 100})
    ids |= {"payment_id": payment["payment_id"], "provider": "transfer"}
    wire = await call.post(f"/orders/{order['order_id']}/payments", {"provider": "transfer", "amount_minor": 100})
    paid = await call.post(f"/payments/{wire['payment_id']}/confirmations", {})
    ids["operation_id"] = paid["operations"][0]["operation_id"]
    view = await call.post("/order-views", {"name": "Unpaid", "filters": {"payment": ["pending"]}})
    ids |= {"draft_id": draft["draft_id"], "view_id": view["view"]}
    ids["check_id"] = (await call.post("/books-checks"))["check_id"]
    cart = await call.post("/carts", {"lines": [TEA]})
    ids["cart_id"] = cart["cart_id"]
    job = await call.post("/bulk-jobs", {"action": "release", "orders": [{"order_id": order["order_id"]}]})
    file = await call.post("/export-files", {"rows": "lines"})
    replay = await call.post("/pricing/replays", {"days": 30})
    ids |= {"bulk_job_id": job["job_id"], "export_id": file["export_id"], "replay_id": replay["replay_id"]}


async def _parcels(call: _Caller, ids: dict[str, str]) -> None:
    terms = {"payment_terms": "on_account"}
    order = await call.post("/orders", {"lines": [TEA, {"sku": "TEA-500", "quantity": 9}], **terms})
    (released,) = await call.post(f"/orders/{order['order_id']}/releases", {})
    ids["fulfillment_id"] = released["fulfillment_id"]
    work = {"fulfillment_id": ids["fulfillment_id"]}
    await call.post("/fulfillments/picks", {"items": [{**work, "line": 1, "quantity": 2}]})
    (packed,) = await call.post("/parcels", {"items": [{**work, "weight_g": 500}]})
    ids["parcel_id"] = packed["parcel"]["parcel_id"]


async def open_case(db: Database, at: factories.Opened, order_id: UUID) -> str:
    """Open a case about an order, as a module above would."""
    async with db.begin(at.scope) as tx:
        (case_id,) = await cases.open_cases(
            tx, cases=[NewCase(kind="overpaid", subject_kind="order", subject_id=order_id, data={})]
        )
    return str(case_id)


SESSION_OF_DEVICE = UUID(int=0x5E55)
"""In which the owner's browser is said to have told of itself."""


async def push_to(db: Database, at: factories.Opened) -> str:
    """Keep a browser of the owner's, as it would tell of itself."""
    keys = Push("https://push.example/send/f00d", "B" * 87, "A" * 22)
    async with db.begin(at.scope) as tx:
        kept = await notifications.add_device(
            tx,
            sealer=Sealer(web_client.SECRET),
            staff_id=at.owner_id,
            push=keys,
            browser="Firefox",
            session_id=SESSION_OF_DEVICE,
        )
    return str(kept.subscription_id)


async def give_up(db: Database, at: factories.Opened) -> str:
    """Let a handler have given up on the merchant's first event, as the drain would."""
    log, retry = tables.EventLog, tables.OutboxRetry
    async with db.begin(at.scope) as tx:
        first = sa.select(log.event_id).where(log.tenant_id == tx.tenant).order_by(log.event_id).limit(1)
        event_id: UUID = (await tx.execute(first)).scalar_one()
        await tx.execute(
            sa.insert(retry).values(
                tenant_id=tx.tenant,
                handler="orders.write_terms",
                event_id=event_id,
                attempts=12,
                available_at=tx.now,
                reason="conflict",
                dead_at=tx.now,
            )
        )
    return str(event_id)


async def tell(db: Database, at: factories.Opened) -> dict[str, str]:
    """Let the owner have a notice, and a mail that lies in the mailbox."""
    async with db.begin(at.scope) as tx:
        await notifications.request_trial(tx, staff_id=at.owner_id)
    kinds = ("cases.case_opened", "notifications.test_mail_requested")
    log = tables.EventLog
    async with db.begin(at.scope) as tx:
        found = await tx.execute(sa.select(log.event_id).where(log.tenant_id == tx.tenant, log.kind.in_(kinds)))
        stored = [await mails.event(tx, event_id) for event_id in found.scalars()]
        await notifications.queue_mails(tx, stored)
        await notifications.put_up_notices(tx, stored)
    await notifications.send_due(db, at.tenant, office.of(db))
    async with db.read(at.scope) as tx:
        (mail,) = await mails.messages_about(tx, [at.owner_id])
        notice = (await mails.notices(tx, staff_id=at.owner_id, permissions=ALL_PERMISSIONS))[0]
    return {"message_id": str(mail.message_id), "notice_id": str(notice.notice_id)}
