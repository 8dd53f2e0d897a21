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


class _GroupEvent(Event, frozen=True, kw_only=True):
    subject_kind = "customer_group"
    subject = "group_id"

    group_id: UUID
    code: str


class GroupCreated(_GroupEvent, frozen=True, kw_only=True):
    """Customers can be put into a group."""

    kind = "customers.group_created"


class GroupChanged(_GroupEvent, frozen=True, kw_only=True):
    """A group is called otherwise; `fields` names what changed."""

    kind = "customers.group_changed"

    fields: tuple[str, ...]
    version: int


class GroupRemoved(_GroupEvent, frozen=True, kw_only=True):
    """A group that nobody was in any more is gone."""

    kind = "customers.group_removed"


class GroupJoined(_CustomerEvent, frozen=True, kw_only=True):
    """A customer is in a group from now on."""

    kind = "customers.group_joined"

    group_id: UUID
    group: str


class GroupLeft(_CustomerEvent, frozen=True, kw_only=True):
    """A customer is in a group no more."""

    kind = "customers.group_left"

    group_id: UUID
    group: str


class AccountOpened(_CustomerEvent, frozen=True, kw_only=True):
    """A customer proved an address and has an account from now on; the address is private data."""

    kind = "customers.account_opened"


class AccountDisabled(_CustomerEvent, frozen=True, kw_only=True):
    """Staff closed a customer's account; every session ended."""

    kind = "customers.account_disabled"


class AccountEnabled(_CustomerEvent, frozen=True, kw_only=True):
    """Staff let a customer in again."""

    kind = "customers.account_enabled"


class AccountEmailChanged(_CustomerEvent, frozen=True, kw_only=True):
    """A customer proved another address and signs in by that; both are private data."""

    kind = "customers.account_email_changed"


class AccountPasswordChanged(_CustomerEvent, frozen=True, kw_only=True):
    """A customer chose a password; all sessions but at most the one in use ended."""

    kind = "customers.account_password_changed"


class AccountSessionsEnded(_CustomerEvent, frozen=True, kw_only=True):
    """A customer was signed out of browsers."""

    kind = "customers.account_sessions_ended"

    session_ids: tuple[UUID, ...]


class AccountEntered(_CustomerEvent, frozen=True, kw_only=True):
    """A customer signed in."""

    kind = "customers.account_entered"

    session_id: UUID


class LinkRequested(Event, frozen=True, kw_only=True):
    """A one-time link is to be mailed to an address; whose it is stands in no event."""

    kind = "customers.link_requested"
    subject_kind = "customer_link"
    subject = "link_id"

    link_id: UUID
    purpose: str


class ErasureRequested(_CustomerEvent, frozen=True, kw_only=True):
    """A customer wants what is stored about them erased."""

    kind = "customers.erasure_requested"


class ErasureBegun(_CustomerEvent, frozen=True, kw_only=True):
    """Staff have a customer erased: nothing can be done with it any more, and its data go next."""

    kind = "customers.erasure_begun"

    erasure_id: UUID


class CustomerErased(_CustomerEvent, frozen=True, kw_only=True):
    """Nothing personal is left of a customer; what was bought stays under an id that leads to nobody."""

    kind = "customers.customer_erased"
