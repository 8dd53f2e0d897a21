"""Codes that are tried by ordering: who tries many that no coupon has must wait, as who looks codes up."""

from collections.abc import Iterable, Sequence

from jiedan.base.errors import Refusal
from jiedan.base.web.unit import Unit
from jiedan.orders.values import NewOrder
from jiedan.pricing.errors import CouponLookUpsThrottled, CouponRefused
from jiedan.pricing.service import coupons

UNKNOWN = "unknown"


async def admit(unit: Unit, bodies: Sequence[NewOrder]) -> None:
    """Raise CouponLookUpsThrottled where orders bring codes and too many were tried. No statement without codes."""
    if any(body.coupons for body in bodies):
        refuse(await wait_s(unit))


async def wait_s(unit: Unit) -> int:
    """Return how many seconds the caller has to wait before the next order with codes, 0 for none. One statement."""
    async with unit.read() as tx:
        return await coupons.wait_of_tries(tx, caller=unit.principal.caller, network=unit.network)


def refuse(seconds: int) -> None:
    """Raise CouponLookUpsThrottled where there are seconds to wait."""
    if seconds:
        raise CouponLookUpsThrottled(retry_after_s=seconds, field="coupons")


async def count(unit: Unit, reasons: Iterable[Refusal]) -> None:
    """Count the codes that no coupon has, each once for one call. No statement without any."""
    wrong = {reason.coupon for reason in reasons if isinstance(reason, CouponRefused) and reason.state == UNKNOWN}
    if wrong:
        caller, network = unit.principal.caller, unit.network
        await unit.write(lambda tx: coupons.count_tries(tx, caller=caller, network=network, times=len(wrong)))
