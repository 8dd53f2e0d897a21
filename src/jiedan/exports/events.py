"""What happens to exports."""

from uuid import UUID

from jiedan.base.events import Event


class OrdersExported(Event, frozen=True, kw_only=True):
    """Somebody took orders out, with the personal data in them; `filters` names what was asked for, not the values."""

    kind = "exports.orders_exported"
    subject_kind = "export"
    subject = "export_id"

    export_id: UUID
    rows: str
    format: str
    filters: tuple[str, ...]


class ExportQueued(Event, frozen=True, kw_only=True):
    """Somebody asked the worker for a file."""

    kind = "exports.export_queued"
    subject_kind = "export"
    subject = "export_id"

    export_id: UUID


class PaymentsExported(Event, frozen=True, kw_only=True):
    """Somebody took payments, or refunds, out; `filters` names what was asked for, not the values."""

    kind = "exports.payments_exported"
    subject_kind = "export"
    subject = "export_id"

    export_id: UUID
    rows: str
    format: str
    filters: tuple[str, ...]
