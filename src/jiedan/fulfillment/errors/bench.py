"""The ways the pack station refuses. Quantities are stock units."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CodeUnknown(errors.Conflict):
    """No SKU has what was scanned as its code or barcode."""

    code: ClassVar[str] = "scanned_code_unknown"
    message: ClassVar[str] = N_("Nothing has the code {scanned}.")
    remedy: ClassVar[str] = N_("Scan it again, or give the SKU this barcode first.")

    scanned: str


@dataclasses.dataclass(eq=False)
class WrongItem(errors.Conflict):
    """What was scanned does not belong in this parcel."""

    code: ClassVar[str] = "wrong_item"
    message: ClassVar[str] = N_("{item} does not belong in this order.")
    remedy: ClassVar[str] = N_("Put it aside and scan the right item.")

    item: str


@dataclasses.dataclass(eq=False)
class TooManyScanned(errors.Conflict):
    """All units of an item are in the box already."""

    code: ClassVar[str] = "too_many_scanned"
    message: ClassVar[str] = N_("{item}: all {quantity} units are in the box already.")
    remedy: ClassVar[str] = N_("Put this one aside.")

    item: str
    quantity: int


@dataclasses.dataclass(eq=False)
class PackTooLarge(errors.Conflict):
    """The barcode of a pack stands for more units than are still to come into the box."""

    code: ClassVar[str] = "pack_too_large"
    message: ClassVar[str] = N_("{item}: there are {pack} units in this pack, and only {quantity} go into the box.")
    remedy: ClassVar[str] = N_("Open it and scan its units one by one.")

    item: str
    pack: int
    quantity: int


@dataclasses.dataclass(eq=False)
class NothingScanned(errors.Conflict):
    """The open box is empty."""

    code: ClassVar[str] = "nothing_scanned"
    message: ClassVar[str] = N_("The open box of fulfillment {number} is empty.")
    remedy: ClassVar[str] = N_("Scan what goes into it.")

    number: str


@dataclasses.dataclass(eq=False)
class ScannedNotWanted(errors.Conflict):
    """The open box holds units that the order has given up meanwhile."""

    code: ClassVar[str] = "scanned_not_wanted"
    message: ClassVar[str] = N_("{quantity} units of {item} in the box are not wanted any more.")
    remedy: ClassVar[str] = N_("Take them out: undo the scans, and scan the rest again.")

    item: str
    quantity: int


@dataclasses.dataclass(eq=False)
class AlreadyPrinted(errors.Conflict):
    """A paper was printed before, and nobody said why again."""

    code: ClassVar[str] = "already_printed"
    message: ClassVar[str] = N_("This was printed for parcel {parcel} before.")
    remedy: ClassVar[str] = N_("Say why it is printed again.")

    parcel: str


@dataclasses.dataclass(eq=False)
class UnknownBox(errors.Invalid):
    """There is no such kind of box, or it is not in use."""

    code: ClassVar[str] = "unknown_box"
    message: ClassVar[str] = N_("There is no kind of box {box} in use.")
    remedy: ClassVar[str] = N_("Set it up first, or choose another.")

    box: str


@dataclasses.dataclass(eq=False)
class TooManyBoxes(errors.Conflict):
    """A merchant has as many kinds of boxes as one may have."""

    code: ClassVar[str] = "too_many_boxes"
    message: ClassVar[str] = N_("There are {boxes_max} kinds of boxes already.")
    remedy: ClassVar[str] = N_("Change one that is not used any more.")

    boxes_max: int
