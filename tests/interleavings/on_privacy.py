"""Operations on customers who are forgotten: one who is about to be, and one whose erasure is under way."""

from typing import Any
from uuid import UUID

from jiedan.base.db import Database, Tx
from jiedan.base.ids import TenantId
from jiedan.customers import service as customers
from jiedan.privacy import jobs
from tests.interleavings import on_accounts
from tests.interleavings.operation import call, task, use_case

LEAVER = {"name": "Han Lei", "phone": "138 0013 8009"}
GUEST = {"name": "Han Mei", "email": "han.mei@example.com"}
CONFIRMED = {"confirmation": LEAVER["name"]}


async def _erase(database: Database, tenant: TenantId, ids: Any) -> None:
    await jobs.ERASE.work(database, tenant, {"erasure_id": ids["erasure"]})


async def _keep_address(tx: Tx, ids: Any) -> None:
    leaver = UUID(ids["leaver"])
    await customers.add_address(tx, customer_id=leaver, address=on_accounts.PLACE, label="Home", is_default=True)


async def _ask_to_be_forgotten(tx: Tx, ids: Any) -> None:
    await customers.request_erasure(tx, customer_id=UUID(ids["leaver"]))


OPERATIONS = [
    call("begin an erasure", "leaver", "POST /customers/{leaver}/erasure", CONFIRMED),
    call(
        "place for who leaves",
        "leaver, tea 500",
        "POST /orders",
        {"lines": [{"sku": "TEA-500", "quantity": 1}], "customer_id": "{leaver}"},
    ),
    call("edit who leaves", "leaver", "PATCH /customers/{leaver}", {"phone": "138 0013 8010"}),
    use_case("come in who leaves", "leaver", on_accounts.come_in_who_leaves),
    use_case("keep an address of who leaves", "leaver", _keep_address),
    use_case("ask to be forgotten", "leaver", _ask_to_be_forgotten),
    call("merge who leaves", "leaver", "POST /customers/{li}/merges", {"merged_id": "{leaver}"}),
    call("begin a guest's erasure", "guest", "POST /guest-erasures", {"email": GUEST["email"]}),
    call("look after a guest's order", "guest", "POST /orders/{guest order}/assignment", {"assignee_id": "{owner}"}),
    task("erase", "left", _erase),
    call("comment on what was left", "left", "POST /orders/{left order}/comments", {"text": "Who was it?"}),
]
