"""Privacy: what is kept about a person, and how it goes when the person is to be forgotten.

An erasure is asked for by staff, refused while orders are open or money is owed, and then never taken back. The worker
does it: the customer is told by a last mail, then every module wipes what it keeps of the person, set by set of orders,
each set in one transaction; killed at any moment it goes on where it was. Orders, amounts and tax stay, under an id
that leads to nobody. Each module wipes its own tables; here stands only in which order, and what is left to do.
"""
