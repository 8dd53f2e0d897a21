"""Pricing: what an order costs, to the minor unit, and why.

Owns: books of rules in versions, prices of lists, coupons, and who used what. The computation (`rules.quote`) is pure;
the catalog's own prices come from there. Doors: `rules`, `queries`, `service`, `values`.
"""
