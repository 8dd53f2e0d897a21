"""Decisions of fulfillment: pure. Locked orders and fulfillments come in on a floor, and leave it changed."""

from jiedan.fulfillment.rules.dispatching import dispatch
from jiedan.fulfillment.rules.floor import Floor, Ground, OrderState
from jiedan.fulfillment.rules.gate import GateFacts, GateTrace, gate, terms_of
from jiedan.fulfillment.rules.leaving import (
    CODE_LENGTH,
    CODE_LETTERS,
    add_code,
    collect,
    deliver,
    make_ready,
    print_paper,
    put_label,
    ship,
    track,
)
from jiedan.fulfillment.rules.picking import acknowledge, pack, pick, put_back, unpack
from jiedan.fulfillment.rules.releasing import reconsider, release
from jiedan.fulfillment.rules.statuses import status

__all__ = [
    "CODE_LENGTH",
    "CODE_LETTERS",
    "Floor",
    "GateFacts",
    "GateTrace",
    "Ground",
    "OrderState",
    "acknowledge",
    "add_code",
    "collect",
    "deliver",
    "dispatch",
    "gate",
    "make_ready",
    "pack",
    "pick",
    "print_paper",
    "put_back",
    "put_label",
    "reconsider",
    "release",
    "ship",
    "status",
    "terms_of",
    "track",
    "unpack",
]
