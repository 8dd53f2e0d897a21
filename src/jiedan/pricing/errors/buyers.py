"""What is said of rules for somebody, or for a channel, that is not there: warnings, no reasons to refuse."""

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


@dataclasses.dataclass(eq=False)
class ChannelNotKnown(errors.Invalid):
    """A rule is for orders of a channel that has no name here."""

    code: ClassVar[str] = "channel_not_known"
    message: ClassVar[str] = N_("{channel} is none of the known channels: {known}.")
    remedy: ClassVar[str] = N_("If your own programs do not send it with their orders, look how it is written.")

    channel: str
    known: str


@dataclasses.dataclass(eq=False)
class ChannelClosed(errors.Invalid):
    """A rule is for orders of the shop alone, and the shop is closed."""

    code: ClassVar[str] = "channel_closed"
    message: ClassVar[str] = N_("Your shop is closed, so nothing is ordered through the channel {channel}.")
    remedy: ClassVar[str] = N_("Open the shop in its settings, or let the rule be for other channels too.")

    channel: str
