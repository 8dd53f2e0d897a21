"""The ways payments refuse."""

import dataclasses
from typing import ClassVar
from uuid import UUID

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PaymentNotFound(errors.NotFound):
    """There is no such payment."""

    code: ClassVar[str] = "payment_not_found"
    message: ClassVar[str] = N_("There is no payment {payment_id}.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class AmountNotPositive(errors.Invalid):
    """An amount of nothing, or less."""

    code: ClassVar[str] = "amount_not_positive"
    message: ClassVar[str] = N_("The amount {amount_minor} is not more than nothing.")
    remedy: ClassVar[str] = N_("Give the amount in minor units, such as 1250 for 12.50.")

    amount_minor: int


@dataclasses.dataclass(eq=False)
class AmountAboveDue(errors.Invalid):
    """A tender larger than what is still to be paid."""

    code: ClassVar[str] = "amount_above_due"
    message: ClassVar[str] = N_("Only {due_minor} is still to be paid, not {amount_minor}.")
    remedy: ClassVar[str] = N_("Give at most what is still due.")

    amount_minor: int
    due_minor: int


@dataclasses.dataclass(eq=False)
class OrderNotPayable(errors.Conflict):
    """The order has ended."""

    code: ClassVar[str] = "order_not_payable"
    message: ClassVar[str] = N_("The order {number} is {lifecycle} and takes no more payments.")

    number: str
    lifecycle: str


@dataclasses.dataclass(eq=False)
class NothingToCapture(errors.Conflict):
    """No authorization is left to capture from."""

    code: ClassVar[str] = "nothing_to_capture"
    message: ClassVar[str] = N_("Nothing is authorized that could be captured.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class CaptureTooLarge(errors.Conflict):
    """A capture beyond the authorization."""

    code: ClassVar[str] = "capture_too_large"
    message: ClassVar[str] = N_("Only {left_minor} can be captured, not {amount_minor}.")

    payment_id: UUID
    amount_minor: int
    left_minor: int


@dataclasses.dataclass(eq=False)
class NothingToVoid(errors.Conflict):
    """No authorization is left to give up."""

    code: ClassVar[str] = "nothing_to_void"
    message: ClassVar[str] = N_("Nothing is authorized that could be voided.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class RefundTooLarge(errors.Conflict):
    """A refund beyond what was captured and not yet given back."""

    code: ClassVar[str] = "refund_too_large"
    message: ClassVar[str] = N_("Only {left_minor} can be refunded, not {amount_minor}.")

    payment_id: UUID
    amount_minor: int
    left_minor: int


@dataclasses.dataclass(eq=False)
class ProviderUnknown(errors.Invalid):
    """No such provider, or the merchant has no active account with it."""

    code: ClassVar[str] = "provider_unknown"
    message: ClassVar[str] = N_("Payments by {provider} are not set up.")
    remedy: ClassVar[str] = N_("Choose one of: {known}.")

    provider: str
    known: str


@dataclasses.dataclass(eq=False)
class NotByHand(errors.Conflict):
    """Only money that no gateway moves is confirmed by staff."""

    code: ClassVar[str] = "not_by_hand"
    message: ClassVar[str] = N_("Payments by {provider} are confirmed by the provider, not by hand.")

    provider: str


@dataclasses.dataclass(eq=False)
class NothingToConfirm(errors.Conflict):
    """The transfer was confirmed before, or given up."""

    code: ClassVar[str] = "nothing_to_confirm"
    message: ClassVar[str] = N_("This payment is not waiting for a confirmation.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class WebhookRefused(errors.Forbidden):
    """A message that does not prove where it comes from, or comes too late."""

    code: ClassVar[str] = "webhook_refused"
    message: ClassVar[str] = N_("The message is not signed by the provider: {problem}.")

    problem: str
