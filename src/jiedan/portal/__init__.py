"""The shop that customers see: goods, cart, checkout, what was ordered.

Pages of several modules; nobody imports them. `visitor.entered` is the door of each page: it finds the shop, reads what
its frame shows, and knows who has come. A *visitor* holds a random secret in a cookie, whose hash stands on the cart.
"""
