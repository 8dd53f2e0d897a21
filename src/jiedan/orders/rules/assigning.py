"""Who can be given orders. Pure."""

from collections.abc import Iterable
from uuid import UUID

from jiedan.accounts.values import Staff
from jiedan.base.events import Actor

PERMISSION = "orders:read"
"""What whoever looks after orders needs."""


def can_look_after(person: Staff) -> bool:
    """Tell whether somebody can be given orders: who is at work, can sign in and may see them."""
    return person.is_active and person.has_password and PERMISSION in person.role.permissions


def own(actor: Actor) -> UUID | None:
    """Return whose orders somebody means by their own; programs have none."""
    return UUID(actor.id) if actor.kind == "staff" else None


def colleagues(people: Iterable[Staff]) -> list[Staff]:
    """Return those who can be given orders, by name."""
    return sorted(filter(can_look_after, people), key=lambda person: (person.name.casefold(), person.staff_id))
