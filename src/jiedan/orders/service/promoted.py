"""The promotions that orders were priced by, for those who tell of them."""

from collections.abc import Collection, Mapping

from jiedan.base.db import ReadTx
from jiedan.orders.placement.load import RULES
from jiedan.pricing.errors.drafts import PriceBookNotFound
from jiedan.pricing.values.promotions import Promotion


async def promotions_of(
    tx: ReadTx, *, version: int, promotions: Collection[str], prices_include_tax: bool
) -> Mapping[str, Promotion]:
    """Return promotions as a version of the rules has them, by id; unknown ones are absent.

    No statement without any, and where the rules are at hand; else one.
    """
    if not promotions:
        return {}
    try:
        rules = await RULES.current(tx, version=version, prices_include_tax=prices_include_tax)
    except PriceBookNotFound:
        return {}
    known = rules.promotions
    return {one: known.promotions[known.by_id[one]].promotion for one in promotions if one in known.by_id}
