"""Operations on customers who are forgotten: one who is about to be, and one whose erasure is under way."""

from typing import Any

from jiedan.base.db import Database
from jiedan.base.ids import TenantId
from jiedan.privacy import jobs
from tests.interleavings.operation import call, task

LEAVER = {"name": "Han Lei", "phone": "138 0013 8009"}
GUEST = {"name": "Han Mei", "email": "han.mei@example.com"}
CONFIRMED = {"confirmation": LEAVER["name"]}


async def _erase(database: Database, tenant: TenantId, ids: Any) -> None:
    await jobs.ERASE.work(database, tenant, {"erasure_id": ids["erasure"]})


OPERATIONS = [
    call("begin an erasure", "leaver", "POST /customers/{leaver}/erasure", CONFIRMED),
    call(
        "place for who leaves",
        "leaver, tea 500",
        "POST /orders",
        {"lines": [{"sku": "TEA-500", "quantity": 1}], "customer_id": "{leaver}"},
    ),
    call("edit who leaves", "leaver", "PATCH /customers/{leaver}", {"phone": "138 0013 8010"}),
    call("begin a guest's erasure", "guest", "POST /guest-erasures", {"email": GUEST["email"]}),
    call("look after a guest's order", "guest", "POST /orders/{guest order}/assignment", {"assignee_id": "{owner}"}),
    task("erase", "left", _erase),
    call("comment on what was left", "left", "POST /orders/{left order}/comments", {"text": "Who was it?"}),
]
