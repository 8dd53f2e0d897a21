"""What the processor does with charges. Each key is done once; asking again is answered alike."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from jiedan.base.clock import Clock
from jiedan.base.i18n import N_
from jiedan.payments.providers.sandbox.messages import Answer, Ask, Message, SignUp, State
from jiedan.payments.providers.sandbox.processor.store import Account, Charge, Delivery, Operation, Store

VISA, DECLINED, HANGS = "tok_visa", "tok_declined", "tok_hangs"
LATE, DUPLICATES, REORDERS = "tok_late", "tok_duplicates", "tok_reorders"


class Card(NamedTuple):
    """A card that works on the page only, its token for the API, and what it does; none is a card of anybody's."""

    number: str
    token: str
    does: str


CARDS = (
    Card("4242424242424242", VISA, N_("succeeds")),
    Card("4000000000000002", DECLINED, N_("is declined")),
    Card("4000000000000036", HANGS, N_("is charged, and then nobody answers for a while")),
    Card("4000000000000077", LATE, N_("succeeds, and the answer comes later")),
    Card("4000000000000010", DUPLICATES, N_("succeeds, and every message comes three times")),
    Card("4000000000000028", REORDERS, N_("succeeds, and messages come in the wrong order")),
)
NO_TEST_CARD = N_("Only the test cards below work here. Never type the number of a real card.")
CARD_DECLINED = N_("The card was declined. Try another one.")

TOKENS = frozenset(card.token for card in CARDS)
TOKEN_BY_NUMBER: Mapping[str, str] = {card.number: card.token for card in CARDS}

_FIELDS: Mapping[str, str] = {
    "authorize": "authorized",
    "sale": "captured",
    "capture": "captured",
    "void": "voided",
    "refund": "refunded",
}
"""What of a charge each kind of operation adds to."""

PAGE_OPEN = timedelta(minutes=30)
COPIES = 3
REORDER_BY = timedelta(seconds=1)


class KeyReusedError(Exception):
    """The key was used for something else."""


class ChargeUnknownError(Exception):
    """The account has no such charge."""


class AccountTakenError(Exception):
    """The account exists and belongs to another key."""


class Bank:
    """Accounts, charges, operations; `late` is how long a late answer takes. `url` is where its pages are."""

    def __init__(self, store: Store, clock: Clock, *, url: str, late: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._url = url
        self._late = late

    def open_account(self, sign_up: SignUp) -> None:
        """Open an account, or renew it under the key it has. Raises AccountTakenError."""
        known = self._store.accounts.get(sign_up.account)
        digest = _sha256(sign_up.api_key)
        if known is not None and not hmac.compare_digest(known.api_key_sha256, digest):
            raise AccountTakenError
        self._store.put(
            Account(
                account=sign_up.account,
                api_key_sha256=digest,
                webhook_secret=sign_up.webhook_secret,
                webhook_url=sign_up.webhook_url,
            )
        )

    def account_of(self, api_key: str) -> Account | None:
        """Return whose API key this is."""
        digest = _sha256(api_key)
        found = [a for a in self._store.accounts.values() if hmac.compare_digest(a.api_key_sha256, digest)]
        return found[0] if found else None

    def ask(self, account: str, key: str, ask: Ask) -> tuple[Answer, bool]:
        """Do an operation, and tell whether the answer is to be withheld for a while.

        Raises KeyReusedError and ChargeUnknownError.
        """
        self.settle_due()
        known = self._store.operations.get((account, key))
        if known is not None:
            if known.ask != ask:
                raise KeyReusedError
            return known.answer, False
        if ask.kind in {"authorize", "sale"}:
            ref = f"ch_{secrets.token_urlsafe(16)}"
            charge = Charge(ref=ref, account=account, currency=ask.currency, return_url=ask.return_url)
        else:
            found = self._store.charges.get(ask.charge)
            if found is None or found.account != account:
                raise ChargeUnknownError
            charge, ref = found, f"op_{secrets.token_urlsafe(16)}"
        token = ask.token or charge.token
        is_page = ask.kind in {"authorize", "sale"} and not token
        answer = Answer(
            key=key,
            ref=ref,
            kind=ask.kind,
            state="action_needed" if is_page else "pending",
            amount_minor=ask.amount_minor,
            currency=ask.currency,
            pay_url=f"{self._url}/pay/{ref}" if is_page else "",
            occurred_at=self._clock.now(),
        )
        begun = Operation(account=account, ask=ask, charge=charge.ref, answer=answer)
        if is_page:
            page = msgspec.structs.replace(begun, changes_at=answer.occurred_at + PAGE_OPEN)
            self._store.put(charge, page)
            return answer, False
        return self._do(begun, msgspec.structs.replace(charge, token=token)), token == HANGS and ref == charge.ref

    def find(self, account: str, key: str) -> Answer | None:
        """Return the answer as it is now, None for a key that nobody used."""
        self.settle_due()
        known = self._store.operations.get((account, key))
        return known.answer if known else None

    def page(self, ref: str) -> tuple[Charge, Operation] | None:
        """Return the charge and the operation that a payment page is about, None where there is none."""
        self.settle_due()
        charge = self._store.charges.get(ref)
        begun = [o for o in self._store.operations.values() if o.charge == ref and o.answer.ref == ref]
        return (charge, begun[0]) if charge is not None and begun else None

    def pay(self, ref: str, number: str) -> tuple[str, bool]:
        """Pay by card on the page: why it did not work, or nothing, and whether the answer is to be withheld a while.

        Why is a message id. The number is forgotten here.
        """
        found = self.page(ref)
        if found is None or found[1].answer.state != "action_needed":
            return "", False
        token = TOKEN_BY_NUMBER.get("".join(c for c in number if c.isdigit()))
        if token is None:
            return NO_TEST_CARD, False
        if token == DECLINED:
            return CARD_DECLINED, False
        charge, begun = found
        self._do(begun, msgspec.structs.replace(charge, token=token))
        return "", token == HANGS

    def give_up(self, ref: str) -> None:
        """End a payment page without paying."""
        found = self.page(ref)
        if found is not None and found[1].answer.state == "action_needed":
            self._end(found[1], "failed", "canceled_by_customer")

    def settle_due(self) -> None:
        """Let what changes by itself change: late answers come, pages close."""
        now = self._clock.now()
        due = [o for o in self._store.operations.values() if o.changes_at is not None and o.changes_at <= now]
        for operation in due:
            if operation.answer.state == "action_needed":
                self._end(operation, "failed", "expired")
            else:
                self._move(operation, self._store.charges[operation.charge])

    def _do(self, begun: Operation, charge: Charge) -> Answer:
        if charge.token == LATE:
            waiting = msgspec.structs.replace(begun, changes_at=self._clock.now() + self._late)
            waiting = _answered(waiting, "pending", "", self._clock.now(), changes_at=waiting.changes_at)
            self._store.put(charge, waiting)
            return waiting.answer
        return self._move(begun, charge)

    def _move(self, operation: Operation, charge: Charge) -> Answer:
        """Move the money if card and charge allow it."""
        failure = _failure(charge, operation.ask)
        if failure:
            self._store.put(charge)
            return self._end(operation, "failed", failure)
        self._store.put(_moved(charge, operation.ask))
        return self._end(operation, "succeeded", "")

    def _end(self, operation: Operation, state: State, failure: str) -> Answer:
        ended = _answered(operation, state, failure, self._clock.now(), changes_at=None)
        self._store.put(ended, *self._messages(ended))
        return ended.answer

    def _messages(self, operation: Operation) -> list[Delivery]:
        """Return what is sent about an ended operation: once, or the way the token wants it."""
        now = self._clock.now()
        token = self._store.charges[operation.charge].token
        copies = COPIES if token == DUPLICATES else 1
        sent = [_delivery(operation, operation.answer, number, now) for number in range(copies)]
        if token == REORDERS:
            before = msgspec.structs.replace(operation.answer, state="pending")
            sent.append(_delivery(operation, before, 0, now + REORDER_BY))
        return sent


def _failure(charge: Charge, ask: Ask) -> str:
    if charge.token not in TOKENS:
        return "token_unknown"
    if charge.token == DECLINED:
        return "card_declined"
    if ask.currency != charge.currency:
        return "currency_differs"
    left = {
        "capture": charge.authorized - charge.captured - charge.voided,
        "void": charge.authorized - charge.captured - charge.voided,
        "refund": charge.captured - charge.refunded,
    }
    return "amount_too_large" if ask.amount_minor > left.get(ask.kind, ask.amount_minor) else ""


def _moved(charge: Charge, ask: Ask) -> Charge:
    field = _FIELDS[ask.kind]
    moved: Charge = msgspec.structs.replace(charge, **{field: getattr(charge, field) + ask.amount_minor})
    return moved


def _answered(
    operation: Operation, state: State, failure: str, at: datetime, *, changes_at: datetime | None
) -> Operation:
    answer = msgspec.structs.replace(operation.answer, state=state, failure=failure, occurred_at=at, pay_url="")
    answered: Operation = msgspec.structs.replace(operation, answer=answer, changes_at=changes_at)
    return answered


def _delivery(operation: Operation, answer: Answer, number: int, due_at: datetime) -> Delivery:
    message = Message(id=f"{answer.ref}.{answer.state}", operation=answer)
    body = msgspec.json.encode(message).decode()
    return Delivery(id=message.id, number=number, account=operation.account, body=body, due_at=due_at)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
