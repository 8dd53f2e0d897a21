"""What Jiedan asks of a payment provider, and what it may rely on."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Protocol

from jiedan.payments.values import Notice, Operation, Payment, ProviderAccount, Result


class Provider(Protocol):
    """One who moves money: asked by key, under which a thing happens once however often it is asked.

    `name` never changes: payments are stored under it. `settings` and `secrets` are the names of what an account has.
    """

    name: ClassVar[str]
    settings: ClassVar[frozenset[str]]
    secrets: ClassVar[frozenset[str]]

    def new_secrets(self) -> Mapping[str, str]:
        """Return secrets for a new account where the provider lets us choose them, else none."""
        ...

    async def perform(self, account: ProviderAccount, operation: Operation, payment: Payment) -> Result:
        """Do an operation under its key and return what came of it.

        An answer that did not come, or was not understood, is `unknown`, never `failed`. Never raises for the sake of
        the network.
        """
        ...

    async def find(self, account: ProviderAccount, key: str) -> Result | None:
        """Return what came of the operation with this key, None when the provider never heard of it.

        Raises ProviderUnreachable when the provider does not say.
        """
        ...

    def read_webhook(
        self, account: ProviderAccount, headers: Mapping[str, str], body: bytes, *, now: datetime | None
    ) -> Notice:
        """Return what a message says once it has proved where it comes from.

        `headers` have lower-case names. `now` bounds the age of the message; None for one that was proved when it came
        and stored. Raises WebhookRefused.
        """
        ...
