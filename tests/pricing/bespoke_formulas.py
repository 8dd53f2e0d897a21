"""Curtains made to measure: rounded up to half a square meter, at a price by fabric, and a setup."""

from decimal import Decimal

from msgspec.structs import replace

from jiedan.base.db import Database, Scope
from jiedan.pricing import queries, service, values

CURTAIN = values.Formula(
    "curtain",
    "area = roundup(width * height, 0.5); area * lookup(per_m2, fabric) + setup",
    attributes=(
        values.FormulaAttribute(
            "width", label="Width", unit="mm", counted_in="m", minimum=Decimal(300), maximum=Decimal(6000),
            step=Decimal(10),
        ),
        values.FormulaAttribute(
            "height", label="Height", unit="mm", counted_in="m", minimum=Decimal(300), maximum=Decimal(4000),
            step=Decimal(10),
        ),
        values.FormulaAttribute("fabric", label="Fabric", choices=("linen", "silk"), default="linen"),
    ),
    constants=(values.FormulaConstant("setup", amounts={"CNY": 3_000}),),
    tables=(
        values.FormulaTable(
            "per_m2",
            "choices",
            (
                values.FormulaRow("linen", amounts={"CNY": 12_000}),
                values.FormulaRow("silk", amounts={"CNY": 30_000}),
            ),
        ),
    ),
    goods=("sku:CURTAIN",),
)  # fmt: skip
"""2.4 m × 1.8 m = 4.32 m², rounded up 4.5: in linen 4.5 × 120.00 + 30.00 = 570.00, in silk 4.5 × 300.00 + 30.00."""

_WIDTH, _HEIGHT, _FABRIC = CURTAIN.attributes
WORDED = replace(
    CURTAIN,
    attributes=(
        replace(_WIDTH, labels=values.Words(zh_hans="宽度", zh_hant="寬度")),
        replace(_HEIGHT, labels=values.Words(zh_hans="高度")),
        replace(
            _FABRIC,
            labels=values.Words("Cloth", "面料", "布料"),
            choice_labels={"linen": values.Words("Flax", "亚麻", "亞麻")},
        ),
    ),
)
"""The same in three languages, some words of which are missing."""

LINEN_MINOR = 57_000
SILK_MINOR = 138_000

ORDERED = {"width": "2.4 m", "height": "1800"}


async def reformulated(db: Database, scope: Scope, formula: values.Formula | None) -> None:
    """Publish another formula in the place of the only one, or none."""
    async with db.begin(scope) as tx:
        (rule,) = await tx.load_one(queries.draft_rules(["formula"]))
        if formula is None:
            await service.remove_rule(tx, rule_id=rule.rule_id)
        else:
            await service.change_rule(tx, rule_id=rule.rule_id, body=formula)
        await service.publish(tx)


RING = values.Formula(
    "ring",
    "base + (0 if empty(engraving) else setup + rate * length(engraving)) / quantity",
    attributes=(
        values.FormulaAttribute("size", label="Size", minimum=Decimal(40), maximum=Decimal(70), default="52"),
        values.FormulaAttribute(
            "engraving",
            label="Engraving",
            text=values.FormulaText(40),
            labels=values.Words(zh_hans="刻字", zh_hant="鐫刻"),
        ),
    ),
    constants=(
        values.FormulaConstant("base", amounts={"CNY": 50_000}),
        values.FormulaConstant("setup", amounts={"CNY": 2_000}),
        values.FormulaConstant("rate", amounts={"CNY": 150}),
    ),
    goods=("sku:RING",),
)
"""A ring of 500.00; an engraving is 20.00 and 1.50 a letter, shared by rings alike: *Anna & Tom*, 8 letters: 32.00."""

PLAIN_MINOR = 50_000
ENGRAVED_MINOR = 53_200
"""Of one ring, engraved with 8 letters."""
