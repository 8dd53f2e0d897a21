"""Staff: who works here, with which role; invitations."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries, service, values
from jiedan.accounts.pages.sign_in import Email
from jiedan.accounts.values import NewStaff, OneTimeLink
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.auth import Authentication
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit

Locale = Annotated[str, msgspec.Meta(max_length=20)]


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email: Email
    name: bodies.Name
    role: bodies.Code
    locale: Locale = "en"


class StaffForm(forms.Form):
    """A person as they should be, with the version they were read at."""

    version: bodies.Version
    email: Email
    name: bodies.Name
    role: bodies.Code
    locale: Locale = "en"
    is_active: bool = False


@get("/staff", permission="staff:read")
async def staff_page(unit: Unit) -> Response[str]:
    """Show everybody."""
    return await _list_page(unit, forms.empty(unit, locale=unit.locale, role="sales"))


@post("/staff/invitations", permission="staff:write")
async def invite(unit: Unit) -> Response[str]:
    """Invite somebody and show the link once."""
    form = await forms.read(unit, InvitationForm)
    sent, held = form.value, unit.principal.permissions
    if sent is not None:
        staff = NewStaff(sent.email, sent.name, sent.role, sent.locale)
        try:
            link = await unit.write(lambda tx: service.invite_staff(tx, staff=staff, held=held))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return await _link_page(unit, link)
    return await _list_page(unit, form)


@get("/staff/{staff_id:uuid}", permission="staff:read")
async def person_page(unit: Unit, staff_id: UUID) -> Response[str]:
    """Show a person."""
    return await _person_page(unit, staff_id, None)


@post("/staff/{staff_id:uuid}", permission="staff:write")
async def change_person(unit: Unit, staff_id: UUID) -> Response[str]:
    """Change a person."""
    form = await forms.read(unit, StaffForm)
    sent, held = form.value, unit.principal.permissions
    if sent is not None:
        changes = msgspec.structs.asdict(sent)
        version = changes.pop("version")
        try:
            await unit.write(
                lambda tx: service.change_staff(
                    tx, staff_id=staff_id, changes=changes, held=held, expected_version=version
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            unit.part(Authentication).forget(unit.tenant)
            return pages.redirect(unit, "/staff", flash=N_("The change was saved."))
    return await _person_page(unit, staff_id, form)


@post("/staff/{staff_id:uuid}/password-reset", permission="staff:write")
async def reset_password(unit: Unit, staff_id: UUID) -> Response[str]:
    """Make a link by which a person chooses a new password, and show it once."""
    held = unit.principal.permissions
    return await _link_page(unit, await unit.write(lambda tx: service.reset_password(tx, staff_id=staff_id, held=held)))


@post("/staff/{staff_id:uuid}/revoke-invitation", permission="staff:write")
async def revoke_invitation(unit: Unit, staff_id: UUID) -> Response[str]:
    """Take an invitation back."""
    held = unit.principal.permissions
    await unit.write(lambda tx: service.revoke_invitation(tx, staff_id=staff_id, held=held))
    return pages.redirect(unit, "/staff", flash=N_("The invitation was taken back."))


async def _list_page(unit: Unit, form: "Filled[InvitationForm]") -> Response[str]:
    async with unit.read() as tx:
        staff = await queries.staff(tx)
        roles = await queries.roles(tx)
        invitations = await queries.invitations(tx)
    expires_by_id = {invitation.staff_id: invitation.expires_at for invitation in invitations}
    return pages.render(
        unit,
        "accounts/staff.html",
        staff=staff,
        roles=roles,
        expires_by_id=expires_by_id,
        form=form,
        locales=values.LOCALES,
    )


async def _person_page(unit: Unit, staff_id: UUID, form: "Filled[StaffForm] | None") -> Response[str]:
    async with unit.read() as tx:
        person = await queries.person(tx, staff_id)
        roles = await queries.roles(tx)
    return pages.render(unit, "accounts/person.html", person=person, roles=roles, form=form, locales=values.LOCALES)


async def _link_page(unit: Unit, link: OneTimeLink) -> Response[str]:
    async with unit.read() as tx:
        person = await queries.person(tx, link.staff_id)
    address = service.link_address(unit.runtime.settings.base_url(), unit.principal.slug, link)
    return pages.render(unit, "accounts/link.html", person=person, link=link, address=address)


HANDLERS = (staff_page, invite, person_page, change_person, reset_password, revoke_invitation)
