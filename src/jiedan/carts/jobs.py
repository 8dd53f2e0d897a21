"""Periodic work of carts."""

from jiedan.base.jobs import Periodic, per_tenant
from jiedan.carts import service

PERIODIC: tuple[Periodic, ...] = (Periodic("carts.forget_old", "41 3 * * *", per_tenant(service.forget_old)),)
"""Once a day, at night in UTC."""
