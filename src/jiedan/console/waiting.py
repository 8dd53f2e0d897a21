"""What waits for people, counted for the side bar and the bell; see `base/web/waiting.py`."""

import time
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType

from jiedan.accounts.values import SELF
from jiedan.base.db import ReadTx
from jiedan.base.web.principals import Principal
from jiedan.base.web.unit import Unit
from jiedan.base.web.waiting import NOTICES, Counter
from jiedan.cases import queries as cases
from jiedan.fulfillment import queries as fulfillment
from jiedan.notifications import queries as notifications

CASES, FULFILLMENT = "cases", "fulfillment"


async def _open_cases(tx: ReadTx, _principal: Principal) -> int:
    return sum((await cases.open_numbers(tx)).values())


async def _at_work(tx: ReadTx, _principal: Principal) -> int:
    """Count the fulfillments that have not left."""
    counts = await fulfillment.status_counts(tx)
    return sum(number for status, number in counts.items() if status != "shipped")


async def _unread(tx: ReadTx, principal: Principal) -> int:
    if principal.actor.kind != "staff":
        return 0
    return await notifications.unread(tx, staff_id=UUID(principal.actor.id), permissions=principal.permissions)


COUNTERS: tuple[Counter, ...] = (
    Counter(CASES, "cases:read", _open_cases),
    Counter(FULFILLMENT, "fulfillment:read", _at_work),
    Counter(NOTICES, SELF, _unread),
)


@get("/waiting", permission=SELF)
async def waiting_numbers(unit: Unit) -> Response[Any]:
    """Answer the numbers, as JSON by name, to the script that corrects a page."""
    waiting = unit.exchange.site.waiting
    numbers = await waiting.counted(unit.principal, unit.read, at_s=time.monotonic())
    return Response(dict(numbers), media_type=MediaType.JSON)


HANDLERS: tuple[Any, ...] = (waiting_numbers,)
