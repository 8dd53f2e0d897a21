"""The desk at which orders hear as they are placed when they arrive."""

import contextlib
from collections.abc import AsyncIterator

from jiedan.base.runtime import Runtime
from jiedan.fulfillment.service.promises import PROMISING
from jiedan.orders.service import OrderDesk
from jiedan.payments import service as payments


@contextlib.asynccontextmanager
async def open_order_desk(runtime: Runtime) -> AsyncIterator[OrderDesk]:
    """Open the desk of this process: orders can be paid out of wallets, and are promised a day."""
    async with payments.open_order_desk(runtime, promising=PROMISING) as desk:
        yield desk
