"""What happened to the carriers of a merchant."""

from jiedan.base import events
from jiedan.base.ids import TenantId


class _CarrierEvent(events.Event, frozen=True, kw_only=True):
    """Something that happened to one carrier; carriers have codes, so the subject is their merchant."""

    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: TenantId
    code: str


class CarrierSaved(_CarrierEvent, frozen=True, kw_only=True):
    """A carrier was set up, or changed; `fields` names what."""

    kind = "carriers.carrier_saved"

    adapter: str
    fields: tuple[str, ...]
    version: int
