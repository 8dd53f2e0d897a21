"""The places of the console: what stands in the side bar, in the command palette and among the settings."""

from jiedan.accounts.values import SELF
from jiedan.base.i18n import N_
from jiedan.base.web.site import NavigationEntry
from jiedan.console import waiting

SETTINGS: tuple[NavigationEntry, ...] = (
    NavigationEntry("/settings", N_("Merchant"), "settings", "settings:read"),
    NavigationEntry("/locations", N_("Locations"), "boxes", "inventory:read"),
    NavigationEntry("/postal-areas", N_("Postal areas"), "map-pin", "settings:read"),
    NavigationEntry("/payment-providers", N_("Payment methods"), "card", "settings:read"),
    NavigationEntry("/shipping", N_("Shipping"), "truck", "carriers:read"),
    NavigationEntry("/settings/mail", N_("Mail"), "mail", "settings:read"),
    NavigationEntry("/storefront", N_("Shop"), "store", "settings:read"),
    NavigationEntry("/loyalty", N_("Loyalty program"), "star", "wallets:read"),
    NavigationEntry("/staff", N_("Staff"), "users", "staff:read"),
    NavigationEntry("/roles", N_("Roles"), "list", "staff:read"),
    NavigationEntry("/api-keys", N_("API keys"), "key", "apikeys:read"),
    NavigationEntry("/imports", N_("Imports"), "upload", "catalog:read"),
    NavigationEntry("/books", N_("Books"), "check", "verify:read"),
    NavigationEntry("/audit", N_("Audit log"), "history", "events:read"),
    NavigationEntry("/dead-letters", N_("Failed events"), "alert", "events:read"),
)
"""What can be set up and looked after, beside each other on each of these pages."""

NAVIGATION: tuple[NavigationEntry, ...] = (
    NavigationEntry("/home", N_("Home"), "home", "orders:read", keys="g h", on_phone=True),
    NavigationEntry(
        "/orders", N_("Orders"), "inbox", "orders:read", keys="g o", on_phone=True, areas=("/bulk", "/exports")
    ),
    NavigationEntry("/payments", N_("Payments"), "card", "payments:read", keys="g m"),
    NavigationEntry("/cases", N_("Cases"), "alert", "cases:read", waiting.CASES, keys="g c"),
    NavigationEntry(
        "/fulfillment",
        N_("Fulfillment"),
        "truck",
        "fulfillment:read",
        waiting.FULFILLMENT,
        keys="g f",
        on_phone=True,
        areas=("/collect", "/papers", "/pick-lists"),
    ),
    NavigationEntry("/pack", N_("Pack station"), "scan-barcode", "fulfillment:pack", keys="g b", is_scan=True),
    NavigationEntry("/shipments", N_("Parcels"), "package", "fulfillment:read", keys="g t", areas=("/parcels",)),
    NavigationEntry("/stock", N_("Stock"), "boxes", "inventory:read", keys="g k", areas=("/counts", "/transfers")),
    NavigationEntry(
        "/products",
        N_("Products"),
        "tag",
        "catalog:read",
        keys="g p",
        areas=("/categories", "/skus"),
    ),
    NavigationEntry("/prices", N_("Prices"), "percent", "prices:read", keys="g r", areas=("/coupons",)),
    NavigationEntry(
        "/customers",
        N_("Customers"),
        "users",
        "customers:read",
        keys="g u",
        areas=("/customer-groups", "/gift-cards", "/guest-erasure", "/wallets"),
    ),
    NavigationEntry(
        "/settings",
        N_("Settings"),
        "settings",
        "settings:read",
        keys="g s",
        areas=("/mail", *(entry.path for entry in SETTINGS)),
    ),
)
"""The console's side bar, from top to bottom."""

ACTIONS: tuple[NavigationEntry, ...] = (
    NavigationEntry("/orders/new", N_("New order"), "plus", "orders:write"),
    NavigationEntry("/orders/drafts", N_("Drafts"), "file-text", "orders:read"),
    NavigationEntry("/payments/refunds", N_("Refunds"), "rotate-ccw", "payments:read"),
    NavigationEntry("/exports", N_("Exports"), "download", "orders:export"),
    NavigationEntry("/stock/receive", N_("Receive goods"), "plus", "inventory:write"),
    NavigationEntry("/stock/adjust", N_("Adjust stock"), "edit", "inventory:adjust"),
    NavigationEntry("/stock/low", N_("Running low"), "alert", "inventory:read"),
    NavigationEntry("/transfers/new", N_("New transfer"), "truck", "inventory:write"),
    NavigationEntry("/counts/new", N_("New count"), "list", "inventory:write"),
    NavigationEntry("/products/new", N_("New product"), "plus", "catalog:write"),
    NavigationEntry("/prices/promotions/new", N_("New promotion"), "percent", "prices:write"),
    NavigationEntry("/prices/publish", N_("Publish prices"), "upload", "prices:read"),
    NavigationEntry("/prices/replays", N_("Replay of prices"), "rotate-ccw", "prices:read"),
    NavigationEntry("/prices/versions", N_("Versions of prices"), "history", "prices:read"),
    NavigationEntry("/coupons", N_("Coupons"), "tag", "prices:read"),
    NavigationEntry("/coupons/new", N_("Make coupons"), "tag", "prices:write"),
    NavigationEntry("/customers/new", N_("New customer"), "user-plus", "customers:write"),
    NavigationEntry("/customer-groups", N_("Customer groups"), "users", "customers:read"),
    NavigationEntry("/guest-erasure", N_("Erase a guest"), "trash", "customers:erase"),
    NavigationEntry("/gift-cards", N_("Gift cards"), "gift", "wallets:read"),
    NavigationEntry("/gift-cards/new", N_("Issue gift cards"), "gift", "wallets:write"),
    NavigationEntry("/collect", N_("Collection desk"), "store", "fulfillment:ship"),
    NavigationEntry("/mail", N_("Mails"), "mail", "mail:read"),
    NavigationEntry("/mail/mailbox", N_("Mailbox"), "inbox", "mailbox:read"),
    NavigationEntry("/settings/mail", N_("Mail settings"), "settings", "settings:read"),
    NavigationEntry("/account", N_("Your account"), "user", SELF),
)
"""What the command palette offers to do, besides going to the places of the side bar."""
