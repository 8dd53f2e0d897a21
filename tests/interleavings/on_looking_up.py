"""Operations of guests who look for their order: a code is asked for, mailed, and good once."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.orders import service as orders
from jiedan.orders.tables import Order, OrderLookUp
from tests.interleavings.on_privacy import GUEST
from tests.interleavings.operation import use_case

CONTACT = GUEST["email"]


async def furnish(db: Database, scope: Scope, ids: dict[str, str]) -> None:
    """Let a guest have a code for their order, whose page asked for it."""
    async with db.begin(scope) as tx:
        numbered = sa.select(Order.number).where(
            Order.tenant_id == tx.tenant, Order.order_id == UUID(ids["guest order"])
        )
        ids["guest number"] = (await tx.execute(numbered)).scalar_one()
        asked = await orders.request_look_up(tx, number=ids["guest number"], contact=CONTACT, network="")
        assert isinstance(asked, orders.LookUp)
        made = sa.select(OrderLookUp.look_up_id).where(OrderLookUp.tenant_id == tx.tenant)
        look_up_id = (await tx.execute(made)).scalar_one()
        codes = await orders.mail_codes(tx, look_up_ids=[look_up_id])
        ids |= {"look-up": str(look_up_id), "look-up secret": asked.secret, "look-up code": codes[look_up_id].text}


async def _ask(tx: Tx, ids: Any) -> Any:
    return await orders.request_look_up(tx, number=ids["guest number"], contact=CONTACT, network="")


async def _mail(tx: Tx, ids: Any) -> None:
    await orders.mail_codes(tx, look_up_ids=[UUID(ids["look-up"])])


async def _open(tx: Tx, ids: Any) -> Any:
    return await orders.open_order(tx, secret=ids["look-up secret"], code=ids["look-up code"])


async def _mistype(tx: Tx, ids: Any) -> Any:
    return await orders.open_order(tx, secret=ids["look-up secret"], code="no code")


OPERATIONS = [
    use_case("look for an order", "look-up, guest", _ask),
    use_case("mail the code of an order", "look-up, guest", _mail),
    use_case("give the code of an order", "look-up, guest", _open),
    use_case("mistype the code of an order", "look-up, guest", _mistype),
]
