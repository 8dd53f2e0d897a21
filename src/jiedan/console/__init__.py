"""Pages of the console that are made of several modules: home, the list of orders, an order, a new order.

They ask each module's `queries` for what they show, once per module, and change things by its `service`.
"""
