"""How much work waits behind each place of the side bar, and how many notices are unread under the bell.

The numbers are counted at most once in `FRESH_S` for each caller and process, in one transaction that only reads. A
page shows the last ones known without asking the database; a script asks afterwards and corrects what is shown.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.base.ids import TenantId
from jiedan.base.web.principals import Principal

FRESH_S = 15.0
CALLERS_MAX = 2_000

NOTICES = "notices"
"""The name of the counter whose number stands at the bell."""


class Counter(NamedTuple):
    """Something that waits: counted for whoever has `permission`, by `number`, which stops counting at a thousand."""

    name: str
    permission: str
    number: Callable[[ReadTx, Principal], Awaitable[int]]


class Waiting:
    """Know the last numbers of each caller."""

    def __init__(self, counters: Sequence[Counter] = ()) -> None:
        self._counters = tuple(counters)
        self._numbers: OrderedDict[tuple[TenantId, str], tuple[float, Mapping[str, int]]] = OrderedDict()

    def names(self, principal: Principal) -> frozenset[str]:
        """Return what is counted for a caller at all."""
        return frozenset(counter.name for counter in self._may(principal))

    def known(self, principal: Principal) -> Mapping[str, int]:
        """Return the last numbers, however old, without those that the caller may not see any more."""
        _, numbers = self._numbers.get((principal.tenant, principal.caller), (0.0, {}))
        names = self.names(principal)
        return {name: number for name, number in numbers.items() if name in names}

    async def counted(
        self, principal: Principal, read: Callable[[], AbstractAsyncContextManager[ReadTx]], *, at_s: float
    ) -> Mapping[str, int]:
        """Return the numbers, counted again in `read` when older than `FRESH_S` at the monotonic time `at_s`."""
        key = (principal.tenant, principal.caller)
        then_s, numbers = self._numbers.get(key, (float("-inf"), {}))
        if at_s - then_s < FRESH_S:
            return self.known(principal)
        counters = self._may(principal)
        if counters:
            async with read() as tx:
                numbers = {counter.name: await counter.number(tx, principal) for counter in counters}
        self._numbers[key] = (at_s, numbers)
        self._numbers.move_to_end(key)
        while len(self._numbers) > CALLERS_MAX:
            self._numbers.popitem(last=False)
        return numbers

    def forget(self, tenant: TenantId, caller: str) -> None:
        """Count anew for a caller who just changed what waits."""
        self._numbers.pop((tenant, caller), None)

    def _may(self, principal: Principal) -> list[Counter]:
        return [counter for counter in self._counters if counter.permission in principal.permissions]
