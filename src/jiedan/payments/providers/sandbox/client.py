"""Jiedan's side of the sandbox: HTTP, keys, signatures. A card number is never here."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import httpx2
import msgspec
import structlog

from jiedan.base.i18n import Phrase
from jiedan.payments import errors
from jiedan.payments.providers.sandbox import messages, signatures
from jiedan.payments.values import Notice, Operation, Payment, ProviderAccount, Result

NOT_FOUND = 404
UNAUTHORIZED = 401

_SECRET_BYTES = 32

log = structlog.get_logger()


class Sandbox:
    """A merchant's account with the sandbox; the processor opens it when it is first used."""

    name: ClassVar[str] = "sandbox"
    settings: ClassVar[frozenset[str]] = frozenset({"url"})
    secrets: ClassVar[frozenset[str]] = frozenset({"api_key", "webhook_secret"})

    def __init__(self, http: httpx2.AsyncClient, *, base_url: str, processor_url: str) -> None:
        self._http = http
        self._base_url = base_url
        self._processor_url = processor_url

    def new_secrets(self) -> Mapping[str, str]:
        """Return random secrets for a new account."""
        return {name: secrets.token_urlsafe(_SECRET_BYTES) for name in sorted(self.secrets)}

    async def perform(self, account: ProviderAccount, operation: Operation, payment: Payment) -> Result:
        """Do an operation under its key; without an answer that can be understood the outcome is unknown."""
        begins = operation.kind in {"authorize", "sale"}
        ask = messages.Ask(
            kind=operation.kind,
            amount_minor=operation.amount_minor,
            currency=payment.currency,
            token=operation.token,
            charge="" if begins else payment.provider_ref,
            return_url=f"{self._base_url}/pay/return/{account.tenant}/{payment.payment_id}" if begins else "",
        )
        try:
            response = await self._send(account, "POST", f"/v1/operations/{operation.key}", msgspec.json.encode(ask))
            return _result(msgspec.json.decode(_content(response), type=messages.Answer))
        except (httpx2.HTTPError, msgspec.MsgspecError) as error:
            log.warning("payments.answer_lost", provider=self.name, key=operation.key, reason=type(error).__name__)
            return Result(operation.key, "unknown")

    async def find(self, account: ProviderAccount, key: str) -> Result | None:
        """Return what came of an operation, None when the processor never heard of it. Raises ProviderUnreachable."""
        try:
            response = await self._send(account, "GET", f"/v1/operations/{key}")
            if response.status_code == NOT_FOUND:
                return None
            return _result(msgspec.json.decode(_content(response), type=messages.Answer))
        except (httpx2.HTTPError, msgspec.MsgspecError) as error:
            raise errors.ProviderUnreachable(self.name) from error

    def read_webhook(
        self, account: ProviderAccount, headers: Mapping[str, str], body: bytes, *, now: datetime | None
    ) -> Notice:
        """Return what a signed message says. Raises WebhookRefused."""
        secret = account.secrets.get("webhook_secret", "")
        problem = signatures.problem(secret, headers.get(signatures.HEADER, ""), body, now=now)
        if problem is not None:
            raise errors.WebhookRefused(problem)
        try:
            message = msgspec.json.decode(body, type=messages.Message)
        except msgspec.MsgspecError as error:
            raise errors.WebhookRefused(Phrase("the content is not understood")) from error
        return Notice(message.id, (_result(message.operation),))

    async def _send(
        self, account: ProviderAccount, method: str, path: str, content: bytes | None = None
    ) -> httpx2.Response:
        """Send a request; where the processor does not know the account yet, open it and send again."""
        url = (account.settings.get("url") or self._processor_url).rstrip("/")
        headers = {"authorization": f"Bearer {account.secrets.get('api_key', '')}"}
        options: dict[str, Any] = {"headers": headers, "content": content}
        response = await self._http.request(method, url + path, **options)
        if response.status_code == UNAUTHORIZED:
            sign_up = messages.SignUp(
                account=str(account.tenant),
                api_key=account.secrets.get("api_key", ""),
                webhook_secret=account.secrets.get("webhook_secret", ""),
                webhook_url=f"{self._base_url}/in/{account.tenant}/{self.name}",
            )
            opened = await self._http.post(f"{url}/v1/accounts", content=msgspec.json.encode(sign_up))
            opened.raise_for_status()
            response = await self._http.request(method, url + path, **options)
        return response


def _content(response: httpx2.Response) -> bytes:
    response.raise_for_status()
    return response.content


def _result(answer: messages.Answer) -> Result:
    return Result(
        key=answer.key,
        state=answer.state,
        provider_ref=answer.ref,
        amount_minor=answer.amount_minor,
        currency=answer.currency,
        failure=answer.failure,
        pay_url=answer.pay_url,
        occurred_at=answer.occurred_at,
    )
