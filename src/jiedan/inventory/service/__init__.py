"""What can be done with stock: one function per use case, each on a set; settings take one."""

from jiedan.inventory.service.counts import apply_counts, cancel_counts, open_counts, record_tallies
from jiedan.inventory.service.locations import change_location, create_location, create_locations, remove_location
from jiedan.inventory.service.move import adjust_many, receive_many, ship_many
from jiedan.inventory.service.reserve import exchange_many, hand_over_many, release_expired, release_many, reserve_many
from jiedan.inventory.service.thresholds import set_thresholds_many
from jiedan.inventory.service.transfers import close_transfers, open_transfers, receive_transfers, ship_transfers

__all__ = [
    "adjust_many",
    "apply_counts",
    "cancel_counts",
    "change_location",
    "close_transfers",
    "create_location",
    "create_locations",
    "exchange_many",
    "hand_over_many",
    "open_counts",
    "open_transfers",
    "receive_many",
    "receive_transfers",
    "record_tallies",
    "release_expired",
    "release_many",
    "remove_location",
    "reserve_many",
    "set_thresholds_many",
    "ship_many",
    "ship_transfers",
]
