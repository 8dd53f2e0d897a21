"""Open the demo shop to the public: its texts, prices in other currencies, places by postal code, pictures."""

from jiedan.accounts import service as accounts
from jiedan.base import errors
from jiedan.base.db import Database, Scope, Tx
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Price, ProductDraft, Refused, SkuDraft
from jiedan.demo import goods, pictures
from jiedan.demo.places import TOWNS
from jiedan.sourcing import service as sourcing

RATES = {"USD": 14, "EUR": 13}
"""What a hundred fen are in cents, rounded up to whole tens."""

WIDE_PREFIX_CHARACTERS = 2
"""So much of a Chinese postal code says which province it is."""

TEXTS = {
    "is_open": True,
    "tagline": "山场直采的茶，和用得上的茶具。Tea from the gardens, and the ware to brew it.",
    "contact_email": "hello@demo.example",
    "contact_phone": "+86 21 5555 0100",
    "terms": (
        "这是一家演示商店，不会发出任何货物，也不会收取任何款项。\n"
        "This is a shop to try things out in: nothing is sent, and no money is taken.\n"
        "下单后可在发货前取消；付款在沙盒支付页面完成。\n"
        "Orders can be canceled until they are shipped; payments are made on the page of the sandbox."
    ),
    "transfer_instructions": "户名 清茶集 Clear Tea House\n开户行 演示银行 Demo Bank\n账号 6200 0000 0000 0000 000",
    "pays_on_delivery": True,
}


async def open_front(database: Database, scope: Scope, storage: catalog.ImageStorage) -> None:
    """Open the shop, or find it open. Doing it again changes nothing."""
    await database.write(scope, lambda tx: accounts.change_storefront(tx, changes=TEXTS))
    await database.write(scope, _price)
    await database.write(scope, _map)
    await pictures.hang(database, scope, storage)


async def _price(tx: Tx) -> None:
    """Price everything in the other currencies, too."""
    drafts = [
        ProductDraft(
            code=product.code,
            skus=tuple(
                SkuDraft(
                    code=variant.code,
                    prices=tuple(
                        Price(code, -(-variant.unit_minor * rate // 1_000) * 10) for code, rate in RATES.items()
                    ),
                )
                for variant in goods.variants(product)
            ),
        )
        for product in goods.GOODS
    ]
    for refused in await catalog.upsert_products(tx, products=drafts):
        if isinstance(refused, Refused):
            raise refused.reasons[0]


async def _map(tx: Tx) -> None:
    """Say where postal codes lie, as far as the demo's customers live there."""
    rows: dict[tuple[str, str], sourcing.PostalAreaRow] = {}
    for town in TOWNS:
        prefixes = [town.prefix] if town.prefix else []
        if town.country == "CN":
            prefixes.append(town.prefix[:WIDE_PREFIX_CHARACTERS])
        for prefix in prefixes:
            rows.setdefault((town.country, prefix), sourcing.PostalAreaRow(town.country, prefix, town.lat, town.lon))
    errors.accepted(await sourcing.upsert_postal_areas(tx, rows=list(rows.values())))
