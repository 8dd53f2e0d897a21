"""What can be done with wallets: one function per use case, each on a set; settings and one card take one."""

from jiedan.wallets.service.adjust import adjust_many
from jiedan.wallets.service.cards import find_cards, issue_cards, look_up_card, set_blocked, try_cards
from jiedan.wallets.service.earn import settle_earnings
from jiedan.wallets.service.erasure import erase_wallets
from jiedan.wallets.service.expire import expire_due
from jiedan.wallets.service.having import Had, had
from jiedan.wallets.service.joining import Joining, join_card
from jiedan.wallets.service.loyalty import set_loyalty_rules
from jiedan.wallets.service.redeem import pay_many, payable, redeem_many
from jiedan.wallets.service.refund import give_back_many, refund_many
from jiedan.wallets.service.rekey import rekey_cards

__all__ = [
    "Had",
    "Joining",
    "adjust_many",
    "erase_wallets",
    "expire_due",
    "find_cards",
    "give_back_many",
    "had",
    "issue_cards",
    "join_card",
    "look_up_card",
    "pay_many",
    "payable",
    "redeem_many",
    "refund_many",
    "rekey_cards",
    "set_blocked",
    "set_loyalty_rules",
    "settle_earnings",
    "try_cards",
]
