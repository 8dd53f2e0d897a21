"""What the demo shop makes to measure: a curtain for the tea room, priced by its cloth, and who orders one. Pure."""

from decimal import Decimal

from jiedan.demo import goods
from jiedan.demo.stories import Story
from jiedan.orders.values import NewLine
from jiedan.pricing.values import Formula, FormulaAttribute, FormulaConstant, FormulaRow, FormulaTable, Words
from jiedan.pricing.values.examples import Example, ExampleLine

CURRENCY = "CNY"
SHARE = 0.1
"""Pieces that are bought in, for each order: many more than are sold."""

FABRICS = {"linen": 12_000, "ramie": 9_800, "silk": 30_000}
"""What a square meter costs, in fen."""

_FABRIC_NAMES = {
    "linen": Words("Linen", "亚麻", "亞麻"),
    "ramie": Words("Ramie", "苎麻", "苧麻"),
    "silk": Words("Silk", "真丝", "真絲"),
}

SETUP_MINOR = 3_000

CURTAIN = Formula(
    "curtain",
    "area = roundup(width * height, 0.5); area * lookup(per_m2, fabric) + setup",
    attributes=(
        FormulaAttribute(
            "width",
            "Width",
            "mm",
            "m",
            Decimal(300),
            Decimal(6_000),
            Decimal(10),
            labels=Words(zh_hans="宽", zh_hant="寬"),
        ),
        FormulaAttribute(
            "height",
            "Height",
            "mm",
            "m",
            Decimal(300),
            Decimal(4_000),
            Decimal(10),
            labels=Words(zh_hans="高", zh_hant="高"),
        ),
        FormulaAttribute(
            "fabric",
            "Fabric",
            choices=tuple(FABRICS),
            default="linen",
            labels=Words(zh_hans="面料", zh_hant="布料"),
            choice_labels=_FABRIC_NAMES,
        ),
    ),
    constants=(FormulaConstant("setup", amounts={CURRENCY: SETUP_MINOR}),),
    tables=(
        FormulaTable(
            "per_m2", "choices", tuple(FormulaRow(name, amounts={CURRENCY: minor}) for name, minor in FABRICS.items())
        ),
    ),
    goods=(f"sku:{goods.CURTAIN.code}",),
)
"""Width times height, rounded up to half a square meter, at the price of the cloth, and a setup."""

EXAMPLES = (
    Example(
        "2.4 m × 1.8 m = 4.32 m², 按 4.5 m² counted",
        CURRENCY,
        (ExampleLine(goods.CURTAIN.code, attributes={"width": "2.4 m", "height": "1800", "fabric": "linen"}),),
        total_minor=57_000,
    ),
)
"""4.5 × 120.00 + 30.00 = 570.00, sent for nothing."""

_EVERY, _TURN = 13, 6
"""Every so manieth story with a smooth end has a curtain made."""

_WIDTHS_MM, _HEIGHTS_MM = (1_200, 1_500, 2_400, 900), (1_800, 2_100, 2_000)


def lines(story: Story) -> tuple[NewLine, ...]:
    """Return the curtains that a story orders beside what is in its basket: of most none."""
    if story.number % _EVERY != _TURN or story.fate != "smooth":
        return ()
    rank = story.number // _EVERY
    said: dict[str, float | int | str] = {
        "width": f"{_WIDTHS_MM[rank % len(_WIDTHS_MM)]} mm",
        "height": f"{_HEIGHTS_MM[rank % len(_HEIGHTS_MM)]} mm",
        "fabric": tuple(FABRICS)[rank % len(FABRICS)],
    }
    return (NewLine(sku=goods.CURTAIN.code, quantity=1 + rank % 2, attributes=said),)
