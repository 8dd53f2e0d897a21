"""Tables of wallets: balances, gift cards, lots, the ledger in double entry, rules of loyalty."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, ERASABLE, STORAGE, TenantTable, one_of
from jiedan.wallets import values


def _of_wallet() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", "wallet_id"], ["wallet.tenant_id", "wallet.wallet_id"])


class Wallet(TenantTable):
    """A balance; its row is locked before anything of the wallet is written."""

    __tablename__ = "wallet"

    wallet_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    customer_id: Mapped[UUID | None]
    unit: Mapped[str]
    balance: Mapped[int]
    opened_at: Mapped[datetime]

    __table_args__ = (
        one_of("kind", [kind.value for kind in values.WalletKind]),
        sa.CheckConstraint(f"(kind = 'points') = (unit = '{values.POINTS}')", name="points_are_points"),
        sa.CheckConstraint("kind = 'gift_card' OR customer_id IS NOT NULL", name="has_an_owner"),
        sa.CheckConstraint("balance >= 0", name="balance_not_negative"),
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.Index(
            "ix_wallet_key",
            "tenant_id",
            "customer_id",
            "kind",
            "unit",
            unique=True,
            postgresql_where=sa.text("kind <> 'gift_card'"),
        ),
        sa.Index("ix_wallet_customer", "tenant_id", "customer_id", "wallet_id"),
        # Balances change with orders; room in the page keeps those updates off the indexes (HOT).
        {"info": {STORAGE: {"fillfactor": 70}}},
    )


class GiftCard(TenantTable):
    """What makes a wallet a gift card. The code is not here: a keyed hash finds it, four characters name it."""

    __tablename__ = "gift_card"

    wallet_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes]
    last_four: Mapped[str]
    issued: Mapped[int]
    expires_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    note: Mapped[str]
    version: Mapped[int]

    __table_args__ = (
        _of_wallet(),
        sa.CheckConstraint("issued > 0", name="issued_something"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.UniqueConstraint("tenant_id", "code_hash"),
        sa.Index("ix_gift_card_last_four", "tenant_id", "last_four", "wallet_id"),
        # Few are: the list of them reads this and no other card.
        sa.Index("ix_gift_card_blocked", "tenant_id", "wallet_id", postgresql_where=sa.text("blocked_at IS NOT NULL")),
    )


class WalletMovement(TenantTable):
    """The ledger: one change of one wallet each, never edited.

    An operation key makes one movement; only what is given back to several wallets has several `part`s. `reverses` is
    the redemption that is given back, or the earning that is taken back; `lives_until` of a redemption is how long what
    it took would have lived. Of points that paid or were earned, `worth_minor` is the money they stood for: the rate
    they go back at. Those that were earned keep the steps of the rule: `step_points` for each whole `step_minor`.
    """

    __tablename__ = "wallet_movement"

    movement_id: Mapped[UUID] = mapped_column(primary_key=True)
    wallet_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    subject_id: Mapped[UUID | None]
    reverses: Mapped[UUID | None]
    lives_until: Mapped[datetime | None]
    worth_minor: Mapped[int | None]
    worth_currency: Mapped[str | None]
    operation_key: Mapped[str]
    part: Mapped[int]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    recorded_at: Mapped[datetime]
    step_points: Mapped[int | None]
    step_minor: Mapped[int | None]

    __table_args__ = (
        _of_wallet(),
        one_of("kind", [kind.value for kind in values.MovementKind]),
        one_of("reason", ["", *(reason.value for reason in values.Reason)]),
        sa.CheckConstraint("(kind IN ('issue', 'adjustment')) = (reason <> '')", name="reason_fits"),
        sa.CheckConstraint("(kind IN ('give_back', 'take_back')) = (reverses IS NOT NULL)", name="reversal_fits"),
        sa.CheckConstraint("kind <> 'redemption' OR subject_id IS NOT NULL", name="redeemed_for_something"),
        sa.CheckConstraint(
            "(worth_minor IS NULL) = (worth_currency IS NULL)"
            " AND (worth_minor IS NULL OR kind IN ('redemption', 'earning'))",
            name="worth_fits",
        ),
        sa.CheckConstraint("worth_minor > 0", name="worth_something"),
        sa.CheckConstraint(
            "(step_points IS NULL) = (step_minor IS NULL) AND (step_points IS NULL OR kind = 'earning')",
            name="steps_fit",
        ),
        sa.CheckConstraint("step_points > 0 AND step_minor > 0", name="steps_positive"),
        sa.UniqueConstraint("tenant_id", "operation_key", "part"),
        sa.Index(
            "ix_wallet_movement_subject",
            "tenant_id",
            "subject_id",
            "movement_id",
            postgresql_where=sa.text("subject_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_wallet_movement_reverses",
            "tenant_id",
            "reverses",
            postgresql_where=sa.text("reverses IS NOT NULL"),
        ),
        {"info": {APPEND_ONLY: True, ERASABLE: ("note",)}},
    )


class WalletEntry(TenantTable):
    """The legs of a movement: one on the wallet, with the balance it left, one on an account of the merchant's.

    The merchant's accounts have no counters: every redemption would wait for the one before at their row. Their sums
    are taken from here.
    """

    __tablename__ = "wallet_entry"

    movement_id: Mapped[UUID] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    wallet_id: Mapped[UUID | None]
    account: Mapped[str | None]
    unit: Mapped[str]
    amount: Mapped[int]
    balance: Mapped[int | None]

    __table_args__ = (
        _of_wallet(),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"], ["wallet_movement.tenant_id", "wallet_movement.movement_id"]
        ),
        one_of("side", ["wallet", "merchant"]),
        one_of("account", [account.value for account in values.Account]),
        sa.CheckConstraint(
            "(side = 'wallet') = (wallet_id IS NOT NULL) AND (side = 'wallet') = (balance IS NOT NULL)"
            " AND (side = 'merchant') = (account IS NOT NULL)",
            name="side_fits",
        ),
        sa.CheckConstraint("amount <> 0", name="amount_moves"),
        sa.CheckConstraint("balance >= 0", name="balance_not_negative"),
        sa.Index(
            "ix_wallet_entry_wallet",
            "tenant_id",
            "wallet_id",
            "movement_id",
            postgresql_where=sa.text("wallet_id IS NOT NULL"),
        ),
        {"info": {APPEND_ONLY: True}},
    )


class WalletLot(TenantTable):
    """What came into a wallet by one movement, how much of it is still there, and until when it lives."""

    __tablename__ = "wallet_lot"

    wallet_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount: Mapped[int]
    remaining: Mapped[int]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        _of_wallet(),
        sa.CheckConstraint("amount > 0", name="amount_came_in"),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name="remaining_is_there"),
        sa.Index("ix_wallet_lot_there", "tenant_id", "wallet_id", "lot_id", postgresql_where=sa.text("remaining > 0")),
        sa.Index(
            "ix_wallet_lot_due",
            "tenant_id",
            "expires_at",
            "wallet_id",
            postgresql_where=sa.text("remaining > 0 AND expires_at IS NOT NULL"),
        ),
        {"info": {STORAGE: {"fillfactor": 70}}},
    )


class LoyaltyRule(TenantTable):
    """How points are earned in one currency, `points` for each whole `step_minor` spent, and what they pay there.

    `pays_points` of them pay `pays_minor`; 0 where they pay nothing. Points are earned `since` then without a break;
    None: since before that was kept.
    """

    __tablename__ = "loyalty_rule"

    currency: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[int]
    step_minor: Mapped[int]
    lives_days: Mapped[int | None]
    version: Mapped[int]
    pays_points: Mapped[int] = mapped_column(server_default="0")
    pays_minor: Mapped[int] = mapped_column(server_default="1")
    pays_points_min: Mapped[int] = mapped_column(server_default="0")
    pays_share_percent: Mapped[int] = mapped_column(server_default="100")
    since: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(
            "pays_points >= 0 AND pays_minor > 0 AND pays_points_min >= 0 AND pays_share_percent BETWEEN 1 AND 100",
            name="pays_within_reason",
        ),
        sa.CheckConstraint("points >= 0", name="points_not_negative"),
        sa.CheckConstraint("step_minor > 0", name="step_positive"),
        sa.CheckConstraint("lives_days > 0", name="lives_a_while"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )
