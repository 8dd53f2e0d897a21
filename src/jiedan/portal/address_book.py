"""A customer's address book: the form by country as at the checkout, one address that is used first."""

import functools
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries, rules, service
from jiedan.customers.values import BookAddress, Customer, CustomerId
from jiedan.portal import addresses, shown, signing, visitor
from jiedan.portal.address_form import AddressForm
from jiedan.portal.visitor import Visitor

BOOK_PATH = "/account/addresses"
LABEL_CHARACTERS_MAX = 100


class EntryForm(AddressForm, kw_only=True):
    """An address of the book, or the wish to see the fields of its country."""

    action: Annotated[str, msgspec.Meta(max_length=20)] = "save"
    label: Annotated[str, msgspec.Meta(max_length=LABEL_CHARACTERS_MAX)] = ""
    is_default: bool = False


@get(BOOK_PATH)
async def book_page(unit: Unit, slug: str) -> Response[str]:
    """List a customer's addresses."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.customer_id is None:
            return signing.first_sign_in(unit, who)
        customer = await queries.customer(tx, who.customer_id)
        entries = [(entry, addresses.written(entry.address, unit.locale)) for entry in customer.addresses]
        return shown.render(unit, who, "portal/address_book.html", entries=entries)


@get(f"{BOOK_PATH}/new")
async def new_page(unit: Unit, slug: str) -> Response[str]:
    """Ask for an address, with the customer's own name and phone."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.customer_id is None:
            return signing.first_sign_in(unit, who)
        customer = await queries.customer(tx, who.customer_id)
        form = forms.empty(unit, country=who.settings.country, name=customer.name, phone=customer.phone)
        return _page(unit, who, form, None)


@post(f"{BOOK_PATH}/new")
async def add_address(unit: Unit, slug: str) -> Response[str]:
    """Put an address into the book."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, EntryForm)
    customer_id, sent = who.customer_id, form.value
    if customer_id is None:
        return signing.first_sign_in(unit, who)
    if sent is None or sent.action != "save":
        return _page(unit, who, _as_typed(form), None)

    async def work(tx: Tx) -> None:
        await service.add_address(
            tx, customer_id=customer_id, address=sent.address(), label=sent.label, is_default=sent.is_default
        )

    return await _saved(unit, who, form, None, work)


@get(f"{BOOK_PATH}/{{address_id:uuid}}")
async def address_page(unit: Unit, slug: str, address_id: UUID) -> Response[str]:
    """Show an address of the book to be changed. Raises AddressNotFound."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.customer_id is None:
            return signing.first_sign_in(unit, who)
        entry = _entry(await queries.customer(tx, who.customer_id), address_id)
        typed = msgspec.structs.asdict(entry.address)
        values = {name: value for name, value in typed.items() if name not in {"lat", "lon"}}
        form = forms.empty(unit, label=entry.label, is_default="1" if entry.is_default else "", **values)
        return _page(unit, who, form, address_id)


@post(f"{BOOK_PATH}/{{address_id:uuid}}")
async def change_address(unit: Unit, slug: str, address_id: UUID) -> Response[str]:
    """Change an address of the book. Raises AddressNotFound."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, EntryForm)
        if who.customer_id is None:
            return signing.first_sign_in(unit, who)
        _entry(await queries.customer(tx, who.customer_id), address_id)
        customer_id: CustomerId = who.customer_id
    sent = form.value
    if sent is None or sent.action != "save":
        return _page(unit, who, _as_typed(form), address_id)

    async def work(tx: Tx) -> None:
        await service.change_address(
            tx,
            customer_id=customer_id,
            address_id=address_id,
            address=sent.address(),
            label=sent.label,
            is_default=sent.is_default,
        )

    return await _saved(unit, who, form, address_id, work)


@post(f"{BOOK_PATH}/{{address_id:uuid}}/default")
async def use_first(unit: Unit, slug: str, address_id: UUID) -> Response[str]:
    """Let an address of the book be used first. Raises AddressNotFound."""
    change = functools.partial(service.set_default_address, address_id=address_id)
    return await _changed(unit, slug, change, flash=N_("It was saved."))


@post(f"{BOOK_PATH}/{{address_id:uuid}}/removal")
async def remove_address(unit: Unit, slug: str, address_id: UUID) -> Response[str]:
    """Take an address out of the book. Raises AddressNotFound."""
    change = functools.partial(service.remove_address, address_id=address_id)
    return await _changed(unit, slug, change, flash=N_("The address was removed."))


async def _changed(unit: Unit, slug: str, change: Callable[..., Awaitable[object]], *, flash: str) -> Response[str]:
    """Do something to the book of who is signed in."""
    async with visitor.entered(unit, slug) as (_, who):
        customer_id = who.customer_id
    if customer_id is None:
        return signing.first_sign_in(unit, who)
    await visitor.save(unit, who.scope, lambda tx: change(tx, customer_id=customer_id))
    return pages.redirect(unit, who.at(BOOK_PATH), flash=flash)


def _entry(customer: Customer, address_id: UUID) -> BookAddress:
    """Return an address of a customer's own book. Raises AddressNotFound, for anybody else's too."""
    for entry in customer.addresses:
        if entry.address_id == address_id:
            return entry
    raise errors.AddressNotFound(str(address_id))


async def _saved(
    unit: Unit, who: Visitor, form: Filled[EntryForm], address_id: UUID | None, work: Any
) -> Response[str]:
    """Save, and lead back to the book; or show the form with what is wrong, each at its field."""
    try:
        await visitor.save(unit, who.scope, work)
    except Refusal as refusal:
        for reason in reasons_of(refusal):
            reason.field = (reason.field or "").removeprefix("address.") or None
            if reason.field is not None and reason.field not in form.raw:
                form.raw = {**form.raw, reason.field: [""]}
            if isinstance(reason, errors.AddressFieldMissing):
                form.refuse(forms.FieldRequired(field=reason.field))
            else:
                form.refuse(reason)
        return _page(unit, who, form, address_id)
    return pages.redirect(unit, who.at(BOOK_PATH), flash=N_("It was saved."))


def _as_typed(form: Filled[EntryForm]) -> Filled[EntryForm]:
    """Return a form that is only to be shown anew, with nothing said against it unless something is wrong."""
    return form if form.value is None else Filled(form.locale, None, form.raw, {})


def _page(unit: Unit, who: Visitor, form: Filled[Any], address_id: UUID | None) -> Response[str]:
    country = form.text("country", who.settings.country)
    if rules.country_rules(country) is None:
        country = who.settings.country
    return shown.render(
        unit,
        who,
        "portal/address.html",
        form=form,
        address_id=address_id,
        action=who.at(f"{BOOK_PATH}/{address_id or 'new'}"),
        country=country,
        countries=addresses.countries(unit.locale),
        fields=addresses.fields(country, form.text("region"), form.text("city"), unit.locale),
    )


HANDLERS: tuple[Any, ...] = (
    book_page,
    new_page,
    add_address,
    address_page,
    change_address,
    use_first,
    remove_address,
)
