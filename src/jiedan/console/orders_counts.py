"""How many orders each view has: counted anew after a few seconds, not for every look at the list.

Building and running the counts of eight views is half of what a page of the list costs; nobody acts on the last digit
of a tab. What the list itself shows is always counted.
"""

import collections
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.orders import queries
from jiedan.orders.rules.finding import Criteria

KEPT_FOR = timedelta(seconds=5)
VIEWS_KEPT_MAX = 4_096

_kept: collections.OrderedDict[tuple[UUID, Criteria], tuple[datetime, paging.Count]] = collections.OrderedDict()


async def counts(tx: ReadTx, listed: Criteria, views: Sequence[Criteria]) -> tuple[paging.Count, list[paging.Count]]:
    """Count the orders of the list at hand, and those of each view, at most `KEPT_FOR` ago. One statement."""
    stale = [view for view in views if _known(tx, view) is None]
    wanted = list(dict.fromkeys([listed, *stale]))
    for criteria, count in zip(wanted, await queries.order_counts(tx, wanted), strict=True):
        _kept[tx.tenant, criteria] = (tx.now, count)
        _kept.move_to_end((tx.tenant, criteria))
    found = [_kept[tx.tenant, view][1] for view in (listed, *views)]
    while len(_kept) > VIEWS_KEPT_MAX:
        _kept.popitem(last=False)
    return found[0], found[1:]


def _known(tx: ReadTx, view: Criteria) -> paging.Count | None:
    kept = _kept.get((tx.tenant, view))
    return kept[1] if kept is not None and timedelta() <= tx.now - kept[0] < KEPT_FOR else None
