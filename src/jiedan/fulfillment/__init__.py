"""Fulfillment: getting the lines of orders out, from the release to the door of the customer.

Owns `fulfillment` (the work that one location has with one order), its lines, the parcels and what is in them, and who
has read the notes of an order.

Words: the *gate* says which allocated units may be *released*; a released unit is *picked*, *packed* into a parcel,
*shipped* and *delivered*, or *collected* at the location. *Short* is what a picker did not get; *withdrawn* is what the
order gave up or had to hand over; picked units that were withdrawn are *put back*.

Doors: `service` (each on a set), `queries`, `rules`, `events`, `errors`, `values`. Orders learn what happened by
`orders.record_shipments`, in the same transaction.
"""
