"""Decisions of wallets, pure: codes of gift cards, movements over locked balances, points."""

from jiedan.wallets.rules.cards import state_of
from jiedan.wallets.rules.codes import Codes, canonical, spelled
from jiedan.wallets.rules.fold import Card, Done, Fold, Locked, Lot, Made, NewLot, Taking, Work
from jiedan.wallets.rules.moves import GIVEN_BACK_LIVES, change, expire, give_back, redeem, refused_change
from jiedan.wallets.rules.paying import pay, payable
from jiedan.wallets.rules.points import (
    RUNNING_OUT_MAX,
    Terms,
    back_by,
    cost_of,
    earned_points,
    earns,
    more_points,
    payable_by,
    running_out,
    settle,
    spendable_points,
    worth_of,
)
from jiedan.wallets.rules.proofs import card_of, proof_of

__all__ = [
    "GIVEN_BACK_LIVES",
    "RUNNING_OUT_MAX",
    "Card",
    "Codes",
    "Done",
    "Fold",
    "Locked",
    "Lot",
    "Made",
    "NewLot",
    "Taking",
    "Terms",
    "Work",
    "back_by",
    "canonical",
    "card_of",
    "change",
    "cost_of",
    "earned_points",
    "earns",
    "expire",
    "give_back",
    "more_points",
    "pay",
    "payable",
    "payable_by",
    "proof_of",
    "redeem",
    "refused_change",
    "running_out",
    "settle",
    "spelled",
    "spendable_points",
    "state_of",
    "worth_of",
]
