"""Decisions of wallets, pure: codes of gift cards, movements over locked balances, points."""

from jiedan.wallets.rules.cards import state_of
from jiedan.wallets.rules.codes import Codes, canonical, spelled
from jiedan.wallets.rules.fold import Card, Done, Fold, Locked, Lot, Made, NewLot, Taking, Work
from jiedan.wallets.rules.moves import GIVEN_BACK_LIVES, change, expire, give_back, redeem, refused_change
from jiedan.wallets.rules.paying import pay, payable
from jiedan.wallets.rules.points import earned_points

__all__ = [
    "GIVEN_BACK_LIVES",
    "Card",
    "Codes",
    "Done",
    "Fold",
    "Locked",
    "Lot",
    "Made",
    "NewLot",
    "Taking",
    "Work",
    "canonical",
    "change",
    "earned_points",
    "expire",
    "give_back",
    "pay",
    "payable",
    "redeem",
    "refused_change",
    "spelled",
    "state_of",
]
