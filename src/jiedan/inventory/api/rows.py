"""Rows that callers send: codes become keys, and each row gets its outcome."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.idempotency import KeyInvalid
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId, SkuKind
from jiedan.inventory import errors, queries
from jiedan.inventory.values import Location, Moved, StockKey

R = TypeVar("R")
W = TypeVar("W")
T = TypeVar("T")
"""The outcome of a wish."""


class MovedView(msgspec.Struct, frozen=True):
    """A movement in the ledger; `on_hand` is what it left. `is_repeated` says that the key had made it before."""

    movement_id: UUID
    quantity: int
    on_hand: int
    is_repeated: bool


class MovedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: moved, or refused and why."""

    moved: MovedView | None = None
    problem: Problem | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """What codes stand for."""

    skus: Mapping[str, SellableSku]
    places: Mapping[str, Location]

    def sku(self, code: str, *, field: str) -> SkuId:
        """Return the id of a SKU. Raises UnknownSku."""
        if code not in self.skus:
            raise errors.UnknownSku(code, field=field)
        return self.skus[code].sku_id

    def place(self, code: str, *, field: str) -> Location:
        """Return a location. Raises UnknownLocation."""
        if code not in self.places:
            raise errors.UnknownLocation(code, field=field)
        return self.places[code]

    def key(self, sku: str, location: str, *, within: str = "") -> StockKey:
        """Return the counters of goods at a location. Raises UnknownSku, UnknownLocation, CannotHoldStock."""
        found = StockKey(
            self.sku(sku, field=f"{within}sku"), self.place(location, field=f"{within}location").location_id
        )
        if self.skus[sku].kind != SkuKind.goods:
            raise errors.CannotHoldStock(*found, field=f"{within}sku")
        return found


async def names(tx: ReadTx, skus: Iterable[str]) -> Names:
    """Read what these SKU codes and all location codes stand for, in one round trip."""
    found, places = await tx.load(catalog.sellable_skus(set(skus)), queries.locations())
    return Names(found, {place.code: place for place in places})


async def decide(
    tx: Tx,
    rows: Sequence[R],
    *,
    make: Callable[[R, str, int], W],
    do: Callable[[Tx, list[W]], Awaitable[Sequence[T | Refusal]]],
) -> list[T | Refusal]:
    """Return one outcome per row: what `do` makes of the wishes that `make` understood, and what it did not.

    `make` gets the row, where it stands (`items[3].`) and its number, and raises what it refuses.
    """
    wishes: dict[int, W] = {}
    outcomes: dict[int, T | Refusal] = {}
    for number, row in enumerate(rows):
        try:
            wishes[number] = make(row, f"items[{number}].", number)
        except KeyInvalid:
            raise  # the key is the whole request's
        except Refusal as refusal:
            outcomes[number] = refusal
    decided = await do(tx, list(wishes.values()))
    for number, outcome in zip(wishes, decided, strict=True):
        if isinstance(outcome, Refusal) and outcome.field is None:
            outcome.field = f"items[{number}]"
        outcomes[number] = outcome
    return [outcomes[number] for number in range(len(rows))]


def only(outcomes: Sequence[T | Refusal]) -> T:
    """Return the outcome of a set of one. Raises what it was refused for, with fields as the caller knows them."""
    (outcome,) = outcomes
    if not isinstance(outcome, Refusal):
        return outcome
    if outcome.field is not None:
        outcome.field = outcome.field.removeprefix("items[0]").removeprefix(".") or None
    raise outcome


def operation_key(unit: Unit, tx: Tx, *, given: str | None = None, number: int | None = None) -> str:
    """Return the operation key of a row: the caller's for it, else the request's and its number, else a fresh one."""
    caller, request = unit.principal.caller, unit.idempotency_key
    if given is not None:
        return f"api/{caller}/{given}"
    if request is None:
        return f"once/{tx.new_id()}"
    return f"api/{caller}/{request}" if number is None else f"api/{caller}/{request}/{number}"


def moved_view(moved: Moved) -> MovedView:
    """Return a movement as the API answers it."""
    return MovedView(moved.movement_id, moved.quantity, moved.on_hand, moved.repeated)


def moved_rows(unit: Unit, outcomes: Sequence[Moved | Refusal]) -> list[MovedRow]:
    """Return the outcomes of rows as the API answers them."""
    return [
        MovedRow(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else MovedRow(moved_view(outcome))
        for outcome in outcomes
    ]
