"""Two at work on one cart: what one puts in does not take away what the other does."""

import asyncio
from pathlib import Path

import psycopg
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.carts import queries, service
from jiedan.carts.tables import Cart
from jiedan.carts.values import Wish
from tests.patience import until_it_waits
from tests.portal.factories import open_shop, visiting
from tests.portal.test_orders import FRONT, bought, under


async def test_goods_of_an_order_join_what_is_put_into_the_cart_meanwhile(
    db: Database, scope: Scope, owner: psycopg.Connection[object], tmp_path: Path
) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, 2)
        await who.put_in("longjing", "TEA-50")
        async with db.read(scope) as tx:
            is_open = (Cart.tenant_id == tx.tenant, Cart.order_id.is_(None))
            cart_id = (await tx.execute(sa.select(Cart.cart_id).where(*is_open))).scalar_one()
        async with db.begin(scope) as tx:
            await service.add_to_cart(tx, cart_id=cart_id, wish=Wish("TEA-50", 3))
            again = asyncio.create_task(who.send(under(path, "reorder"), {}, on=path))
            await until_it_waits(again, owner)
        await who.follow(await again)
    async with db.read(scope) as tx:
        (line,) = (await queries.cart(tx, cart_id)).lines
    assert line.quantity == 1 + 3 + 2
