"""Codes that are tried by ordering: who tries many that no coupon has must wait, as who looks codes up.

One way for all that takes codes: orders, batches, previews and quotes by REST, drafts, and the console's new order.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.orders.values import NewOrder
from jiedan.pricing.errors import CouponLookUpsThrottled, CouponRefused
from jiedan.pricing.service import coupons

UNKNOWN = "unknown"


def _never(_code: str) -> bool:
    return False


class CodeTries(NamedTuple):
    """Who tries codes and from where, and on whose behalf that is counted.

    `is_counted` tells of a code whether this caller's try of it was counted before, for the same order being written.
    """

    database: Database
    scope: Scope
    caller: str
    network: str
    is_counted: Callable[[str], bool] = _never

    async def admit(self, bodies: Sequence[NewOrder]) -> None:
        """Raise CouponLookUpsThrottled where orders bring codes and too many were tried. No statement without codes."""
        if not any(body.coupons for body in bodies):
            return
        async with self.database.read(self.scope) as tx:
            seconds = await coupons.wait_of_tries(tx, caller=self.caller, network=self.network)
        if seconds:
            raise CouponLookUpsThrottled(retry_after_s=seconds, field="coupons")

    async def count_wrong(self, reasons: Iterable[Refusal]) -> None:
        """Count the codes that no coupon has, each once for one call. No statement without any."""
        wrong = {code for code in unknown_codes(reasons) if not self.is_counted(code)}
        if wrong:
            await self.database.write(
                self.scope,
                lambda tx: coupons.count_tries(tx, caller=self.caller, network=self.network, times=len(wrong)),
            )


def unknown_codes(reasons: Iterable[Refusal]) -> list[str]:
    """Return the codes that no coupon has, each once."""
    wrong = [x.coupon for x in reasons if isinstance(x, CouponRefused) and x.state == UNKNOWN]
    return list(dict.fromkeys(wrong))
