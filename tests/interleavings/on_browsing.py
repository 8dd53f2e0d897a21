"""Operations on carts that lie in browsers, and on what is ordered from them at the checkout of the shop."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.carts import service as carts
from jiedan.carts.values import CartId, Wish
from jiedan.orders import service as orders
from jiedan.orders.values import Contact, NewLine, NewOrder
from jiedan.portal import ordering
from tests.interleavings.on_accounts import HOLDER_HASH
from tests.interleavings.on_coupons import CART_CODE
from tests.interleavings.operation import Operation, Task, call, task, use_case

OTHER_HOLDER_HASH = b"o" * 32
ONE_MORE = Wish("TEA-500", 1)


async def furnish(db: Database, scope: Scope, ids: dict[str, str]) -> None:
    """Let a cart lie in each of two browsers; one keeps a coupon."""
    for name, holder_hash in (("browser cart", HOLDER_HASH), ("other browser cart", OTHER_HOLDER_HASH)):
        async with db.begin(scope) as tx:
            cart_id = await carts.open_cart(tx, holder_hash=holder_hash)
            await carts.fill_cart(tx, cart_id=cart_id, wishes=[ONE_MORE])
        ids[name] = str(cart_id)
    async with db.begin(scope) as tx:
        await carts.put_coupons(tx, cart_id=UUID(ids["browser cart"]), typed=[CART_CODE], caller="tests", network="")


def _adds(cart: str) -> Any:
    async def add(tx: Tx, ids: Any) -> None:
        await carts.add_to_cart(tx, cart_id=UUID(ids[cart]), wish=ONE_MORE)

    return add


def _brings(holder_hash: bytes, customer: str) -> Any:
    async def bring(tx: Tx, ids: Any) -> None:
        await carts.attach_cart(tx, holder_hash=holder_hash, customer_id=UUID(ids[customer]))

    return bring


def _checks_out(cart: str, quantity: int) -> Task:
    """Return the task that orders what lies in a cart, as the shop does: under the key that is the cart itself."""

    async def check_out(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
        lines = (NewLine(sku="TEA-500", quantity=quantity),)
        wanted = NewOrder(
            lines=lines, channel=ordering.CHANNEL, contact=Contact(name="韩梅梅"), cart_id=CartId(UUID(ids[cart]))
        )
        desk = orders.OrderDesk(database, database.clock)
        try:
            wish = orders.wish_of(wanted, None)
            await desk.place(Scope(tenant), wish, caller=ordering.CALLER, key=ids[cart])
        finally:
            await desk.close()

    return check_out


OPERATIONS: list[Operation] = [
    use_case("put more into a cart", "cart, tea 500", _adds("cart")),
    use_case("put more into a browser's cart", "browser, tea 500", _adds("browser cart")),
    use_case(
        "take a coupon out of a browser's cart",
        "browser",
        lambda tx, ids: carts.take_coupon_out(tx, cart_id=UUID(ids["browser cart"]), code=CART_CODE),
    ),
    use_case("bring a cart", "browser, cart, tea 500", _brings(HOLDER_HASH, "wang")),
    use_case("bring a first cart", "browser, li's cart, tea 500", _brings(HOLDER_HASH, "li")),
    use_case("bring another first cart", "li's cart, tea 500", _brings(OTHER_HOLDER_HASH, "li")),
    call("open a first cart", "li's cart", "POST /carts", {"customer_id": "{li}"}),
    task("check out", "cart, tea 500", _checks_out("cart", 2)),
    task("check out in a browser", "browser, tea 500", _checks_out("browser cart", 1)),
]
