"""The ways saved drafts refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class DraftNotFound(errors.NotFound):
    """No such saved draft for this caller."""

    code: ClassVar[str] = "draft_not_found"
    message: ClassVar[str] = N_("There is no saved draft {draft}.")
    remedy: ClassVar[str] = N_("Look for it in the list of drafts; it may have been discarded.")

    draft: str


@dataclasses.dataclass(eq=False)
class DraftAlreadyPlaced(errors.Conflict):
    """The saved draft has become an order, named by its number."""

    code: ClassVar[str] = "draft_already_placed"
    message: ClassVar[str] = N_("This draft has become order {order}.")
    remedy: ClassVar[str] = N_("Change the order instead.")

    order: str


@dataclasses.dataclass(eq=False)
class DraftTooLarge(errors.Invalid):
    """A saved draft holds more than a draft may."""

    code: ClassVar[str] = "draft_too_large"
    message: ClassVar[str] = N_("A draft may have {bytes_max} bytes, this one has {size_bytes}.")
    remedy: ClassVar[str] = N_("Save less, or place what you have.")

    size_bytes: int
    bytes_max: int
