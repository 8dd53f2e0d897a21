"""Messages of providers: proved, stored, then handled; a second delivery of one does nothing."""

import contextlib
import functools
from collections.abc import Mapping, Sequence

import msgspec
import structlog

from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.i18n import Phrase
from jiedan.payments import errors, queries, writing
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.queries import Message
from jiedan.payments.service.accounts import provider_accounts
from jiedan.payments.service.apply import apply_results
from jiedan.payments.values import HANDLE_AFTER, INBOX_BYTES_MAX, Notice, Result

MESSAGES_PER_SET_MAX = 100
APPLIED = "applied"
REFUSED = "refused"

log = structlog.get_logger()

_NOT_STORED = frozenset({"authorization", "cookie"})


async def take_in(
    database: Database,
    scope: Scope,
    gateways: Gateways,
    *,
    provider: str,
    headers: Mapping[str, str],
    body: bytes,
) -> bool:
    """Take in one message: prove it, store it as it came, handle it; return False for one handled before.

    Only a proved message is stored, else anybody could take the place of one that is still to come. It is committed
    before it is handled: what then goes wrong is made good by the sweeper or the next delivery. Raises WebhookRefused.
    """
    notice = await _proved(database, scope, gateways, provider=provider, headers=headers, body=body)

    async def store(tx: Tx) -> bool:
        ((is_handled,),) = await tx.sql(
            writing.SQL["store_message"],
            provider=provider,
            external_id=notice.external_id,
            headers=msgspec.json.encode({k: v for k, v in headers.items() if k not in _NOT_STORED}).decode(),
            body=body,
            at=tx.now,
        )
        return bool(is_handled)

    if await database.write(scope, store):
        return False
    await database.write(scope, lambda tx: _handle(tx, provider, notice))
    return True


async def _proved(
    database: Database, scope: Scope, gateways: Gateways, *, provider: str, headers: Mapping[str, str], body: bytes
) -> Notice:
    adapter = gateways.find(provider)
    if adapter is None or len(body) > INBOX_BYTES_MAX:
        raise errors.WebhookRefused(Phrase("nobody expects it"))
    async with database.read(scope) as tx:
        account = (await provider_accounts(tx, gateways)).get(provider)
        now = tx.now
    if account is None:
        raise errors.WebhookRefused(Phrase("nobody expects it"))
    return adapter.read_webhook(account, headers, body, now=now)


async def _handle(tx: Tx, provider: str, notice: Notice) -> None:
    await apply_results(tx, results=notice.results)
    await _mark(tx, [(provider, notice.external_id, APPLIED)])


async def handle_stored(database: Database, scope: Scope, gateways: Gateways) -> int:
    """Handle messages that were stored and then forgotten by a crash: one bounded set; return how many it handled.

    Where one of them cannot be handled, the others are, each alone; it is logged, and tried again by the next sweep.
    """

    async def everything(tx: Tx) -> int:
        return await _handle_set(tx, gateways, await _unhandled(tx))

    try:
        return await database.write(scope, everything)
    except Exception:
        log.exception("payments.messages_failed", tenant=str(scope.tenant))
    async with database.read(scope) as tx:
        found = await _unhandled(tx)
    handled = 0
    for message in found:
        try:
            handled += await database.write(
                scope, functools.partial(_handle_set, gateways=gateways, messages=[message])
            )
        except Exception:
            log.exception("payments.message_failed", provider=message.provider, message=message.external_id)
    return handled


async def _unhandled(tx: ReadTx) -> list[Message]:
    return await queries.unhandled_messages(tx, before=tx.now - HANDLE_AFTER, limit=MESSAGES_PER_SET_MAX)


async def _handle_set(tx: Tx, gateways: Gateways, messages: Sequence[Message]) -> int:
    if not messages:
        return 0
    accounts = await provider_accounts(tx, gateways)
    results: list[Result] = []
    outcomes: list[tuple[str, str, str]] = []
    for message in messages:
        adapter, account = gateways.find(message.provider), accounts.get(message.provider)
        outcome = REFUSED
        if adapter is not None and account is not None:
            with contextlib.suppress(errors.WebhookRefused):
                results.extend(adapter.read_webhook(account, message.headers, message.body, now=None).results)
                outcome = APPLIED
        outcomes.append((message.provider, message.external_id, outcome))
    await apply_results(tx, results=results)
    await _mark(tx, outcomes)
    return len(messages)


async def _mark(tx: Tx, outcomes: list[tuple[str, str, str]]) -> None:
    await tx.sql_count(
        writing.SQL["handle_messages"],
        providers=[provider for provider, _, _ in outcomes],
        external_ids=[external_id for _, external_id, _ in outcomes],
        outcomes=[outcome for _, _, outcome in outcomes],
        at=tx.now,
    )
