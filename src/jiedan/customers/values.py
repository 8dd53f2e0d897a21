"""Ids, kinds and values of customers."""

from typing import Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

CustomerId = NewType("CustomerId", UUID)
AddressId = NewType("AddressId", UUID)

CustomerKind = Literal["person", "company"]
CUSTOMER_KINDS: tuple[CustomerKind, ...] = ("person", "company")

ContactKind = Literal["phone", "email"]
CONTACT_KINDS: tuple[ContactKind, ...] = ("phone", "email")

ConsentPurpose = Literal["marketing_email", "marketing_sms", "marketing_phone", "profiling"]
CONSENT_PURPOSES: tuple[ConsentPurpose, ...] = ("marketing_email", "marketing_sms", "marketing_phone", "profiling")

ADDRESS_FIELD_CHARACTERS_MAX = 200
MERGE_UNDO_DAYS = 30


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where something goes, and to whom.

    `country` is ISO 3166-1 alpha-2; `region` a province or state; `phone` E.164 once normalised; `lat`, `lon` degrees.
    """

    country: str
    name: str = ""
    phone: str = ""
    company: str = ""
    region: str = ""
    city: str = ""
    district: str = ""
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    lat: float | None = None
    lon: float | None = None


class CustomerBrief(NamedTuple):
    """What an order needs to know of its customer; `customer_id` is the survivor's when the id asked for was merged."""

    customer_id: CustomerId
    kind: CustomerKind
    name: str
    phone: str
    email: str
