"""Reads of what the merchant has decided, and of how the shop shows itself."""

from typing import Any

from jiedan.accounts import errors
from jiedan.accounts.values import Logo, MerchantSettings, Storefront
from jiedan.base import sql
from jiedan.base.db import Load, ReadTx, Tx

SQL = sql.load("jiedan.accounts.queries", "merchants.sql")


def settings() -> Load[MerchantSettings]:
    """Read what the merchant has decided.

    Parsing raises MerchantNotFound when the tenant has no settings.
    """
    return Load(SQL["settings"], {}, _settings)


async def settings_for_update(tx: Tx) -> MerchantSettings:
    """Return the settings, locked. Raises MerchantNotFound."""
    return _settings(await tx.sql(SQL["settings_for_update"]))


async def lock_merchant(tx: Tx) -> None:
    """Lock the merchant's row until the transaction ends: who counts before they add does so one after another.

    Nothing is locked where there is no merchant yet.
    """
    await tx.sql(SQL["settings_for_update"])


def _settings(rows: list[tuple[Any, ...]]) -> MerchantSettings:
    if not rows:
        raise errors.MerchantNotFound
    columns: Any = (tuple(value) if isinstance(value, list) else value for value in rows[0])
    return MerchantSettings(*columns)


def storefront() -> Load[Storefront]:
    """Read how the merchant's shop shows itself; a closed one where nobody has said."""
    return Load(SQL["storefront"], {}, _storefront)


async def storefront_for_update(tx: Tx) -> Storefront:
    """Return how the shop shows itself, locked; version 0 where nobody has said."""
    return _storefront(await tx.sql(SQL["storefront_for_update"]))


async def logo(tx: ReadTx) -> Logo | None:
    """Return the merchant's logo, or None."""
    rows = await tx.sql(SQL["logo"])
    return Logo(*rows[0]) if rows else None


def _storefront(rows: list[tuple[Any, ...]]) -> Storefront:
    return Storefront(*rows[0]) if rows else Storefront()
