"""Facts of pricing."""

from uuid import UUID

from jiedan.base.events import Event


class PriceRulesChanged(Event, frozen=True, kw_only=True):
    """Tax rates or shipping fees changed; the next batch everywhere prices by `version`."""

    kind = "pricing.rules_changed"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    version: int
    fields: tuple[str, ...]
