"""Staff and invitations."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from msgspec import UNSET, UnsetType

from jiedan.accounts import queries, rules, service
from jiedan.accounts.values import Invitation, NewStaff, OneTimeLink, Staff
from jiedan.base.web import answers, bodies
from jiedan.base.web.auth import Authentication
from jiedan.base.web.unit import Unit

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=rules.EMAIL_CHARACTERS_MAX)]


class StaffView(msgspec.Struct, frozen=True):
    """A person who works for the merchant."""

    staff_id: UUID
    email: str
    name: str
    locale: str
    role: str
    is_active: bool
    has_joined: bool
    version: int
    created_at: datetime

    @classmethod
    def of(cls, person: Staff) -> "StaffView":
        """Return the person as the API shows them."""
        return cls(
            person.staff_id, person.email, person.name, person.locale, person.role.code,
            person.is_active, person.has_password, person.version, person.created_at,
        )  # fmt: skip


class LinkView(msgspec.Struct, frozen=True):
    """A one-time link, shown once: hand it to the person it is for."""

    staff_id: UUID
    purpose: str
    url: str
    expires_at: datetime


class StaffChange(bodies.Body):
    """What to change about a person; what is not sent stays."""

    __example__: ClassVar[dict[str, Any]] = {"role": "warehouse"}

    email: Email | UnsetType = UNSET
    name: bodies.Name | UnsetType = UNSET
    locale: bodies.Code | UnsetType = UNSET
    role: bodies.Code | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class InvitationBody(bodies.Body):
    """Whom to invite, and as what."""

    __example__: ClassVar[dict[str, Any]] = {"email": "li@example.com", "name": "Li Na", "role": "warehouse"}

    email: Email
    name: bodies.Name
    role: bodies.Code
    locale: bodies.Code = "en"


@get("/staff", permission="staff:read", summary="List staff")
async def list_staff(unit: Unit) -> list[StaffView]:
    """Answer everybody, in the order they were added."""
    async with unit.read() as tx:
        return [StaffView.of(person) for person in await queries.staff(tx)]


@get("/staff/{staff_id:uuid}", permission="staff:read", summary="Get one of the staff")
async def get_staff(unit: Unit, staff_id: UUID) -> Response[StaffView]:
    """Answer a person with their version."""
    async with unit.read() as tx:
        person = await queries.person(tx, staff_id)
    return answers.versioned(StaffView.of(person), person.version)


@patch("/staff/{staff_id:uuid}", permission="staff:write", versioned=True, summary="Change one of the staff")
async def change_staff(unit: Unit, staff_id: UUID, data: StaffChange) -> Response[StaffView]:
    """Change what was sent; another role, or none any more, signs the person out everywhere."""
    changes = bodies.sent(data)
    held = unit.principal.permissions
    person = await unit.write(
        lambda tx: service.change_staff(
            tx, staff_id=staff_id, changes=changes, held=held, expected_version=unit.if_match
        )
    )
    unit.part(Authentication).forget(unit.tenant)
    return answers.versioned(StaffView.of(person), person.version)


@post(
    "/staff/{staff_id:uuid}/password-resets",
    permission="staff:write",
    idempotent=True,
    summary="Make a password reset link",
)
async def reset_password(unit: Unit, staff_id: UUID) -> LinkView:
    """Answer a one-time link by which the person chooses a new password, this once; another request replaces it."""
    held, key = unit.principal.permissions, unit.idempotency_key
    link = await unit.write(lambda tx: service.reset_password(tx, staff_id=staff_id, held=held, key=key))
    return view_of(unit, link)


@get("/invitations", permission="staff:read", summary="List invitations")
async def list_invitations(unit: Unit) -> list[Invitation]:
    """Answer who was invited and has not come in, newest first."""
    async with unit.read() as tx:
        return list(await queries.invitations(tx))


@post("/invitations", permission="staff:write", idempotent=True, summary="Invite somebody")
async def invite(unit: Unit, data: InvitationBody) -> LinkView:
    """Answer a one-time link by which the person comes in, this once; inviting again replaces it."""
    staff = NewStaff(data.email, data.name, data.role, data.locale)
    held, key = unit.principal.permissions, unit.idempotency_key
    return view_of(unit, await unit.write(lambda tx: service.invite_staff(tx, staff=staff, held=held, key=key)))


@delete("/invitations/{staff_id:uuid}", permission="staff:write", summary="Revoke an invitation")
async def revoke_invitation(unit: Unit, staff_id: UUID) -> None:
    """Take the invitation back: the link ends."""
    held = unit.principal.permissions
    await unit.write(lambda tx: service.revoke_invitation(tx, staff_id=staff_id, held=held))


def view_of(unit: Unit, link: OneTimeLink) -> LinkView:
    """Return a one-time link with its address at this installation."""
    url = service.link_address(unit.runtime.settings.base_url(), unit.principal.slug, link)
    return LinkView(link.staff_id, link.purpose, url, link.expires_at)


HANDLERS = (list_staff, get_staff, change_staff, reset_password, list_invitations, invite, revoke_invitation)
