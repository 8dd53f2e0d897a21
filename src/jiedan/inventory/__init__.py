"""Inventory: how much of each SKU is where, who has claimed it, and every change that made it so.

It owns locations, the counters `on_hand, reserved, incoming` per (SKU, location), the append-only ledger of movements,
reservations by owner, transfers between locations and counts. Available = on hand − reserved − safety stock.

Its doors are sets: `service.reserve_many`, `release_many`, `ship_many`, `receive_many`, `adjust_many`, transfers and
counts. Each locks its (SKU, location) rows in key order, decides in `rules`, and saves with one statement per
table; one is a set of one. Kits are exploded by callers: only goods are counted, so a kit or a service has no stock.
"""
