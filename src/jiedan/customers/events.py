"""Facts of customers; names and contacts are in the private part."""

from uuid import UUID

from jiedan.base.events import Event


class _CustomerEvent(Event, frozen=True, kw_only=True):
    subject_kind = "customer"
    subject = "customer_id"

    customer_id: UUID


class CustomerCreated(_CustomerEvent, frozen=True, kw_only=True):
    """A customer is known."""

    kind = "customers.customer_created"


class CustomerChanged(_CustomerEvent, frozen=True, kw_only=True):
    """A customer's data changed; `fields` names what."""

    kind = "customers.customer_changed"

    fields: tuple[str, ...]
    version: int


class ConsentRecorded(_CustomerEvent, frozen=True, kw_only=True):
    """A customer gave or withdrew a consent; where it was said is private data."""

    kind = "customers.consent_recorded"

    purpose: str
    is_granted: bool


class CustomersMerged(_CustomerEvent, frozen=True, kw_only=True):
    """A duplicate was given up; its id resolves to `customer_id`, the survivor."""

    kind = "customers.customers_merged"

    merged_id: UUID


class MergeUndone(_CustomerEvent, frozen=True, kw_only=True):
    """A duplicate is a customer of its own again."""

    kind = "customers.merge_undone"

    merged_id: UUID
