"""Guests look for their order by its number and the e-mail or phone it was placed with, and prove it by a mailed code.

What fits no order is counted, stored and answered as what does. The event tells of the look-up, the mail's writer makes
the code; it opens one order once, for the page that asked, and a few wrong ones end it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import queries as merchants
from jiedan.accounts import service as accounts
from jiedan.base import ids, sql
from jiedan.base.db import Tx
from jiedan.customers import rules as customers
from jiedan.orders import errors, events, queries
from jiedan.orders.rules import tickets
from jiedan.orders.values import LOOK_UP_ATTEMPTS_MAX, OrderId

SQL = sql.load("jiedan.orders.service", "look_ups.sql")

LIFE = timedelta(minutes=15)
CODE_DIGITS = 6
LOOK_UPS_PER_CONTACT_MAX = 3
LOOK_UPS_PER_NUMBER_MAX = 5
LOOK_UPS_PER_NETWORK_MAX = 20
"""Within the window of `accounts.rules.THROTTLE_WINDOW`."""

FORGOTTEN_PER_LOOK_UP_MAX = 500


class LookUp(NamedTuple):
    """A look-up that waits for its code; `secret` goes to the page that asked and nowhere else."""

    secret: str
    expires_at: datetime


class Code(NamedTuple):
    """A code for one mail, and until when it works."""

    text: str
    expires_at: datetime


async def request_look_up(tx: Tx, *, number: str, contact: str, network: str) -> LookUp | errors.LookUpsThrottled:
    """Begin a look-up: when number and contact fit, a code is mailed. The answer does not tell whether they do.

    A refusal is a value, so that the count is stored.
    """
    wait_s = await accounts.count_within(tx, _limits(number, contact, network))
    if wait_s:
        return errors.LookUpsThrottled(retry_after_s=wait_s)
    order_id = await _found(tx, number, contact)
    secret = accounts.new_secret()
    look_up_id = tx.new_id()
    row = {
        "look_up_id": look_up_id,
        "order_id": order_id,
        "secret_hash": accounts.secret_hash(secret),
        "at": tx.now,
        "expires_at": tx.now + LIFE,
    }
    run_out = {"at": tx.now, "rows_max": FORGOTTEN_PER_LOOK_UP_MAX}
    await tx.sql_many([(SQL["forget_look_ups"], run_out), (SQL["insert_look_up"], row)])
    tx.emit(events.LookUpRequested(look_up_id=look_up_id, order_id=order_id))
    return LookUp(secret, tx.now + LIFE)


async def mail_codes(tx: Tx, *, look_up_ids: Collection[UUID]) -> dict[UUID, Code]:
    """Make the codes of look-ups, each for the mail that carries it; what has run out or is used is absent.

    A code that was mailed before ends.
    """
    texts = {
        look_up_id: f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}" for look_up_id in ids.in_order(look_up_ids)
    }
    hashes = [_hash(look_up_id, text) for look_up_id, text in texts.items()]
    rows = await tx.sql(SQL["mint_codes"], look_up_ids=list(texts), code_hashes=hashes, at=tx.now)
    return {row[0]: Code(texts[row[0]], row[1]) for row in rows}


async def open_order(tx: Tx, *, secret: str, code: str) -> OrderId | errors.LookUpRefused:
    """Take the code of a look-up, and return the order it opens; it is used up.

    A refusal is a value, so that the attempt is counted: it is the same for a wrong code, a look-up that ran out and
    one that fits no order.
    """
    rows = await tx.sql(
        SQL["count_attempt"],
        secret_hash=accounts.secret_hash(secret),
        at=tx.now,
        attempts_max=LOOK_UP_ATTEMPTS_MAX,
    )
    look_up_id, order_id, code_hash = rows[0] if rows else (tx.tenant, None, None)
    digits = "".join(x for x in code if x.isdigit())
    is_right = hmac.compare_digest(_hash(look_up_id, digits), bytes(code_hash or b""))
    if not is_right or order_id is None:
        return errors.LookUpRefused(field="code")
    await tx.sql_count(SQL["use_look_up"], look_up_id=look_up_id)
    tx.emit(events.LookUpOpened(order_id=order_id))
    return OrderId(order_id)


async def _found(tx: Tx, number: str, contact: str) -> UUID | None:
    """Return the order that number and contact fit and whose links still work; as many statements whatever fits."""
    settings, storefront = await tx.load(merchants.settings(), merchants.storefront())
    typed = number.strip()
    rows = await tx.sql(SQL["orders_by_number"], numbers=sorted({typed, typed.upper()}))
    wanted = _contact_keys(contact, settings.country)
    fitting = [
        row[0] for row in rows if wanted & {x for text in row[1:] for x in _contact_keys(text, settings.country)}
    ]
    known = await queries.orders(tx, fitting or [tx.tenant])
    for found in known.values():
        if tickets.works(found.order, link_days=storefront.link_days, now=tx.now):
            return found.order.order_id
    return None


def _contact_keys(text: str | None, country: str) -> frozenset[str]:
    """Return what a contact is compared by: an e-mail address folded, a phone in E.164."""
    if not text or not text.strip():
        return frozenset()
    if "@" in text:
        return frozenset({customers.email_key(text)})
    phone = customers.normalize_phone(text.strip(), country)
    return frozenset() if phone is None else frozenset({phone})


def _limits(number: str, contact: str, network: str) -> dict[bytes, int]:
    limits = {
        _subject("contact", customers.email_key(contact)): LOOK_UPS_PER_CONTACT_MAX,
        _subject("number", number.strip().upper()): LOOK_UPS_PER_NUMBER_MAX,
    }
    if network:
        limits[_subject("network", network)] = LOOK_UPS_PER_NETWORK_MAX
    return limits


def _subject(what: str, text: str) -> bytes:
    return hashlib.sha256(f"look-up by {what}:{text}".encode()).digest()


def _hash(look_up_id: UUID, code: str) -> bytes:
    """Return what is stored of a code: it works for minutes, and whoever reads the table reads the order as well."""
    return hashlib.sha256(look_up_id.bytes + code.encode()).digest()
