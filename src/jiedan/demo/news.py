"""Who hears of a past: what is only news to somebody who waits for it begins where it will still be news."""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime

from jiedan.base.db import Tx
from jiedan.base.drain import Handler, Subscriptions
from jiedan.base.events import StoredEvent


def told_since(subscriptions: Subscriptions, since: datetime, *, news: Collection[Handler]) -> Subscriptions:
    """Return `subscriptions`, but for handlers of `news`: by the clock of the play they are told nothing up to `since`.

    A mail that waited for days is dropped; a past is older, so all but its last mails would be written to be dropped.
    """
    late = {handler: _told_since(handler, since) for handler in news}
    return {kind: tuple(late.get(x, x) for x in handlers) for kind, handlers in subscriptions.items()}


def _told_since(handler: Handler, since: datetime) -> Handler:
    async def tell(tx: Tx, stored: Sequence[StoredEvent]) -> None:
        if tx.now > since:
            await handler.fn(tx, stored)

    return dataclasses.replace(handler, fn=tell)
