"""REST of loyalty: how points are earned."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import get, put

from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.wallets import queries, service, values
from jiedan.wallets.values import LoyaltyRule


class LoyaltyRuleBody(bodies.Body):
    """For each whole `step_minor` of `currency` that is spent, `points` are earned; 0 ends it."""

    currency: bodies.Code
    points: Annotated[int, msgspec.Meta(ge=0, le=values.POINTS_PER_STEP_MAX)]
    step_minor: Annotated[int, msgspec.Meta(ge=1, le=values.AMOUNT_MAX)]
    lives_days: Annotated[int, msgspec.Meta(ge=1, le=values.LIVES_DAYS_MAX)] | None = None


class LoyaltyRulesBody(bodies.Body):
    """Rules to set; currencies that are not named keep theirs."""

    __example__: ClassVar[dict[str, Any]] = {
        "rules": [{"currency": "CNY", "points": 1, "step_minor": 100, "lives_days": 365}]
    }

    rules: Annotated[list[LoyaltyRuleBody], msgspec.Meta(min_length=1, max_length=values.BATCH_MAX)]


class LoyaltyRuleView(msgspec.Struct, frozen=True):
    """How points are earned in one currency."""

    currency: str
    points: int
    step_minor: int
    lives_days: int | None
    version: int


def _views(found: list[LoyaltyRule]) -> list[LoyaltyRuleView]:
    return [LoyaltyRuleView(*rule) for rule in found]


@get("/loyalty-rules", permission="wallets:read", summary="List how points are earned")
async def list_loyalty_rules(unit: Unit) -> list[LoyaltyRuleView]:
    """Return the rules of loyalty, by currency."""
    async with unit.read() as tx:
        return _views(await queries.loyalty_rules(tx))


@put("/loyalty-rules", permission="wallets:write", summary="Set how points are earned")
async def set_loyalty_rules(unit: Unit, data: LoyaltyRulesBody) -> list[LoyaltyRuleView]:
    """Set rules of loyalty, and return all."""
    rows = [LoyaltyRule(x.currency, x.points, x.step_minor, x.lives_days) for x in data.rules]
    return _views(await unit.write(lambda tx: service.set_loyalty_rules(tx, rows=rows)))


HANDLERS = (list_loyalty_rules, set_loyalty_rules)
