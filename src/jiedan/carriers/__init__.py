"""Carriers: who takes parcels to their place, what they ask for it, and what they say on the way.

Owns the carriers a merchant has set up and the tracking events they sent. It knows no orders and no parcels: those who
ship ask it for a quote, a label and a tracking address, and hand it what a carrier has said.

The seam is `adapters/protocol.py`; the adapters are `hand` (a name and a number that somebody types) and `rates` (a
rate sheet, waybill numbers and labels of one's own). Others register under the entry point `jiedan.carriers`.
"""
