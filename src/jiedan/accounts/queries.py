"""Reads of accounts."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from jiedan.accounts import errors
from jiedan.accounts.values import MerchantSettings
from jiedan.base import sql
from jiedan.base.db import Load

SQL = sql.load("jiedan.accounts", "queries.sql")


def settings() -> Load[MerchantSettings]:
    """Read what the merchant has decided.

    Parsing raises MerchantNotFound when the tenant has no settings.
    """
    return Load(SQL["settings"], {}, _settings)


def credentials_alive(credential_ids: Collection[UUID]) -> Load[frozenset[UUID]]:
    """Read which of these sessions and API keys are not revoked, and whose person is still active.

    Expiry is not looked at: it is known since the credential was parsed, and checked there.
    """
    return Load(SQL["credentials_alive"], {"credential_ids": sorted(credential_ids)}, _first_column)


def _settings(rows: list[tuple[Any, ...]]) -> MerchantSettings:
    if not rows:
        raise errors.MerchantNotFound
    values: Any = (tuple(value) if isinstance(value, list) else value for value in rows[0])
    return MerchantSettings(*values)


def _first_column(rows: list[tuple[Any, ...]]) -> frozenset[UUID]:
    return frozenset(row[0] for row in rows)
