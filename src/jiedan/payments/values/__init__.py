"""Ids, kinds and values of payments. Amounts are minor units of the payment's currency."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

from jiedan.accounts.values import PAYMENT_METHODS, PaymentMethod

PaymentId = NewType("PaymentId", UUID)
OperationId = NewType("OperationId", UUID)
EntryId = NewType("EntryId", UUID)

Method = PaymentMethod
METHODS = PAYMENT_METHODS

OperationKind = Literal["authorize", "sale", "capture", "void", "refund"]
OPERATION_KINDS: tuple[OperationKind, ...] = ("authorize", "sale", "capture", "void", "refund")

OperationState = Literal["pending", "action_needed", "succeeded", "failed", "unknown"]
OPERATION_STATES: tuple[OperationState, ...] = ("pending", "action_needed", "succeeded", "failed", "unknown")
"""`pending`: asked, not answered; `action_needed`: the customer is on the provider's page; `unknown`: the answer was
lost, the sweeper asks by key."""

SETTLED: frozenset[str] = frozenset({"succeeded", "failed"})

EntryKind = Literal["authorization", "capture", "void", "refund", "chargeback", "adjustment"]
ENTRY_KINDS: tuple[EntryKind, ...] = ("authorization", "capture", "void", "refund", "chargeback", "adjustment")

PaymentState = Literal[
    "open", "action_needed", "processing", "unknown", "authorized", "captured", "refunded", "voided", "failed"
]
PAYMENT_STATES: tuple[PaymentState, ...] = (
    "open",
    "action_needed",
    "processing",
    "unknown",
    "authorized",
    "captured",
    "refunded",
    "voided",
    "failed",
)
"""What a payment is now; derived from its entries and operations, stored only to be found by."""

TRANSFER = "transfer"
EXTERNAL = "external"
BY_HAND: frozenset[str] = frozenset({TRANSFER, EXTERNAL})
"""Providers that move no money themselves: what happened is told by people, or was told elsewhere."""

WALLET = "wallet"
"""What was paid out of a gift card, store credit or points: here, in the transaction that placed the order. It goes
back there by itself; the payment's reference names the wallet."""

WITHOUT_GATEWAY: frozenset[str] = BY_HAND | {WALLET}
"""Providers where money is taken at once or not at all: nothing is ever set aside to be captured later."""

METHOD_OF_WALLET: Mapping[str, Method] = MappingProxyType(
    {"gift_card": "gift_card", "credit": "store_credit", "points": "points"}
)
"""How a tender is called, by the kind of its wallet."""

RECONCILE_AFTER = timedelta(minutes=2)
"""How long an operation may stay unanswered before the sweeper asks the provider."""

HANDLE_AFTER = timedelta(minutes=1)
"""How long a stored message may stay unhandled before the sweeper handles it."""

RECONCILIATION_WINDOW = timedelta(hours=24)
"""How long an operation may stay unsettled before it becomes a case."""

SETTLE_AFTER = timedelta(minutes=30)
"""How long an operation has to be without an answer before somebody may settle it by hand; unknown ones at once."""

OPERATIONS_PER_SWEEP_MAX = 100
INBOX_BYTES_MAX = 262_144
LINE_NUMBER_MAX = 1_000
LINE_QUANTITY_MAX = 1_000_000
REASON_CHARACTERS_MAX = 500
REFERENCE_CHARACTERS_MAX = 200
TOKEN_CHARACTERS_MAX = 255
URL_CHARACTERS_MAX = 2_000
TENDERS_PER_ORDER_MAX = 20
INSTALLMENTS_MAX = 1_000
REQUESTS_PER_BATCH_MAX = 200


class Sums(NamedTuple):
    """What a payment's ledger adds up to, in minor units."""

    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    charged_back: int = 0
    adjusted: int = 0


LineNumber = Annotated[int, msgspec.Meta(ge=1, le=LINE_NUMBER_MAX)]
LineQuantity = Annotated[int, msgspec.Meta(ge=0, le=LINE_QUANTITY_MAX)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class RefundLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which line a refund is for: `quantity` units, `amount_minor` of the refund."""

    line: LineNumber
    quantity: LineQuantity
    amount_minor: Amount


class LineRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish to give back `quantity` units of a line; without `amount_minor`, what these units cost."""

    line: LineNumber
    quantity: LineQuantity
    amount_minor: Amount | None = None


class Entry(NamedTuple):
    """One line of the ledger; `refers_to`: the authorization a capture uses, the capture a refund reduces."""

    entry_id: EntryId
    payment_id: PaymentId
    kind: EntryKind
    amount_minor: int
    currency: str
    operation_id: OperationId | None
    refers_to: EntryId | None
    provider_ref: str
    reason: str
    occurred_at: datetime
    recorded_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """One thing asked of a provider, under a key minted once."""

    operation_id: OperationId
    payment_id: PaymentId
    kind: OperationKind
    amount_minor: int
    key: str
    state: OperationState
    provider_ref: str
    failure: str
    reason: str
    refers_to: EntryId | None
    refund_lines: tuple[RefundLine, ...]
    token: str
    requested_at: datetime
    settled_at: datetime | None
    attempts: int
    settled_by: str | None = None
    """`kind:id` of who settled it by hand; None where the provider said it, or nobody yet."""
    to_wallet: bool = False
    """Whether the money goes to a wallet, where no provider is asked."""


@dataclasses.dataclass(frozen=True, slots=True)
class Payment:
    """One tender: how much of an order is to be paid how, and what has come of it."""

    payment_id: PaymentId
    order_id: UUID | None
    provider: str
    method: Method
    currency: str
    amount_minor: int
    provider_ref: str
    pay_url: str
    return_url: str
    state: PaymentState
    sums: Sums
    processing_count: int
    created_at: datetime
    version: int
    installments: int = 1
    """In how many parts the customer pays it off; 0 where who took it could not say."""


COUNTED: frozenset[str] = frozenset({"pending", "unknown"})
"""States in which an operation keeps its order from expiring: somebody may be paying right now."""


class NewPayment(NamedTuple):
    """A wish to pay an order, or part of it, once per `key`: `amount_minor` None asks for all that is due.

    `token` stands for a card at the provider; without one the customer is sent to the provider's page and comes back
    to `return_url`. `capture` takes the money at once, else it is only set aside.
    """

    order_id: UUID
    provider: str
    method: Method
    amount_minor: int | None = None
    token: str = ""
    capture: bool = True
    return_url: str = ""
    key: str | None = None


class OperationRequest(NamedTuple):
    """A wish to ask a provider about a payment, once per `key`: None as the amount asks for all that is left.

    A capture of all that is left takes no more than the order still owes. `cause` is the event that made it necessary,
    if one did: it happens once per cause and payment.
    """

    payment_id: PaymentId
    kind: OperationKind
    amount_minor: int | None = None
    reason: str = ""
    refund_lines: tuple[LineRefund, ...] = ()
    key: str | None = None
    cause: UUID | None = None


class Created(NamedTuple):
    """A tender that is there now, and the operation that is to be performed, if a gateway moves the money."""

    payment_id: PaymentId
    operation_key: str | None
    is_new: bool = True


class Requested(NamedTuple):
    """Operations that are stored and are to be performed, by key; none when the same was asked before."""

    payment_id: PaymentId
    operation_keys: tuple[str, ...]


class Confirmation(NamedTuple):
    """Money that staff saw arrive for a transfer: `amount_minor` None is exactly what was expected."""

    payment_id: PaymentId
    amount_minor: int | None = None
    reference: str = ""
    key: str | None = None


class ExternalPayment(NamedTuple):
    """Money that was taken elsewhere, a marketplace or another till; an amount of 0 is kept.

    `amount_minor` None is all that is due, `occurred_at` None just now. What is not `is_captured` was only set aside.
    """

    order_id: UUID
    method: Method
    amount_minor: int | None = None
    occurred_at: datetime | None = None
    reference: str = ""
    key: str | None = None
    installments: int = 1
    is_captured: bool = True


class Receipt(NamedTuple):
    """Money that arrived without an order."""

    method: Method
    amount_minor: int
    currency: str
    reference: str
    key: str | None = None


class Chargeback(NamedTuple):
    """Money that the payer's bank took back; `reference` names it at the provider."""

    payment_id: PaymentId
    amount_minor: int
    reference: str
    reason: str = ""


class Adjustment(NamedTuple):
    """A correction of what was confirmed by hand: `amount_minor` is signed, and says by how much it was wrong."""

    payment_id: PaymentId
    amount_minor: int
    reason: str
    key: str | None = None


Outcome = Literal["succeeded", "failed"]


class Settlement(NamedTuple):
    """What somebody found out of an operation that the provider does not tell about; `reference` is the provider's.

    With `payment_id` only if it is about that payment.
    """

    operation_id: OperationId
    outcome: Outcome
    reason: str
    reference: str = ""
    payment_id: UUID | None = None


class Result(NamedTuple):
    """What a provider said of one operation, however we heard it: reply, browser return, webhook or sweep.

    `amount_minor` is what the provider did, which may differ from what was asked; None where it did not say.
    """

    key: str
    state: OperationState
    provider_ref: str = ""
    amount_minor: int | None = None
    currency: str | None = None
    failure: str = ""
    pay_url: str = ""
    occurred_at: datetime | None = None
    settled_by: str | None = None
    """`kind:id` of who says so, where it is a person and not the provider."""


class ProviderAccount(NamedTuple):
    """A merchant's account with a provider; `secrets` are opened and never logged."""

    tenant: UUID
    provider: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"ProviderAccount({self.provider}, {self.tenant})"


class Notice(NamedTuple):
    """A provider's message: its own id, and what it says of operations."""

    external_id: str
    results: tuple[Result, ...]


class ProviderSetup(NamedTuple):
    """A merchant's account with a provider as it is shown: never a secret."""

    provider: str
    is_active: bool
    settings: Mapping[str, str]
    has_secrets: bool
    version: int
