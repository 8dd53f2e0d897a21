"""Ids, kinds and values of payments. Amounts are minor units of the payment's currency."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

PaymentId = NewType("PaymentId", UUID)
OperationId = NewType("OperationId", UUID)
EntryId = NewType("EntryId", UUID)

Method = Literal["card", "bank_transfer", "cash_on_delivery", "boleto", "voucher", "debit_card", "other"]
METHODS: tuple[Method, ...] = (
    "card",
    "bank_transfer",
    "cash_on_delivery",
    "boleto",
    "voucher",
    "debit_card",
    "other",
)

OperationKind = Literal["authorize", "sale", "capture", "void", "refund"]
OPERATION_KINDS: tuple[OperationKind, ...] = ("authorize", "sale", "capture", "void", "refund")

OperationState = Literal["pending", "action_needed", "succeeded", "failed", "unknown"]
OPERATION_STATES: tuple[OperationState, ...] = ("pending", "action_needed", "succeeded", "failed", "unknown")
"""`pending`: asked, not answered; `action_needed`: the customer is on the provider's page; `unknown`: the answer was
lost, the sweeper asks by key."""

SETTLED: frozenset[str] = frozenset({"succeeded", "failed"})

EntryKind = Literal["authorization", "capture", "void", "refund", "chargeback", "adjustment"]
ENTRY_KINDS: tuple[EntryKind, ...] = ("authorization", "capture", "void", "refund", "chargeback", "adjustment")

PaymentState = Literal["open", "processing", "unknown", "authorized", "captured", "refunded", "voided", "failed"]
"""What a payment is now; derived from its entries and operations, never set by hand."""

RECONCILE_AFTER = timedelta(minutes=2)
"""How long an operation may stay unanswered before the sweeper asks the provider."""

RECONCILIATION_WINDOW = timedelta(hours=24)
"""How long an operation may stay unsettled before it becomes a case."""

OPERATIONS_PER_SWEEP_MAX = 100
INBOX_BYTES_MAX = 262_144
REASON_CHARACTERS_MAX = 500
TENDERS_PER_ORDER_MAX = 20


class Sums(NamedTuple):
    """What a payment's ledger adds up to, in minor units."""

    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    charged_back: int = 0
    adjusted: int = 0


class RefundLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which line a refund is for: `quantity` units, `amount_minor` of the refund."""

    line: int
    quantity: int
    amount_minor: int


class NewEntry(NamedTuple):
    """A ledger entry to be written; `refers_to`: the authorization a capture uses, the capture a refund reduces."""

    payment_id: PaymentId
    order_id: UUID | None
    kind: EntryKind
    amount_minor: int
    operation_id: OperationId | None
    refers_to: EntryId | None
    provider_ref: str
    occurred_at: datetime


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
    requested_at: datetime
    settled_at: datetime | None
    attempts: int


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
    sums: Sums
    processing_count: int
    created_at: datetime
    version: int


COUNTED: frozenset[str] = frozenset({"pending", "unknown"})
"""States in which an operation keeps its order from expiring: somebody may be paying right now."""


class OperationRequest(NamedTuple):
    """A wish to ask a provider: about `payment_id`, for an amount, with what a refund is for."""

    payment_id: PaymentId
    kind: OperationKind
    amount_minor: int
    reason: str = ""
    refund_lines: tuple[RefundLine, ...] = ()


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


class ProviderAccount(NamedTuple):
    """A merchant's account with a provider; `secrets` are decrypted and never logged."""

    provider: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
