"""Who works here, by name: read anew after a few seconds, not for every look at a list or an order.

Whoever comes is offered a few seconds later; whether somebody can still be given an order is looked at when it is
given.
"""

import collections
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import Staff
from jiedan.base.db import ReadTx
from jiedan.orders.rules import assigning

KEPT_FOR = timedelta(seconds=5)
MERCHANTS_KEPT_MAX = 256

_kept: collections.OrderedDict[UUID, tuple[datetime, "People"]] = collections.OrderedDict()


class People(NamedTuple):
    """Those who can be given orders, by name; what everybody is called, by id; and the ids of those who have left."""

    colleagues: tuple[Staff, ...]
    names: Mapping[str, str]
    gone: frozenset[str]

    def called(self, staff_id: object) -> str:
        """Return what somebody is called; of whom nothing is known yet, their id."""
        return self.names.get(str(staff_id), str(staff_id)) if staff_id is not None else ""


UNASKED = People((), {}, frozenset())
"""For lists that name nobody."""


async def people(tx: ReadTx) -> People:
    """Return who works here, as it was at most `KEPT_FOR` ago. One statement, or none."""
    known = _kept.get(tx.tenant)
    if known is not None and timedelta() <= tx.now - known[0] < KEPT_FOR:
        return known[1]
    everybody = await accounts.staff(tx)
    found = People(
        tuple(assigning.colleagues(everybody)),
        {str(x.staff_id): x.name for x in everybody},
        frozenset(str(x.staff_id) for x in everybody if not x.is_active),
    )
    _kept[tx.tenant] = (tx.now, found)
    _kept.move_to_end(tx.tenant)
    while len(_kept) > MERCHANTS_KEPT_MAX:
        _kept.popitem(last=False)
    return found
