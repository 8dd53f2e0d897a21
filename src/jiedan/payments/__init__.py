"""Payments: the money of orders.

Owns: payments (one tender of an order each), the operations asked of providers, the append-only ledger of what came of
them, the inbox of provider messages. Money is taken, kept, given back: authorize, capture, void, refund. Gateways are
called outside transactions: the operation and its key are stored first, the result afterwards, and what is not known is
`unknown` until the provider, asked by key, answers. Doors: `service`, `queries`, `rules`, `events`, `values`.
"""
