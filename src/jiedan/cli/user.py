"""`jiedan user invite | reset-password | list`."""

import cyclopts

from jiedan.accounts import errors, queries, service
from jiedan.accounts.values import ALL_PERMISSIONS, NewStaff, OneTimeLink
from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.cli import merchant, output, runtime

app = cyclopts.App(name="user", help=N_("Invite staff, give them a way back in, list them."))

_LINK = N_("Hand this link to {email}. It works once, until {expires_at}:\n{link}")
_PASSWORD = N_("{email} signs in with this password, shown only now; all sessions ended:\n{password}")
_HEADINGS = {
    "email": N_("E-mail"),
    "name": N_("Name"),
    "role": N_("Role"),
    "is_active": N_("Active"),
    "has_joined": N_("Joined"),
    "staff_id": N_("Id"),
}


@app.command
async def invite(slug: str, email: str, *, name: str, role: str = "read_only", locale: str = "en") -> None:
    """Invite somebody to a merchant's staff and print the one-time link.

    Parameters
    ----------
    slug
        The merchant.
    email
        E-mail address of the person.
    name
        Name of the person.
    role
        Code of the role, like owner, manager, sales, warehouse, finance, support or read_only.
    locale
        The person's language: en, zh_Hans or zh_Hant.

    """
    staff = NewStaff(email, name, role, locale)
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        link = await jiedan.database.write(
            scope, lambda tx: service.invite_staff(tx, staff=staff, held=ALL_PERMISSIONS)
        )
        _tell(jiedan.settings.base_url(), slug, email, link)


@app.command
async def reset_password(slug: str, email: str, *, random: bool = False) -> None:
    """Print a one-time link by which somebody chooses a new password.

    Parameters
    ----------
    slug
        The merchant.
    email
        E-mail address of the person.
    random
        Set a random password, shown once, instead of making a link; every session of the person ends.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        if not random:
            link = await jiedan.database.write(scope, lambda tx: _issue(tx, email))
            _tell(jiedan.settings.base_url(), slug, email, link)
            return
        password = service.new_password()
        async with service.open_passwords(jiedan) as passwords:
            password_hash = await passwords.hash(password)
        await jiedan.database.write(scope, lambda tx: _set(tx, email, password_hash))
    output.result({"email": email, "password": password}, _PASSWORD, email=email, password=password)


@app.command(name="list")
async def list_(slug: str) -> None:
    """List a merchant's staff.

    Parameters
    ----------
    slug
        The merchant.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        async with jiedan.database.read(scope) as tx:
            staff = await queries.staff(tx)
    rows = [
        {
            "email": person.email,
            "name": person.name,
            "role": person.role.code,
            "is_active": person.is_active,
            "has_joined": person.has_password,
            "staff_id": person.staff_id,
        }
        for person in staff
    ]
    output.table(rows, _HEADINGS)


async def _issue(tx: Tx, email: str) -> OneTimeLink:
    person = await queries.person_by_email(tx, email)
    if person is None:
        raise errors.StaffNotFound(field="email")
    return await service.reset_password(tx, staff_id=person.staff_id, held=ALL_PERMISSIONS)


async def _set(tx: Tx, email: str, password_hash: str) -> None:
    person = await queries.person_by_email(tx, email)
    if person is None:
        raise errors.StaffNotFound(field="email")
    await service.set_password(tx, staff_id=person.staff_id, password_hash=password_hash)


def _tell(base_url: str, slug: str, email: str, link: OneTimeLink) -> None:
    address = service.link_address(base_url, slug, link)
    output.result(
        {"staff_id": link.staff_id, "purpose": link.purpose, "link": address, "expires_at": link.expires_at},
        _LINK,
        email=email,
        expires_at=f"{link.expires_at:%Y-%m-%d %H:%M} UTC",
        link=address,
    )
