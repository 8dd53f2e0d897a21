"""Roles: which permissions each has."""

from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries, service, values
from jiedan.accounts.values import Role
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.auth import Authentication
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit


class NewRoleForm(forms.Form):
    """A new role."""

    code: bodies.Code
    name: bodies.Name
    permissions: list[bodies.Code] = msgspec.field(default_factory=list)


class RoleForm(forms.Form):
    """A role as it should be, with the version it was read at."""

    version: bodies.Version
    name: bodies.Name
    permissions: list[bodies.Code] = msgspec.field(default_factory=list)


@get("/roles", permission="staff:read")
async def roles_page(unit: Unit) -> Response[str]:
    """Show every role."""
    async with unit.read() as tx:
        roles = await queries.roles(tx)
    return pages.render(unit, "accounts/roles.html", roles=roles)


@get("/roles/new", permission="staff:write")
async def new_role_page(unit: Unit) -> Response[str]:
    """Ask what the new role may do."""
    return _role_page(unit, None, forms.empty(unit))


@post("/roles/new", permission="staff:write")
async def create_role(unit: Unit) -> Response[str]:
    """Add a role."""
    form = await forms.read(unit, NewRoleForm)
    sent, held = form.value, unit.principal.permissions
    if sent is not None:
        try:
            await unit.write(
                lambda tx: service.create_role(
                    tx, code=sent.code, name=sent.name, permissions=sent.permissions, held=held
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, "/roles", flash=N_("The role was added."))
    return _role_page(unit, None, form)


@get("/roles/{role_id:uuid}", permission="staff:read")
async def role_page(unit: Unit, role_id: UUID) -> Response[str]:
    """Show what a role may do."""
    async with unit.read() as tx:
        role = await queries.role(tx, role_id)
    return _role_page(unit, role, None)


@post("/roles/{role_id:uuid}", permission="staff:write")
async def change_role(unit: Unit, role_id: UUID) -> Response[str]:
    """Change what a role may do."""
    form = await forms.read(unit, RoleForm)
    sent, held = form.value, unit.principal.permissions
    if sent is not None:
        try:
            await unit.write(
                lambda tx: service.change_role(
                    tx,
                    role_id=role_id,
                    held=held,
                    name=sent.name,
                    permissions=sent.permissions,
                    expected_version=sent.version,
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            unit.part(Authentication).forget(unit.tenant)
            return pages.redirect(unit, "/roles", flash=N_("The role was saved."))
    async with unit.read() as tx:
        role = await queries.role(tx, role_id)
    return _role_page(unit, role, form)


@post("/roles/{role_id:uuid}/remove", permission="staff:write")
async def remove_role(unit: Unit, role_id: UUID) -> Response[str]:
    """Remove a role that nobody has."""
    held = unit.principal.permissions
    await unit.write(lambda tx: service.remove_role(tx, role_id=role_id, held=held))
    return pages.redirect(unit, "/roles", flash=N_("The role was removed."))


def _role_page(unit: Unit, role: Role | None, form: "Filled[RoleForm] | Filled[NewRoleForm] | None") -> Response[str]:
    chosen = form.raw.get("permissions", []) if form is not None and form.raw else (role.permissions if role else ())
    return pages.render(
        unit,
        "accounts/role.html",
        role=role,
        form=form,
        chosen=frozenset(chosen),
        permissions=values.PERMISSIONS,
        is_fixed=role is not None and role.code == values.OWNER,
    )


HANDLERS = (roles_page, new_role_page, create_role, role_page, change_role, remove_role)
