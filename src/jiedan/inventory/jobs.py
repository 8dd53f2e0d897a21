"""Periodic work of inventory."""

from jiedan.base.jobs import Periodic, per_tenant
from jiedan.inventory import service

PERIODIC: tuple[Periodic, ...] = (
    Periodic("inventory.release_expired_reservations", "* * * * *", per_tenant(service.release_expired)),
)
