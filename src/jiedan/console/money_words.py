"""The words and signs under which pages show money: how it comes and goes, and what things cost."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_
from jiedan.console.signs import Sign

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "card": N_("Card"),
        "bank_transfer": N_("Bank transfer"),
        "cash_on_delivery": N_("Cash on delivery"),
        "boleto": N_("Boleto"),
        "voucher": N_("Voucher"),
        "debit_card": N_("Debit card"),
        "other": N_("Other"),
        "gift_card": N_("Gift card"),
        "store_credit": N_("Store credit"),
        "points": N_("Points"),
    }
)

TENDERS: Mapping[str, Sign] = MappingProxyType(
    {
        "open": Sign(N_("Expected"), "warn", "empty"),
        "action_needed": Sign(N_("The customer is paying"), "info", "quarter"),
        "processing": Sign(N_("Under way"), "info", "quarter"),
        "unknown": Sign(N_("Outcome unknown"), "warn", "quarter"),
        "authorized": Sign(N_("Authorized"), "info", "half"),
        "captured": Sign(N_("Received"), "ok", "full"),
        "refunded": Sign(N_("Refunded")),
        "voided": Sign(N_("Let go")),
        "failed": Sign(N_("Failed"), "bad", "empty"),
    }
)

ENTRIES: Mapping[str, str] = MappingProxyType(
    {
        "authorization": N_("Authorized"),
        "capture": N_("Captured"),
        "void": N_("Voided"),
        "refund": N_("Refunded"),
        "chargeback": N_("Charged back"),
        "adjustment": N_("Adjusted"),
    }
)

OPERATIONS: Mapping[str, str] = MappingProxyType(
    {
        "authorize": N_("authorization"),
        "sale": N_("payment"),
        "capture": N_("capture"),
        "void": N_("void"),
        "refund": N_("refund"),
    }
)
"""What is asked of payment providers."""

REFUND_WAYS: Mapping[str, str] = MappingProxyType(
    {
        "original": N_("by the payment provider, the way it came"),
        "wallet": N_("back to where it came from, at once"),
        "credit": N_("to the store credit of the customer, at once"),
        "by_hand": N_("you give it back yourself; it is recorded here"),
    }
)
"""Where the share of a tender in a refund goes."""

TERMS: Mapping[str, str] = MappingProxyType(
    {"prepaid": N_("Prepaid"), "on_delivery": N_("On delivery"), "on_account": N_("On account")}
)

FEES: Mapping[str, str] = MappingProxyType({"shipping": N_("Shipping fee")})
"""Fees by the code that pricing gives them."""

PRICES: Mapping[str, str] = MappingProxyType(
    {
        "list": N_("List price"),
        "catalog": N_("Catalog price"),
        "contract": N_("Contract price"),
        "formula": N_("By formula"),
        "manual": N_("Price by hand"),
        "as_sold": N_("As sold"),
        "rule": N_("By rule"),
        "included": N_("Included"),
        "gift": N_("Gift"),
    }
)
