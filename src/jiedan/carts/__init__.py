"""Carts: what somebody means to buy, before it is an order.

A *cart* belongs to whoever holds its secret (a visitor's browser), to a customer, or to a program that made it. Its
lines are SKUs with quantities and the price shown last. What is in it is *held* for a while: a reservation of stock
that inventory takes back when the time is over. Placement hands what is held over to the order.

Doors: `service` for those who fill carts, `queries.carts_for_update` and `service.close_carts` for placement.
"""
