"""Mails and notices: who is told of what, when, and what came of it.

Owns: messages (one mail to one recipient on account of one event), the mailbox where mails stay when no server sends
them, notices under the bell, and what merchants and staff have chosen of both. Words: a *mail* is a kind of message,
like `order_placed`; its *content* is written in the recipient's language at the moment of sending; a *notice* is a
line for everybody of the staff who has a permission, or for one of them.

The life of a message: an event of a set in `wiring.SUBSCRIPTIONS` queues it, once per (event, mail, recipient), in the
drain's transaction. A job claims it, writes it in a transaction (secrets are minted there, and stand in nothing else
that is stored), sends it outside of any, and stores what came of it: `sent`, `queued` again, `failed`, or `unknown`
when the server's answer was lost, which only a person repeats. What need not be said any more is `dropped`.

To add a mail: a file in `mails/` with a function that writes its content, and a `Mail` that names its kind, its events
and whom it goes to; its name in `mails.MAILS`; `QUEUE_MAILS` in the lines of its events in `wiring.SUBSCRIPTIONS`. The
shortest to copy is `mails/refunded.py`; one that mints a link is `mails/password_reset.py`. The writer gets a `Desk`:
the transaction, the event, the merchant, words and amounts in the recipient's language.

To add a notice: a file in `notices/`, its name in `notices.NOTICES`, `PUT_UP_NOTICES` in the lines of its events.

Doors: `queries.unread` (the number at the bell), `queries.messages_about` (an order's mails), `service`.
"""
