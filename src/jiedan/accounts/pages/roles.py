"""Roles: which permissions each has, all side by side or one by one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries, rules, service, values
from jiedan.accounts.values import Grant, Role, RoleId
from jiedan.base import i18n
from jiedan.base.db import Tx
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


_ROLE = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class MatrixForm(forms.Form):
    """The ticks of the roles that can be edited, as `role:permission`; and the versions they were read at."""

    versions: list[Annotated[str, msgspec.Meta(pattern=_ROLE + ":[1-9][0-9]{0,9}$")]]
    ticks: list[Annotated[str, msgspec.Meta(pattern=_ROLE + ":[a-z]+:[a-z]+$")]] = msgspec.field(default_factory=list)


class Column(NamedTuple):
    """A role in the grid: what is ticked, whether the reader may edit it, and how many people have it."""

    role: Role
    ticked: frozenset[str]
    is_open: bool
    people: int


class NotSaved(Exception):
    """Some role was refused, so none is changed."""

    def __init__(self, refused: Sequence[service.RoleRefused]) -> None:
        super().__init__("a role was refused")
        self.refused = refused


@get("/roles", permission="staff:read")
async def roles_page(unit: Unit) -> Response[str]:
    """Show every role beside the others."""
    return await _matrix_page(unit, None)


@post("/roles", permission="staff:write")
async def save_matrix(unit: Unit) -> Response[str]:
    """Change what roles may do: all that was ticked, or nothing."""
    form = await forms.read(unit, MatrixForm)
    sent, held = form.value, unit.principal.permissions
    if sent is None:
        return await _matrix_page(unit, form)
    grants = _grants(sent)

    async def work(tx: Tx) -> None:
        outcomes = await service.set_permissions(tx, grants=grants, held=held)
        refused = [outcome for outcome in outcomes if isinstance(outcome, service.RoleRefused)]
        if refused:
            raise NotSaved(refused)

    try:
        await unit.write(work)
    except NotSaved as told:
        for role, refusal in told.refused:
            form.refuse(refusal)
            name = i18n.gettext(unit.locale, role.name)
            form.above = [*form.above[:-1], f"{name}: {form.above[-1]}"] if form.above else [name]
        return await _matrix_page(unit, form)
    unit.part(Authentication).forget(unit.tenant)
    return pages.redirect(unit, "/roles", flash=N_("The roles were saved."))


def _grants(sent: MatrixForm) -> list[Grant]:
    ticked: dict[str, set[str]] = {}
    for tick in sent.ticks:
        role_id, _, permission = tick.partition(":")
        ticked.setdefault(role_id, set()).add(permission)
    found = []
    for each in sent.versions:
        role_id, _, version = each.partition(":")
        found.append(Grant(RoleId(UUID(role_id)), frozenset(ticked.get(role_id, ())), int(version)))
    return found


async def _matrix_page(unit: Unit, form: "Filled[MatrixForm] | None") -> Response[str]:
    async with unit.read() as tx:
        roles = await queries.roles(tx)
        people = await queries.people_by_role(tx)
    held, may = unit.principal.permissions, unit.may("staff:write")
    columns = []
    for role in roles:
        is_open = may and not rules.check_owner_role(role) and role.permissions <= held
        ticked = _typed(form, role) if form is not None and is_open else role.permissions
        columns.append(Column(role, ticked, is_open, people.get(role.role_id, 0)))
    return pages.render(
        unit, "accounts/roles.html", form=form, columns=columns, areas=_areas(), held=held, owner=values.OWNER
    )


def _typed(form: "Filled[MatrixForm]", role: Role) -> frozenset[str]:
    begin = f"{role.role_id}:"
    return frozenset(tick.removeprefix(begin) for tick in form.raw.get("ticks", ()) if tick.startswith(begin))


def _areas() -> Mapping[str, Mapping[str, str]]:
    """Return the words of every permission by what it is about."""
    found: dict[str, dict[str, str]] = {}
    for permission, label in values.PERMISSIONS.items():
        found.setdefault(values.AREAS[permission.partition(":")[0]], {})[permission] = label
    return found


@get("/roles/new", permission="staff:write")
async def new_role_page(unit: Unit) -> Response[str]:
    """Ask what the new role may do; with `like`, what that role may, as far as the reader may give it."""
    try:
        like = UUID(unit.request.query_params.get("like", ""))
    except ValueError:
        return _role_page(unit, None, forms.empty(unit))
    async with unit.read() as tx:
        role = await queries.role(tx, like)
    name = i18n.translate(unit.locale, N_("Copy of {name}"), name=i18n.gettext(unit.locale, role.name))
    form = forms.empty(unit, name=name)
    return _role_page(unit, None, form, chosen=role.permissions & unit.principal.permissions)


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
    async with unit.read() as tx:
        role = await queries.role(tx, role_id)
    try:
        await unit.write(lambda tx: service.remove_role(tx, role_id=role_id, held=held))
    except Refusal as refusal:
        form = forms.empty(unit)
        form.refuse(refusal)
        return _role_page(unit, role, form)
    return pages.redirect(unit, "/roles", flash=N_("The role was removed."))


def _role_page(
    unit: Unit,
    role: Role | None,
    form: "Filled[RoleForm] | Filled[NewRoleForm] | None",
    *,
    chosen: frozenset[str] | None = None,
) -> Response[str]:
    """Show one role; `chosen` is what is ticked before anything was sent."""
    present = chosen if chosen is not None else role.permissions if role else frozenset()
    was_sent = form is not None and "permissions" in form.raw
    return pages.render(
        unit,
        "accounts/role.html",
        role=role,
        form=form,
        chosen=frozenset(form.raw["permissions"]) if was_sent and form is not None else present,
        permissions=values.PERMISSIONS,
        is_fixed=role is not None and role.code == values.OWNER,
    )


HANDLERS = (roles_page, save_matrix, new_role_page, create_role, role_page, change_role, remove_role)
