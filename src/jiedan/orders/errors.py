"""The ways orders refuse. Amounts are minor units, quantities stock units, ids texts."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.orders.values import LINES_PER_ORDER_MAX, QUANTITY_MAX


@dataclasses.dataclass(eq=False)
class OrderNotFound(errors.NotFound):
    """No such order for this caller."""

    code: ClassVar[str] = "order_not_found"
    message: ClassVar[str] = N_("There is no order {order}.")

    order: str


@dataclasses.dataclass(eq=False)
class DraftNotFound(errors.NotFound):
    """No such saved draft for this caller."""

    code: ClassVar[str] = "draft_not_found"
    message: ClassVar[str] = N_("There is no saved draft {draft}.")

    draft: str


@dataclasses.dataclass(eq=False)
class DraftAlreadyPlaced(errors.Conflict):
    """The saved draft has become an order."""

    code: ClassVar[str] = "draft_already_placed"
    message: ClassVar[str] = N_("This draft has become order {order}.")
    remedy: ClassVar[str] = N_("Change the order instead.")

    order: str


@dataclasses.dataclass(eq=False)
class DraftTooLarge(errors.Invalid):
    """A saved draft holds more than a draft may."""

    code: ClassVar[str] = "draft_too_large"
    message: ClassVar[str] = N_("A draft may have {bytes_max} bytes, this one has {size_bytes}.")
    remedy: ClassVar[str] = N_("Save less, or place what you have.")

    size_bytes: int
    bytes_max: int


@dataclasses.dataclass(eq=False)
class NoLines(errors.Invalid):
    """A draft asks for nothing."""

    code: ClassVar[str] = "no_lines"
    message: ClassVar[str] = N_("An order needs at least one line.")
    remedy: ClassVar[str] = N_("Add a line with a SKU and a quantity.")


@dataclasses.dataclass(eq=False)
class TooManyLines(errors.Invalid):
    """A draft has more lines than an order may have."""

    code: ClassVar[str] = "too_many_lines"
    message: ClassVar[str] = N_("An order may have at most {lines_max} lines, this one has {lines}.")
    remedy: ClassVar[str] = N_("Split it into several orders.")

    lines: int
    lines_max: int = LINES_PER_ORDER_MAX


@dataclasses.dataclass(eq=False)
class TooManyDrafts(errors.Invalid):
    """A batch has more drafts than one call may have."""

    code: ClassVar[str] = "too_many_drafts"
    message: ClassVar[str] = N_("A batch may have 1 to {drafts_max} drafts, this one has {drafts}.")
    remedy: ClassVar[str] = N_("Send several batches.")

    drafts: int
    drafts_max: int


@dataclasses.dataclass(eq=False)
class QuantityOutOfRange(errors.Invalid):
    """A quantity is zero, negative or absurd."""

    code: ClassVar[str] = "quantity_out_of_range"
    message: ClassVar[str] = N_("The quantity {quantity} is not between 1 and {quantity_max}.")
    remedy: ClassVar[str] = N_("Order a whole number of stock units within these bounds.")

    quantity: int
    quantity_max: int = QUANTITY_MAX


@dataclasses.dataclass(eq=False)
class RepeatedLine(errors.Invalid):
    """Two lines ask for the same SKU at the same place and price."""

    code: ClassVar[str] = "repeated_line"
    message: ClassVar[str] = N_("SKU {sku} stands in line {first} already.")
    remedy: ClassVar[str] = N_("Put the whole quantity into one line.")

    sku: str
    first: int


@dataclasses.dataclass(eq=False)
class UnknownSku(errors.Invalid):
    """No SKU has this code."""

    code: ClassVar[str] = "unknown_sku"
    message: ClassVar[str] = N_("There is no SKU {sku}.")
    remedy: ClassVar[str] = N_("Check the code, or create the product first.")

    sku: str


@dataclasses.dataclass(eq=False)
class InactiveSku(errors.Invalid):
    """The SKU, its product or a component is not for sale."""

    code: ClassVar[str] = "inactive_sku"
    message: ClassVar[str] = N_("SKU {sku} is not for sale.")
    remedy: ClassVar[str] = N_("Choose another SKU, or make this one and its product active.")

    sku: str


@dataclasses.dataclass(eq=False)
class AsSoldNotAllowed(errors.Invalid):
    """A line is priced as sold elsewhere, which only imported history may be."""

    code: ClassVar[str] = "as_sold_not_allowed"
    message: ClassVar[str] = N_("Only imported orders may state prices as sold.")
    remedy: ClassVar[str] = N_("Send history.placed_at too, or set a price by hand with a reason.")


@dataclasses.dataclass(eq=False)
class AsSoldInvalid(errors.Invalid):
    """The amounts of a line as sold do not fit together."""

    code: ClassVar[str] = "as_sold_invalid"
    message: ClassVar[str] = N_("The amounts of this line as sold do not fit together.")
    remedy: ClassVar[str] = N_("Amounts are not negative, and the discount is at most quantity times unit price.")


@dataclasses.dataclass(eq=False)
class CredentialRevoked(errors.Forbidden):
    """The API key was revoked while the draft was on its way."""

    code: ClassVar[str] = "credential_revoked"
    message: ClassVar[str] = N_("This API key was revoked.")
    remedy: ClassVar[str] = N_("Ask for a new key.")


@dataclasses.dataclass(eq=False)
class CurrencyNotAccepted(errors.Invalid):
    """The merchant does not sell in this currency."""

    code: ClassVar[str] = "currency_not_accepted"
    message: ClassVar[str] = N_("Orders in {currency} are not accepted.")
    remedy: ClassVar[str] = N_("Use one of {accepted}.")

    currency: str
    accepted: str


@dataclasses.dataclass(eq=False)
class LocaleNotOffered(errors.Invalid):
    """The merchant does not write in this language."""

    code: ClassVar[str] = "locale_not_offered"
    message: ClassVar[str] = N_("The language {locale} is not offered.")
    remedy: ClassVar[str] = N_("Use one of {offered}.")

    locale: str
    offered: str


@dataclasses.dataclass(eq=False)
class UnknownLocation(errors.Invalid):
    """No active location has this code."""

    code: ClassVar[str] = "unknown_location"
    message: ClassVar[str] = N_("There is no active location {location}.")
    remedy: ClassVar[str] = N_("Check the code, or leave it out and let the nearest location ship.")

    location: str


@dataclasses.dataclass(eq=False)
class UnknownCustomer(errors.Invalid):
    """No customer has this id."""

    code: ClassVar[str] = "unknown_customer"
    message: ClassVar[str] = N_("There is no customer {customer}.")
    remedy: ClassVar[str] = N_("Check the id, or leave it out and order as a guest.")

    customer: str


@dataclasses.dataclass(eq=False)
class PhoneInvalid(errors.Invalid):
    """A phone number cannot be dialed."""

    code: ClassVar[str] = "phone_invalid"
    message: ClassVar[str] = N_("{phone} is not a phone number.")
    remedy: ClassVar[str] = N_("Write it with its country code, like +86 139 1234 5678.")

    phone: str


@dataclasses.dataclass(eq=False)
class EmailInvalid(errors.Invalid):
    """An e-mail address cannot be right."""

    code: ClassVar[str] = "email_invalid"
    message: ClassVar[str] = N_("{email} is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like name@example.com.")

    email: str


@dataclasses.dataclass(eq=False)
class DateOutOfRange(errors.Invalid):
    """A date lies outside what makes sense for it."""

    code: ClassVar[str] = "date_out_of_range"
    message: ClassVar[str] = N_("{given} is not between {earliest} and {latest}.")
    remedy: ClassVar[str] = N_("Check the date.")

    given: str
    earliest: str
    latest: str


@dataclasses.dataclass(eq=False)
class RepeatedTag(errors.Invalid):
    """A tag stands twice."""

    code: ClassVar[str] = "repeated_tag"
    message: ClassVar[str] = N_("The tag {tag} stands twice.")
    remedy: ClassVar[str] = N_("Leave one out.")

    tag: str


@dataclasses.dataclass(eq=False)
class TooManyRows(errors.Invalid):
    """Lines, components and fees together are more than an order may hold."""

    code: ClassVar[str] = "too_many_rows"
    message: ClassVar[str] = N_("With the components of its kits the order has {rows} lines, at most {rows_max} fit.")
    remedy: ClassVar[str] = N_("Split it into several orders.")

    rows: int
    rows_max: int


@dataclasses.dataclass(eq=False)
class InsufficientStock(errors.Conflict):
    """Not enough is available to promise, and the merchant takes no backorders."""

    code: ClassVar[str] = "insufficient_stock"
    message: ClassVar[str] = N_("Of SKU {sku} {requested} were asked for, {available} are available.")
    remedy: ClassVar[str] = N_("Order less, choose another location, or allow backorders.")

    sku: str
    requested: int
    available: int


@dataclasses.dataclass(eq=False)
class ExternalIdTaken(errors.Conflict):
    """The channel's id belongs to another order with different content."""

    code: ClassVar[str] = "external_id_taken"
    message: ClassVar[str] = N_("{external_id} of channel {channel} is order {order} already, with different content.")
    remedy: ClassVar[str] = N_("Send the same content again, or change the existing order.")

    channel: str
    external_id: str
    order: str


@dataclasses.dataclass(eq=False)
class OrderEnded(errors.Conflict):
    """The order is completed or canceled."""

    code: ClassVar[str] = "order_ended"
    message: ClassVar[str] = N_("Order {number} is {lifecycle}.")

    number: str
    lifecycle: str


@dataclasses.dataclass(eq=False)
class AlreadyShipped(errors.Conflict):
    """Goods of the order have left."""

    code: ClassVar[str] = "already_shipped"
    message: ClassVar[str] = N_("Goods of order {number} have left already.")
    remedy: ClassVar[str] = N_("Cancel the lines that have not, or arrange a return.")

    number: str


@dataclasses.dataclass(eq=False)
class LineNotFound(errors.NotFound):
    """The order has no such line."""

    code: ClassVar[str] = "line_not_found"
    message: ClassVar[str] = N_("Order {number} has no line {line}.")

    number: str
    line: int


@dataclasses.dataclass(eq=False)
class LineNotCancelable(errors.Conflict):
    """A fee or a kit's component is not canceled by itself."""

    code: ClassVar[str] = "line_not_cancelable"
    message: ClassVar[str] = N_("Line {line} is not canceled by itself.")
    remedy: ClassVar[str] = N_("Cancel the kit it belongs to, or the whole order.")

    line: int


@dataclasses.dataclass(eq=False)
class TooMuchToCancel(errors.Conflict):
    """More than what is left of a line."""

    code: ClassVar[str] = "too_much_to_cancel"
    message: ClassVar[str] = N_("Only {left} of line {line} can be canceled, not {quantity}.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class ReasonMissing(errors.Invalid):
    """What is done to an order against its course needs a reason."""

    code: ClassVar[str] = "order_reason_missing"
    message: ClassVar[str] = N_("Give a reason of at most {chars_max} characters.")

    chars_max: int


@dataclasses.dataclass(eq=False)
class HoldKindInvalid(errors.Invalid):
    """A kind of hold is a short word."""

    code: ClassVar[str] = "hold_kind_invalid"
    message: ClassVar[str] = N_("{kind} is not a kind of hold.")
    remedy: ClassVar[str] = N_("Use 1 to 40 lower-case letters, digits and underscores, such as fraud_check.")

    kind: str


@dataclasses.dataclass(eq=False)
class HoldStands(errors.Conflict):
    """The order is already held for that."""

    code: ClassVar[str] = "hold_stands"
    message: ClassVar[str] = N_("Order {number} is already on hold for {kind}.")

    number: str
    kind: str


@dataclasses.dataclass(eq=False)
class HoldNotFound(errors.NotFound):
    """There is no such hold."""

    code: ClassVar[str] = "hold_not_found"
    message: ClassVar[str] = N_("There is no hold {hold}.")

    hold: str


@dataclasses.dataclass(eq=False)
class HoldAlreadyLifted(errors.Conflict):
    """Somebody lifted the hold before."""

    code: ClassVar[str] = "hold_already_lifted"
    message: ClassVar[str] = N_("This hold was lifted before.")

    hold: str


@dataclasses.dataclass(eq=False)
class HoldNeedsRight(errors.Forbidden):
    """Lifting the hold needs a permission that the caller lacks."""

    code: ClassVar[str] = "hold_needs_right"
    message: ClassVar[str] = N_("Lifting this hold needs the permission {permission}.")
    remedy: ClassVar[str] = N_("Ask somebody who has it.")

    permission: str


@dataclasses.dataclass(eq=False)
class NothingToPerform(errors.Conflict):
    """The line is no service, or not so much of it is left."""

    code: ClassVar[str] = "nothing_to_perform"
    message: ClassVar[str] = N_("Only {left} of line {line} can be marked as performed, not {quantity}.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class NothingToEdit(errors.Invalid):
    """An edit that names no field."""

    code: ClassVar[str] = "nothing_to_edit"
    message: ClassVar[str] = N_("The edit changes nothing.")
    remedy: ClassVar[str] = N_("Name at least one field to change.")


@dataclasses.dataclass(eq=False)
class GoodsOutstanding(errors.Conflict):
    """Goods of the order are still allocated or awaited."""

    code: ClassVar[str] = "goods_outstanding"
    message: ClassVar[str] = N_("Goods of order {number} are still to be shipped.")
    remedy: ClassVar[str] = N_("Ship or cancel them first.")

    number: str


@dataclasses.dataclass(eq=False)
class ViewNotFound(errors.NotFound):
    """No such view for this caller."""

    code: ClassVar[str] = "view_not_found"
    message: ClassVar[str] = N_("There is no view {view}.")

    view: str


@dataclasses.dataclass(eq=False)
class ViewShared(errors.Forbidden):
    """Views that everybody sees are for those who may edit orders."""

    code: ClassVar[str] = "view_shared"
    message: ClassVar[str] = N_("Sharing a view, or changing a shared one, needs the permission {permission}.")
    remedy: ClassVar[str] = N_("Save a view of your own.")

    permission: str


@dataclasses.dataclass(eq=False)
class TooManyViews(errors.Conflict):
    """A person has as many views as one may have."""

    code: ClassVar[str] = "too_many_views"
    message: ClassVar[str] = N_("There are {views_max} views already.")
    remedy: ClassVar[str] = N_("Remove one first.")

    views_max: int
