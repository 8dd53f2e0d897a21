"""The table of postal areas."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable


class PostalArea(TenantTable):
    """Where a postal area lies: the longest prefix of a postal code that is listed places an address."""

    __tablename__ = "postal_area"

    country: Mapped[str] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    lat: Mapped[float] = mapped_column(sa.Double())
    lon: Mapped[float] = mapped_column(sa.Double())

    __table_args__ = (
        sa.CheckConstraint("lat BETWEEN -90 AND 90", name="lat_range"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180", name="lon_range"),
    )
