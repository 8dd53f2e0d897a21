"""Words of accounts: ids, and what may be chosen where."""

from typing import Literal, NewType, get_args
from uuid import UUID

StaffId = NewType("StaffId", UUID)
RoleId = NewType("RoleId", UUID)
SessionId = NewType("SessionId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
PasskeyId = NewType("PasskeyId", UUID)

PaymentTerms = Literal["prepaid", "on_delivery", "on_account"]
PaymentMethod = Literal[
    "card",
    "bank_transfer",
    "cash_on_delivery",
    "boleto",
    "voucher",
    "debit_card",
    "other",
    "gift_card",
    "store_credit",
    "points",
]
Split = Literal["never", "when_needed", "freely"]
LateMoney = Literal["case", "refund", "reopen"]
LinkPurpose = Literal["invitation", "password_reset"]
CancelUntil = Literal["never", "released", "picked", "shipped"]
EditUntil = Literal["never", "released"]

PAYMENT_TERMS: tuple[PaymentTerms, ...] = ("prepaid", "on_delivery", "on_account")
PAYMENT_METHODS: tuple[PaymentMethod, ...] = get_args(PaymentMethod)
CHANNELS: tuple[str, ...] = ("api", "console", "import", "web", "marketplace", "store", "phone", "email")
"""Channels that have words of their own; orders of programs may name others."""
SHOP_CHANNEL = "web"
"""The channel of the merchant's own shop."""
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
