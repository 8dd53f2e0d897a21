"""Rules that are being written, books of rules that were published, and what price lists say of SKUs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, TenantTable, one_of
from jiedan.pricing.values.drafts import RULE_CODE_CHARACTERS_MAX, RULE_KINDS


class PriceRuleSet(TenantTable):
    """The number of the last book that was published; its row is locked while drafts or books are written."""

    __tablename__ = "price_rule_set"

    version: Mapped[int]

    __table_args__ = (sa.CheckConstraint("version >= 0", name="not_negative"),)


class PriceRule(TenantTable):
    """One rule of the book that is being written, with the examples that prove it."""

    __tablename__ = "price_rule"

    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    body: Mapped[dict[str, Any]]
    examples: Mapped[list[Any]]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "kind", "code"),
        one_of("kind", RULE_KINDS),
        sa.CheckConstraint(f"char_length(code) BETWEEN 1 AND {RULE_CODE_CHARACTERS_MAX}", name="code_bounded"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class PriceRuleRemoval(TenantTable):
    """Rules that were taken out of the draft at once, as they were before and after, until they are taken back."""

    __tablename__ = "price_rule_removal"

    removal_id: Mapped[UUID] = mapped_column(primary_key=True)
    before: Mapped[list[Any]]
    after: Mapped[list[Any]]
    removed_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    restored_at: Mapped[datetime | None]

    __table_args__ = (sa.Index("ix_price_rule_removal_removed", "tenant_id", "removed_at"),)


class PriceBook(TenantTable):
    """One published version of all rules: never changed, kept for ever. It begins at once where `begins_at` is null."""

    __tablename__ = "price_book"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begins_at: Mapped[datetime | None]
    document: Mapped[dict[str, Any]]
    examples: Mapped[dict[str, Any]]
    note: Mapped[str]
    restores: Mapped[int | None]
    published_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "restores"], ["price_book.tenant_id", "price_book.version"]),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.CheckConstraint("restores < version", name="restores_an_older_one"),
        sa.CheckConstraint("begins_at > published_at", name="begins_later"),
        {"info": {APPEND_ONLY: True}},
    )


class PriceBookWithdrawal(TenantTable):
    """A published version was taken back before it began."""

    __tablename__ = "price_book_withdrawal"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    withdrawn_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "version"], ["price_book.tenant_id", "price_book.version"]),
        {"info": {APPEND_ONLY: True}},
    )


class PriceListEntry(TenantTable):
    """What one price list asks for a SKU: tiers as two arrays of one length, in minor units of the list's currency."""

    __tablename__ = "price_list_entry"

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    list_code: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    mode: Mapped[str]
    min_quantities: Mapped[list[int]] = mapped_column(pg.ARRAY(sa.BigInteger()))
    units_minor: Mapped[list[int]] = mapped_column(pg.ARRAY(sa.BigInteger()))

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        one_of("mode", ("volume", "graduated")),
        sa.CheckConstraint(
            "cardinality(min_quantities) BETWEEN 1 AND 50 AND cardinality(min_quantities) = cardinality(units_minor)",
            name="tiers_fit",
        ),
        sa.Index("ix_price_list_entry_list", "tenant_id", "list_code", "sku_id"),
    )
