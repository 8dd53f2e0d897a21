"""What is kept about a customer: addresses, tags, notes, consents; and duplicates that are merged or parted again."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base import i18n
from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, renamed
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Form
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service
from jiedan.customers.pages.editing import tags_of
from jiedan.customers.values import GROUP_CODE_CHARACTERS_MAX, GROUPS_MAX, Address, ConsentPurpose

F = TypeVar("F", bound=Form)

Text = Annotated[str, msgspec.Meta(max_length=200)]
GroupCode = Annotated[str, msgspec.Meta(min_length=1, max_length=GROUP_CODE_CHARACTERS_MAX)]


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


class GroupsForm(Form):
    """The codes of all groups that a customer is to be in."""

    groups: Annotated[list[GroupCode], msgspec.Meta(max_length=GROUPS_MAX)] = msgspec.field(default_factory=list)


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
    return await _changed(
        unit,
        customer_id,
        AddressForm,
        lambda tx, sent: service.add_address(
            tx, customer_id=customer_id, address=sent.address(), label=sent.label, is_default=sent.is_default
        ),
        flash=N_("The address is in the book."),
    )


@post("/customers/{customer_id:uuid}/addresses/{address_id:uuid}/removal", permission="customers:write")
async def remove_address(unit: Unit, customer_id: UUID, address_id: UUID) -> Response[str]:
    """Take an address out of the book."""
    return await _changed(
        unit,
        customer_id,
        Form,
        lambda tx, _: service.remove_address(tx, customer_id=customer_id, address_id=address_id),
        flash=N_("The address was removed."),
    )


@post("/customers/{customer_id:uuid}/tags", permission="customers:write")
async def set_tags(unit: Unit, customer_id: UUID) -> Response[str]:
    """Make the tags exactly what was typed."""
    return await _changed(
        unit,
        customer_id,
        TagsForm,
        lambda tx, sent: service.set_tags(tx, customer_id=customer_id, tags=tags_of(sent.tags)),
        flash=N_("The tags were saved."),
    )


@post("/customers/{customer_id:uuid}/groups", permission="customers:write")
async def set_groups(unit: Unit, customer_id: UUID) -> Response[str]:
    """Let the customer be in exactly the groups that are ticked."""
    return await _changed(
        unit,
        customer_id,
        GroupsForm,
        lambda tx, sent: service.set_groups(tx, customer_id=customer_id, codes=sent.groups),
        flash=N_("The groups were saved."),
    )


@post("/customers/{customer_id:uuid}/notes", permission="customers:write")
async def add_note(unit: Unit, customer_id: UUID) -> Response[str]:
    """Write a note."""
    return await _changed(
        unit,
        customer_id,
        NoteForm,
        lambda tx, sent: service.add_note(tx, customer_id=customer_id, text=sent.text),
        flash=N_("The note was written."),
    )


@post("/customers/{customer_id:uuid}/consents", permission="customers:write")
async def record_consent(unit: Unit, customer_id: UUID) -> Response[str]:
    """Record a consent; earlier records stay as proof."""
    return await _changed(
        unit,
        customer_id,
        ConsentForm,
        lambda tx, sent: service.record_consent(
            tx, customer_id=customer_id, purpose=sent.purpose, is_granted=sent.is_granted, source=sent.source
        ),
        flash=N_("The consent was recorded."),
    )


@post("/customers/{customer_id:uuid}/account", permission="customers:write")
async def set_access(unit: Unit, customer_id: UUID) -> Response[str]:
    """Disable a customer's account in the shop, or enable it."""
    return await _changed(
        unit,
        customer_id,
        AccessForm,
        lambda tx, sent: service.set_access(tx, customer_id=customer_id, is_active=sent.is_active),
        flash=N_("The account was changed."),
    )


@post("/customers/{customer_id:uuid}/account/links", permission="customers:write")
async def send_link(unit: Unit, customer_id: UUID) -> Response[str]:
    """Mail a customer a link into their account, or to open one."""
    return await _changed(
        unit,
        customer_id,
        Form,
        lambda tx, _: service.send_link(tx, customer_id=customer_id),
        flash=N_("A link is on its way to the customer."),
    )


@post("/customers/{customer_id:uuid}/merges", permission="customers:merge")
async def merge(unit: Unit, customer_id: UUID) -> Response[str]:
    """Give up a duplicate for this customer."""
    return await _changed(
        unit,
        customer_id,
        MergeForm,
        lambda tx, sent: service.merge_customers(tx, survivor_id=customer_id, merged_id=sent.merged_id),
        flash=N_("The two are one customer now. That can be undone for 30 days."),
    )


@post("/customers/{customer_id:uuid}/merges/undoing", permission="customers:merge")
async def undo_merge(unit: Unit, customer_id: UUID) -> Response[str]:
    """Make a duplicate a customer of its own again."""
    return await _changed(
        unit,
        customer_id,
        MergeForm,
        lambda tx, sent: service.undo_merge(tx, survivor_id=customer_id, merged_id=sent.merged_id),
        flash=N_("They are two customers again."),
    )


async def _changed(
    unit: Unit, customer_id: UUID, shape: type[F], work: Callable[[Tx, F], Awaitable[object]], *, flash: str
) -> Response[str]:
    """Do `work` with the form that came, and go back to the customer.

    What is wrong is told there, or on the form of an address.
    """
    form = await forms.read(unit, shape)
    sent = form.value
    if sent is not None:
        try:
            await unit.write(lambda tx: work(tx, sent))
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(renamed(refusal, lambda name: name.removeprefix("address.")))
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
    set_groups,
    add_note,
    record_consent,
    set_access,
    send_link,
    merge,
    undo_merge,
)
