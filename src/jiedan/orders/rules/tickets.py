"""Secret links to orders: who has the address may see the order, and nobody can guess one.

A ticket is the order's id and a signature over it and the merchant, made with the installation's secret for this
purpose alone: nothing is stored. It works while its order is open, and as many days after that as the merchant says.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from jiedan.base.ids import TenantId
from jiedan.orders.values import Order

SIGNATURE_BYTES = 12
_ID_BYTES = 16


def ticket_of(secret: str, tenant: TenantId, order_id: UUID) -> str:
    """Return the ticket of an order."""
    raw = order_id.bytes + _signature(secret, tenant, order_id)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def order_of(secret: str, tenant: TenantId, ticket: str) -> UUID | None:
    """Return the order that a ticket is for, or None for one that was not made by us."""
    try:
        raw = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(raw) != _ID_BYTES + SIGNATURE_BYTES:
        return None
    order_id = UUID(bytes=raw[:_ID_BYTES])
    is_right = hmac.compare_digest(raw[_ID_BYTES:], _signature(secret, tenant, order_id))
    return order_id if is_right else None


def works(order: Order, *, link_days: int, now: datetime) -> bool:
    """Tell whether tickets of an order still work; `link_days` are counted from its end."""
    ended_at = order.completed_at if order.lifecycle == "completed" else order.canceled_at
    return order.lifecycle == "open" or ended_at is None or now < ended_at + timedelta(days=link_days)


def _signature(secret: str, tenant: TenantId, order_id: UUID) -> bytes:
    key = hashlib.sha256(b"ticket:" + secret.encode()).digest()
    return hmac.digest(key, tenant.bytes + order_id.bytes, "sha256")[:SIGNATURE_BYTES]
