"""Lists of orders: what can be filtered by, a row, and filters under a name."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from jiedan.base.i18n import N_
from jiedan.customers.values import CustomerId
from jiedan.orders.values.words import (
    FULFILLMENT_STATUSES,
    LIFECYCLES,
    PAYMENT_STATUSES,
    Amount,
    CurrencyCode,
    CustomerStatus,
    FulfillmentStatus,
    Lifecycle,
    MerchantStatus,
    OrderId,
    PaymentStatus,
    ViewId,
)

LIST_NAME = "orders"
SEARCH_CHARS_MAX = 200
VIEWS_PER_PERSON_MAX = 50
VIEW_NAME_CHARS_MAX = 100

LOOKED_AT_MAX = 1_000
"""Orders that one page looks at. Where fewer of them fit than the page holds, the page is short and has a next one."""

LATE_ROWS_MAX = 50_000
"""Late orders that are sorted by moment, which takes some thirty milliseconds. Where more are late, the newest orders
that somebody waits for are looked at."""

WORD_ROWS_MAX = 10_000
"""Terms that the words of one search may begin together for their orders to be sorted by moment, which takes some five
milliseconds. What more terms begin with is looked for among the newest orders: one in a hundred or more has it."""

Period = Literal["today", "yesterday", "last_7_days", "last_30_days"]
"""Days of the merchant, today included."""

Column = Literal[
    "placed",
    "customer",
    "phone",
    "channel",
    "external_id",
    "payment",
    "fulfillment",
    "deadline",
    "shipping",
    "assignee",
    "tags",
    "units",
    "total",
]
COLUMNS: tuple[Column, ...] = get_args(Column)
"""Columns of the list beside the order's number."""

Sort = Literal["newest", "oldest"]
Density = Literal["comfortable", "compact"]

ME = "me"
NOBODY = "nobody"

AssigneeAsked = Annotated[str, Meta(pattern=r"^(me|nobody|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", max_length=36)]
"""The id of one of the staff; `me` is whoever asks, and `nobody` orders that nobody looks after."""

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Lifecycles = Annotated[tuple[Lifecycle, ...], Meta(max_length=len(LIFECYCLES))]
Payments = Annotated[tuple[PaymentStatus, ...], Meta(max_length=len(PAYMENT_STATUSES))]
Fulfillments = Annotated[tuple[FulfillmentStatus, ...], Meta(max_length=len(FULFILLMENT_STATUSES))]


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an order must be to be listed; everything given must hold.

    Of `lifecycle`, `payment` and `fulfillment` one of those given. `q`: every word begins the number, the external id,
    a name (also in pinyin), a SKU, an e-mail address, or a phone number or its end. `sku`, `location` and
    `shipping_method` are codes; `held`, `waiting` (for stock) and `late` (not arrived by the last day promised) may be
    wanted or unwanted.
    `assignee` is the id of one of the staff, `me` for whoever asks, or `nobody`. Days are the merchant's, both ends
    included; `period` stands for `placed_from` and `placed_to`. Amounts are minor units, both ends included.
    """

    q: Annotated[str, Meta(max_length=SEARCH_CHARS_MAX)] = ""
    lifecycle: Lifecycles = ()
    payment: Payments = ()
    fulfillment: Fulfillments = ()
    status: MerchantStatus | None = None
    customer_status: CustomerStatus | None = None
    channel: Word | None = None
    customer_id: CustomerId | None = None
    sku: Word | None = None
    tag: Word | None = None
    hold: Word | None = None
    held: bool | None = None
    waiting: bool | None = None
    late: bool | None = None
    assignee: AssigneeAsked | None = None
    location: Word | None = None
    shipping_method: Word | None = None
    period: Period | None = None
    placed_from: date | None = None
    placed_to: date | None = None
    currency: CurrencyCode | None = None
    total_min: Amount | None = None
    total_max: Amount | None = None


EVERYTHING = OrderFilter()


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a view shows its orders in the console: what is left out is as whoever looks has it.

    `columns` stand in this order, each once; `sort` is by when orders were placed, `density` how close rows stand.
    """

    columns: Annotated[tuple[Column, ...], Meta(max_length=len(COLUMNS))] = ()
    sort: Sort | None = None
    density: Density | None = None


AS_EVERYWHERE = Layout()


def given(filters: OrderFilter | Layout) -> dict[str, Any]:
    """Return what filters, or a layout, say, as JSON has it; what is left out does not stand there."""
    found: dict[str, Any] = msgspec.to_builtins(filters)
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as lists show it; amounts in minor units of `currency`, `units` what is still wanted of its lines."""

    order_id: OrderId
    number: str
    channel: str
    external_id: str | None
    customer_id: UUID | None
    contact_name: str
    contact_phone: str
    city: str
    lifecycle: Lifecycle
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    merchant_status: MerchantStatus
    customer_status: CustomerStatus
    placed_at: datetime
    promised_at: datetime | None
    promised_p90_on: date | None
    days_late: int
    """Days since the last one that was promised, while it has not arrived."""
    expires_at: datetime | None
    currency: str
    total_minor: int
    units: int
    tags: tuple[str, ...]
    holds: tuple[str, ...]
    """Kinds of the holds that stand."""
    version: int
    assignee_id: UUID | None = None
    """Who of the staff looks after it."""
    shipping_method: str | None = None
    shipping_name: str | None = None
    """The shipping method that takes it, and what that was called then."""


class BuiltInView(NamedTuple):
    """Filters that every merchant has; `label` is a message id."""

    label: str
    filters: OrderFilter


BUILT_IN_VIEWS: Mapping[str, BuiltInView] = MappingProxyType(
    {
        "all": BuiltInView(N_("All"), EVERYTHING),
        "open": BuiltInView(N_("Open"), OrderFilter(lifecycle=("open",))),
        "today": BuiltInView(N_("Today"), OrderFilter(period="today")),
        "unpaid": BuiltInView(
            N_("Unpaid"),
            OrderFilter(lifecycle=("open",), payment=("pending", "processing", "partly_authorized", "partly_paid")),
        ),
        "late": BuiltInView(N_("Late"), OrderFilter(late=True)),
        "waiting": BuiltInView(N_("Waiting for stock"), OrderFilter(waiting=True)),
        "held": BuiltInView(N_("On hold"), OrderFilter(held=True)),
        "mine": BuiltInView(N_("Mine"), OrderFilter(lifecycle=("open",), assignee=ME)),
        "to_ship": BuiltInView(N_("To ship"), OrderFilter(lifecycle=("open",), fulfillment=("allocated",), held=False)),
    }
)
"""The views that need no saving, by key, in the order of their tabs."""


@dataclasses.dataclass(frozen=True, slots=True)
class SavedView:
    """Filters under a name; `owner_id` is None where everybody shares it. `position` sorts, smaller first."""

    view_id: ViewId
    name: str
    filters: OrderFilter
    owner_id: UUID | None
    position: int
    version: int
    layout: Layout = AS_EVERYWHERE

    @property
    def is_shared(self) -> bool:
        """Tell whether everybody sees it."""
        return self.owner_id is None
