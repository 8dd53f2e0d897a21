"""REST of customers' accounts in the shop: whether there is one, closing it, mailing a link into it."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from litestar import get, post, put

from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries, service
from jiedan.customers.values import Access


class AccountView(msgspec.Struct, frozen=True):
    """A customer's way into the shop; `seen_at` is when they were last there in a browser where they still are."""

    customer_id: UUID
    email: str
    has_password: bool
    is_active: bool
    created_at: datetime
    seen_at: datetime | None

    @classmethod
    def of(cls, access: Access) -> "AccountView":
        """Return what is shown of an account."""
        return cls(
            customer_id=access.customer_id,
            email=access.email,
            has_password=access.has_password,
            is_active=access.is_active,
            created_at=access.created_at,
            seen_at=access.seen_at,
        )


class AccessBody(bodies.Body):
    """Whether a customer may sign in."""

    __example__: ClassVar[dict[str, Any]] = {"is_active": False}

    is_active: bool


@get("/customers/{customer_id:uuid}/account", permission="customers:read", summary="Read a customer's account")
async def get_account(unit: Unit, customer_id: UUID) -> AccountView:
    """Tell whether a customer has an account in the shop, and by which address they sign in."""
    async with unit.read() as tx:
        access = await queries.access_of(tx, customer_id)
    if access is None:
        raise errors.AccountNotFound
    return AccountView.of(access)


@put("/customers/{customer_id:uuid}/account", permission="customers:write", summary="Disable or enable an account")
async def set_access(unit: Unit, customer_id: UUID, data: AccessBody) -> AccountView:
    """Disable a customer's account, which signs them out everywhere and ends every link, or enable it again."""
    access = await unit.write(lambda tx: service.set_access(tx, customer_id=customer_id, is_active=data.is_active))
    return AccountView.of(access)


@post(
    "/customers/{customer_id:uuid}/account/links",
    permission="customers:write",
    status_code=204,
    summary="Mail a customer a link to sign in",
)
async def send_link(unit: Unit, customer_id: UUID) -> None:
    """Mail the customer a link into their account, or one to open an account where they have none."""
    await unit.write(lambda tx: service.send_link(tx, customer_id=customer_id))


HANDLERS = (get_account, set_access, send_link)
