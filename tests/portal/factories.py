"""A shop that is open, and visitors who walk through it."""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope
from jiedan.base.web import csrf
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.storage import folder
from jiedan.catalog.values import Option, Price, ProductDraft, ProductStatus, SkuDraft
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation, Receipt
from jiedan.payments import service as payments
from jiedan.payments.api import INCOMING
from jiedan.payments.providers import gateways
from jiedan.portal import pages, visitor
from tests.accounts import factories as staff
from tests.base import web_client
from tests.orders import factories

HTML = {"accept": "text/html"}
SIZES = ("50 g", "100 g")
CHECKOUT: Mapping[str, str] = {
    "name": "李雷",
    "email": "li.lei@example.com",
    "phone": "139 1234 5678",
    "method": "deliver",
    "country": "CN",
    "region": "北京市",
    "city": "东城区",
    "district": "东城区",
    "line1": "长安街1号",
    "postal_code": "100006",
}


async def open_shop(db: Database, scope: Scope, *, front: Mapping[str, Any] | None = None, **settings: Any) -> None:
    """Open a shop with tea in two sizes, a cup and a category, at a warehouse and a store."""
    async with db.begin(scope) as tx:
        await factories.merchant(tx, **settings)
        await accounts.change_storefront(tx, changes={"is_open": True, **(front or {})})
        await catalog.create_category(tx, code="tea", name="茶叶 Tea")
        await catalog.upsert_products(
            tx,
            products=[
                ProductDraft(
                    code="TEA",
                    name="龙井 Longjing",
                    description="From the west lake.\nSteep at 80 degrees.",
                    category="tea",
                    options=(Option("Size", SIZES),),
                    skus=(
                        SkuDraft(code="TEA-50", option_values=(SIZES[0],), weight_g=50, prices=_prices(3_000)),
                        SkuDraft(code="TEA-100", option_values=(SIZES[1],), weight_g=100, prices=_prices(5_500)),
                    ),
                ),
                ProductDraft(
                    code="CUP", name="Cup", category="tea", skus=(SkuDraft(code="CUP", prices=_prices(1_000)),)
                ),
                ProductDraft(
                    code="OLD",
                    name="Old pot",
                    status=ProductStatus.archived,
                    skus=(SkuDraft(code="OLD", prices=_prices(9_900)),),
                ),
            ],
        )
        skus = await tx.load_one(catalog_queries.sellable_skus(["TEA-50", "CUP", "OLD"]))
        await catalog.index_products(tx, product_ids=[sku.product_id for sku in skus.values()])
        warehouse = NewLocation(code="W1", name="Warehouse one", lat=31.2, lon=116.4)
        store = NewLocation(
            code="S1",
            name="Store one",
            kind="store",
            lat=39.9,
            lon=116.4,
            address="1 Main Street",
            hours="9:00–18:00",
            phone="010 6123 4567",
        )
        for location in (warehouse, store):
            await inventory.create_location(tx, location=location)
    await receive(db, scope, {"TEA-50": {"W1": 20, "S1": 5}, "TEA-100": {"W1": 2}, "CUP": {"W1": 1}})


async def receive(db: Database, scope: Scope, units: Mapping[str, Mapping[str, int]]) -> None:
    """Take in goods."""
    async with db.begin(scope) as tx:
        skus = await tx.load_one(catalog_queries.sellable_skus(units))
        places = {x.code: x.location_id for x in await tx.load_one(stock.locations())}
        await inventory.receive_many(
            tx,
            receipts=[
                Receipt(skus[sku].sku_id, places[place], quantity, f"{sku}:{place}:{tx.new_id()}")
                for sku, by_place in units.items()
                for place, quantity in by_place.items()
            ],
        )


def _prices(minor: int) -> tuple[Price, ...]:
    return Price("CNY", minor), Price("USD", minor // 7)


def slug_of(scope: Scope) -> str:
    """Return the slug that the test's merchant has in the directory."""
    return f"m-{scope.tenant}"


class Visitor:
    """Somebody in the shop: a browser without scripts."""

    def __init__(self, client: web_client.Client, slug: str) -> None:
        self.client = client
        self.base = f"/s/{slug}"

    async def get(self, path: str, status: int = 200, *, headers: Mapping[str, str] | None = None) -> str:
        """Return a page."""
        answer = await self.client.get(f"{self.base}{path}", headers={**HTML, **(headers or {})})
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(self, path: str, fields: Mapping[str, Any], *, on: str) -> httpx2.Response:
        """Send a form of the page `on`, with the token and the number that it shows."""
        shown = await self.get(on)
        given = {name: value for name, value in hidden(shown).items() if name in {csrf.FIELD, "form_id"}}
        return await self.client.post(
            f"{self.base}{path}", data={**given, **fields}, headers=HTML, follow_redirects=False
        )

    async def follow(self, answer: httpx2.Response) -> str:
        """Return the page that a form led to."""
        assert answer.status_code == 303, answer.text
        return (await self.client.get(answer.headers["location"], headers=HTML)).text

    async def product(self, name: str) -> str:
        """Return the path of a product by its name."""
        found = await self.get(f"/search?q={name}")
        (address,) = set(re.findall(rf'href="{self.base}(/products/[0-9a-f-]+)"', found))
        return str(address)

    async def put_in(self, name: str, sku: str, quantity: int = 1) -> str:
        """Put a SKU into the cart, and return the page that comes then."""
        path = await self.product(name)
        fields = {"sku": sku, "product_id": path.rpartition("/")[2], "quantity": quantity}
        return await self.follow(await self.send("/cart/lines", fields, on=path))

    async def check_out(self, **changes: Any) -> httpx2.Response:
        """Fill in the checkout and place the order."""
        shown = await self.get("/checkout")
        fields = {
            **hidden(shown.partition('class="checkout"')[2].partition("</form>")[0]),
            **CHECKOUT,
            "action": "place",
            **changes,
        }
        return await self.client.post(
            f"{self.base}/checkout",
            data={k: v for k, v in fields.items() if v is not None},
            headers=HTML,
            follow_redirects=False,
        )


def hidden(shown: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', shown))


@contextlib.asynccontextmanager
async def visiting(db: Database, scope: Scope, home: Path, **settings: Any) -> AsyncIterator[Visitor]:
    """Let somebody in."""
    async with web_client.open_client(
        routers=[pages.SHOP, INCOMING],
        enter_shop=visitor.enter,
        database=db,
        parts=[
            staff.open_fast_passwords,
            payments.open_order_desk,
            gateways.open_gateways,
            folder.open_image_storage,
        ],
        home=home,
        **settings,
    ) as client:
        yield Visitor(client, slug_of(scope))
