"""Customers: the people and companies who order.

Owns: customers, their contacts, addresses, notes, tags and consents; merges of duplicates. A merged customer's id keeps
resolving to the survivor. Doors: `service` (sets of customers), `queries`, `rules` (phones, addresses), `values`.
"""
