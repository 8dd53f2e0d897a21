"""Sourcing: which locations will ship.

Owns: the choice (pure and traced, `rules.choose`) and the merchant's table of postal areas, which places an address
without coordinates. Doors: `rules`, `queries`, `service`, `values`.
"""
