"""Customers with accounts: links from the mail that was not sent, accounts opened, people signed in."""

from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.customers import rules, service
from jiedan.customers.tables import CustomerAccount, CustomerLink
from tests.portal.factories import Visitor

MEI = "mei@example.com"
PASSWORD = "four copper kettles sing"


async def mailed(db: Database, scope: Scope, email: str = MEI, purpose: str | None = None) -> str:
    """Return the secret that stands in the mail with the newest link to an address."""
    asked = [CustomerLink.tenant_id == scope.tenant, CustomerLink.email_key == rules.email_key(email)]
    if purpose is not None:
        asked.append(CustomerLink.purpose == purpose)
    async with db.begin(scope) as tx:
        link_id = (
            (await tx.execute(sa.select(CustomerLink.link_id).where(*asked).order_by(CustomerLink.created_at.desc())))
            .scalars()
            .first()
        )
        assert link_id is not None, f"no link to {email}"
        links = await service.mail_links(tx, link_ids=[link_id])
    return links[link_id].secret


async def join(
    who: Visitor, db: Database, scope: Scope, *, email: str = MEI, name: str = "韩梅梅", password: str = PASSWORD
) -> str:
    """Open an account and return the page that comes then."""
    await who.send("/register", {"email": email}, on="/register")
    token = await mailed(db, scope, email)
    page = f"/link?token={token}"
    fields = {"token": token, "name": name, "password": password}
    return await who.follow(await who.send("/link/account", fields, on=page))


async def sign_in(who: Visitor, *, email: str = MEI, password: str = PASSWORD, **fields: str) -> int:
    """Sign in by password; return the status of the answer."""
    answer = await who.send("/account/sign-in", {"email": email, "password": password, **fields}, on="/forgotten")
    return answer.status_code


async def account_ids(db: Database, scope: Scope) -> list[UUID]:
    """Return the customers who have an account."""
    async with db.read(scope) as tx:
        found = await tx.execute(
            sa.select(CustomerAccount.customer_id).where(CustomerAccount.tenant_id == scope.tenant)
        )
        return list(found.scalars())
