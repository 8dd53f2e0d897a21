"""Rules one by one as merchants write them, and the books that are published of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple, NewType, get_args
from uuid import UUID

import msgspec

from jiedan.base.events import Actor
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.conversion import ExchangeRate, Rounding
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.formulas import Formula
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import Promotion
from jiedan.pricing.values.shipping import ShippingMethod, ShippingSettings
from jiedan.pricing.values.taxes import TaxRate, TaxSettings
from jiedan.pricing.values.units import ManualLimit, Surcharge

RuleId = NewType("RuleId", UUID)

RULE_CODE_CHARACTERS_MAX = 400
"""Codes that merchants give are shorter; those of tax rates are made of all that tells them apart."""

RULES_MAX = 100_000
NOTE_CHARACTERS_MAX = 500
BOOKS_PER_PAGE = 50
REMOVED_RULES_MAX = 1_000
"""Rules taken out at once that can be taken back; of more nothing is kept."""
REMOVED_KEPT = timedelta(days=1)
"""How long they can be."""
REMOVALS_SHOWN_MAX = 50

RuleKind = Literal[
    "currency_settings",
    "exchange_rate",
    "formula",
    "manual_limit",
    "price_list",
    "promotion",
    "rounding",
    "shipping_method",
    "shipping_settings",
    "surcharge",
    "tax_rate",
    "tax_settings",
]
RULE_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)

SETTINGS_CODE = "settings"
"""The code of what a book has once."""


class CurrencySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What prices are converted from where a currency has none of its own; empty: nothing is converted."""

    base_currency: str = ""


Rule = (
    CurrencySettings
    | ExchangeRate
    | Formula
    | ManualLimit
    | PriceList
    | Promotion
    | Rounding
    | ShippingMethod
    | ShippingSettings
    | Surcharge
    | TaxRate
    | TaxSettings
)

RULE_TYPES: Mapping[RuleKind, type[Rule]] = MappingProxyType(
    {
        "currency_settings": CurrencySettings,
        "exchange_rate": ExchangeRate,
        "formula": Formula,
        "manual_limit": ManualLimit,
        "price_list": PriceList,
        "promotion": Promotion,
        "rounding": Rounding,
        "shipping_method": ShippingMethod,
        "shipping_settings": ShippingSettings,
        "surcharge": Surcharge,
        "tax_rate": TaxRate,
        "tax_settings": TaxSettings,
    }
)
"""What the body of a rule of each kind is."""


class RuleKey(NamedTuple):
    """What tells a rule apart in a book."""

    kind: RuleKind
    code: str


class WrittenRule(NamedTuple):
    """A rule with the examples that prove it."""

    body: Rule
    examples: tuple[Example, ...] = ()


Written = Mapping[RuleKey, WrittenRule]
"""All rules of a book, one by one."""


class DraftRule(NamedTuple):
    """A rule of the book that is being written: who changed it last, and when."""

    rule_id: RuleId
    kind: RuleKind
    code: str
    body: Rule
    examples: tuple[Example, ...]
    version: int
    changed_at: datetime
    changed_by: Actor

    @property
    def key(self) -> RuleKey:
        """Return what tells the rule apart."""
        return RuleKey(self.kind, self.code)


class Removal(NamedTuple):
    """Rules that were taken out of the draft at once, or made to say again what is published."""

    removal_id: UUID
    keys: tuple[RuleKey, ...]
    removed_at: datetime
    removed_by: Actor
    restored_at: datetime | None


BookState = Literal["scheduled", "in_force", "over", "withdrawn"]


class BookBrief(NamedTuple):
    """A published version without its rules. `begins_at` is when it was published where it began at once.

    `renewed` is told as rules are published before a version that waits: the number under which that begins with them.
    """

    version: int
    begins_at: datetime
    note: str
    restores: int | None
    published_at: datetime
    published_by: Actor
    withdrawn_at: datetime | None = None
    renewed: int | None = None

    def waits(self, at: datetime) -> bool:
        """Tell whether the version is to begin after `at`; one that began at once does not, whatever clocks say."""
        return self.begins_at > self.published_at and self.begins_at > at

    def state(self, *, in_force: int, at: datetime) -> "BookState":
        """Return what the version is at a moment, `in_force` being the number of the one that holds then."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.version == in_force:
            return "in_force"
        return "scheduled" if self.waits(at) else "over"


class PublishedBook(NamedTuple):
    """A published version: all its rules, and the examples that proved them by kind and code."""

    brief: BookBrief
    book: RuleBook
    examples: Mapping[RuleKey, tuple[Example, ...]]


ChangeKind = Literal["added", "changed", "removed"]


class RuleChange(NamedTuple):
    """What a rule is in one book and in another; `fields` differ, where it is in both."""

    key: RuleKey
    change: ChangeKind
    fields: tuple[str, ...] = ()
    before: WrittenRule | None = None
    after: WrittenRule | None = None
