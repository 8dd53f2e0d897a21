"""Pricing: what an order costs, to the minor unit, and why.

Owns: tax rates, the flat shipping fee and their version. The computation (`rules.price`) is pure; unit prices come from
the catalog. Doors: `rules`, `queries`, `service`, `values`.
"""
