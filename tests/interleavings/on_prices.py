"""Operations on price rules: drafts, versions, what goes back."""

from typing import Any

from jiedan.pricing import service as pricing
from tests.interleavings.operation import call, use_case


def promotion(code: str, rate_ppm: int) -> dict[str, Any]:
    """Return the rule of a promotion that only its coupons open."""
    offer = {"type": "percent_off", "rate_ppm": rate_ppm}
    return {"id": code, "name": code, "offer": offer, "when": {"coupon": "required"}}


SKU_OF_TRADE = {"price_list": "trade", "sku": "TEA-250"}
TRADE = {**SKU_OF_TRADE, "tiers": [{"min_quantity": 1, "unit_minor": 700}]}

OPERATIONS = [
    call(
        "draft a rule", "rules", "POST /price-rules/drafts", {"kind": "promotion", "body": promotion("fresh", 10_000)}
    ),
    call("change a rule", "rules", "PUT /price-rules/drafts/{rule}", {"body": promotion("spring", 20_000)}),
    call("remove a rule", "rules", "DELETE /price-rules/drafts/{rule}"),
    call("discard changes", "rules", "POST /price-rules/changes/discard"),
    call("take rules back", "rules", "POST /price-rules/removals/{removed rules}/restoration"),
    use_case("forget rules", "rules", lambda tx, _: pricing.forget_removals(tx)),
    call("publish rules", "rules", "POST /price-rules/versions", {"begins_at": "2099-01-01T00:00:00Z"}),
    call("go back to a version", "rules", "POST /price-rules/versions/1/restorations", {}),
    call("set prices of a list", "rules, goods", "PUT /list-prices", {"prices": [TRADE]}),
    call("take a SKU out of a list", "rules, goods", "POST /list-prices/removals", {"prices": [SKU_OF_TRADE]}),
    call("take a version back", "rules", "POST /price-rules/versions/3/withdrawal"),
]
