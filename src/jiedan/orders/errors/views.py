"""The ways saved views refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class ViewNotFound(errors.NotFound):
    """No such view for this caller."""

    code: ClassVar[str] = "view_not_found"
    message: ClassVar[str] = N_("There is no view {view}.")

    view: str


@dataclasses.dataclass(eq=False)
class ViewShared(errors.Forbidden):
    """Views that everybody sees are for those who may edit orders."""

    code: ClassVar[str] = "view_shared"
    message: ClassVar[str] = N_("Sharing a view, or changing a shared one, needs the permission {permission}.")
    remedy: ClassVar[str] = N_("Save a view of your own.")

    permission: str


@dataclasses.dataclass(eq=False)
class TooManyViews(errors.Conflict):
    """A person has as many views as one may have."""

    code: ClassVar[str] = "too_many_views"
    message: ClassVar[str] = N_("There are {views_max} views already.")
    remedy: ClassVar[str] = N_("Remove one first.")

    views_max: int


@dataclasses.dataclass(eq=False)
class RangeReversed(errors.Invalid):
    """A filter begins after it ends, so nothing could ever fit."""

    code: ClassVar[str] = "range_reversed"
    message: ClassVar[str] = N_("{first} is more than {last}, where the range ends, so nothing fits.")
    remedy: ClassVar[str] = N_("Exchange the two, or leave one out.")

    first: str
    last: str


@dataclasses.dataclass(eq=False)
class ColumnTwice(errors.Invalid):
    """A view names a column of the list twice."""

    code: ClassVar[str] = "column_twice"
    message: ClassVar[str] = N_("The column {column} stands there twice.")
    remedy: ClassVar[str] = N_("Name each column once.")

    column: str
