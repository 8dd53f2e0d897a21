"""Tables of pricing."""

from jiedan.pricing.tables.books import (
    PriceBook,
    PriceBookWithdrawal,
    PriceListEntry,
    PriceRule,
    PriceRuleRemoval,
    PriceRuleSet,
)
from jiedan.pricing.tables.coupons import Coupon, CouponBatch, CouponCustomer
from jiedan.pricing.tables.redemptions import PromotionUse, Redemption

__all__ = [
    "Coupon",
    "CouponBatch",
    "CouponCustomer",
    "PriceBook",
    "PriceBookWithdrawal",
    "PriceListEntry",
    "PriceRule",
    "PriceRuleRemoval",
    "PriceRuleSet",
    "PromotionUse",
    "Redemption",
]
