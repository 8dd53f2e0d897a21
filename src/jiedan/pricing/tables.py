"""Tables of pricing."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable


class PriceRuleSet(TenantTable):
    """The version of everything that prices beside unit prices: any change raises it."""

    __tablename__ = "price_rule_set"

    version: Mapped[int]

    __table_args__ = (sa.CheckConstraint("version >= 1", name="positive"),)


class TaxRate(TenantTable):
    """Parts per million of tax by country (`*`: the others) and tax class."""

    __tablename__ = "tax_rate"

    country: Mapped[str] = mapped_column(primary_key=True)
    tax_class: Mapped[str] = mapped_column(primary_key=True)
    rate_ppm: Mapped[int]

    __table_args__ = (sa.CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="rate_range"),)


class ShippingFee(TenantTable):
    """The flat shipping fee of one currency."""

    __tablename__ = "shipping_fee"

    currency: Mapped[str] = mapped_column(primary_key=True)
    fee_minor: Mapped[int]
    free_from_minor: Mapped[int | None]
    tax_class: Mapped[str]

    __table_args__ = (
        sa.CheckConstraint("fee_minor >= 0", name="fee_not_negative"),
        sa.CheckConstraint("free_from_minor >= 0", name="free_from_not_negative"),
    )
