"""What may be allowed, in the words staff read, and the roles that every new merchant starts with."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_

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
        "prices:read": N_("See price rules, price lists and coupons, and price carts"),
        "prices:write": N_("Draft price rules, set prices of lists, make coupons"),
        "prices:publish": N_("Publish price rules, and set tax rates and shipping fees"),
        "customers:read": N_("See customers"),
        "customers:write": N_("Edit customers"),
        "customers:merge": N_("Merge duplicate customers"),
        "customers:erase": N_("Erase customers' personal data for ever"),
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
        "wallets:read": N_("See store credit, gift cards and points"),
        "wallets:write": N_("Issue gift cards, adjust balances"),
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
        "prices": N_("Prices and coupons"),
        "customers": N_("Customers"),
        "inventory": N_("Stock"),
        "fulfillment": N_("Picking, packing, shipping"),
        "carriers": N_("Carriers"),
        "payments": N_("Payments"),
        "wallets": N_("Store credit, gift cards, points"),
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
    {"orders:read", "catalog:read", "prices:read", "customers:read", "inventory:read", "cases:read"}
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
                "wallets:read",
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
            | {"orders:comment", "orders:export", "wallets:read", "wallets:write"}
            | {"cases:write", "mail:read", "settings:read", "events:read", "verify:read"},
        ),
        "support": RoleTemplate(
            N_("Support"),
            _SHOP_FLOOR
            | {"orders:write", "orders:comment", "orders:cancel", "orders:hold"}
            | {"customers:write", "customers:merge", "payments:read", "cases:write", "mail:read", "mail:send"}
            | {"wallets:read", "wallets:write"},
        ),
        "read_only": RoleTemplate(N_("Read only"), _READ - {"staff:read", "apikeys:read", "mailbox:read"}),
    }
)
"""The roles of a new merchant by code, least surprising first."""
