"""Periodic work of wallets."""

from jiedan.base.jobs import Periodic, per_tenant
from jiedan.wallets import service

PERIODIC: tuple[Periodic, ...] = (Periodic("wallets.expire", "7 * * * *", per_tenant(service.expire_due)),)
"""Once an hour what has run out leaves its wallet; it cannot be spent before that either."""
