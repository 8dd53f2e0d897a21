"""Roles and the permissions they are made of."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from msgspec import UNSET, UnsetType

from jiedan.accounts import queries, service, values
from jiedan.accounts.values import Role
from jiedan.base import i18n
from jiedan.base.web import answers, bodies
from jiedan.base.web.auth import Authentication
from jiedan.base.web.unit import Unit

Permissions = Annotated[list[bodies.Code], msgspec.Meta(max_length=200)]


class RoleView(msgspec.Struct, frozen=True):
    """A named set of permissions."""

    role_id: UUID
    code: str
    name: str
    permissions: list[str]
    version: int

    @classmethod
    def of(cls, role: Role) -> "RoleView":
        """Return the role as the API shows it."""
        return cls(role.role_id, role.code, role.name, sorted(role.permissions), role.version)


class PermissionView(msgspec.Struct, frozen=True):
    """A permission, with what it allows in the caller's language."""

    permission: str
    label: str


class RoleBody(bodies.Body):
    """A new role."""

    __example__: ClassVar[dict[str, Any]] = {
        "code": "packer",
        "name": "Packer",
        "permissions": ["orders:read", "inventory:read"],
    }

    code: bodies.Code
    name: bodies.Name
    permissions: Permissions


class RoleChange(bodies.Body):
    """What to change about a role; what is not sent stays."""

    __example__: ClassVar[dict[str, Any]] = {"permissions": ["orders:read", "orders:hold"]}

    name: bodies.Name | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET


@get("/permissions", permission="staff:read", summary="List permissions")
async def list_permissions(unit: Unit) -> list[PermissionView]:
    """Answer every permission that a role or an API key can have."""
    return [PermissionView(code, i18n.gettext(unit.locale, label)) for code, label in values.PERMISSIONS.items()]


@get("/roles", permission="staff:read", summary="List roles")
async def list_roles(unit: Unit) -> list[RoleView]:
    """Answer every role with its permissions."""
    async with unit.read() as tx:
        return [RoleView.of(role) for role in await queries.roles(tx)]


@get("/roles/{role_id:uuid}", permission="staff:read", summary="Get a role")
async def get_role(unit: Unit, role_id: UUID) -> Response[RoleView]:
    """Answer a role with its version."""
    async with unit.read() as tx:
        role = await queries.role(tx, role_id)
    return answers.versioned(RoleView.of(role), role.version)


@post("/roles", permission="staff:write", idempotent=True, also=[404], summary="Add a role")
async def create_role(unit: Unit, data: RoleBody) -> Response[RoleView]:
    """Add a role; nobody grants what they do not have."""
    held, key = unit.principal.permissions, unit.idempotency_key
    role = await unit.write(
        lambda tx: service.create_role(
            tx, code=data.code, name=data.name, permissions=data.permissions, held=held, key=key
        )
    )
    return answers.created(RoleView.of(role), f"/api/v1/roles/{role.role_id}", version=role.version)


@patch("/roles/{role_id:uuid}", permission="staff:write", versioned=True, summary="Change a role")
async def change_role(unit: Unit, role_id: UUID, data: RoleChange) -> Response[RoleView]:
    """Rename a role or set its permissions; it holds for its people within a minute."""
    held = unit.principal.permissions
    role = await unit.write(
        lambda tx: service.change_role(
            tx,
            role_id=role_id,
            held=held,
            name=None if data.name is UNSET else data.name,
            permissions=None if data.permissions is UNSET else data.permissions,
            expected_version=unit.if_match,
        )
    )
    unit.part(Authentication).forget(unit.tenant)
    return answers.versioned(RoleView.of(role), role.version)


@delete("/roles/{role_id:uuid}", permission="staff:write", summary="Remove a role")
async def remove_role(unit: Unit, role_id: UUID) -> None:
    """Remove a role that nobody has."""
    held = unit.principal.permissions
    await unit.write(lambda tx: service.remove_role(tx, role_id=role_id, held=held))


HANDLERS = (list_permissions, list_roles, get_role, create_role, change_role, remove_role)
