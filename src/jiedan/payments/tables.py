"""Tables of payments. Amounts are minor units."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, ERASABLE, TenantTable, one_of
from jiedan.payments import values

_REFERRED = "provider_ref <> ''"
_UNSETTLED = "state IN ('pending', 'action_needed', 'unknown')"


class Payment(TenantTable):
    """One tender of an order, or money that has no order yet. The sums repeat the ledger's."""

    __tablename__ = "payment"

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID | None]
    provider: Mapped[str]
    method: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int]
    provider_ref: Mapped[str]
    pay_url: Mapped[str]
    return_url: Mapped[str]
    state: Mapped[str]
    authorized_minor: Mapped[int]
    captured_minor: Mapped[int]
    voided_minor: Mapped[int]
    refunded_minor: Mapped[int]
    charged_back_minor: Mapped[int]
    adjusted_minor: Mapped[int]
    processing_count: Mapped[int]
    created_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    version: Mapped[int]
    installments: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.order_id"]),
        sa.CheckConstraint("installments >= 0", name="installments_counted"),
        one_of("method", values.METHODS),
        one_of("state", values.PAYMENT_STATES),
        sa.CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        sa.CheckConstraint(
            "authorized_minor >= 0 AND voided_minor >= 0 AND refunded_minor >= 0 AND charged_back_minor >= 0"
            " AND processing_count >= 0",
            name="sums_not_negative",
        ),
        sa.CheckConstraint(
            "refunded_minor + charged_back_minor <= captured_minor + adjusted_minor", name="refunded_within_captured"
        ),
        sa.CheckConstraint(
            "authorized_minor = 0 OR captured_minor + voided_minor <= authorized_minor",
            name="captured_within_authorized",
        ),
        sa.Index("ix_payment_order", "tenant_id", "order_id", "payment_id"),
        sa.Index("ix_payment_created", "tenant_id", "created_at", "payment_id"),
        sa.Index("ix_payment_state", "tenant_id", "state", "created_at", "payment_id"),
        sa.Index(
            "ix_payment_reference", "tenant_id", "provider_ref", "payment_id",
            postgresql_where=sa.text(_REFERRED),
        ),
    )  # fmt: skip


class PaymentOperation(TenantTable):
    """One thing asked of a provider: stored with its key before the call, settled by whatever answer comes first."""

    __tablename__ = "payment_operation"

    operation_id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID]
    kind: Mapped[str]
    amount_minor: Mapped[int]
    key: Mapped[str]
    state: Mapped[str]
    provider_ref: Mapped[str]
    failure: Mapped[str]
    reason: Mapped[str]
    refers_to: Mapped[UUID | None]
    refund_lines: Mapped[list[Any]]
    token: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    check_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    attempts: Mapped[int]
    to_wallet: Mapped[bool] = mapped_column(server_default=sa.false())

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "payment_id"], ["payment.tenant_id", "payment.payment_id"]),
        sa.UniqueConstraint("tenant_id", "key"),
        sa.CheckConstraint("NOT to_wallet OR kind = 'refund'", name="only_refunds_go_to_wallets"),
        one_of("kind", values.OPERATION_KINDS),
        one_of("state", values.OPERATION_STATES),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint(f"({_UNSETTLED}) = (settled_at IS NULL)", name="settled_has_a_date"),
        sa.Index("ix_payment_operation_payment", "tenant_id", "payment_id", "operation_id"),
        sa.Index("ix_payment_operation_due", "tenant_id", "check_at", postgresql_where=sa.text(_UNSETTLED)),
        sa.Index(
            "ix_payment_operation_reference", "tenant_id", "provider_ref", "payment_id",
            postgresql_where=sa.text(_REFERRED),
        ),
        sa.Index(
            "ix_payment_operation_refund", "tenant_id", "requested_at", "operation_id",
            postgresql_where=sa.text("kind = 'refund'"),
        ),
    )  # fmt: skip


class PaymentEntry(TenantTable):
    """The ledger: what happened to money, never changed."""

    __tablename__ = "payment_entry"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID]
    kind: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    operation_id: Mapped[UUID | None]
    refers_to: Mapped[UUID | None]
    provider_ref: Mapped[str]
    reason: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "payment_id"], ["payment.tenant_id", "payment.payment_id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"], ["payment_operation.tenant_id", "payment_operation.operation_id"]
        ),
        sa.ForeignKeyConstraint(["tenant_id", "refers_to"], ["payment_entry.tenant_id", "payment_entry.entry_id"]),
        one_of("kind", values.ENTRY_KINDS),
        sa.CheckConstraint(
            "amount_minor > 0 OR kind = 'adjustment' OR (amount_minor = 0 AND kind = 'capture')", name="sign"
        ),
        sa.CheckConstraint("(kind IN ('refund', 'chargeback')) <= (refers_to IS NOT NULL)", name="refund_has_capture"),
        sa.Index(
            "uq_payment_entry_operation", "tenant_id", "operation_id", "kind", unique=True,
            postgresql_where=sa.text("operation_id IS NOT NULL"),
        ),
        sa.Index(
            "uq_payment_entry_chargeback", "tenant_id", "payment_id", "provider_ref", "refers_to", unique=True,
            postgresql_where=sa.text("kind = 'chargeback'"),
        ),
        sa.Index("ix_payment_entry_payment", "tenant_id", "payment_id", "entry_id"),
        sa.Index(
            "ix_payment_entry_refers_to", "tenant_id", "refers_to",
            postgresql_where=sa.text("refers_to IS NOT NULL"),
        ),
        {"info": {APPEND_ONLY: True, ERASABLE: ("reason",)}},
    )  # fmt: skip


class RefundLine(TenantTable):
    """Which units of which line a refund gave back."""

    __tablename__ = "refund_line"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    amount_minor: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "entry_id"], ["payment_entry.tenant_id", "payment_entry.entry_id"]),
        sa.CheckConstraint("quantity >= 0 AND amount_minor >= 0", name="not_negative"),
        {"info": {APPEND_ONLY: True}},
    )


class PaymentInbox(TenantTable):
    """A message of a provider, stored before it is handled; unique by its own id, so a second delivery is nothing."""

    __tablename__ = "payment_inbox"

    provider: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str]

    __table_args__ = (
        sa.Index(
            "ix_payment_inbox_unhandled", "tenant_id", "received_at", postgresql_where=sa.text("handled_at IS NULL")
        ),
    )


class PaymentProvider(TenantTable):
    """A merchant's account with a provider; secrets are sealed with the installation's key."""

    __tablename__ = "payment_provider"

    provider: Mapped[str] = mapped_column(primary_key=True)
    is_active: Mapped[bool]
    settings: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    version: Mapped[int]
