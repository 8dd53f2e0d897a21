"""Facts of payments: ids, codes and amounts in minor units."""

from uuid import UUID

from jiedan.base.events import Event


class _PaymentEvent(Event, frozen=True, kw_only=True):
    subject_kind = "payment"
    subject = "payment_id"

    payment_id: UUID
    order_id: UUID | None


class PaymentCreated(_PaymentEvent, frozen=True, kw_only=True):
    """A tender was agreed on."""

    kind = "payments.payment_created"

    provider: str
    method: str
    currency: str
    amount_minor: int


class OperationRequested(_PaymentEvent, frozen=True, kw_only=True):
    """A provider is about to be asked."""

    kind = "payments.operation_requested"

    operation_id: UUID
    operation: str
    amount_minor: int


class OperationFailed(_PaymentEvent, frozen=True, kw_only=True):
    """A provider declined."""

    kind = "payments.operation_failed"

    operation_id: UUID
    operation: str
    failure: str


class OperationUnknown(_PaymentEvent, frozen=True, kw_only=True):
    """The answer was lost; the sweeper asks by key."""

    kind = "payments.operation_unknown"

    operation_id: UUID
    operation: str


class OperationSettled(_PaymentEvent, frozen=True, kw_only=True):
    """Somebody said what came of an operation that the provider does not tell about; why is in the private part."""

    kind = "payments.operation_settled"

    operation_id: UUID
    operation: str
    outcome: str


class MoneyAuthorized(_PaymentEvent, frozen=True, kw_only=True):
    """Money is set aside for us."""

    kind = "payments.money_authorized"

    amount_minor: int
    currency: str


class MoneyCaptured(_PaymentEvent, frozen=True, kw_only=True):
    """Money is ours."""

    kind = "payments.money_captured"

    amount_minor: int
    currency: str


class AuthorizationVoided(_PaymentEvent, frozen=True, kw_only=True):
    """Money set aside was let go."""

    kind = "payments.authorization_voided"

    amount_minor: int
    currency: str


class MoneyRefunded(_PaymentEvent, frozen=True, kw_only=True):
    """Money went back."""

    kind = "payments.money_refunded"

    amount_minor: int
    currency: str


class MoneyChargedBack(_PaymentEvent, frozen=True, kw_only=True):
    """The payer's bank took money back."""

    kind = "payments.money_charged_back"

    amount_minor: int
    currency: str


class MoneyAdjusted(_PaymentEvent, frozen=True, kw_only=True):
    """What was confirmed by hand was corrected; the amount is signed."""

    kind = "payments.money_adjusted"

    amount_minor: int
    currency: str


class PaymentAssigned(_PaymentEvent, frozen=True, kw_only=True):
    """Money that had come without an order was given to one."""

    kind = "payments.payment_assigned"


class ProviderChanged(Event, frozen=True, kw_only=True):
    """The merchant's account with a provider was set up or changed; `fields` names what."""

    kind = "payments.provider_changed"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    provider: str
    is_active: bool
    fields: tuple[str, ...]
