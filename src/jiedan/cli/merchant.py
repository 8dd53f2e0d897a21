"""`jiedan merchant create | list | show`."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import cyclopts

from jiedan.accounts import errors, queries, service
from jiedan.accounts.values import MerchantOpened, MerchantSettings, NewMerchant, NewStaff
from jiedan.base import directory, failures
from jiedan.base.db import Database, Scope
from jiedan.base.directory import Entry
from jiedan.base.i18n import N_
from jiedan.cli import output, runtime

app = cyclopts.App(name="merchant", help=N_("Create, list and show merchants."))

_CREATED = N_("Merchant {slug} was created. Its owner comes in by this link, once, until {expires_at}:\n{link}")
_CREATED_WITH_PASSWORD = N_(
    "Merchant {slug} was created. Its owner signs in at {url} as {email} "
    "with this password, shown only now:\n{password}"
)
_NO_SETTINGS = N_("The settings of merchant {slug} are missing: restore them from a backup.")
_HEADINGS = {
    "slug": N_("Slug"),
    "name": N_("Name"),
    "country": N_("Country"),
    "currency": N_("Currency"),
    "time_zone": N_("Time zone"),
    "tenant_id": N_("Id"),
}
_SETTING_HEADINGS = {"setting": N_("Setting"), "value": N_("Value")}


@dataclasses.dataclass(eq=False)
class MerchantNeeded(failures.Failure):
    """There are several merchants, or none, and the command does not say which is meant."""

    message: ClassVar[str] = N_("Say which merchant is meant: --merchant SLUG.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE


@app.command
async def create(
    slug: str,
    *,
    name: str,
    owner_email: str,
    owner_name: str,
    country: str,
    time_zone: str,
    currency: str,
    accept: Sequence[str] = (),
    locale: str = "en",
    random_password: bool = False,
) -> None:
    """Create a merchant and its first owner, who comes in by a link.

    Parameters
    ----------
    slug
        Part of the merchant's addresses: lower-case letters, digits, hyphens.
    name
        The merchant's name.
    owner_email
        E-mail address of the owner.
    owner_name
        Name of the owner.
    country
        Two letters of ISO 3166, like CN.
    time_zone
        Like Asia/Shanghai.
    currency
        Default currency, three letters of ISO 4217, like CNY.
    accept
        Another accepted currency; may be repeated.
    locale
        Default language: en, zh_Hans or zh_Hant.
    random_password
        Set a random password, shown once, instead of making a link.

    """
    new = NewMerchant(slug, name, country, time_zone, currency, tuple(accept), locale)
    owner = NewStaff(owner_email, owner_name, locale=locale)
    async with runtime.running() as jiedan:
        password = service.new_password() if random_password else None
        if password is not None:
            async with service.open_passwords(jiedan) as passwords:
                owner = dataclasses.replace(owner, password_hash=await passwords.hash(password))
        made = await service.open_merchant(jiedan.database, merchant=new, owner=owner)
        _tell(jiedan.settings.base_url(), slug, owner_email, made, password)


def _tell(base_url: str, slug: str, email: str, made: MerchantOpened, password: str | None) -> None:
    url = f"{base_url}/c/{slug}/sign-in"
    told = {"slug": slug, "tenant_id": made.tenant_id, "owner_id": made.owner_id, "url": url}
    if made.link is None:
        told |= {"email": email, "password": password}
        output.result(told, _CREATED_WITH_PASSWORD, slug=slug, url=url, email=email, password=password)
        return
    link, expires_at = service.link_address(base_url, slug, made.link), f"{made.link.expires_at:%Y-%m-%d %H:%M} UTC"
    told |= {"link": link, "expires_at": made.link.expires_at}
    output.result(told, _CREATED, slug=slug, expires_at=expires_at, link=link)


@app.command(name="list")
async def list_() -> None:
    """List every merchant of this installation."""
    rows = []
    async with runtime.running() as jiedan:
        after = ""
        while entries := await directory.entries(jiedan.database, after=after):
            rows += [await _row(jiedan.database, entry) for entry in entries]
            after = entries[-1].slug
    output.table([{key: row.get(key) for key in _HEADINGS} for row in rows], _HEADINGS)


@app.command
async def show(slug: str) -> None:
    """Show a merchant's settings.

    Parameters
    ----------
    slug
        The merchant.

    """
    async with runtime.running() as jiedan:
        scope = await scope_of(jiedan.database, slug)
        async with jiedan.database.read(scope) as tx:
            settings = await tx.load_one(queries.settings())
    if output.is_json():
        output.result(settings)
        return
    output.table(_listed(settings), _SETTING_HEADINGS)


async def _row(database: Database, entry: Entry) -> dict[str, object]:
    """Return a merchant's row of the list: of one that has lost its settings what the directory knows, and say so."""
    async with database.read(Scope(entry.tenant)) as tx:
        try:
            settings = await tx.load_one(queries.settings())
        except errors.MerchantNotFound:
            output.tell(_NO_SETTINGS, slug=entry.slug)
            return {"slug": entry.slug, "tenant_id": entry.tenant}
    return dataclasses.asdict(settings)


async def chosen_scope(database: Database, slug: str | None) -> Scope:
    """Return the scope of the merchant `slug`, or of the only one.

    Raises MerchantUnknown or MerchantNeeded.
    """
    if slug is not None:
        return await scope_of(database, slug)
    entries = await directory.entries(database, limit=2)
    if len(entries) != 1:
        raise MerchantNeeded
    return Scope(entries[0].tenant)


async def scope_of(database: Database, slug: str) -> Scope:
    """Return the scope of the merchant `slug`, acting as the system. Raises MerchantUnknown."""
    tenant = await directory.tenant_by_slug(database, slug)
    if tenant is None:
        raise errors.MerchantUnknown(slug, field="slug")
    return Scope(tenant)


def _listed(settings: MerchantSettings) -> list[dict[str, object]]:
    found = dataclasses.asdict(settings)
    return [
        {"setting": name, "value": ", ".join(value) if isinstance(value, tuple) else value}
        for name, value in found.items()
    ]
