"""What can be done with payments: one function per use case."""

from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.service.accounts import provider_accounts, provider_setups, set_up_provider
from jiedan.payments.service.apply import apply_results
from jiedan.payments.service.cancellations import give_back, let_go
from jiedan.payments.service.corrections import adjust_payments, record_chargebacks
from jiedan.payments.service.create import create_payments
from jiedan.payments.service.elsewhere import Assignment, assign_payments, receive_money, record_external
from jiedan.payments.service.hand import confirm_transfers
from jiedan.payments.service.inbox import handle_stored, take_in
from jiedan.payments.service.late import follow_late_money
from jiedan.payments.service.out_of_wallets import WalletTender, pay_out_of_wallets
from jiedan.payments.service.perform import look_up, perform, sweep
from jiedan.payments.service.redeemed import open_order_desk, record_redeemed
from jiedan.payments.service.refund import preview_refund, refund_orders
from jiedan.payments.service.request import request_operations
from jiedan.payments.service.rewards import settle_points
from jiedan.payments.service.settle import settle_operations

__all__ = [
    "Assignment",
    "Gateways",
    "WalletTender",
    "adjust_payments",
    "apply_results",
    "assign_payments",
    "confirm_transfers",
    "create_payments",
    "follow_late_money",
    "give_back",
    "handle_stored",
    "let_go",
    "look_up",
    "open_order_desk",
    "pay_out_of_wallets",
    "perform",
    "preview_refund",
    "provider_accounts",
    "provider_setups",
    "receive_money",
    "record_chargebacks",
    "record_external",
    "record_redeemed",
    "refund_orders",
    "request_operations",
    "set_up_provider",
    "settle_operations",
    "settle_points",
    "sweep",
    "take_in",
]
