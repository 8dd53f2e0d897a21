"""Send signed messages to the accounts, again with back-off until each is taken."""

import asyncio
from datetime import timedelta

import httpx2
import msgspec
import structlog

from jiedan.base.clock import Clock
from jiedan.payments.providers.sandbox import signatures
from jiedan.payments.providers.sandbox.processor.bank import Bank
from jiedan.payments.providers.sandbox.processor.store import Delivery, Store

TICK_S = 0.2
ATTEMPTS_MAX = 12
BACKOFF = timedelta(seconds=1)
BACKOFF_MAX = timedelta(minutes=5)

log = structlog.get_logger()


class Deliverer:
    """Send what is due, forever."""

    def __init__(self, bank: Bank, store: Store, clock: Clock, http: httpx2.AsyncClient) -> None:
        self._bank = bank
        self._store = store
        self._clock = clock
        self._http = http

    async def run(self) -> None:
        """Send until canceled."""
        while True:
            await self.send_due()
            await asyncio.sleep(TICK_S)

    async def send_due(self) -> int:
        """Send what is due now, all at once, and return how many there were."""
        self._bank.settle_due()
        now = self._clock.now()
        due = [d for d in self._store.deliveries.values() if d.due_at is not None and d.due_at <= now]
        await asyncio.gather(*map(self._send, due))
        return len(due)

    async def _send(self, delivery: Delivery) -> None:
        account = self._store.accounts[delivery.account]
        body = delivery.body.encode()
        now = self._clock.now()
        headers = {
            signatures.HEADER: signatures.sign(account.webhook_secret, body, now),
            "content-type": "application/json",
        }
        try:
            response = await self._http.post(account.webhook_url, content=body, headers=headers)
            is_taken = response.is_success
        except httpx2.HTTPError:
            is_taken = False
        attempts = delivery.attempts + 1
        if is_taken or attempts >= ATTEMPTS_MAX:
            if not is_taken:
                log.warning("sandbox.message_given_up", message=delivery.id)
            self._store.put(msgspec.structs.replace(delivery, due_at=None, attempts=attempts))
            return
        wait = min(BACKOFF * 2**delivery.attempts, BACKOFF_MAX)
        self._store.put(msgspec.structs.replace(delivery, due_at=now + wait, attempts=attempts))
