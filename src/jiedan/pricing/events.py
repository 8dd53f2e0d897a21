"""Facts of pricing."""

from datetime import datetime
from uuid import UUID

from jiedan.base.events import Event


class PriceRulesChanged(Event, frozen=True, kw_only=True):
    """A version of the price rules was published; orders are priced by it at once, or from `begins_at` on.

    `fields` are the kinds of rules that differ from the version before; `restores` is the old version it says again.
    """

    kind = "pricing.rules_changed"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    version: int
    fields: tuple[str, ...]
    begins_at: datetime | None = None
    restores: int | None = None


class PromotionRedeemed(Event, frozen=True, kw_only=True):
    """An order uses a promotion, by a code where `coupon_id` has one."""

    kind = "pricing.promotion_redeemed"
    subject_kind = "redemption"
    subject = "redemption_id"

    redemption_id: UUID
    order_id: UUID
    promotion: str
    coupon_id: UUID | None
    customer_id: UUID | None
    units: int
    currency: str
    discount_minor: int


class RedemptionGivenBack(Event, frozen=True, kw_only=True):
    """An order no longer uses a promotion: it was canceled, has expired, or was priced again."""

    kind = "pricing.redemption_given_back"
    subject_kind = "redemption"
    subject = "redemption_id"

    redemption_id: UUID
    order_id: UUID
    promotion: str
    coupon_id: UUID | None


class CouponBatchCreated(Event, frozen=True, kw_only=True):
    """A batch of `size` codes is wanted; those that are not made at once follow."""

    kind = "pricing.coupon_batch_created"
    subject_kind = "coupon_batch"
    subject = "batch_id"

    batch_id: UUID
    promotion: str
    origin: str
    size: int


class CouponsAdded(Event, frozen=True, kw_only=True):
    """So many codes came into a batch, which has `made` of `size` now."""

    kind = "pricing.coupons_added"
    subject_kind = "coupon_batch"
    subject = "batch_id"

    batch_id: UUID
    added: int
    made: int
    size: int


class CouponBatchChanged(Event, frozen=True, kw_only=True):
    """The terms of a batch changed, or it was blocked or let work again."""

    kind = "pricing.coupon_batch_changed"
    subject_kind = "coupon_batch"
    subject = "batch_id"

    batch_id: UUID
    fields: tuple[str, ...]
    is_blocked: bool
    version: int


class CouponChanged(Event, frozen=True, kw_only=True):
    """One code was blocked, or let work again."""

    kind = "pricing.coupon_changed"
    subject_kind = "coupon"
    subject = "coupon_id"

    coupon_id: UUID
    batch_id: UUID
    is_blocked: bool


class PriceRuleAdded(Event, frozen=True, kw_only=True):
    """A rule was written into the draft of the price rules."""

    kind = "pricing.rule_added"
    subject_kind = "price_rule"
    subject = "rule_id"

    rule_id: UUID
    rule_kind: str
    code: str


class PriceRuleChanged(Event, frozen=True, kw_only=True):
    """A rule of the draft was changed."""

    kind = "pricing.rule_changed"
    subject_kind = "price_rule"
    subject = "rule_id"

    rule_id: UUID
    rule_kind: str
    code: str
    version: int
    fields: tuple[str, ...]


class PriceRuleRemoved(Event, frozen=True, kw_only=True):
    """A rule was taken out of the draft."""

    kind = "pricing.rule_removed"
    subject_kind = "price_rule"
    subject = "rule_id"

    rule_id: UUID
    rule_kind: str
    code: str


class PriceDraftReset(Event, frozen=True, kw_only=True):
    """The draft was made to say what `version` says; so many of its rules were others."""

    kind = "pricing.draft_reset"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    version: int
    rules: int


class PriceRulesRestored(Event, frozen=True, kw_only=True):
    """So many rules that were taken out of the draft are in it again as they were."""

    kind = "pricing.rules_restored"
    subject_kind = "price_rule_removal"
    subject = "removal_id"

    removal_id: UUID
    rules: int


class PriceBookWithdrawn(Event, frozen=True, kw_only=True):
    """A version of the rules was taken back before it began."""

    kind = "pricing.book_withdrawn"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    version: int


class ListPricesSet(Event, frozen=True, kw_only=True):
    """Prices of a list were set or removed; the next batch everywhere sells by them."""

    kind = "pricing.list_prices_set"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    price_list: str
    sku_ids: tuple[UUID, ...]
