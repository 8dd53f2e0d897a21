"""Facts of sourcing."""

from uuid import UUID

from jiedan.base.events import Event


class PostalAreasSet(Event, frozen=True, kw_only=True):
    """Postal areas were added or replaced: how many, and of which countries."""

    kind = "sourcing.postal_areas_set"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    count: int
    countries: tuple[str, ...]


class PostalAreaRemoved(Event, frozen=True, kw_only=True):
    """A postal area was taken from the table."""

    kind = "sourcing.postal_area_removed"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    country: str
    prefix: str
