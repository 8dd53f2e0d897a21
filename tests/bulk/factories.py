"""Bulk jobs as tests begin and do them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import tables as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import paging
from jiedan.base.db import Database, Scope
from jiedan.base.events import Actor
from jiedan.bulk import queries, run, service
from jiedan.bulk.values import Action, BulkItem, BulkJob, Chosen, ItemStatus, Wish
from jiedan.orders.values.lists import OrderFilter

CURSORS = paging.Cursors("a secret of the tests")


async def by_staff(db: Database, scope: Scope, permissions: frozenset[str] = ALL_PERMISSIONS) -> Scope:
    """Hire somebody with these permissions and return their scope."""
    async with db.begin(scope) as tx:
        role_id, staff_id = tx.new_ids(2)
        stamps = {"tenant_id": tx.tenant, "version": 1, "created_at": tx.now}
        await tx.execute(
            sa.insert(accounts.Role).values(
                role_id=role_id, code=f"r-{role_id}", name="Clerk", permissions=sorted(permissions), **stamps
            )
        )
        email = f"{staff_id}@example.com"
        await tx.execute(
            sa.insert(accounts.Staff).values(
                staff_id=staff_id,
                email=email,
                email_key=email,
                name="Zhou",
                locale="en",
                role_id=role_id,
                password_hash=None,
                is_active=True,
                **stamps,
            )
        )
    return Scope(scope.tenant, Actor("staff", str(staff_id)))


async def may(db: Database, scope: Scope, permissions: frozenset[str]) -> None:
    """Change what the person of `scope` may do."""
    async with db.begin(scope) as tx:
        whose = sa.select(accounts.Staff.role_id).where(
            accounts.Staff.tenant_id == tx.tenant, accounts.Staff.staff_id == UUID(scope.actor.id)
        )
        await tx.execute(
            sa.update(accounts.Role)
            .where(accounts.Role.tenant_id == tx.tenant, accounts.Role.role_id.in_(whose))
            .values(permissions=sorted(permissions))
        )


async def begun(
    db: Database,
    scope: Scope,
    action: Action,
    *,
    order_ids: Sequence[UUID] = (),
    chosen: Sequence[Chosen] = (),
    filters: OrderFilter | None = None,
    **wish: Any,
) -> BulkJob:
    """Begin a job."""
    return await db.write(
        scope,
        lambda tx: service.begin_job(
            tx,
            action=action,
            wish=Wish(**wish),
            locale="en",
            chosen=[*chosen, *(Chosen(x) for x in order_ids)],
            filters=filters,
        ),
    )


async def done(db: Database, scope: Scope, action: Action, **asked: Any) -> BulkJob:
    """Begin a job and do all of it."""
    job = await begun(db, scope, action, **asked)
    return await run.run(db, scope.tenant, job.job_id)


async def outcomes(db: Database, scope: Scope, job: BulkJob, status: ItemStatus | None = None) -> list[BulkItem]:
    """Return what became of the orders of a job."""
    async with db.read(scope) as tx:
        request = paging.Request.of(CURSORS, tenant=tx.tenant, name="items", filters={}, limit=200)
        return (await queries.items(tx, job.job_id, request=request, status=status)).items
