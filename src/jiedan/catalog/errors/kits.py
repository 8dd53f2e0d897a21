"""Kits whose parts cannot be."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.catalog.errors.words import KINDS


@dataclasses.dataclass(eq=False)
class KitWithoutParts(errors.Invalid):
    """A kit is made of at least one SKU."""

    code: ClassVar[str] = "kit_without_parts"
    message: ClassVar[str] = N_("The kit {sku} has no parts.")
    remedy: ClassVar[str] = N_("Name the SKUs it is made of, with their quantities.")

    sku: str


@dataclasses.dataclass(eq=False)
class PartsOnlyInKits(errors.Invalid):
    """Parts were given for a SKU that is no kit."""

    code: ClassVar[str] = "parts_only_in_kits"
    message: ClassVar[str] = N_("The SKU {sku} is no kit, so it has no parts.")
    remedy: ClassVar[str] = N_("Leave the parts out, or create the product with kind kit.")

    sku: str


@dataclasses.dataclass(eq=False)
class UnknownPart(errors.Invalid):
    """A kit names a part that does not exist."""

    code: ClassVar[str] = "unknown_part"
    message: ClassVar[str] = N_("The kit {sku} contains {part}, which does not exist.")
    remedy: ClassVar[str] = N_("Create that SKU first, or correct its code.")

    sku: str
    part: str


@dataclasses.dataclass(eq=False)
class PartNotGoods(errors.Invalid):
    """A kit contains a service or another kit; only goods can be taken from a shelf."""

    code: ClassVar[str] = "part_not_goods"
    message: ClassVar[str] = N_("The kit {sku} contains {part}, which is of kind {kind}.")
    remedy: ClassVar[str] = N_("Put goods into a kit; sell services on lines of their own and list the parts of kits.")

    sku: str
    part: str
    kind: str

    def __post_init__(self) -> None:
        self.kind = Word(self.kind, KINDS)
