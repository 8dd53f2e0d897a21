"""What can be done with stock: one function per use case, each on a set."""

from jiedan.inventory.service.move import adjust_many, receive_many, ship_many
from jiedan.inventory.service.reserve import release_expired, release_many, reserve_many

__all__ = ["adjust_many", "receive_many", "release_expired", "release_many", "reserve_many", "ship_many"]
