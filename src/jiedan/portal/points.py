"""A customer's points: how many, what they pay, what runs out when, how they come, and what happened to them."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get

from jiedan.base import paging
from jiedan.base.web.unit import Unit
from jiedan.customers import queries as customers
from jiedan.portal import shown, signing, visitor
from jiedan.wallets import queries, rules
from jiedan.wallets.values import MOVEMENT_LABELS, REASON_LABELS, WalletKind

POINTS_PATH = "/account/points"
ENTRIES = 50


@get(POINTS_PATH)
async def points_page(unit: Unit, slug: str) -> Response[str]:
    """Show a customer their points."""
    async with visitor.entered(unit, slug) as (tx, who):
        customer_id = who.customer_id
        if customer_id is None:
            return signing.first_sign_in(unit, who)
        known_as = (await tx.load_one(customers.identities([customer_id])))[customer_id]
        found = await queries.wallets_of(tx, customer_id, known_as=known_as)
        wallet_ids = [x.wallet_id for x in found if x.kind == WalletKind.points]
        lots = await tx.load_one(queries.lots(wallet_ids))
        terms = {rule.currency: rule for rule in await queries.loyalty_rules(tx)}
        request = paging.Request.of(
            unit.exchange.site.cursors,
            tenant=who.tenant,
            name="own-points",
            filters={"customer_id": customer_id},
            limit=ENTRIES,
            cursor=unit.request.query_params.get("cursor") or None,
        )
        entries = await queries.entry_rows(tx, request=request, wallet_ids=wallet_ids)
        points = rules.spendable_points(lots, at=tx.now)
        rule = terms.get(who.currency)
        return shown.render(
            unit,
            who,
            "portal/points.html",
            points=points,
            worth_minor=rules.worth_of(points, rule),
            rule=rule,
            running_out=rules.running_out(lots, at=tx.now, zone=ZoneInfo(who.settings.time_zone)),
            entries=entries,
            movements=MOVEMENT_LABELS,
            reasons=REASON_LABELS,
        )


HANDLERS: tuple[Any, ...] = (points_page,)
