"""Ids, permissions, roles and settings, as other modules see them."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NewType
from uuid import UUID

from jiedan.base.i18n import N_
from jiedan.base.ids import TenantId

StaffId = NewType("StaffId", UUID)
RoleId = NewType("RoleId", UUID)
SessionId = NewType("SessionId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
PasskeyId = NewType("PasskeyId", UUID)

PaymentTerms = Literal["prepaid", "on_delivery", "on_account"]
Split = Literal["never", "when_needed", "freely"]
LateMoney = Literal["case", "refund", "reopen"]
LinkPurpose = Literal["invitation", "password_reset"]
CancelUntil = Literal["never", "released", "picked", "shipped"]
EditUntil = Literal["never", "released"]

PAYMENT_TERMS: tuple[PaymentTerms, ...] = ("prepaid", "on_delivery", "on_account")
SPLITS: tuple[Split, ...] = ("never", "when_needed", "freely")
LATE_MONEY: tuple[LateMoney, ...] = ("case", "refund", "reopen")
"""What becomes of money that arrives for an order that has ended: a case for people, also given back, or also the order
open again if it had expired."""

CANCEL_UNTIL: tuple[CancelUntil, ...] = ("never", "released", "picked", "shipped")
EDIT_UNTIL: tuple[EditUntil, ...] = ("never", "released")
"""Until when customers may cancel or change an order by themselves: until a location is told to pick it, until its
goods are picked, or until they have left. Afterwards they ask."""

LOGO_BYTES_MAX = 300_000
"""A logo as it is stored, encoded anew."""

LINK_PURPOSES: tuple[LinkPurpose, ...] = ("invitation", "password_reset")
LOCALES = ("en", "zh_Hans", "zh_Hant")

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "orders:read": N_("See orders"),
        "orders:write": N_("Place and edit orders"),
        "orders:comment": N_("Comment on orders"),
        "orders:price": N_("Set prices and discounts by hand"),
        "orders:cancel": N_("Cancel orders"),
        "orders:import": N_("Import orders"),
        "orders:export": N_("Export orders, with the personal data in them"),
        "orders:hold": N_("Put orders on hold"),
        "orders:lift": N_("Lift holds"),
        "orders:complete": N_("Complete orders by hand"),
        "orders:reopen": N_("Open canceled orders again"),
        "catalog:read": N_("See products and prices"),
        "catalog:write": N_("Edit products and prices"),
        "catalog:import": N_("Import products"),
        "customers:read": N_("See customers"),
        "customers:write": N_("Edit customers"),
        "customers:merge": N_("Merge duplicate customers"),
        "customers:import": N_("Import customers"),
        "inventory:read": N_("See stock"),
        "inventory:write": N_("Receive, transfer and count stock"),
        "inventory:adjust": N_("Adjust stock with a reason"),
        "inventory:import": N_("Import opening stock"),
        "fulfillment:read": N_("See what is picked, packed and shipped"),
        "fulfillment:release": N_("Release orders to locations"),
        "fulfillment:pick": N_("Pick, and count what is missing"),
        "fulfillment:pack": N_("Pack parcels"),
        "fulfillment:ship": N_("Ship parcels and hand over goods"),
        "fulfillment:deliver": N_("Record deliveries and tracking"),
        "carriers:read": N_("See carriers"),
        "carriers:write": N_("Set up carriers"),
        "payments:read": N_("See payments"),
        "payments:write": N_("Take and confirm payments"),
        "payments:refund": N_("Refund payments"),
        "cases:read": N_("See cases"),
        "cases:write": N_("Work on cases"),
        "mail:read": N_("See which mails went out"),
        "mail:send": N_("Send mails again"),
        "mailbox:read": N_("Read mails that no server sends, with the secret links in them"),
        "settings:read": N_("See the settings"),
        "settings:write": N_("Change the settings"),
        "staff:read": N_("See staff and roles"),
        "staff:write": N_("Manage staff and roles"),
        "apikeys:read": N_("See API keys"),
        "apikeys:write": N_("Create and revoke API keys"),
        "events:read": N_("Read the event stream"),
        "events:retry": N_("Try failed events again, or give them up"),
        "verify:read": N_("Run the checks of the books"),
    }
)
"""Everything a route may ask for, with the words staff read; `module:verb`."""

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "orders": N_("Orders"),
        "catalog": N_("Products"),
        "customers": N_("Customers"),
        "inventory": N_("Stock"),
        "fulfillment": N_("Picking, packing, shipping"),
        "carriers": N_("Carriers"),
        "payments": N_("Payments"),
        "cases": N_("Cases"),
        "mail": N_("Mails"),
        "mailbox": N_("Mailbox"),
        "settings": N_("Settings"),
        "staff": N_("Staff and roles"),
        "apikeys": N_("API keys"),
        "events": N_("Events"),
        "verify": N_("The books"),
    }
)
"""What permissions are about: the part before the colon, with the words staff read."""

ALL_PERMISSIONS = frozenset(PERMISSIONS)

SELF = "account:self"
"""What everybody who is signed in, and every API key, may do: see and manage oneself. It is not for roles to grant."""

OWNER = "owner"
"""Code of the one role that may do everything, always; it is neither edited nor removed."""


@dataclasses.dataclass(frozen=True, slots=True)
class RoleTemplate:
    """A role that every new merchant starts with."""

    name: str
    permissions: frozenset[str]


_READ = frozenset(p for p in PERMISSIONS if p.endswith(":read"))
_SHOP_FLOOR = frozenset(
    {"orders:read", "catalog:read", "customers:read", "inventory:read", "cases:read"}
    | {"fulfillment:read", "carriers:read"}
)
_WAREHOUSE = frozenset(f"fulfillment:{verb}" for verb in ("release", "pick", "pack", "ship", "deliver"))

ROLES: Mapping[str, RoleTemplate] = MappingProxyType(
    {
        OWNER: RoleTemplate(N_("Owner"), ALL_PERMISSIONS),
        "manager": RoleTemplate(N_("Manager"), ALL_PERMISSIONS - {"staff:write", "apikeys:write", "mailbox:read"}),
        "sales": RoleTemplate(
            N_("Sales"),
            _SHOP_FLOOR
            | {
                "orders:write",
                "orders:comment",
                "orders:price",
                "orders:cancel",
                "orders:import",
                "orders:hold",
                "orders:lift",
            }
            | {"orders:reopen", "fulfillment:release"}
            | {
                "customers:write",
                "customers:merge",
                "customers:import",
                "payments:read",
                "cases:write",
                "mail:read",
                "mail:send",
                "settings:read",
            },
        ),
        "warehouse": RoleTemplate(
            N_("Warehouse"),
            _SHOP_FLOOR
            | _WAREHOUSE
            | {
                "inventory:write",
                "inventory:adjust",
                "inventory:import",
                "orders:comment",
                "orders:hold",
                "cases:write",
            },
        ),
        "finance": RoleTemplate(
            N_("Finance"),
            _SHOP_FLOOR
            | {"payments:read", "payments:write", "payments:refund", "orders:hold", "orders:lift", "orders:complete"}
            | {"orders:comment", "orders:export"}
            | {"cases:write", "mail:read", "settings:read", "events:read", "verify:read"},
        ),
        "support": RoleTemplate(
            N_("Support"),
            _SHOP_FLOOR
            | {"orders:write", "orders:comment", "orders:cancel", "orders:hold"}
            | {"customers:write", "customers:merge", "payments:read", "cases:write", "mail:read", "mail:send"},
        ),
        "read_only": RoleTemplate(N_("Read only"), _READ - {"staff:read", "apikeys:read", "mailbox:read"}),
    }
)
"""The roles of a new merchant by code, least surprising first."""


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
class NewStaff:
    """A person to be given access; without a password hash they come in by a link."""

    email: str
    name: str
    role: str = "read_only"
    """Code of the role."""
    locale: str = "en"
    password_hash: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions of one merchant."""

    role_id: RoleId
    code: str
    name: str
    permissions: frozenset[str]
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """What a role shall be allowed from now on; `version` is the one that the caller has read."""

    role_id: RoleId
    permissions: frozenset[str]
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Staff:
    """A person who works for one merchant."""

    staff_id: StaffId
    email: str
    name: str
    locale: str
    role: Role
    is_active: bool
    has_password: bool
    version: int
    created_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that lets one person set a password once; `credential` is shown now and never again."""

    staff_id: StaffId
    purpose: LinkPurpose
    credential: str
    expires_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Invitation:
    """A person who was invited and has not come in yet."""

    staff_id: StaffId
    email: str
    name: str
    role: str
    invited_at: datetime
    expires_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """One browser in which a person is signed in."""

    session_id: SessionId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    network: str
    user_agent: str


@dataclasses.dataclass(frozen=True, slots=True)
class Passkey:
    """A device of a person's that signs them in, by the name they gave it."""

    passkey_id: PasskeyId
    name: str
    is_synced: bool
    """Whether it is kept by a service that brings it to the person's other devices."""
    version: int
    created_at: datetime
    last_used_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's credential; the secret is not in here."""

    api_key_id: ApiKeyId
    name: str
    hint: str
    """The last characters of the secret, to tell keys apart."""
    permissions: frozenset[str]
    created_by: StaffId | None
    """None when it was made from the command line."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To within an hour."""


@dataclasses.dataclass(frozen=True, slots=True)
class MerchantOpened:
    """A new merchant and its first owner; without a password the owner comes in by `link`."""

    tenant_id: TenantId
    owner_id: StaffId
    link: OneTimeLink | None


@dataclasses.dataclass(frozen=True, slots=True)
class NewApiKey:
    """An API key just made; `credential` is shown now and never again."""

    api_key: ApiKey
    credential: str


@dataclasses.dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody signs in: the network as `unit.network` gives it, and the browser's own name."""

    network: str
    user_agent: str
    request_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class CodeWanted:
    """A password was right, and a one-time code is wanted, too; `token` goes with it and nowhere else."""

    staff_id: StaffId
    token: str


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just made; `credential` goes into the cookie and nowhere else."""

    staff_id: StaffId
    session_id: SessionId
    credential: str
    expires_at: datetime
