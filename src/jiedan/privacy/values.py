"""What an erasure is, how far it is, and what it would take away and leave."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.base.events import Actor
from jiedan.base.i18n import N_

ErasureId = NewType("ErasureId", UUID)

PERMISSION = "customers:erase"

ORDERS_PER_SET = 200
TOLD_WITHIN = timedelta(hours=2)
"""So long the last mail may take; then the erasure goes on without it."""

NUMBERS_SHOWN_MAX = 5
"""Numbers of orders that a refusal names; it counts the others."""

GUEST_ORDERS_MAX = 1_000
"""So many orders of one guest are given to a customer in one transaction; an address of more is nobody's own."""

GUEST = N_("Guest {email}")
"""What a guest is called from when the erasure begins until it is done, in the merchant's language."""

OBSTACLES_MAX = 1_000
"""So many orders that stand in the way are looked at."""


class Status(StrEnum):
    """How far an erasure is: the last mail is on its way, data are wiped, nothing is left."""

    telling = "telling"
    erasing = "erasing"
    done = "done"


@dataclasses.dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure and how far it is; `customer_ids` are all that the customer was ever known by."""

    erasure_id: ErasureId
    customer_id: UUID
    customer_ids: tuple[UUID, ...]
    status: Status
    orders_total: int
    orders_done: int
    after_id: UUID | None
    """The last order that was wiped; the next ones follow it."""
    asked_by: Actor
    begun_at: datetime
    tell_until: datetime
    done_at: datetime | None


class Kept(NamedTuple):
    """How much there is about a customer: what would be wiped, and the orders that stay without the person."""

    orders: int
    addresses: int
    contacts: int
    notes: int
    tags: int
    duplicates: int
    """Customers that were merged into this one; they go with it."""
    accounts: int
    sessions: int
    carts: int
    drafts: int


class Preview(NamedTuple):
    """What an erasure would do; `refusals` are all that stands in its way, each with its remedy."""

    customer_id: UUID
    name: str
    """What has to be typed to confirm."""
    is_told: bool
    """Whether there is an address for the last mail."""
    kept: Kept
    refusals: Sequence[Refusal]
