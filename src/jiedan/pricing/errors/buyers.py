"""What is said of rules for somebody who is not there: warnings, no reasons to refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class GroupNotThere(errors.Invalid):
    """A rule is for a group of customers that there is not."""

    code: ClassVar[str] = "group_not_there"
    message: ClassVar[str] = N_("There is no customer group {group} yet.")
    remedy: ClassVar[str] = N_("If that is not meant, look how it is written: capitals count, too.")

    group: str


@dataclasses.dataclass(eq=False)
class CustomerNotThere(errors.Invalid):
    """A rule names a customer by what is the id of nobody."""

    code: ClassVar[str] = "customer_not_there"
    message: ClassVar[str] = N_("No customer has the id {customer}.")
    remedy: ClassVar[str] = N_("Copy the id from the customer's page.")

    customer: str
