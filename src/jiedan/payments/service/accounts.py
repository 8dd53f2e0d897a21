"""Merchants' accounts with providers: set up, shown without their secrets, opened for a call."""

from collections.abc import Mapping
from typing import Any

import msgspec

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Overtaken, StaleVersion
from jiedan.base.i18n import Series
from jiedan.base.sealing import Place, Sealer
from jiedan.payments import errors, events, queries, writing
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.providers.protocol import Provider
from jiedan.payments.queries import StoredProvider
from jiedan.payments.values import ProviderAccount, ProviderSetup


async def set_up_provider(
    tx: Tx,
    gateways: Gateways,
    *,
    provider: str,
    is_active: bool = True,
    settings: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    expected_version: int | None = None,
) -> ProviderSetup:
    """Open or change the merchant's account with a provider; what is not given stays as it is.

    Nothing is written when nothing differs.
    Secrets are sealed and never shown again. Where the provider lets us choose them they are made here.
    Raises ProviderUnknown, SettingUnknown, StaleVersion.
    """
    adapter = gateways.find(provider)
    if adapter is None:
        raise errors.ProviderUnknown(provider, Series(gateways.known()), field="provider")
    _check_names(adapter, "settings", settings)
    _check_names(adapter, "secrets", secrets)
    stored = (await queries.providers(tx)).get(provider)
    version = 0 if stored is None else stored.version
    if expected_version is not None and expected_version != version:
        raise StaleVersion(expected_version, version, "-", provider)
    before: Mapping[str, str] = {} if stored is None else stored.settings
    if stored is not None and (stored.is_active, before) == (is_active, {**before, **(settings or {})}) and not secrets:
        return ProviderSetup(provider, is_active, before, stored.sealed is not None, version)
    known = {} if stored is None else _opened(tx, gateways.sealer, stored)
    chosen = {**(known or adapter.new_secrets()), **(secrets or {})}
    merged = {**before, **(settings or {})}
    sealed = gateways.sealer.seal(msgspec.json.encode(chosen), place=_place(tx, provider)) if chosen else None
    rows = await tx.sql(
        writing.SQL["save_provider"],
        provider=provider,
        is_active=is_active,
        settings=msgspec.json.encode(merged).decode(),
        sealed=sealed,
        at=tx.now,
        expected=version,
    )
    if not rows:  # somebody else was faster: what they changed stays, or a version that was seen is stale
        raise Overtaken
    changed = sorted({*(settings or {}), *(secrets or {})})
    tx.emit(
        events.ProviderChanged(merchant_id=tx.tenant, provider=provider, is_active=is_active, fields=tuple(changed))
    )
    return ProviderSetup(provider, is_active, merged, bool(chosen), rows[0][0])


async def provider_setups(tx: ReadTx) -> list[ProviderSetup]:
    """Return the merchant's accounts with providers, without secrets."""
    return [
        ProviderSetup(s.provider, s.is_active, s.settings, s.sealed is not None, s.version)
        for s in (await queries.providers(tx)).values()
    ]


async def provider_accounts(tx: ReadTx, gateways: Gateways) -> dict[str, ProviderAccount]:
    """Return the merchant's accounts with their secrets, by provider, inactive ones too: what was begun is ended.

    Raises SealBroken.
    """
    return {
        name: ProviderAccount(tx.tenant, name, stored.settings, _opened(tx, gateways.sealer, stored))
        for name, stored in (await queries.providers(tx)).items()
    }


def _opened(tx: ReadTx, sealer: Sealer, stored: StoredProvider) -> dict[str, str]:
    if stored.sealed is None:
        return {}
    plain = sealer.open(stored.sealed, place=_place(tx, stored.provider))
    return msgspec.json.decode(plain, type=dict[str, str])


def _place(tx: ReadTx, provider: str) -> Place:
    return Place(tx.tenant, "payment_provider", "sealed", provider)


def _check_names(adapter: Provider, part: str, given: Mapping[str, Any] | None) -> None:
    known: frozenset[str] = getattr(adapter, part)
    for name in given or {}:
        if name not in known:
            raise errors.SettingUnknown(adapter.name, name, Series(sorted(known)), field=f"{part}.{name}")
