"""REST of uses of promotions."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get

from jiedan.base import paging
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.values.redemptions import Redemption


class RedemptionView(msgspec.Struct, frozen=True):
    """An order's use of a promotion, by a code where it needed one; `given_back_at` when it no longer counts."""

    redemption_id: UUID
    order_id: UUID
    promotion: str
    coupon_id: UUID | None
    code: str
    customer_id: UUID | None
    units: int
    currency: str
    discount_minor: int
    redeemed_at: datetime
    given_back_at: datetime | None


def _redemption(x: Redemption) -> RedemptionView:
    return RedemptionView(
        x.redemption_id,
        x.order_id,
        x.promotion,
        x.coupon_id,
        x.code,
        x.customer_id,
        x.units,
        x.currency,
        x.discount_minor,
        x.redeemed_at,
        x.given_back_at,
    )


@get("/redemptions", permission="orders:read", summary="List uses of promotions")
async def list_redemptions(
    unit: Unit,
    *,
    order_id: UUID | None = None,
    coupon_id: UUID | None = None,
    customer_id: UUID | None = None,
    promotion: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[RedemptionView]]:
    """Return uses of promotions, latest first: of an order, a code, a customer or a promotion."""
    asked = queries.UsesAsked(order_id, coupon_id, customer_id, promotion)
    filters = {name: None if value is None else str(value) for name, value in asked._asdict().items()}
    request = unit.page("redemptions", filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.redemption_rows(tx, request=request, asked=asked)
    return answers.listing(unit, paging.Page([_redemption(x) for x in page.items], page.next, page.previous))


HANDLERS = (list_redemptions,)
