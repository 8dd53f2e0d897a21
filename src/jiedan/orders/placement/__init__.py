"""Placement: the only way an order comes to be. Load, decide, lock, decide again, save; a set at a time.

The number of statements does not depend on the number of drafts. The REST call for one order, the bulk endpoint,
forms, importers and channels all come here.
"""

from jiedan.orders.placement.place import place_orders, preview_orders

__all__ = ["place_orders", "preview_orders"]
