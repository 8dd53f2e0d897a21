"""One-time links: an invitation, or a way back in for somebody who forgot the password."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from jiedan.accounts import errors, rules, tables
from jiedan.accounts.queries import has_secret
from jiedan.accounts.service import credentials
from jiedan.accounts.values import LinkPurpose, OneTimeLink, StaffId
from jiedan.base import ids, sql
from jiedan.base.db import Tx

SQL = sql.load("jiedan.accounts.service", "links.sql")

LIFE_BY_PURPOSE: dict[LinkPurpose, timedelta] = {
    "invitation": rules.INVITATION_LIFE,
    "password_reset": rules.PASSWORD_RESET_LIFE,
}


def address(base_url: str, slug: str, link: OneTimeLink) -> str:
    """Return the address that a person opens to use their link."""
    return f"{base_url}/c/{slug}/join?{urlencode({'token': link.credential})}"


async def issue(tx: Tx, *, staff_id: StaffId, purpose: LinkPurpose) -> OneTimeLink:
    """Make a person's one-time link; the one made before, if any, ends."""
    secret = credentials.new_secret()
    expires_at = tx.now + LIFE_BY_PURPOSE[purpose]
    row = {
        "purpose": purpose,
        "secret_hash": credentials.secret_hash(secret),
        "mailed_hash": None,
        "created_at": tx.now,
        "expires_at": expires_at,
    }
    await tx.execute(
        pg.insert(tables.StaffLink)
        .values(tenant_id=tx.tenant, staff_id=staff_id, **row)
        .on_conflict_do_update(index_elements=["tenant_id", "staff_id"], set_=row)
    )
    return OneTimeLink(staff_id, purpose, secret, expires_at)


async def mail(tx: Tx, *, staff_ids: Collection[UUID], purpose: LinkPurpose) -> dict[UUID, OneTimeLink]:
    """Give links of people each a secret for the mail that carries it; who has no such link is absent.

    The secret that was shown when a link was made goes on working, one that was mailed before ends. Whoever uses
    either uses both up.
    """
    secrets = {staff_id: credentials.new_secret() for staff_id in ids.in_order(staff_ids)}
    rows = await tx.sql(
        SQL["mint_links"],
        staff_ids=list(secrets),
        secret_hashes=[credentials.secret_hash(secret) for secret in secrets.values()],
        purpose=purpose,
        at=tx.now,
    )
    return {row[0]: OneTimeLink(row[0], purpose, secrets[row[0]], row[1]) for row in rows}


async def made_at(tx: Tx, *, staff_id: UUID) -> datetime | None:
    """Return when a person's link was made; None when there is none."""
    link = tables.StaffLink
    found = await tx.execute(sa.select(link.created_at).where(link.tenant_id == tx.tenant, link.staff_id == staff_id))
    return found.scalar_one_or_none()


async def consume(tx: Tx, *, secret: str) -> tuple[StaffId, LinkPurpose]:
    """Use a link up: of two who use it at once, one gets LinkNotValid. Raises LinkNotValid."""
    link = tables.StaffLink
    used = await tx.execute(
        sa.delete(link)
        .where(
            link.tenant_id == tx.tenant,
            has_secret(credentials.secret_hash(secret)),
            link.expires_at > tx.now,
        )
        .returning(link.staff_id, link.purpose)
    )
    rows: Sequence[Any] = used.all()
    if not rows:
        raise errors.LinkNotValid
    return rows[0][0], rows[0][1]


async def withdraw(tx: Tx, *, staff_id: StaffId) -> bool:
    """End a person's link; tell whether there was one."""
    link = tables.StaffLink
    done = await tx.execute(sa.delete(link).where(link.tenant_id == tx.tenant, link.staff_id == staff_id))
    return bool(done.rowcount)
