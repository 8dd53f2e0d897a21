"""The stage of every schedule: a merchant with work in every state, built once and copied for each run.

A copy has the same ids as the original but for the merchant's own, because every key of every table begins with it. So
whatever is done on two copies can be compared.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa
from psycopg import sql

from jiedan import schema, wiring
from jiedan.accounts.service import Passwords
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.catalog.values import SkuId
from jiedan.customers import service as customers
from jiedan.customers.tables import CustomerLink
from jiedan.customers.values import CustomerId
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Claim, LocationId, Owner
from jiedan.payments import queries as payment_queries
from jiedan.payments import service as payments
from jiedan.payments.values import OperationRequest, Requested
from tests.accounts import factories as accounts
from tests.api import worlds
from tests.base import web_client
from tests.conftest import FakeClock
from tests.interleavings import corners, on_coupons, on_prices, on_wallets
from tests.interleavings.fixtures import ADDRESS, BOX, CARRIER, PEOPLE, PLACES, PRODUCTS, STOCK
from tests.payments import factories as payment_factories

COPIES_AT_ONCE = 25
_OWN = ("slug", "host")
"""Columns that are unique among all merchants."""

NOTHING_SAID = 204
"""The status of an answer without content."""


@dataclasses.dataclass
class Stage:
    """A merchant: what its things are called, and how its owner calls the API."""

    at: accounts.Opened
    secret: str
    session_secret: str
    ids: dict[str, str]

    def credential(self, tenant: TenantId) -> str:
        """Return the owner's API key at a copy."""
        return f"jd_{tenant.hex}_{self.secret}"

    def session(self, tenant: TenantId) -> str:
        """Return what the owner's browser sends at a copy."""
        return f"{tenant.hex}.{self.session_secret}"


class Builder:
    """Builds the stage through the API."""

    def __init__(self, client: web_client.Client, db: Database, clock: FakeClock) -> None:
        self._client, self._db, self._clock = client, db, clock
        self._headers: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    async def build(self) -> Stage:
        """Build it."""
        at = self._at = await accounts.opened(self._db)
        key = await accounts.api_key(self._db, at)
        self._headers = {"authorization": f"Bearer {key.credential}"}
        await self._goods()
        await self._people()
        await self._orders()
        await self._prices()
        await self._coupons()
        await self._goods_on_their_way()
        await self._money()
        await self._counts_and_carts()
        await self._hear()
        await self._settle_down()
        await corners.furnish(corners.Site(self._db, at, self.call, self.ids))
        session = await self._signed_in()
        return Stage(at, key.credential.split("_", 2)[2], session.split(".")[1], self.ids)

    async def _signed_in(self) -> str:
        passwords = Passwords(accounts.CountingHasher())
        signed_in = await accounts.sign_in(self._db, passwords, self._at)
        passwords.close()
        return signed_in.credential

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call what must work."""
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        address = f"/api/v1{path}"
        answer = await self._client.request(method, address, headers=self._headers, **({} if body is None else sent))
        return None if answer.status_code == NOTHING_SAID else worlds.answered(answer)

    async def _hear(self) -> None:
        drain = Drain(self._db, None, wiring.SUBSCRIPTIONS)
        while await drain.drain_tenant(self._at.tenant):
            pass

    async def _goods(self) -> None:
        await self.call("POST", "/categories", {"code": "tea", "name": "Tea"})
        empty = await self.call("POST", "/categories", {"code": "empty", "name": "Empty"})
        self.ids["category"] = empty["category_id"]
        for product in PRODUCTS:
            made = await self.call("POST", "/products", product)
            self.ids[product["code"]] = made["product_id"]
            self.ids |= {sku["code"]: sku["sku_id"] for sku in made["skus"]}
        for name, color in (("picture", "green"), ("second picture", "red")):
            kept = await self.call("POST", f"/products/{self.ids['POT']}/images", worlds.picture(color))
            self.ids[name] = kept["image_id"]
        for place in PLACES:
            made = await self.call("POST", "/locations", place)
            self.ids[place["code"]] = made["location_id"]
        items = [
            {"sku": sku, "location": place, "quantity": n, "key": f"{sku}/{place}"} for (sku, place), n in STOCK.items()
        ]
        await self.call("POST", "/stock/receipts/batch", {"items": items})
        await self.call("PATCH", "/settings", {"backorder": True, "expiry_minutes": 30})
        await self.call("PUT", "/carriers", CARRIER)
        area = {"country": "CN", "prefix": "2000", "lat": 31.23, "lon": 121.47}
        await self.call("PUT", "/postal-areas", {"postal_areas": [area]})
        kept = await self.call("POST", "/imports?kind=products", b"sku,name,price\nCUP,Cup,12.00\n")
        self.ids["import"] = kept["run"]["import_id"]

    async def _people(self) -> None:
        for name, person in PEOPLE.items():
            made = await self.call("POST", "/customers", person)
            self.ids[name] = made["customer_id"]
            self.ids[f"{name} address"] = made["addresses"][0]["address_id"] if made["addresses"] else ""
        exempt = await self.call(
            "POST", f"/customers/{self.ids['wang']}/tax-exemptions", {"kind": "exempt", "number": "SH-7"}
        )
        self.ids["wang exemption"] = exempt["exemption_id"]
        scan = f"/customers/{self.ids['wang']}/tax-exemptions/{exempt['exemption_id']}/certificate"
        await self.call("PUT", scan, worlds.PAPER)
        await self.call("PATCH", "/storefront", {"is_open": True})
        await self._groups()
        await self._wallets()
        async with self._db.begin(self._at.scope) as tx:
            await customers.give_account(
                tx, customer_id=CustomerId(UUID(self.ids["wang"])), email="wang@customers.example", password_hash=None
            )
        await self.call(
            "POST", "/roles", {"code": "helper", "name": "Helper", "permissions": ["orders:read", "catalog:read"]}
        )
        idle = await self.call("POST", "/roles", {"code": "idle", "name": "Idle", "permissions": ["orders:read"]})
        self.ids |= {"role": idle["role_id"], "staff": str(await accounts.person(self._db, self._at, "helper"))}
        self.ids["second owner"] = str(await accounts.person(self._db, self._at, "owner", email="two@example.com"))
        self.ids["owner"] = str(self._at.owner_id)
        invited = {"email": "li@example.com", "name": "Li Na", "role": "helper"}
        self.ids["invited"] = (await self.call("POST", "/invitations", invited))["staff_id"]
        key = await accounts.api_key(self._db, self._at, "orders:read")
        self.ids["api key"] = str(key.api_key.api_key_id)
        view = {"name": "Unpaid", "filters": {"payment": ["pending"]}}
        self.ids["view"] = (await self.call("POST", "/order-views", view))["view"]
        draft = {"data": {"lines": [{"sku": "TEA-250", "quantity": 1}]}}
        self.ids["draft"] = (await self.call("POST", "/order-drafts", draft))["draft_id"]

    async def _groups(self) -> None:
        """Merge somebody who was in two groups; one of them has nobody any more, unless they are parted."""
        for name, code in (("dealers", "dealers"), ("idle group", "idle")):
            made = await self.call("POST", "/customer-groups", {"code": code, "name": code})
            self.ids[name] = made["group_id"]
            members = f"/customer-groups/{made['group_id']}/members"
            await self.call("POST", members, {"customer_ids": [self.ids["twin"]]})
        await self.call("POST", f"/customers/{self.ids['wang']}/merges", {"merged_id": self.ids["twin"]})
        await self.call("POST", f"{members}/removals", {"customer_ids": [self.ids["wang"]]})

    async def _wallets(self) -> None:
        """Give somebody credit and a card that was partly spent, and let the time of another card be over."""
        items = [{"customer_id": self.ids["wang"], "unit": "CNY", "amount": 900, "reason": "goodwill"}]
        (credit,) = await self.call("POST", "/wallets/adjustments", {"items": items})
        self.ids["credit"] = credit["moved"]["wallet_id"]
        cards = [{"amount": 1_000, "currency": "CNY"}] * 2
        issued = await self.call("POST", "/gift-cards", {"items": cards})
        self.ids |= {"gift card": issued[0]["card"]["wallet_id"], "gift card code": issued[0]["code"]}
        self.ids["old gift card"] = issued[1]["card"]["wallet_id"]
        await on_wallets.spend_and_age(self._db, self._at.scope, self.ids)

    async def _prices(self) -> None:
        """Publish rules twice, and change a draft after that."""
        rules = [
            {"kind": "promotion", "body": on_prices.promotion(code, rate)}
            for code, rate in [("spring", 10_000), ("summer", 20_000), ("autumn", 30_000)]
        ]
        trade = {"code": "trade", "currency": "CNY", "is_active": False}
        await self.call("POST", "/price-rules/drafts", {"kind": "price_list", "body": trade})
        self.ids["rule"] = (await self.call("POST", "/price-rules/drafts", rules[0]))["rule_id"]
        welcome = {"kind": "promotion", "body": on_prices.promotion("welcome", 10_000)}
        await self.call("POST", "/price-rules/drafts", welcome)
        await self.call("POST", "/price-rules/versions", {})
        await self.call("POST", "/price-rules/drafts", rules[1])
        await self.call("POST", "/price-rules/versions", {})
        gone = await self.call(
            "POST", "/price-rules/drafts", {"kind": "promotion", "body": on_prices.promotion("gone", 1)}
        )
        await self.call("DELETE", f"/price-rules/drafts/{gone['rule_id']}")
        (removed,) = await self.call("GET", "/price-rules/removals")
        self.ids["removed rules"] = removed["removal_id"]
        await self.call("POST", "/price-rules/drafts", rules[2])

    async def _coupons(self) -> None:
        """Make codes of which an order uses one, and a batch that wants more codes than it has."""
        typed = await self.call("POST", "/coupon-batches", {"promotion": "welcome", "codes": [on_coupons.CODE]})
        free = {"promotion": "welcome", "codes": [on_coupons.CART_CODE], "uses_max": None}
        await self.call("POST", "/coupon-batches", free)
        large = await self.call("POST", "/coupon-batches", {"promotion": "welcome", "size": 1})
        found = await self.call("POST", "/coupons/look-ups", {"code": on_coupons.CODE})
        own = await self.call("POST", "/coupon-batches", {"promotion": "welcome", "codes": ["OWN"], "customer_ids": []})
        self.ids["own batch"] = own["coupon_batch_id"]
        self.ids |= {"batch": typed["coupon_batch_id"], "large batch": large["coupon_batch_id"]}
        self.ids["coupon"] = found["coupon_id"]
        await on_coupons.use_and_grow(self._db, self._at.scope, self.ids)

    async def _place(self, name: str, *lines: tuple[str, int], **facts: Any) -> None:
        body = {"lines": [{"sku": sku, "quantity": n} for sku, n in lines], "ship_to": ADDRESS, **facts}
        self.ids[name] = (await self.call("POST", "/orders", body))["order_id"]

    async def _orders(self) -> None:
        on_account = {"payment_terms": "on_account"}
        of_wang = {"customer_id": self.ids["wang"]}
        await self._place("picked", ("TEA-250", 5), ("TEA-500", 4), ("WRAP", 1), **on_account, **of_wang)
        await self._place("away", ("TEA-250", 2), ("TEA-500", 1), **on_account, **of_wang)
        await self._place("counter", ("TEA-250", 2), **on_account, location="STORE", ship_to=None)
        await self._place("waiting", ("TEA-POT", 4), **on_account)
        await self._place("card", ("TEA-500", 3))
        await self._place("unpaid", ("TEA-250", 3), ("TEA-POT", 1), **of_wang, external_id="W-1")
        await self._place("ended", ("TEA-500", 2))
        await self._place("bench", ("TEA-500", 5), **on_account)
        await self.call("POST", f"/orders/{self.ids['ended']}/cancellations", {"reason": "customer_request"})
        await self.call("PATCH", "/settings", {"backorder": False})
        held = await self.call(
            "POST", f"/orders/{self.ids['unpaid']}/holds", {"kind": "address_check", "reason": "No number."}
        )
        self.ids["hold"] = held["holds"][0]["hold_id"]
        by_hand = {"discount": {"reason": "Late last time.", "rate_ppm": 100_000}}
        await self.call("PATCH", f"/orders/{self.ids['unpaid']}/prices", by_hand)
        asked = await self.call(
            "POST", f"/orders/{self.ids['unpaid']}/holds", {"kind": "price_approval", "reason": "Late last time."}
        )
        waiting = next(hold for hold in asked["holds"] if hold["kind"] == "price_approval")
        self.ids["price hold"] = waiting["hold_id"]
        await self._hear()

    async def _work_of(self, order: str) -> str:
        (found,) = await self.call("GET", f"/orders/{self.ids[order]}/fulfillments")
        self.ids[f"{order} work"] = found["fulfillment_id"]
        return str(found["fulfillment_id"])

    async def _pick_and_pack(self, order: str, picks: Mapping[int, int], packs: Mapping[int, int]) -> None:
        work = await self._work_of(order)
        items = [{"fulfillment_id": work, "line": line, "quantity": n} for line, n in picks.items()]
        await self.call("POST", "/fulfillments/picks", {"items": items})
        lines = [{"line": line, "quantity": n} for line, n in packs.items()]
        box = {"fulfillment_id": work, "lines": lines, "weight_g": 500}
        (packed,) = await self.call("POST", "/parcels", {"items": [box]})
        self.ids[f"{order} parcel"] = packed["parcel"]["parcel_id"]

    async def _goods_on_their_way(self) -> None:
        await self._pick_and_pack("picked", {1: 3, 2: 2}, {1: 2})
        await self._pick_and_pack("away", {1: 2, 2: 1}, {1: 2, 2: 1})
        sent = {"parcel_id": self.ids["away parcel"], "carrier": "SF", "tracking_number": "SF1"}
        await self.call("POST", "/parcels/shipments", {"items": [sent]})
        await self._pick_and_pack("counter", {1: 2}, {1: 2})
        work = {"fulfillment_ids": [self.ids["counter work"]]}
        (ready,) = await self.call("POST", "/fulfillments/ready", work)
        self.ids["code"] = ready["code"]
        await self._work_of("waiting")
        await self._pick_and_pack("bench", {1: 2}, {1: 1})
        await self.call("PUT", "/packing-boxes", BOX)
        for _ in range(2):
            items = [{"fulfillment_id": self.ids["bench work"], "code": "TEA-500"}]
            await self.call("POST", "/fulfillments/scans", {"items": items})

    async def _transfer(self, name: str, order: str, amount_minor: int | None = None) -> None:
        body: dict[str, Any] = {"provider": "transfer"}
        body |= {} if amount_minor is None else {"amount_minor": amount_minor}
        self.ids[name] = (await self.call("POST", f"/orders/{self.ids[order]}/payments", body))["payment_id"]

    async def _money(self) -> None:
        for order in ("picked", "away"):
            await self._transfer(f"{order} money", order, 5_000)
            await self.call("POST", f"/payments/{self.ids[f'{order} money']}/confirmations", {})
        await self._transfer("picked tender", "picked", 4_000)
        await self._transfer("unpaid tender", "unpaid")
        money = {"amount_minor": 3_000, "currency": "CNY", "reference": "wire-1"}
        self.ids["money"] = (await self.call("POST", "/payments", money))["payment_id"]
        await payment_factories.with_gateway(self._db, self._at.scope)
        card = await payment_factories.authorized(self._db, self._at.scope, UUID(self.ids["card"]))
        wish = OperationRequest(card, "capture", 2_000)
        (asked,) = await self._db.write(self._at.scope, lambda tx: payments.request_operations(tx, requests=[wish]))
        assert isinstance(asked, Requested)
        self.ids |= {"card payment": str(card), "capture": asked.operation_keys[0]}
        async with self._db.read(self._at.scope) as tx:
            operations = (await payment_queries.operations_of(tx, [card]))[card]
        self.ids["operation"] = str(next(o.operation_id for o in operations if o.key == self.ids["capture"]))

    async def _counts_and_carts(self) -> None:
        count = await self.call("POST", "/counts", {"location": "SH-1", "skus": ["TEA-250"]})
        self.ids["count"] = count["count_id"]
        tally = {"items": [{"sku": "TEA-250", "counted": 28}]}
        for _ in range(2):  # what differs is counted twice
            await self.call("POST", f"/counts/{count['count_id']}/tallies", tally)
        items = [{"sku": "TEA-250", "quantity": 4}]
        there = {"from_location": "SH-1", "to_location": "BJ-1", "items": items}
        self.ids["transfer"] = (await self.call("POST", "/transfers", there))["transfer_id"]
        steps = {"items": [{"sku": "TEA-250", "quantity": 2}]}
        await self.call("POST", f"/transfers/{self.ids['transfer']}/shipments", steps)
        key = SkuId(UUID(self.ids["TEA-250"])), LocationId(UUID(self.ids["SH-1"]))
        cart = Claim(Owner("cart", uuid4()), *key, 2, self._clock.now() + timedelta(minutes=30))
        await self._db.write(self._at.scope, lambda tx: inventory.reserve_many(tx, claims=[cart]))
        about = UUID(self.ids["picked"])
        self.ids["case"] = await worlds.open_case(self._db, self._at, about)

    async def _settle_down(self) -> None:
        """Let the unpaid order's time be over, and something new be known to nobody yet."""
        self._clock.advance(timedelta(minutes=32))
        async with self._db.begin(self._at.scope) as tx:
            await customers.send_link(tx, customer_id=UUID(self.ids["wang"]))
            asked = sa.select(CustomerLink.link_id).where(CustomerLink.tenant_id == tx.tenant)
            links = await customers.mail_links(tx, link_ids=(await tx.execute(asked)).scalars().all())
            self.ids["wang link"] = next(iter(links.values())).secret
        await self._place("new", ("TEA-250", 2), ("TEA-500", 2), payment_terms="on_account")
        self.ids["letter"] = await worlds.give_up(self._db, self._at)


class Copier:
    """Copies a merchant, row by row, as superuser: what made the rows was checked when they were made."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], source: TenantId, db: Database) -> None:
        self._connection, self._source, self._db = connection, source, db
        self._statements: list[sql.Composed] = []
        self._ready: list[TenantId] = []

    async def copy(self) -> TenantId:
        """Return a merchant that is like the original, and nobody else's."""
        if not self._ready:
            self._ready = await self._copied()
        return self._ready.pop()

    async def _copied(self) -> list[TenantId]:
        self._statements = self._statements or await self._prepared()
        tenants = [TenantId(self._db.uuids.new(self._db.clock.now())) for _ in range(COPIES_AT_ONCE)]
        async with self._connection.transaction():
            await self._connection.execute("SET LOCAL session_replication_role = 'replica'")
            for statement in self._statements:
                await self._connection.execute(statement, {"source": self._source, "tenants": tenants}, prepare=True)
        return tenants

    async def _prepared(self) -> list[sql.Composed]:
        """Return a statement for each table that has rows of the original."""
        made = []
        for name, table in schema.metadata.tables.items():
            if "tenant_id" not in table.columns:
                continue
            there = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE tenant_id = %s)").format(sql.Identifier(name))
            cursor = await self._connection.execute(there, [self._source])
            if (await cursor.fetchall()) == [(True,)]:
                made.append(_copying(table))
        return made


def _copying(table: sa.Table) -> sql.Composed:
    """Return the statement that copies the rows of one table to other merchants."""
    columns: Sequence[str] = [column.name for column in table.columns if column.computed is None]
    values = [
        sql.SQL("n.id")
        if column == "tenant_id"
        else sql.SQL("right(replace(n.id::text, '-', ''), 30)")
        if column == "slug"
        else sql.SQL("CASE t.subject_id WHEN t.tenant_id THEN n.id ELSE t.subject_id END")
        if column == "subject_id"
        else sql.SQL("NULL")
        if column in _OWN and table.name == "directory"
        else sql.SQL("t.{}").format(sql.Identifier(column))
        for column in columns
    ]
    return sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t"
        " CROSS JOIN unnest(%(tenants)s::uuid[]) AS n (id) WHERE t.tenant_id = %(source)s"
    ).format(
        table=sql.Identifier(table.name),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(values),
    )
