"""The ways payments refuse."""

import dataclasses
from typing import ClassVar
from uuid import UUID

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.orders import errors as order_errors


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
class AmountTooLarge(errors.Invalid):
    """An amount beyond what can be kept."""

    code: ClassVar[str] = "amount_too_large"
    message: ClassVar[str] = N_("The amount {amount_minor} is larger than {amount_max_minor}, the most there can be.")
    remedy: ClassVar[str] = N_("Give the amount in minor units, such as 1250 for 12.50.")

    amount_minor: int
    amount_max_minor: int


@dataclasses.dataclass(eq=False)
class AmountAboveDue(errors.Invalid):
    """A tender larger than what is still to be paid."""

    code: ClassVar[str] = "amount_above_due"
    message: ClassVar[str] = N_("Only {due_minor} is still to be paid, not {amount_minor}.")
    remedy: ClassVar[str] = N_("Give at most what is still due.")

    amount_minor: int
    due_minor: int


@dataclasses.dataclass(eq=False)
class NothingDue(errors.Conflict):
    """Everything is paid, set aside or being paid."""

    code: ClassVar[str] = "nothing_due"
    message: ClassVar[str] = N_("Nothing of the order {number} is still to be paid.")
    remedy: ClassVar[str] = N_("If a payment is under way, wait for it or go on with it.")

    number: str


@dataclasses.dataclass(eq=False)
class TooManyTenders(errors.Conflict):
    """An order with more payments than it may have."""

    code: ClassVar[str] = "too_many_tenders"
    message: ClassVar[str] = N_("The order {number} has {tenders_max} payments already.")
    remedy: ClassVar[str] = N_("Take the rest with one of the payments that are under way.")

    number: str
    tenders_max: int


@dataclasses.dataclass(eq=False)
class OrderNotPayable(errors.Conflict):
    """The order has ended."""

    code: ClassVar[str] = "order_not_payable"
    message: ClassVar[str] = N_("The order {number} is {lifecycle} and takes no more payments.")
    remedy: ClassVar[str] = N_("Reopen the order if it was canceled, or place a new one.")

    number: str
    lifecycle: str

    def __post_init__(self) -> None:
        self.lifecycle = Word(self.lifecycle, order_errors.LIFECYCLES)


@dataclasses.dataclass(eq=False)
class NothingToCapture(errors.Conflict):
    """No authorization is left to capture from."""

    code: ClassVar[str] = "nothing_to_capture"
    message: ClassVar[str] = N_("Nothing is authorized that could be captured.")
    remedy: ClassVar[str] = N_("See what the payment holds; to take more money, start another payment.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class CaptureTooLarge(errors.Conflict):
    """A capture beyond the authorization."""

    code: ClassVar[str] = "capture_too_large"
    message: ClassVar[str] = N_("Only {left_minor} can be captured, not {amount_minor}.")
    remedy: ClassVar[str] = N_("Give at most that; take the rest with another payment.")

    payment_id: UUID
    amount_minor: int
    left_minor: int


@dataclasses.dataclass(eq=False)
class NothingToVoid(errors.Conflict):
    """No authorization is left to give up."""

    code: ClassVar[str] = "nothing_to_void"
    message: ClassVar[str] = N_("Nothing is authorized that could be voided.")
    remedy: ClassVar[str] = N_("What was captured is given back with a refund.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class RefundTooLarge(errors.Conflict):
    """A refund beyond what was captured and not yet given back."""

    code: ClassVar[str] = "refund_too_large"
    message: ClassVar[str] = N_("Only {left_minor} can be refunded, not {amount_minor}.")
    remedy: ClassVar[str] = N_("Give at most that; refund the rest from the order's other payments.")

    payment_id: UUID
    amount_minor: int
    left_minor: int


@dataclasses.dataclass(eq=False)
class RefundLineUnknown(errors.Invalid):
    """A refund for a line that the order does not have, or twice for one line."""

    code: ClassVar[str] = "refund_line_unknown"
    message: ClassVar[str] = N_("The order has no line {line}, or it stands here twice.")
    remedy: ClassVar[str] = N_("Name each line of the order at most once.")

    line: int


@dataclasses.dataclass(eq=False)
class RefundLineTooLarge(errors.Invalid):
    """A refund for more units than were ordered and not refunded yet."""

    code: ClassVar[str] = "refund_line_too_large"
    message: ClassVar[str] = N_("Line {line} has {left} units that can be refunded, not {quantity}.")
    remedy: ClassVar[str] = N_("Refund at most what was ordered, each unit once.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class RefundLinesDiffer(errors.Invalid):
    """Lines that do not add up to the refund."""

    code: ClassVar[str] = "refund_lines_differ"
    message: ClassVar[str] = N_("The lines come to {lines_minor}, the refund to {amount_minor}.")
    remedy: ClassVar[str] = N_("Leave the amount out, or make the lines add up to it.")

    lines_minor: int
    amount_minor: int


@dataclasses.dataclass(eq=False)
class CardNumberRefused(errors.Invalid):
    """A card number where none may ever be; it is not repeated here, nor stored or logged anywhere."""

    code: ClassVar[str] = "card_number_refused"
    message: ClassVar[str] = N_("This looks like a card number, which Jiedan never takes.")
    remedy: ClassVar[str] = N_("Leave the token out and send the customer to the payment page, or send a token.")


@dataclasses.dataclass(eq=False)
class AddressRefused(errors.Invalid):
    """An address that nobody can be sent to."""

    code: ClassVar[str] = "address_refused"
    message: ClassVar[str] = N_("This is not an http or https address.")
    remedy: ClassVar[str] = N_("Give a whole address such as https://shop.example/thanks, without a password in it.")


@dataclasses.dataclass(eq=False)
class OnlyByHand(errors.Conflict):
    """Something that only a gateway does, asked of money that people move."""

    code: ClassVar[str] = "only_by_hand"
    message: ClassVar[str] = N_("Payments by {provider} are not authorized, so nothing is captured or voided.")
    remedy: ClassVar[str] = N_("Confirm the money when it has come, and give it back with a refund.")

    provider: str


@dataclasses.dataclass(eq=False)
class PaymentMoved(errors.Overtaken):
    """A payment got its order between two reads."""

    code: ClassVar[str] = "payment_moved"
    message: ClassVar[str] = N_("The payment was given to an order just now.")


@dataclasses.dataclass(eq=False)
class PaymentHasOrder(errors.Conflict):
    """Money that belongs to an order already."""

    code: ClassVar[str] = "payment_has_order"
    message: ClassVar[str] = N_("This payment belongs to an order already.")
    remedy: ClassVar[str] = N_("If it is the wrong order, refund the payment and take it again for the right one.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class CurrencyDiffers(errors.Conflict):
    """Money in another currency than the order's."""

    code: ClassVar[str] = "currency_differs"
    message: ClassVar[str] = N_("The payment is in {given}, the order in {currency}.")
    remedy: ClassVar[str] = N_("Give it to an order in its currency, or refund it.")

    given: str
    currency: str


@dataclasses.dataclass(eq=False)
class CurrencyUnknown(errors.Invalid):
    """A currency that ISO 4217 does not know."""

    code: ClassVar[str] = "currency_unknown"
    message: ClassVar[str] = N_("{currency} is no currency.")
    remedy: ClassVar[str] = N_("Give an ISO 4217 code such as CNY.")

    currency: str


@dataclasses.dataclass(eq=False)
class ProviderUnreachable(errors.Unavailable):
    """A provider does not answer; whoever asks tries again later."""

    code: ClassVar[str] = "provider_unreachable"
    message: ClassVar[str] = N_("The payment provider {provider} does not answer.")

    provider: str


@dataclasses.dataclass(eq=False)
class SettingUnknown(errors.Invalid):
    """A setting or secret that a provider does not have, or lacks."""

    code: ClassVar[str] = "provider_setting_unknown"
    message: ClassVar[str] = N_("{provider} has no setting {name}.")
    remedy: ClassVar[str] = N_("It has: {known}.")

    provider: str
    name: str
    known: str


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
    remedy: ClassVar[str] = N_("What the provider tells is booked by itself; to give money back, refund the payment.")

    provider: str


@dataclasses.dataclass(eq=False)
class NothingToConfirm(errors.Conflict):
    """The transfer was confirmed before, or given up."""

    code: ClassVar[str] = "nothing_to_confirm"
    message: ClassVar[str] = N_("This payment is not waiting for a confirmation.")
    remedy: ClassVar[str] = N_("See its history: it was confirmed, canceled or given up before.")

    payment_id: UUID


@dataclasses.dataclass(eq=False)
class WebhookRefused(errors.Forbidden):
    """A message that does not prove where it comes from, or comes too late."""

    code: ClassVar[str] = "webhook_refused"
    message: ClassVar[str] = N_("The message is not signed by the provider: {problem}.")
    remedy: ClassVar[str] = N_("Check the signing secret in the provider's settings and the clock, then send it again.")

    problem: str


@dataclasses.dataclass(eq=False)
class OperationNotFound(errors.NotFound):
    """There is no such operation."""

    code: ClassVar[str] = "operation_not_found"
    message: ClassVar[str] = N_("There is no operation {operation_id}.")

    operation_id: UUID


@dataclasses.dataclass(eq=False)
class OperationSettled(errors.Conflict):
    """What came of the operation is known already."""

    code: ClassVar[str] = "operation_settled"
    message: ClassVar[str] = N_("What came of this operation is known already.")
    remedy: ClassVar[str] = N_("See the payment's history for what came of it.")

    operation_id: UUID


@dataclasses.dataclass(eq=False)
class OperationUnderWay(errors.Conflict):
    """The provider was asked a moment ago and may yet answer."""

    code: ClassVar[str] = "operation_under_way"
    message: ClassVar[str] = N_("The provider was asked only a moment ago and may yet answer.")
    remedy: ClassVar[str] = N_("Wait {minutes} minutes after it was asked, then settle it by hand.")

    operation_id: UUID
    minutes: int


@dataclasses.dataclass(eq=False)
class SettlementBeyondLedger(errors.Conflict):
    """Money that cannot have moved: the ledger does not cover it any more."""

    code: ClassVar[str] = "settlement_beyond_ledger"
    message: ClassVar[str] = N_("The payment does not hold {amount_minor} any more, so this cannot have succeeded.")
    remedy: ClassVar[str] = N_("Look at what else happened to the payment, or settle it as failed.")

    operation_id: UUID
    amount_minor: int


@dataclasses.dataclass(eq=False)
class ReasonMissing(errors.Invalid):
    """Something done by hand without saying why, or in too many words."""

    code: ClassVar[str] = "payment_reason_missing"
    message: ClassVar[str] = N_("What is done by hand needs a reason.")
    remedy: ClassVar[str] = N_("Say why in 1 to {characters_max} characters.")

    characters_max: int
