"""What a shop with very many promotions offers: of each kind some, each for the goods of one tag."""

from collections.abc import Sequence

from jiedan.pricing.values.promotions import AmountOff, BuyGet, Goods, Offer, PercentOff, Promotion, Step, Steps, When

TAGS = 100
"""Goods have one tag each; with two hundred promotions each tag has two."""

PER_TAG = 2
CODES_PROMOTION = "letter"

_OFFERS: tuple[Offer, ...] = (
    PercentOff(50_000),
    AmountOff({"CNY": 100}, per="unit"),
    Steps((Step(from_quantity=3, rate_ppm=30_000), Step(from_quantity=10, rate_ppm=80_000)), by="quantity"),
    BuyGet(buy=3, get=1, rate_ppm=500_000),
    AmountOff({"CNY": 300}, per="line"),
)


def tag_of(number: int) -> str:
    """Return the tag of the SKU with a number."""
    return f"t{number % TAGS}"


def promotions(count: int, *, skus_each: Sequence[Sequence[str]] = ()) -> tuple[Promotion, ...]:
    """Return so many promotions, each for the goods of a tag; with `skus_each`, for those SKUs by code instead."""
    return tuple(
        Promotion(
            f"offer-{n}",
            f"Offer {n}",
            _OFFERS[n % len(_OFFERS)],
            Goods(any_of=tuple(f"sku:{code}" for code in skus_each[n]) if skus_each else (f"tag:{tag_of(n)}",)),
            priority=n,
        )
        for n in range(count)
    )


def opened_by_code() -> Promotion:
    """Return a promotion that is given to orders with one of its codes alone."""
    return Promotion(CODES_PROMOTION, "Letter", AmountOff({"CNY": 500}), when=When(coupon="required"))
