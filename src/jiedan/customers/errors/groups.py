"""Groups of customers that are not there, are there already, or are still needed."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class GroupNotFound(errors.NotFound):
    """No such group of customers for this caller."""

    code: ClassVar[str] = "customer_group_not_found"
    message: ClassVar[str] = N_("There is no customer group {group}.")

    group: str


@dataclasses.dataclass(eq=False)
class UnknownGroup(errors.Invalid):
    """A code that no group of customers has."""

    code: ClassVar[str] = "unknown_customer_group"
    message: ClassVar[str] = N_("No customer group has the code {group}.")
    remedy: ClassVar[str] = N_("Check the code, or create the group first.")

    group: str


@dataclasses.dataclass(eq=False)
class GroupCodeTaken(errors.Conflict):
    """Another group of customers has this code."""

    code: ClassVar[str] = "customer_group_code_taken"
    message: ClassVar[str] = N_("There is already a customer group {group}.")
    remedy: ClassVar[str] = N_("Choose another code.")

    group: str


@dataclasses.dataclass(eq=False)
class GroupNotEmpty(errors.Conflict):
    """A group that customers are in is not removed: what is agreed with them would end without a word."""

    code: ClassVar[str] = "customer_group_not_empty"
    message: ClassVar[str] = N_("The group {group} still has members: {members}.")
    remedy: ClassVar[str] = N_("Take them out first.")

    group: str
    members: int


@dataclasses.dataclass(eq=False)
class TooManyGroups(errors.Conflict):
    """More groups of customers than a person could tell apart."""

    code: ClassVar[str] = "too_many_customer_groups"
    message: ClassVar[str] = N_("There cannot be more than {groups_max} customer groups.")
    remedy: ClassVar[str] = N_("Remove one that is not needed any more.")

    groups_max: int
