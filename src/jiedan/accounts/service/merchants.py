"""Open a merchant; edit its settings."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from jiedan.accounts import errors, events, queries, rules, tables, values
from jiedan.accounts.service import history, links
from jiedan.accounts.values import MerchantOpened, MerchantSettings, NewMerchant, NewStaff, RoleId, StaffId
from jiedan.base import db, directory, numbers
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.events import SYSTEM, Actor
from jiedan.base.ids import TenantId


async def open_merchant(
    database: db.Database, *, merchant: NewMerchant, owner: NewStaff, actor: Actor = SYSTEM
) -> MerchantOpened:
    """Open a merchant in a transaction and under a tenant id of its own. Raises as `create_merchant`."""
    tenant = TenantId(database.uuids.new(database.clock.now()))
    return await database.write(db.Scope(tenant, actor), lambda tx: create_merchant(tx, merchant=merchant, owner=owner))


async def create_merchant(tx: Tx, *, merchant: NewMerchant, owner: NewStaff) -> MerchantOpened:
    """Make the merchant of this transaction's new tenant: directory, settings, the standard roles and its owner.

    The owner has the role `owner` whatever `owner.role` says. Raises SlugTaken and everything `rules.check_settings`
    finds.
    """
    settings = _settings_of(tx.tenant, merchant)
    _check(
        settings,
        [
            *rules.check_email(owner.email, field="owner.email"),
            *rules.check_name(owner.name, field="owner.name"),
            *rules.check_locale(owner.locale, field="owner.locale"),
        ],
    )
    if not await directory.register(tx, slug=settings.slug):
        raise errors.SlugTaken(slug=settings.slug, field="slug")
    await tx.execute(sa.insert(tables.Merchant).values(created_at=tx.now, updated_at=tx.now, **_columns(settings)))
    role_ids = await _create_standard_roles(tx)
    owner_id = StaffId(tx.new_id())
    await tx.execute(
        sa.insert(tables.Staff).values(
            tenant_id=tx.tenant,
            staff_id=owner_id,
            email=owner.email.strip(),
            email_key=rules.email_key(owner.email),
            name=owner.name,
            locale=owner.locale,
            role_id=role_ids[values.OWNER],
            password_hash=owner.password_hash,
            is_active=True,
            version=1,
            created_at=tx.now,
        )
    )
    link = None
    if owner.password_hash is None:
        link = await links.issue(tx, staff_id=owner_id, purpose="invitation")
    tx.emit(
        events.MerchantCreated(merchant_id=tx.tenant, owner_id=owner_id),
        private={"name": settings.name, "owner_name": owner.name, "owner_email": owner.email},
    )
    return MerchantOpened(tx.tenant, owner_id, link)


async def change_settings(
    tx: Tx, *, changes: Mapping[str, Any], expected_version: int | None = None
) -> MerchantSettings:
    """Edit settings by field name and return them; what changes nothing is no edit.

    Raises StaleVersion, SlugTaken and everything `rules.check_settings` finds, each with its field.
    """
    before = await queries.settings_for_update(tx)
    await history.check_version(
        tx,
        subject_id=tx.tenant,
        kind=events.MerchantChanged.kind,
        current=before.version,
        expected=expected_version,
    )
    after = dataclasses.replace(before, **changes)
    _check(after)
    diff = rules.changed(before, after)
    if not diff:
        return before
    if "slug" in diff and not await directory.rename(tx, slug=after.slug):
        raise errors.SlugTaken(slug=after.slug, field="slug")
    after = dataclasses.replace(after, version=before.version + 1)
    await tx.execute(
        sa.update(tables.Merchant)
        .where(tables.Merchant.tenant_id == tx.tenant)
        .values(updated_at=tx.now, **_columns(after))
    )
    tx.emit(
        events.MerchantChanged(merchant_id=tx.tenant, version=after.version, fields=tuple(sorted(diff))),
        private={
            "before": {name: old for name, (old, _) in diff.items()},
            "after": {name: new for name, (_, new) in diff.items()},
        },
    )
    return after


def _settings_of(tenant: TenantId, merchant: NewMerchant) -> MerchantSettings:
    fields = {f.name: getattr(merchant, f.name) for f in dataclasses.fields(merchant)}
    if merchant.currency not in merchant.currencies:
        fields["currencies"] = (merchant.currency, *merchant.currencies)
    if merchant.locale not in merchant.locales:
        fields["locales"] = (merchant.locale, *merchant.locales)
    return MerchantSettings(tenant_id=tenant, version=1, **fields)


def _check(settings: MerchantSettings, others: list[Refusal] | None = None) -> None:
    found = [*rules.check_settings(settings), *(others or [])]
    try:
        numbers.check_pattern(settings.order_number_pattern, field="order_number_pattern")
    except numbers.PatternInvalid as refusal:
        found.append(refusal)
    history.refuse(found)


def _columns(settings: MerchantSettings) -> dict[str, Any]:
    fields = {f.name: getattr(settings, f.name) for f in dataclasses.fields(settings)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


async def _create_standard_roles(tx: Tx) -> Mapping[str, RoleId]:
    role_ids = {code: RoleId(tx.new_id()) for code in values.ROLES}
    rows = [
        {
            "tenant_id": tx.tenant,
            "role_id": role_ids[code],
            "code": code,
            "name": template.name,
            "permissions": sorted(template.permissions),
            "version": 1,
            "created_at": tx.now,
        }
        for code, template in values.ROLES.items()
    ]
    await tx.execute(sa.insert(tables.Role).values(rows))
    return role_ids
