"""What is kept about a customer: addresses, tags, notes, consents; and duplicates that are merged or parted again."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base import i18n
from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service
from jiedan.customers.pages.editing import tags_of
from jiedan.customers.values import Address, ConsentPurpose

F = TypeVar("F", bound=Form)

Text = Annotated[str, msgspec.Meta(max_length=200)]


class AddressForm(Form):
    """An address for the book."""

    country: Annotated[str, msgspec.Meta(min_length=2, max_length=2)]
    label: Text = ""
    name: Text = ""
    phone: Text = ""
    company: Text = ""
    region: Text = ""
    city: Text = ""
    district: Text = ""
    line1: Text = ""
    line2: Text = ""
    postal_code: Text = ""
    is_default: bool = False

    def address(self) -> Address:
        """Return the address itself."""
        return Address(
            country=self.country.upper(),
            name=self.name,
            phone=self.phone,
            company=self.company,
            region=self.region,
            city=self.city,
            district=self.district,
            line1=self.line1,
            line2=self.line2,
            postal_code=self.postal_code,
        )


class TagsForm(Form):
    """All tags that a customer is to have, set apart by commas."""

    tags: Annotated[str, msgspec.Meta(max_length=3_000)] = ""


class NoteForm(Form):
    """Something to be remembered about a customer."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=bodies.TEXT_LENGTH_MAX)]


class AccessForm(Form):
    """Whether a customer may sign in."""

    is_active: bool = False


class ConsentForm(Form):
    """A consent that was given or withdrawn, and where that was said."""

    purpose: ConsentPurpose
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    is_granted: bool = False


class MergeForm(Form):
    """The duplicate that is given up, or that becomes a customer of its own again."""

    merged_id: UUID


@post("/customers/{customer_id:uuid}/addresses", permission="customers:write")
async def add_address(unit: Unit, customer_id: UUID) -> Response[str]:
    """Put an address into the book."""
    form = await forms.read(unit, AddressForm)

    async def work(tx: Tx, sent: AddressForm) -> None:
        await service.add_address(
            tx, customer_id=customer_id, address=sent.address(), label=sent.label, is_default=sent.is_default
        )

    return await _changed(unit, customer_id, form, work, flash=N_("The address is in the book."))


@post("/customers/{customer_id:uuid}/addresses/{address_id:uuid}/removal", permission="customers:write")
async def remove_address(unit: Unit, customer_id: UUID, address_id: UUID) -> Response[str]:
    """Take an address out of the book."""
    form = await forms.read(unit, Form)

    async def work(tx: Tx, _: Form) -> None:
        await service.remove_address(tx, customer_id=customer_id, address_id=address_id)

    return await _changed(unit, customer_id, form, work, flash=N_("The address was removed."))


@post("/customers/{customer_id:uuid}/tags", permission="customers:write")
async def set_tags(unit: Unit, customer_id: UUID) -> Response[str]:
    """Make the tags exactly what was typed."""
    form = await forms.read(unit, TagsForm)

    async def work(tx: Tx, sent: TagsForm) -> None:
        await service.set_tags(tx, customer_id=customer_id, tags=tags_of(sent.tags))

    return await _changed(unit, customer_id, form, work, flash=N_("The tags were saved."))


@post("/customers/{customer_id:uuid}/notes", permission="customers:write")
async def add_note(unit: Unit, customer_id: UUID) -> Response[str]:
    """Write a note."""
    form = await forms.read(unit, NoteForm)

    async def work(tx: Tx, sent: NoteForm) -> None:
        await service.add_note(tx, customer_id=customer_id, text=sent.text)

    return await _changed(unit, customer_id, form, work, flash=N_("The note was written."))


@post("/customers/{customer_id:uuid}/consents", permission="customers:write")
async def record_consent(unit: Unit, customer_id: UUID) -> Response[str]:
    """Record a consent; earlier records stay as proof."""
    form = await forms.read(unit, ConsentForm)

    async def work(tx: Tx, sent: ConsentForm) -> None:
        await service.record_consent(
            tx, customer_id=customer_id, purpose=sent.purpose, is_granted=sent.is_granted, source=sent.source
        )

    return await _changed(unit, customer_id, form, work, flash=N_("The consent was recorded."))


@post("/customers/{customer_id:uuid}/account", permission="customers:write")
async def set_access(unit: Unit, customer_id: UUID) -> Response[str]:
    """Disable a customer's account in the shop, or enable it."""
    form = await forms.read(unit, AccessForm)

    async def work(tx: Tx, sent: AccessForm) -> None:
        await service.set_access(tx, customer_id=customer_id, is_active=sent.is_active)

    return await _changed(unit, customer_id, form, work, flash=N_("The account was changed."))


@post("/customers/{customer_id:uuid}/account/links", permission="customers:write")
async def send_link(unit: Unit, customer_id: UUID) -> Response[str]:
    """Mail a customer a link into their account, or to open one."""
    form = await forms.read(unit, Form)

    async def work(tx: Tx, _: Form) -> None:
        await service.send_link(tx, customer_id=customer_id)

    return await _changed(unit, customer_id, form, work, flash=N_("A link is on its way to the customer."))


@post("/customers/{customer_id:uuid}/merges", permission="customers:merge")
async def merge(unit: Unit, customer_id: UUID) -> Response[str]:
    """Give up a duplicate for this customer."""
    form = await forms.read(unit, MergeForm)

    async def work(tx: Tx, sent: MergeForm) -> None:
        await service.merge_customers(tx, survivor_id=customer_id, merged_id=sent.merged_id)

    flash = N_("The two are one customer now. That can be undone for 30 days.")
    return await _changed(unit, customer_id, form, work, flash=flash)


@post("/customers/{customer_id:uuid}/merges/undoing", permission="customers:merge")
async def undo_merge(unit: Unit, customer_id: UUID) -> Response[str]:
    """Make a duplicate a customer of its own again."""
    form = await forms.read(unit, MergeForm)

    async def work(tx: Tx, sent: MergeForm) -> None:
        await service.undo_merge(tx, survivor_id=customer_id, merged_id=sent.merged_id)

    return await _changed(unit, customer_id, form, work, flash=N_("They are two customers again."))


async def _changed(
    unit: Unit, customer_id: UUID, form: Filled[F], work: Callable[[Tx, F], Awaitable[None]], *, flash: str
) -> Response[str]:
    """Do `work` and go back to the customer; what is wrong is told there, or on the form of an address."""
    sent = form.value
    if sent is not None:
        try:
            await unit.write(lambda tx: work(tx, sent))
        except NotFound:
            raise
        except Refusal as refusal:
            for reason in reasons_of(refusal):
                reason.field = (reason.field or "").removeprefix("address.") or None
            form.refuse(refusal)
        else:
            return pages.redirect(unit, f"/customers/{customer_id}", flash=flash)
    async with unit.read() as tx:
        await queries.customer(tx, customer_id)
    if "country" in form.raw:
        return pages.render(unit, "customers/address.html", form=form, customer_id=customer_id)
    told = i18n.listed(unit.locale, [*form.above, *form.errors_by_field.values()])
    return pages.redirect(
        unit, f"/customers/{customer_id}", flash=N_("This was not saved. {problems}"), tone="bad", problems=told
    )


HANDLERS: tuple[Any, ...] = (
    add_address,
    remove_address,
    set_tags,
    add_note,
    record_consent,
    set_access,
    send_link,
    merge,
    undo_merge,
)
