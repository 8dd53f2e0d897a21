"""Merchants: what they have decided, and how their shop shows itself."""

import dataclasses

from jiedan.accounts.values.people import OneTimeLink
from jiedan.accounts.values.words import LOCALES, CancelUntil, EditUntil, LateMoney, PaymentTerms, Split, StaffId
from jiedan.base.ids import TenantId


@dataclasses.dataclass(frozen=True, slots=True)
class MerchantSettings:
    """What a merchant has decided; `version` rises with each edit."""

    tenant_id: TenantId
    slug: str
    name: str
    country: str
    """ISO 3166-1 alpha-2."""
    time_zone: str
    """IANA name."""
    currency: str
    """Default currency, ISO 4217; one of `currencies`."""
    currencies: tuple[str, ...]
    locale: str
    """Default language of documents and messages; one of `locales`."""
    locales: tuple[str, ...]
    order_number_pattern: str
    """Like `SO-{date}-{number:06d}`; `{date}` is the day in the merchant's time zone."""
    payment_terms: PaymentTerms
    expiry_minutes: int
    """How long an unpaid prepaid order lives."""
    split: Split
    backorder: bool
    prices_include_tax: bool
    release_on_authorization: bool
    """Whether an authorization is enough to release a prepaid order, or only a capture."""
    late_money: LateMoney
    """What becomes of money that arrives for an order that has ended."""
    version: int
    accent_hue: int | None = None
    """Hue of the color of buttons and links in degrees, 0 to 359; the house's own without one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Storefront:
    """How a merchant's shop shows itself to the public; texts may be empty.

    `host` is a name of the merchant's own, without scheme and port, at which the shop answers too.
    """

    is_open: bool = False
    host: str | None = None
    tagline: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    terms: str = ""
    """The terms of sale, as the merchant wrote them; with any, a customer agrees to them."""
    transfer_instructions: str = ""
    """Where to send money; with any, a customer may pay by bank transfer."""
    pays_on_delivery: bool = False
    """Whether a customer may pay when the goods arrive, or are collected."""
    cancel_until: CancelUntil = "picked"
    """Until when customers may cancel by themselves; afterwards they ask."""
    edit_until: EditUntil = "released"
    """Until when customers may change where an order goes by themselves; afterwards they ask."""
    link_days: int = 90
    """How many days after its end an order is still shown to who has its secret link."""
    has_logo: bool = False
    version: int = 0
    """Rises with each edit; 0 before the first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Logo:
    """A merchant's logo as it is served."""

    content: bytes
    media_type: str


@dataclasses.dataclass(frozen=True, slots=True)
class NewMerchant:
    """What is needed to open a merchant; the rest has defaults and can be edited later."""

    slug: str
    name: str
    country: str
    time_zone: str
    currency: str
    currencies: tuple[str, ...] = ()
    """Accepted currencies; the default one is always among them."""
    locale: str = "en"
    locales: tuple[str, ...] = LOCALES
    order_number_pattern: str = "SO-{date}-{number:06d}"
    payment_terms: PaymentTerms = "prepaid"
    expiry_minutes: int = 60
    split: Split = "when_needed"
    backorder: bool = False
    prices_include_tax: bool = True
    release_on_authorization: bool = False
    late_money: LateMoney = "case"


@dataclasses.dataclass(frozen=True, slots=True)
class MerchantOpened:
    """A new merchant and its first owner; without a password the owner comes in by `link`."""

    tenant_id: TenantId
    owner_id: StaffId
    link: OneTimeLink | None
