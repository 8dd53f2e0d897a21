"""Operations of customers on their own accounts in the shop."""

from typing import Any

from jiedan.base.db import Tx
from jiedan.customers import service as customers
from jiedan.customers.errors import LinkNotValid
from jiedan.customers.values import Browser, CustomerId
from tests.interleavings.operation import use_case

BROWSER = Browser("192.0.2.7", "Firefox")


async def _come_in(tx: Tx, ids: Any) -> object:
    try:
        await customers.enter_by_link(tx, secret=ids["wang link"], browser=BROWSER, replaced=None, then=_stay)
    except LinkNotValid as refusal:
        return [refusal]
    return []


async def _stay(_tx: Tx, _customer_id: CustomerId) -> None:
    """Do nothing more when somebody comes in."""


OPERATIONS = [use_case("come in by a link", "wang", _come_in)]
