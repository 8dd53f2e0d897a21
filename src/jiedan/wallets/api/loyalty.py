"""REST of loyalty: how points are earned, and what they pay."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import get, put

from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.wallets import queries, service, values
from jiedan.wallets.values import LoyaltyRule


class LoyaltyRuleBody(bodies.Body):
    """For each whole `step_minor` of `currency` that is spent, `points` are earned; 0 ends it.

    Each `pays_points` of them pay `pays_minor` of an order, 0 ends it: from `pays_points_min` on, and at most
    `pays_share_percent` of it. With a `version` just that one is changed.
    """

    currency: bodies.Code
    points: Annotated[int, msgspec.Meta(ge=0, le=values.POINTS_PER_STEP_MAX)]
    step_minor: Annotated[int, msgspec.Meta(ge=1, le=values.AMOUNT_MAX)]
    lives_days: Annotated[int, msgspec.Meta(ge=1, le=values.LIVES_DAYS_MAX)] | None = None
    pays_points: Annotated[int, msgspec.Meta(ge=0, le=values.POINTS_PER_STEP_MAX)] = 0
    pays_minor: Annotated[int, msgspec.Meta(ge=1, le=values.PAYS_MINOR_MAX)] = 1
    pays_points_min: Annotated[int, msgspec.Meta(ge=0, le=values.AMOUNT_MAX)] = 0
    pays_share_percent: Annotated[int, msgspec.Meta(ge=1, le=values.SHARE_PERCENT_MAX)] = values.SHARE_PERCENT_MAX
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None


class LoyaltyRulesBody(bodies.Body):
    """Rules to set; currencies that are not named keep theirs."""

    __example__: ClassVar[dict[str, Any]] = {
        "rules": [
            {
                "currency": "CNY",
                "points": 1,
                "step_minor": 100,
                "lives_days": 365,
                "pays_points": 100,
                "pays_minor": 100,
                "pays_points_min": 500,
                "pays_share_percent": 50,
            }
        ]
    }

    rules: Annotated[list[LoyaltyRuleBody], msgspec.Meta(min_length=1, max_length=values.BATCH_MAX)]


class LoyaltyRuleView(msgspec.Struct, frozen=True):
    """How points are earned in one currency, and what they pay there."""

    currency: str
    points: int
    step_minor: int
    lives_days: int | None
    version: int
    pays_points: int
    pays_minor: int
    pays_points_min: int
    pays_share_percent: int


def _views(found: list[LoyaltyRule]) -> list[LoyaltyRuleView]:
    return [LoyaltyRuleView(*rule) for rule in found]


@get("/loyalty-rules", permission="wallets:read", summary="List how points are earned, and what they pay")
async def list_loyalty_rules(unit: Unit) -> list[LoyaltyRuleView]:
    """Return the rules of loyalty, by currency."""
    async with unit.read() as tx:
        return _views(await queries.loyalty_rules(tx))


@put("/loyalty-rules", permission="wallets:write", summary="Set how points are earned, and what they pay")
async def set_loyalty_rules(unit: Unit, data: LoyaltyRulesBody) -> list[LoyaltyRuleView]:
    """Set rules of loyalty, and return all."""
    rows = [LoyaltyRule(**{**msgspec.structs.asdict(x), "version": x.version or 0}) for x in data.rules]
    return _views(await unit.write(lambda tx: service.set_loyalty_rules(tx, rows=rows)))


HANDLERS = (list_loyalty_rules, set_loyalty_rules)
