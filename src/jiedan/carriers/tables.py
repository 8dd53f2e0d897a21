"""Tables of carriers."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, COUNTER_STORAGE, ERASABLE, STORAGE, TenantTable, one_of
from jiedan.carriers.values import SETTINGS_BYTES_MAX, TRACKING_STATES


class Carrier(TenantTable):
    """A carrier as a merchant has set it up."""

    __tablename__ = "carrier"

    code: Mapped[str] = mapped_column(primary_key=True)
    adapter: Mapped[str]
    name: Mapped[str]
    is_active: Mapped[bool]
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        sa.CheckConstraint(f"pg_column_size(settings) <= {SETTINGS_BYTES_MAX}", name="settings_bounded"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class WaybillSeries(TenantTable):
    """The next number of the waybills that a carrier account makes itself."""

    __tablename__ = "waybill_series"

    code: Mapped[str] = mapped_column(primary_key=True)
    next_number: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "code"], ["carrier.tenant_id", "carrier.code"]),
        sa.CheckConstraint("next_number >= 1", name="positive"),
        {"info": {STORAGE: COUNTER_STORAGE}},
    )


class TrackingEvent(TenantTable):
    """What a carrier said of a tracking number; said twice it is stored once."""

    __tablename__ = "tracking_event"

    carrier: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[str | None]
    description: Mapped[str]
    place: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        one_of("state", TRACKING_STATES),
        {"info": {APPEND_ONLY: True, ERASABLE: ("description", "place")}},
    )
