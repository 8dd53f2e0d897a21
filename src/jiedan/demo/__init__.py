"""The demo: a believable merchant with a past, made through the services that everybody uses.

`goods`, `people` and `places` are what there is; `stories` tells, from a seed, what happens to each order; `play` lets
it happen, day by day, on a clock of its own. The same seed makes the same shop.
"""
