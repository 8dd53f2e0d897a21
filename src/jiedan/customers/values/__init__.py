"""Ids, kinds and values of customers."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

from jiedan.base.i18n import N_

CustomerId = NewType("CustomerId", UUID)
AddressId = NewType("AddressId", UUID)
LinkId = NewType("LinkId", UUID)
SessionId = NewType("SessionId", UUID)
GroupId = NewType("GroupId", UUID)
ExemptionId = NewType("ExemptionId", UUID)

CustomerKind = Literal["person", "company"]
CUSTOMER_KINDS: tuple[CustomerKind, ...] = ("person", "company")

ContactKind = Literal["phone", "email"]
CONTACT_KINDS: tuple[ContactKind, ...] = ("phone", "email")

ConsentPurpose = Literal["marketing_email", "marketing_sms", "marketing_phone", "profiling"]
CONSENT_PURPOSES: tuple[ConsentPurpose, ...] = ("marketing_email", "marketing_sms", "marketing_phone", "profiling")

KIND_LABELS: Mapping[CustomerKind, str] = {"person": N_("Individual"), "company": N_("Company")}
CONSENT_LABELS: Mapping[ConsentPurpose, str] = {
    "marketing_email": N_("Offers by e-mail"),
    "marketing_sms": N_("Offers by text message"),
    "marketing_phone": N_("Offers by phone"),
    "profiling": N_("Evaluating what was bought"),
}

ExemptionKind = Literal["exempt", "reverse_charge"]
EXEMPTION_KINDS: tuple[ExemptionKind, ...] = ("exempt", "reverse_charge")
EXEMPTION_LABELS: Mapping[ExemptionKind, str] = {
    "exempt": N_("Tax exempt by certificate"),
    "reverse_charge": N_("Reverse charge by VAT number"),
}

LinkPurpose = Literal["registration", "sign_in", "password_reset", "email_change"]
LINK_PURPOSES: tuple[LinkPurpose, ...] = ("registration", "sign_in", "password_reset", "email_change")
"""What a one-time link is for: to open an account, to come in, to choose a new password, to prove a new address."""

Wish = Literal["sign_in", "password_reset"]
"""What somebody who gives an address wants of it; where nobody has the address, the link offers to open an account."""

ADDRESS_FIELD_CHARACTERS_MAX = 200
NAME_CHARACTERS_MAX = 200
EXTERNAL_ID_CHARACTERS_MAX = 200
TAG_CHARACTERS_MAX = 50
NOTES_PER_CUSTOMER_MAX = 1_000
TAGS_PER_CUSTOMER_MAX = 50
CONTACTS_PER_CUSTOMER_MAX = 100
ADDRESSES_PER_CUSTOMER_MAX = 50
CUSTOMERS_PER_CALL_MAX = 500
GROUPS_MAX = 100
"""Groups of one merchant; a customer may be in all of them."""

GROUP_CODE_CHARACTERS_MAX = 40

EXEMPTIONS_PER_CUSTOMER_MAX = 20
EXEMPTION_TEXT_CHARACTERS_MAX = 60
"""Of numbers and tax classes, as tax rates have them."""

EXEMPTION_CLASSES_MAX = 10
EXEMPTION_PLACES_MAX = 60
EXEMPTION_NOTE_CHARACTERS_MAX = 500
EXEMPTION_FIRST_AT, EXEMPTION_AFTER_AT = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""The years that days may be of, as in the API: outside of them, a day in one time zone may be none in another."""

MERGE_UNDO_DAYS = 30


AddressText = Annotated[str, msgspec.Meta(max_length=ADDRESS_FIELD_CHARACTERS_MAX)]


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where something goes, and to whom.

    `country` is ISO 3166-1 alpha-2; `region` a province or state; `phone` E.164 once normalised; `lat`, `lon` degrees.
    """

    country: AddressText
    name: AddressText = ""
    phone: AddressText = ""
    company: AddressText = ""
    region: AddressText = ""
    city: AddressText = ""
    district: AddressText = ""
    line1: AddressText = ""
    line2: AddressText = ""
    postal_code: AddressText = ""
    lat: float | None = None
    lon: float | None = None


ADDRESS_FIELDS = (
    "country", "name", "phone", "company", "region", "city", "district", "line1", "line2", "postal_code", "lat", "lon",
)  # fmt: skip
"""The columns of every table that holds addresses, in the order they are read."""


class TaxExemption(msgspec.Struct, frozen=True):
    """Why a customer pays no tax: the number of a certificate, or of a VAT registration.

    A certificate is for the tax `classes` and `places` (`US`, `US-CA`) it names, for all where it names none. A VAT
    number begins with the letters of its country. It holds from `from_at` on and ends before `until_at`.
    """

    exemption_id: ExemptionId
    kind: ExemptionKind
    number: str
    places: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class CustomerBrief:
    """What an order needs to know of its customer; `customer_id` is the survivor's when the id asked for was merged."""

    customer_id: CustomerId
    kind: CustomerKind
    name: str
    phone: str
    email: str
    is_business: bool = False
    """Whether it is a company whose tax number is known."""
    exemptions: tuple[TaxExemption, ...] = ()
    """What it has to show to pay no tax, be it over or not begun."""
    known_as: tuple[UUID, ...] = ()
    """Duplicates that were merged into it, not all of very many: rules may name them, and what they used counts."""


class ExemptionDraft(NamedTuple):
    """An exemption to be kept or, where one of its kind and number is, brought up to date: None leaves a field."""

    kind: ExemptionKind
    number: str
    places: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


class CustomerDraft(NamedTuple):
    """A customer to be created or, where `external_id` is known, brought up to date.

    None leaves a field of a known customer as it is. Phones are normalized: the customer's by the merchant's country,
    an address's by its own. `addresses` replace the book when given. `tags` and `exemptions` are added, and so is the
    customer to the `groups` of these codes.
    """

    name: str
    kind: CustomerKind | None = None
    phone: str | None = None
    email: str | None = None
    tax_number: str | None = None
    external_id: str | None = None
    locale: str | None = None
    addresses: tuple[Address, ...] | None = None
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    exemptions: tuple[ExemptionDraft, ...] = ()


class CustomerEdit(NamedTuple):
    """Fields to change; None leaves a field as it is. `version` is what the caller read; None overwrites."""

    customer_id: UUID
    version: int | None
    name: str | None = None
    kind: CustomerKind | None = None
    phone: str | None = None
    email: str | None = None
    tax_number: str | None = None
    locale: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """The row of a customer itself. `merged_into` is set on a duplicate that was given up."""

    customer_id: CustomerId
    kind: CustomerKind
    name: str
    phone: str
    email: str
    tax_number: str
    external_id: str | None
    locale: str
    merged_into: CustomerId | None
    created_at: datetime
    version: int
    erasing_since: datetime | None = None
    """Since when nothing can be done with it any more."""
    erased_at: datetime | None = None


class Saved(NamedTuple):
    """A customer that was created or changed."""

    customer_id: CustomerId
    is_new: bool
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class BookAddress:
    """An address in a customer's book."""

    address_id: AddressId
    label: str
    is_default: bool
    address: Address


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """What staff wrote about a customer; `author` is a name."""

    text: str
    author: str
    written_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list."""

    customer_id: CustomerId
    kind: CustomerKind
    name: str
    phone: str
    email: str
    created_at: datetime
    version: int


class RowFacts(NamedTuple):
    """What a list shows of a customer from other tables: the first address's place, tags, the codes of groups."""

    city: str
    region: str
    tags: tuple[str, ...]
    groups: tuple[str, ...]


class GroupName(NamedTuple):
    """What a group is called by machines and by people."""

    group_id: GroupId
    code: str
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Customers who are treated alike; `code` never changes."""

    group_id: GroupId
    code: str
    name: str
    created_at: datetime
    updated_at: datetime
    version: int


class CountedGroup(NamedTuple):
    """A group and how many are in it; when `is_capped`, at least that many."""

    group: Group
    members: int
    is_capped: bool


class Membership(NamedTuple):
    """Whether a customer is in a group after a call, and whether that call made it so."""

    customer_id: CustomerId
    is_member: bool
    is_changed: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Head):
    """A customer whole."""

    addresses: tuple[BookAddress, ...]
    contacts: tuple[tuple[ContactKind, str], ...]
    tags: tuple[str, ...]
    groups: tuple[GroupName, ...]
    notes: tuple[Note, ...]
    consents: tuple[tuple[ConsentPurpose, bool, datetime], ...]


class Account(NamedTuple):
    """What a sign-in needs to know of the account behind an address."""

    customer_id: CustomerId
    email: str
    name: str
    password_hash: str | None
    is_active: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """A customer's way into the shop, as staff and the customer see it; `customer_id` is whose it was made for."""

    customer_id: CustomerId
    email: str
    has_password: bool
    is_active: bool
    created_at: datetime
    seen_at: datetime | None
    """When the customer was last seen in a browser where they still are signed in."""


class Holder(NamedTuple):
    """Who is signed in by a session. `customer_id` is the survivor's where the account's own customer was merged."""

    session_id: SessionId
    account_id: CustomerId
    customer_id: CustomerId
    name: str
    locale: str
    last_seen_at: datetime
    expires_at: datetime


class Link(NamedTuple):
    """A one-time link that may still be used; `account_id` is None for one that opens an account."""

    link_id: LinkId
    purpose: LinkPurpose
    email: str
    account_id: CustomerId | None
    expires_at: datetime


class MailedLink(NamedTuple):
    """A one-time link with the secret that stands in one mail and nowhere else."""

    purpose: LinkPurpose
    secret: str
    expires_at: datetime


class Browser(NamedTuple):
    """From where somebody comes: the network as `unit.network` gives it, and the browser's own name."""

    network: str
    user_agent: str
    request_id: str = ""


class SignedIn(NamedTuple):
    """A session just made; `credential` goes into the cookie and nowhere else."""

    customer_id: CustomerId
    session_id: SessionId
    credential: str
    expires_at: datetime


class Joining(NamedTuple):
    """What somebody who opens an account says of themselves."""

    name: str
    phone: str
    locale: str
    consents: tuple[ConsentPurpose, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a customer is signed in."""

    session_id: SessionId
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
