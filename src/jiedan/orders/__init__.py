"""Orders: what customers committed to buy, from the draft to the last delivered line.

Owns `orders`, their lines, addresses, notes, tags, holds, decisions, drafts, search terms and saved views.

Words: a *draft* is not yet an order; *placement* is the only way an order comes to be; a line stores quantities, an
order stores its *lifecycle*; `payment_status` and `fulfillment_status` are derived from facts by `rules` and stored
only to be found by.

Doors: `service` (use cases), `queries`, `rules`, `events`, `errors`, `values`. Higher modules tell it what happened
to money and goods (`record_payments`, `record_shipments`) in their own transaction.
"""
