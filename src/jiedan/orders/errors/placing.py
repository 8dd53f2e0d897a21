"""The ways a draft is refused to become an order. Quantities are stock units, ids texts."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.orders.values import LINES_PER_ORDER_MAX, QUANTITY_MAX


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
class TooManyRows(errors.Invalid):
    """Lines, components and fees together are more than an order may hold."""

    code: ClassVar[str] = "too_many_rows"
    message: ClassVar[str] = N_("With the components of its kits the order has {rows} lines, at most {rows_max} fit.")
    remedy: ClassVar[str] = N_("Split it into several orders.")

    rows: int
    rows_max: int


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
class UnknownCustomer(errors.Invalid):
    """No customer has this id."""

    code: ClassVar[str] = "unknown_customer"
    message: ClassVar[str] = N_("There is no customer {customer}.")
    remedy: ClassVar[str] = N_("Check the id, or leave it out and order as a guest.")

    customer: str


@dataclasses.dataclass(eq=False)
class ExternalIdTaken(errors.Conflict):
    """The channel's id belongs to another order with different content."""

    code: ClassVar[str] = "external_id_taken"
    message: ClassVar[str] = N_("{external_id} of channel {channel} is order {order} already, with different content.")
    remedy: ClassVar[str] = N_("Send the same content again, or change the existing order.")

    channel: str
    external_id: str
    order: str
