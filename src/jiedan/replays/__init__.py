"""Replays: the draft of the price rules against the orders of the last days, before it is published.

Owns: replays, the figures they came to, and what would become of each order that changes. The worker goes on set by
set, oldest order first, each set in one transaction with its part of the figures: killed at any moment it goes on with
the next order, and none is counted twice. The rules are those of the draft at the moment somebody asked; orders are
priced by `orders`, and nothing about them is changed. Doors: `service`, `queries`, `run`, `values`.
"""
