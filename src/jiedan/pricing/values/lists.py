"""Price lists: who they serve, what they say of a SKU, and why one of them was taken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.conversion import Converted, Instant

ListKind = Literal["list", "contract"]
TierMode = Literal["volume", "graduated"]
"""`volume`: the tier reached prices every unit. `graduated`: each tier prices only the units from its quantity on."""

TIERS_MAX = 50
"""Tiers of one SKU in one list."""

TIER_QUANTITY_MAX = 1_000_000_000

LIST_SCOPES_MAX = 1_000
"""Channels, groups or customers that one list names."""

CODE_CHARACTERS_MAX = 64


class PriceList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a price list serves and how it ranks; what it says of a SKU is a ListEntry.

    Empty channels, groups or customers: any; where several are given, each must hold. The lower priority goes first.
    In force from `from_at` up to, not including, `until_at`.
    """

    code: str
    currency: str
    kind: ListKind = "list"
    priority: int = 100
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    from_at: Instant | None = None
    until_at: Instant | None = None
    is_active: bool = True


class ListEntry(NamedTuple):
    """What one list asks for one SKU: tiers with rising quantities, in minor units of the list's currency."""

    list_code: str
    tiers: tuple[Tier, ...]
    mode: TierMode = "volume"


class Buyer(NamedTuple):
    """Who asks for prices: what chooses among lists. Guests have no customer and no groups.

    `known_as` are ids of duplicates that were merged into the customer.
    """

    currency: str
    at: datetime
    channel: str = ""
    customer: str = ""
    groups: frozenset[str] = frozenset()
    known_as: frozenset[str] = frozenset()


class Rank(NamedTuple):
    """Where a list stands among the others: lower first. The catalog's own prices stand last.

    `particularity` counts 4 for named customers, 2 for groups, 1 for channels, as a negative number.
    """

    kind: int
    priority: int
    particularity: int


class Serving(NamedTuple):
    """The lists that serve a buyer: their ranks by currency and code."""

    ranks: Mapping[str, Mapping[str, Rank]]


WonBy = Literal["", "list", "contract", "priority", "particular", "price", "code"]
"""Why a list went before the next one (`list`: the next is the catalog's own price); empty when there was no other."""


class NextTier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A price just missed: `more` units of the SKU would bring it to `unit_minor`, by which list."""

    more: int
    unit_minor: int
    list_code: str = ""


class PriceStep(msgspec.Struct, frozen=True):
    """From `min_quantity` units on, one costs `unit_minor`, by which list; an empty `price_list` is the catalog.

    `volume`: every unit, up to the next step. `graduated`: only the units from this one on, those before keep theirs.
    """

    min_quantity: int
    unit_minor: int
    mode: TierMode
    price_list: str


class ListTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which list gave a price and which was next; an empty code is the catalog's own price."""

    list_code: str = ""
    is_contract: bool = False
    mode: TierMode = "volume"
    tier_from: int = 1
    next_list: str | None = None
    won_by: WonBy = ""
    next_tier: NextTier | None = None


class ListPrice(NamedTuple):
    """What one unit costs by the list chosen, in minor units, and what graduated tiers take off all units together."""

    unit_minor: int
    tier_off_minor: int
    trace: ListTrace
    converted: Converted | None = None
